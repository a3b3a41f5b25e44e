// The talk with the kernel: what is sent, what comes back, and what this browser keeps until the disk has it.
/** @import {Editor} from './editor.js' */
/** @import {Edit, ErrorMessage, Leftover, Message, Model, PageMessage, Pictures, RecoveredMessage} from './types.js' */
/** @import {RefusedMessage, SavedMessage, StartMessage, Summary, Told} from './types.js' */
/** @import {Store} from './sync.js' */
import {browserStore} from './elements.js'
import {Outbox} from './sync.js'
import {toldWords} from './words.js'

const ASK = 2500         // ms between two questions for what other windows did
const RESTS = 1_800_000   // ms without a sign of life after which it asks seldom
const SILENT = 'the kernel does not answer yet'
const GONE = 'the kernel does not answer: it is busy, or this cell has to be run again'
const KEPT = ' A copy is kept in this browser; if the kernel was restarted, run the cell again.'

/** @type {WeakMap<Model, Pictures>} */
const images = new WeakMap()  // model → page id → picture: each is sent once, for all views of a widget

export class Connection {
  outbox = /** @type {Outbox | null} */ (null)       // nothing is sent before the kernel has said who labels
  store = /** @type {Store} */ (browserStore())
  leftovers = /** @type {Leftover[]} */ ([])         // what earlier widgets kept in this browser
  earlier = /** @type {Set<string>} */ (new Set())   // their sessions
  owing = /** @type {string | undefined} */ (undefined)  // why the leftovers are not on the disk yet
  begun = 0                                           // when this window was opened, by the kernel's clock
  placeKey = ''                                       // under which the browser keeps the page that was shown last
  owedNote = ''                                       // what is to be said once the next page is there
  inSight = true
  alive = /** @type {number | undefined} */ (undefined)    // the last sign of life
  asked = /** @type {number | null} */ (null)         // when a question was sent that has no answer yet
  asksAt = 0

  /** @param {Editor} editor @param {Model} model */
  constructor(editor, model) {
    this.editor = editor
    this.model = model
    this.session = editor.session
    this.images = images.get(model) ?? Object.assign(new Map(), {views: 0})
    images.set(model, this.images)
    this.images.views++
    /** @type {(message: Message, buffers: BlobPart[]) => void} */
    this.receive = (message, buffers) => {
      try {
        this.receives(message, buffers)
      } catch (e) {
        editor.say(`error: ${/** @type {Error} */ (e).message}`)
        throw e
      }
    }
  }

  // Begin to listen, and say that there is a new window
  open() {
    this.model.on('msg:custom', this.receive)
    this.send({kind: 'hello'})
    this.asks = setInterval(() => this.poll(), ASK)
    this.helloTimer = setTimeout(() => { if (!this.outbox) this.showSaved('unsaved', GONE) }, 4000)
  }

  // Nothing is asked any more; what was not sent yet is sent when the typing has ended
  rest() {
    clearTimeout(this.helloTimer)
    clearTimeout(this.recoverTimer)
    clearInterval(this.asks)
  }

  close() {
    this.outbox?.close()
    this.model.off('msg:custom', this.receive)
    if (--this.images.views) return
    this.images.forEach(o => URL.revokeObjectURL(o.url))
    images.delete(this.model)
  }

  /** Hand a message to the kernel; false if there is none. @type {(message: object) => boolean} */
  send(message) {
    try {
      this.model.send({...message, session: this.session})
    } catch {
      this.showSaved('unsaved', 'the kernel is not connected')
      return false
    }
    return true
  }

  get edits() {
    if (!this.outbox) throw new Error('the kernel has not answered yet')
    return this.outbox
  }
  flush() { this.edits.flush() }

  /** @type {(message: Message, buffers: BlobPart[]) => void} */
  receives(message, buffers) {
    const mine = message.session === this.session
    if (message.kind === 'saved') this.isSaved(message, mine)
    else if (message.kind === 'page') this.gotPage(message, buffers, mine)
    else if (!mine) return
    else if (message.kind === 'start') this.start(message)
    else if (message.kind === 'failed') this.isNotSaved(message.error)
    else if (message.kind === 'refused') this.isRefused(message)
    else if (message.kind === 'news') this.gotNews(message.pages)
    else if (message.kind === 'history') this.editor.panels.gotHistory(message)
    else if (message.kind === 'recovered') this.recovered(message)
    else if (message.kind === 'error') this.failed(message)
  }

  /** Something went wrong that has nothing to do with saving. @type {(message: ErrorMessage) => void} */
  failed({page, error}) {
    const {pages} = this.editor
    if (page && page === pages.opening && pages.busy) pages.stay()
    if (!page || page === this.editor.page?.id || page === pages.opening) this.editor.stage.showNote(error)
  }

  /** @type {(message: StartMessage) => void} */
  start({key, annotator, pages, page, guidelines, chars, charset, suggests, now}) {
    const {editor} = this, first = !this.outbox
    editor.annotator = annotator
    editor.guidelines = guidelines
    editor.charset = charset
    editor.suggests = suggests
    if (first) this.begin(key, now)
    this.placeKey = `${key}:page`.replace(/^fsdl:/, 'fsdl-page:')
    let last = null
    try { last = this.store.getItem(this.placeKey) } catch { /* no storage here */ }
    editor.pages.all = pages
    editor.field.offer(chars)
    editor.pages.showPages()
    this.showSaved()
    editor.toolbar.who.textContent = `\u270e ${annotator}`
    if (first) editor.pages.openPage(last !== null && pages.some(p => p.id === last) ? last : page)
  }

  /** Who labels is known: edits can be sent. @type {(key: string, now: number) => void} */
  begin(key, now) {
    const {model, session} = this
    this.begun = now
    this.store = browserStore()
    /** @type {(edits: Edit[]) => void} */
    const send = edits => model.send({kind: 'edits', edits, session})
    this.outbox = new Outbox({send, store: this.store, key, session, changed: () => this.showSaved()})
    this.leftovers = this.outbox.leftovers()
    this.earlier = new Set(this.leftovers.map(o => o.session))
    this.recover()
  }

  /** Keep what the kernel refused in the browser, where it can still be looked up.
   * @type {(name: string, text: string) => void} */
  putAside(name, text) {
    try { this.store.setItem(name.replace(/^fsdl:/, 'fsdl-refused:'), text) } catch { /* no storage here */ }
  }

  // What earlier widgets left in the browser goes to the disk before anything new does, however often that is tried
  recover() {
    clearTimeout(this.recoverTimer)
    this.edits.hold = this.leftovers.length > 0
    if (!this.edits.hold) return this.flush()
    this.send({kind: 'recover', batches: this.leftovers.map(({session: from, edits}) => ({from, edits}))})
    this.recoverTimer = setTimeout(() => {
      this.owing ||= SILENT
      this.recover()
      this.showSaved()
    }, 3000)
  }

  /** Some of it is there now; what can never be written is put aside and said once.
   * @type {(message: RecoveredMessage) => void} */
  recovered({results}) {
    const {editor, leftovers} = this, n = results.reduce((sum, o) => sum + o.saved, 0)
    const refused = results.filter(o => o.error && !o.again).map(o => o.error)
    if (results.length !== leftovers.length) return  // the answer to an earlier try
    results.forEach((o, i) => {
      if (o.again) return
      if (o.error) this.putAside(leftovers[i].name, leftovers[i].text)
      this.edits.forget(leftovers[i])
    })
    this.owing = results.find(o => o.again)?.error
    this.leftovers = leftovers.filter((_, i) => results[i].again)
    const why = refused.join('; ')
    if (why) editor.stage.showNote(`Edits that this browser had kept were refused, and stay in it: ${why}`)
    if (n) editor.say(`${n} edit${n > 1 ? 's' : ''} that this browser had kept are on the disk now.`)
    if (!this.leftovers.length) this.recover()
    this.showSaved()
    if (n && editor.page) editor.pages.openPage(editor.page.id)
  }

  /** Other kernels wrote something; a page that is not shown is fetched anew when it is.
   * @type {(pages: Summary[]) => void} */
  gotNews(summaries) {
    const {page, pages} = this.editor
    this.asked = null
    if (!summaries.length) return
    pages.takeSummaries(summaries)
    summaries.forEach(p => { if (p.id !== page?.id) pages.known.delete(p.id) })
    pages.showPages()
  }

  /** If the page is not what this window shows, the kernel sends it after this answer; `told` says what of our edits is
   * otherwise there. @type {(message: SavedMessage, mine: boolean) => void} */
  isSaved({n, pages, version, told = {}}, mine) {
    const {editor} = this
    editor.pages.takeSummaries(pages)
    if (mine) {
      this.edits.saved(n)
      const now = editor.page ? version[editor.page.id] : undefined
      if (now !== undefined) editor.pages.version = now
      Object.entries(told).forEach(([id, list]) => this.tell(id, list))
    } else {
      const shown = editor.page?.id
      Object.keys(version).forEach(id => { if (id !== shown) editor.pages.known.delete(id) })
      if (shown !== undefined && version[shown] !== undefined) this.ask(shown)
    }
    editor.pages.showPages()
  }

  /** The kernel could not write. @type {(error: string) => void} */
  isNotSaved(error) {
    this.edits.failed(error)
    this.editor.say(`Not saved: ${error}`)
  }

  /** What another window had changed before an edit of ours came, on the page that is shown or on one that was left.
   * @type {(id: string, told: Told[]) => void} */
  tell(id, [o]) {
    const {editor} = this, here = id === editor.page?.id
    if (!o) return
    const all = `${here ? '' : `${id}: `}${toldWords(o)}${o.stays ? '. The page is not done.' : ''}`
    editor.say(all)
    if (here && o.what !== 'kept' && o.what !== 'deleted') return
    this.owedNote = editor.pages.busy ? all : ''  // the next page would take it away
    editor.stage.showNote(all)
  }

  /** @type {(message: RefusedMessage) => void} */
  isRefused({n, error}) {
    const edit = this.edits.refused(n)
    if (!edit) return  // it was refused before, in another message
    this.putAside(`${this.edits.name}:${n}`, JSON.stringify([edit]))
    this.editor.stage.showNote(`An edit was refused, and is kept in this browser only: ${error}`)
    if (this.editor.page) this.ask(this.editor.page.id)
  }

  /** Whether all is saved, or why not. @type {(state?: string, why?: string) => void} */
  showSaved(state = this.outbox?.state ?? 'saving', why = '') {
    const owed = this.leftovers.reduce((sum, o) => sum + o.edits.length, 0)
    const waiting = (this.outbox?.waiting.length ?? 0) + owed
    if (owed) state = this.owing ? 'unsaved' : 'saving'
    const error = why || (owed && this.owing) || this.outbox?.error || SILENT
    let kept = waiting ? KEPT : ''
    if (this.outbox && !this.outbox.kept && waiting) kept = ' This browser keeps no copy either.'
    const text = state !== 'unsaved' ? '' : `${error[0].toUpperCase()}${error.slice(1)}.${kept}`
    this.editor.toolbar.showSaved(state, state === 'unsaved' ? waiting : 0, text)
  }

  /** Ask for a page's labels, and for its picture if it is not here, or if the file is another one by now.
   * @type {(id: string, ahead?: boolean) => boolean} */
  ask(id, ahead = false) {
    return this.send({kind: 'open', page: id, image: this.images.get(id)?.stamp ?? true, ahead})
  }

  /** A page came, for this window or for all.
   * @type {(message: PageMessage, buffers: BlobPart[], mine: boolean) => void} */
  gotPage(message, buffers, mine) {
    const {page, image} = message
    if (image) {
      const url = URL.createObjectURL(new Blob([buffers[0]], {type: page.type}))
      this.images.set(page.id, {url, stamp: page.stamp})
    }
    if (mine) this.editor.pages.gotPage(message, this.unwritten(page.n))
  }

  /** The edits that a page of the kernel does not have yet; `n` is the last of this window's that it has.
   * @type {(n: number) => Edit[]} */
  unwritten(n) {
    const left = this.leftovers.flatMap(o => o.edits.map(e => ({...e, session: o.session})))
    return [...left, ...(this.outbox?.waiting ?? []).filter(o => !((o.n ?? 0) <= n))]
  }

  // What a question for news says
  get shown() {
    const {page, pages} = this.editor
    return {kind: 'refresh', page: page?.id, version: pages.version}
  }

  // Somebody else may have worked on this page: ask when the widget is used again
  look() {
    const {page} = this.editor
    if (!page || !this.outbox || this.outbox.waiting.length) return
    this.send({...this.shown, image: this.images.get(page.id)?.stamp})
  }

  // The same from time to time, while the widget is in sight and nothing waits; never a second time before the answer,
  // for the kernel may be busy for long
  poll() {
    const {page, pages, pointer} = this.editor, now = Date.now()
    if (!page || !this.outbox || this.outbox.waiting.length || this.leftovers.length) return
    if (document.hidden || !this.inSight || pages.busy || pointer.dragging) return
    if (this.asked && now - this.asked < 60_000) return
    if (this.alive !== undefined && now - this.alive > RESTS && now - this.asksAt < 20 * ASK) return
    this.asksAt = this.asked = now
    try {
      this.model.send({...this.shown, poll: true, session: this.session})
    } catch { /* an edit will say so */ }
  }
}
