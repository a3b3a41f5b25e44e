// Edits on their way to the disk: kept in the browser until the kernel says that they are written.
/** @import {Edit, Leftover} from './types.js' */
import {lineIn} from './history.js'

const RETRY = 3000   // ms without an answer before an edit is called unsaved, and sent again
const A_DAY = 86_400_000
const RESCUED = 'rescued '  // begins the note for a widget whose edits another one brought to the disk
const IDLE = 30      // s; a longer pause counts as this long

/** Whether an edit of a line's text begins with what the draft before it ends with; one that says what it saw, and more
 * than that, stays apart. @type {(draft: Edit, edit: Edit) => boolean} */
function goesOn(draft, edit) {
  if (edit.op !== 'set' || draft.op !== 'set') return true
  const {to = {}, was = {}, drop, keep} = edit, {to: before = {}} = draft
  const isText = [before, to, was].every(o => Object.keys(o).join() === 'text')
  return !drop && !keep && isText && was.text === before.text
}

/** Names and values, as localStorage keeps them. @typedef {Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' |
 *   'removeItem'>} Store */
/** `send` hands edits to the kernel, `key` begins the names used in the `store`; the rest is the clock.
 * @typedef {{send: (edits: Edit[]) => void, store: Store, key: string, session: string, changed?: () => void,
 *   later?: (f: () => void, ms: number) => unknown, cancel?: (timer: unknown) => void, now?: () => number}} Ways */

export class Outbox {
  /** @param {Ways} ways */
  constructor({send, store, key, session, changed = () => {}, later, cancel, now = () => Date.now()}) {
    this.send = send
    this.store = store
    this.key = key
    this.session = session
    this.changed = changed
    this.later = later ?? ((f, ms) => setTimeout(f, ms))
    this.cancel = cancel ?? (timer => clearTimeout(/** @type {number} */ (timer)))
    this.now = now
    this.n = 0
    /** @type {Edit[]} */
    this.waiting = []
    this.error = ''
    this.late = false
    this.kept = true
    this.hold = false  // nothing is sent while older edits are saved
    /** @type {unknown} */
    this.timer = null
  }

  get name() { return `${this.key}:${this.session}` }
  get state() { return !this.waiting.length ? 'saved' : this.late || this.error ? 'unsaved' : 'saving' }

  /** Take edits. @type {(...edits: Edit[]) => void} */
  push(...edits) {
    edits.forEach(edit => this.take(edit))
    this.keep()
    this.changed()
  }

  /** A draft that was not sent yet gives way to the next edit of the same line. @type {(edit: Edit) => void} */
  take(edit) {
    const last = this.waiting.at(-1), unsent = last && last.draft && !last.sent
    const same = unsent && last.op === edit.op && last.page === edit.page && lineIn(last) === lineIn(edit)
    if (same && goesOn(last, edit)) {
      this.waiting.pop()
      const was = 'was' in last && last.was ? {was: last.was} : {}, secs = (last.secs || 0) + (edit.secs || 0)
      edit = /** @type {Edit} */ ({...last, ...edit, ...was, secs, draft: edit.draft})
    }
    this.waiting.push({...edit, n: ++this.n, at: this.now()})
  }

  // Every message has all that is not known to be written, so that an answer to one speaks for all before it, and a
  // lost one is made up for by the next. A kernel that is late gets no more than the repetitions: it may be busy for
  // long.
  flush() {
    if (this.waiting.some(o => !o.sent) && !(this.late && this.timer) && !this.hold) this.deliver()
  }

  deliver() {
    this.waiting.forEach(o => { o.sent = true })
    try {
      this.send(this.waiting.map(({sent, at, ...edit}) => edit))
    } catch (e) {
      this.error = `the kernel is not connected (${e instanceof Error && e.message || e})`
    }
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

  // Whether another widget has found what this one left in the browser, and brought it to the disk; a store that was
  // emptied says nothing
  rescued() {
    try { return this.store.getItem(this.name)?.startsWith(RESCUED) ?? false } catch { return false }
  }

  /** The kernel has written all edits up to number `n`. @type {(n: number) => void} */
  saved(n) {
    this.waiting = this.waiting.filter(o => (o.n ?? 0) > n)
    this.answered()
  }

  /** The kernel could not write, and will be asked again. @type {(error: string) => void} */
  failed(error) {
    this.error = error
    this.changed()
  }

  /** The kernel will never take edit number `n`; it is returned. @type {(n: number) => Edit | undefined} */
  refused(n) {
    const edit = this.waiting.find(o => o.n === n)
    this.waiting = this.waiting.filter(o => o.n !== n)
    if (this.waiting.length) {
      this.keep()
      this.changed()
    } else this.answered()
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
      const edits = this.waiting.map(({sent, ...o}) => o)
      if (edits.length) this.store.setItem(this.name, JSON.stringify(edits))
      else this.store.removeItem(this.name)
      this.kept = true
    } catch { this.kept = false }
  }

  /** What earlier sessions left behind, the oldest first, for a later edit of a line has to stay the last.
   * @type {() => Leftover[]} */
  leftovers() {
    /** @type {Leftover[]} */
    const res = []
    /** @type {[string, number][]} */
    const old = []
    try {
      for (let i = 0; i < this.store.length; i++) {
        const name = /** @type {string} */ (this.store.key(i))
        if (!name.startsWith(this.key + ':') || name === this.name) continue
        const text = /** @type {string} */ (this.store.getItem(name))
        if (text?.startsWith(RESCUED)) old.push([name, Number(text.slice(RESCUED.length))])
        else res.push(...this.leftover(name, text))
      }
      old.filter(o => !(Date.now() - o[1] < A_DAY)).forEach(o => this.store.removeItem(o[0]))
    } catch { /* no storage here */ }
    return res.sort((a, b) => a.since - b.since)
  }

  /** What the browser has under `name`; nothing if it is not ours.
   * @type {(name: string, text: string) => Leftover[]} */
  leftover(name, text) {
    try {
      const edits = JSON.parse(text)
      if (!Array.isArray(edits)) return []
      const session = name.slice(this.key.length + 1), since = edits[0]?.at ?? 0
      return [{name, text, session, since, edits: edits.map(({at, ...o}) => o)}]
    } catch { return [] }
  }

  /** A leftover is on the disk now: leave a note for its own widget, unless that has changed it since.
   * @type {(leftover: {name: string, text: string | null}) => void} */
  forget({name, text}) {
    try {
      if (this.store.getItem(name) === text) this.store.setItem(name, RESCUED + Date.now())
    } catch { /* no storage here */ }
  }

  stop() {
    if (this.timer) this.cancel(this.timer)
    this.timer = null
  }

  // The last chance for what was not sent yet
  close() {
    if (!this.hold && this.waiting.some(o => !o.sent)) this.deliver()
    this.stop()
  }
}

/** The active seconds spent on each line: the time between two signs of life, cut at 30 s. */
export class Stopwatch {
  /** @param {() => number} now */
  constructor(now = () => performance.now() / 1000) {
    this.now = now
    /** @type {number | null} */
    this.last = null
    /** @type {string | null} */
    this.line = null
    /** @type {Map<string, number>} */
    this.spent = new Map()
  }

  /** A sign of life while `line` is selected. @type {(line: string | null) => void} */
  tick(line) {
    const t = this.now(), before = this.line
    if (this.last !== null && before !== null) {
      this.spent.set(before, (this.spent.get(before) || 0) + Math.min(t - this.last, IDLE))
    }
    this.last = t
    this.line = line
  }

  /** The seconds of `line` since they were last taken. @type {(line: string) => number} */
  take(line) {
    const secs = this.spent.get(line) || 0
    this.spent.delete(line)
    return Math.round(secs * 10) / 10
  }

  /** The same for all lines whose key begins with `begin`. */
  takeAll(begin = '') {
    return [...this.spent.keys()].filter(o => o?.startsWith(begin)).reduce((sum, o) => sum + this.take(o), 0)
  }
}
