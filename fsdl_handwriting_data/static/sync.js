// Edits on their way to the disk: kept in the browser until the kernel says that they are written.

const RETRY = 3000   // ms without an answer before an edit is called unsaved, and sent again
const A_DAY = 86_400_000
const RESCUED = 'rescued '  // begins the note for a widget whose edits another one brought to the disk
const IDLE = 30      // s; a longer pause counts as this long

// Whether an edit of a line's text begins with what the draft before it ends with; one that says what it saw, and more than that, stays apart
function goesOn(draft, {op, to = {}, was = {}, drop, keep}) {
  return op !== 'set' || !drop && !keep && [draft.to, to, was].every(o => Object.keys(o).join() === 'text') && was.text === draft.to.text
}

// `send(edits)` hands edits to the kernel; `store` keeps texts by key (localStorage or the like); `key` begins the names used there
export class Outbox {
  constructor({send, store, key, session, changed = () => {}, later = (f, ms) => setTimeout(f, ms), cancel = t => clearTimeout(t), now = () => Date.now()}) {
    Object.assign(this, {send, store, key, session, changed, later, cancel, now, n: 0, waiting: [], error: '', late: false, kept: true})
  }

  get name() { return `${this.key}:${this.session}` }
  get state() { return !this.waiting.length ? 'saved' : this.late || this.error ? 'unsaved' : 'saving' }

  // Take edits
  push(...edits) {
    edits.forEach(edit => this.take(edit))
    this.keep()
    this.changed()
  }

  // A draft that was not sent yet gives way to the next edit of the same line
  take(edit) {
    const last = this.waiting.at(-1)
    if (last && last.draft && !last.sent && last.op === edit.op && last.page === edit.page && (last.region ?? last).id === (edit.region ?? edit).id && goesOn(last, edit)) {
      this.waiting.pop()
      edit = {...last, ...edit, ...(last.was ? {was: last.was} : {}), secs: (last.secs || 0) + (edit.secs || 0), draft: edit.draft}
    }
    this.waiting.push({...edit, n: ++this.n, at: this.now()})
  }

  // Every message has all that is not known to be written, so that an answer to one speaks for all before it, and a lost one
  // is made up for by the next. A kernel that is late gets no more than the repetitions: it may be busy for long.
  flush() {
    if (this.waiting.some(o => !o.sent) && !(this.late && this.timer) && !this.hold) this.deliver()  // held back while older edits are saved
  }

  deliver() {
    this.waiting.forEach(o => { o.sent = true })
    try { this.send(this.waiting.map(({sent, at, ...edit}) => edit)) } catch (e) { this.error = `the kernel is not connected (${e.message || e})` }
    this.timer ??= this.later(() => this.again(), RETRY)
    this.changed()
  }

  again() {
    this.timer = null
    if (!this.waiting.length) return
    if (this.rescued()) return this.saved(this.n)
    this.late = true
    this.deliver()
  }

  // Whether another widget has found what this one left in the browser, and brought it to the disk; a store that was emptied says nothing
  rescued() {
    try { return this.store.getItem(this.name)?.startsWith(RESCUED) ?? false } catch { return false }
  }

  // The kernel has written all edits up to number `n`
  saved(n) {
    this.waiting = this.waiting.filter(o => o.n > n)
    this.answered()
  }

  // The kernel could not write, and will be asked again
  failed(error) {
    this.error = error
    this.changed()
  }

  // The kernel will never take edit number `n`; it is returned
  refused(n) {
    const edit = this.waiting.find(o => o.n === n)
    this.waiting = this.waiting.filter(o => o.n !== n)
    if (this.waiting.length) { this.keep(); this.changed() } else this.answered()
    return edit
  }

  answered() {
    const {late} = this
    this.error = ''
    this.late = false
    this.stop()
    if (this.waiting.some(o => o.sent)) this.timer = this.later(() => this.again(), RETRY)
    this.keep()
    this.changed()
    if (late) this.flush()
  }

  keep() {
    try {
      if (this.waiting.length) this.store.setItem(this.name, JSON.stringify(this.waiting.map(({sent, ...o}) => o)))
      else this.store.removeItem(this.name)
      this.kept = true
    } catch { this.kept = false }
  }

  // What earlier sessions left behind, the oldest first, for a later edit of a line has to stay the last: [{name, text, session, since, edits}]
  leftovers() {
    const res = [], old = []
    try {
      for (let i = 0; i < this.store.length; i++) {
        const name = this.store.key(i)
        if (!name.startsWith(this.key + ':') || name === this.name) continue
        const text = this.store.getItem(name)
        if (text?.startsWith(RESCUED)) { old.push([name, Number(text.slice(RESCUED.length))]); continue }
        try {
          const edits = JSON.parse(text)
          if (Array.isArray(edits)) res.push({name, text, session: name.slice(this.key.length + 1), since: edits[0]?.at ?? 0, edits: edits.map(({at, ...o}) => o)})
        } catch { /* not ours */ }
      }
      old.filter(o => !(Date.now() - o[1] < A_DAY)).forEach(o => this.store.removeItem(o[0]))
    } catch { /* no storage here */ }
    return res.sort((a, b) => a.since - b.since)
  }

  // A leftover is on the disk now: leave a note for its own widget, unless that has changed it since
  forget({name, text}) {
    try { if (this.store.getItem(name) === text) this.store.setItem(name, RESCUED + Date.now()) } catch { /* no storage here */ }
  }

  stop() { if (this.timer) this.cancel(this.timer); this.timer = null }

  // The last chance for what was not sent yet
  close() {
    if (!this.hold && this.waiting.some(o => !o.sent)) this.deliver()
    this.stop()
  }
}

// The active seconds spent on each line: the time between two signs of life, cut at 30 s
export class Stopwatch {
  constructor(now = () => performance.now() / 1000) { Object.assign(this, {now, last: null, line: null, spent: new Map()}) }

  // A sign of life while `line` is selected
  tick(line) {
    const t = this.now()
    if (this.last !== null && this.line !== null) this.spent.set(this.line, (this.spent.get(this.line) || 0) + Math.min(t - this.last, IDLE))
    Object.assign(this, {last: t, line})
  }

  // The seconds of `line` since they were last taken
  take(line) {
    const s = this.spent.get(line) || 0
    this.spent.delete(line)
    return Math.round(s * 10) / 10
  }

  // The same for all lines whose key begins with `begin`
  takeAll(begin = '') { return [...this.spent.keys()].filter(o => o?.startsWith(begin)).reduce((sum, o) => sum + this.take(o), 0) }
}
