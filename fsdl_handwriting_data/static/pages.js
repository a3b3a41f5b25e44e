// Which page is shown, which is on its way, and how far each of them is.
/** @import {Editor} from './editor.js' */
/** @import {Edit, Page, PageMessage, StatusEdit, Summary} from './types.js' */
import {openWork} from './checks.js'
import {focusOn, h} from './elements.js'
import {apply, seenOf} from './history.js'
import {stillOpen} from './words.js'

/** @type {Record<string, string>} */
const STATUS = {open: '\u25cb', done: '\u2713', skipped: '\u2192', blank: '\u2713'}

export class Pages {
  all = /** @type {Summary[]} */ ([])
  known = /** @type {Map<string, Page>} */ (new Map())  // pages as this window had them last
  opening = /** @type {string | null} */ (null)         // the page that was asked for
  then = /** @type {(() => void) | null | undefined} */ (null)  // what is done once it is there
  version = 0                                            // of the page that is shown, as the kernel counts

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.picker = h('select', {'aria-label': 'Page', onchange: () => this.openPage(this.picker.value)})
  }

  /** Which page it is, from 1; 0 if none. @type {(id?: string | null) => number} */
  number(id = this.editor.page?.id) { return this.all.findIndex(p => p.id === id) + 1 }

  /** @type {(summaries: Summary[]) => void} */
  takeSummaries(summaries) {
    summaries.forEach(p => {
      const i = this.all.findIndex(o => o.id === p.id)
      if (i >= 0) this.all[i] = p
    })
  }

  /** How far a page is; while somebody types on it, as this window shows it beside the page.
   * @type {(p: Summary) => Summary} */
  asShown(p) {
    const {page, field} = this.editor
    if (!page || p.id !== page.id || !field.typing) return p
    return {...p, open: this.editor.openNow(page).length, suggestions: page.suggestions.length}
  }

  showPages() {
    const {options} = this.picker, current = this.opening ?? this.editor.page?.id
    /** @type {(p: Summary, i: number) => string} */
    const text = (p, i) => `${STATUS[p.status]} ${i + 1}/${this.all.length}  ${p.id}${stillOpen(this.asShown(p))}`
    if (options.length !== this.all.length) {
      this.picker.replaceChildren(...this.all.map((p, i) => h('option', {value: p.id}, text(p, i))))
    } else {
      this.all.forEach((p, i) => {
        const now = text(p, i)
        if (options[i].textContent !== now) options[i].textContent = now
      })
    }
    if (current) this.picker.value = current
  }

  /** @type {(id: string | null | undefined, then?: () => void) => void} */
  openPage(id, then) {
    if (!id) return
    const {connection, field, pointer, stage} = this.editor, known = this.known.get(id)
    field.finishTyping()
    pointer.cancelRing()
    pointer.stopDrag()
    this.opening = id
    this.then = then
    try { connection.store.setItem(connection.placeKey, id) } catch { /* no storage here */ }
    if (known && connection.images.has(id)) this.showPage(known)
    else {
      stage.el.setAttribute('aria-busy', 'true')
      field.input.readOnly = this.busy
    }
    this.picker.value = id
    if (!connection.ask(id)) this.stay()
  }

  // Whether another page than the one that is shown is on its way: nothing is edited meanwhile
  get busy() { return !!this.editor.page && this.opening !== null && this.opening !== this.editor.page.id }

  // The page that was asked for does not come: go on with the one that is here
  stay() {
    const {page} = this.editor
    if (!page) return
    this.opening = page.id
    this.then = null
    this.picker.value = page.id
    this.isHere()
  }

  // Nothing is waited for any more
  isHere() {
    this.editor.stage.el.removeAttribute('aria-busy')
    this.editor.field.input.readOnly = false
  }

  /** A page came; `edits` are those that it does not have yet. @type {(message: PageMessage, edits: Edit[]) => void} */
  gotPage({page, problem, found}, edits) {
    if (problem && page.id === this.opening) this.editor.stage.showNote(problem)
    const full = edits.filter(o => o.page === page.id).reduce((p, o) => apply(p, o), page)
    this.known.set(page.id, full)
    if (page.id === this.opening) this.showPage(full, problem)
    if (found) this.gotLines(full, found)
  }

  /** Lines that this window asked for, on a page that had the `status`: one step of the history.
   * @type {(page: Page, found: {ids: string[], status: string}) => void} */
  gotLines(page, {ids, status}) {
    const {editor} = this, regions = page.suggestions.filter(r => ids.includes(r.id))
    const opened = page.status === 'open' && status !== 'open'
    const said = `${regions.length} line${regions.length === 1 ? '' : 's'} suggested`
    /** @type {Edit[]} */
    const does = [{op: 'suggest', by: 'find lines', regions}]
    /** @type {Edit[]} */
    const undoes = regions.map(r => ({op: 'delete', id: r.id, was: seenOf(r), offered: true}))
    if (opened) {
      does.push({op: 'status', status: 'open'})
      undoes.push({op: 'status', status, dismissed: ids})
    }
    editor.edits.history.push(page.id, does, undoes, said)
    if (page.id !== editor.page?.id) return
    if (opened) editor.stage.showNote(`${said}: the page is open again.`)
    editor.say(`${said}.`)
    editor.draw()
  }

  /** @type {(page: Page, problem?: string) => void} */
  showPage(page, problem) {
    const {editor} = this, {field, stage} = editor, was = editor.page, same = was?.id === page.id
    if (was && !same) this.leave()
    if (same && field.typing) page = this.keepTyped(page)
    const none = same && !editor.lines().length
    const kept = same && editor.lines().some(r => r.id === editor.selected) ? editor.selected : null
    if (was && !same) {
      this.known.set(was.id, editor.here)
      editor.selected = editor.corner = null
    }
    editor.page = page
    for (const r of page.regions) editor.edits.met.add(r.id)
    this.version = page.version
    this.opening = page.id
    this.isHere()
    if (!same || stage.picture !== editor.connection.images.get(page.id)) stage.showImage(problem)
    if (kept && !editor.lines().some(r => r.id === kept)) editor.selected = editor.corner = null
    editor.draw()
    if (!same) this.arrive()
    else if (none && !editor.selected && editor.lines().length) editor.select(editor.lines()[0].id, null)
    else if (!field.typing) field.showField()
    else editor.rivals.draw()
    const {then} = this
    this.then = null
    then?.()
  }

  // Another page is coming in the place of the one that is shown
  leave() {
    const {field, pointer} = this.editor
    field.finishTyping()
    pointer.stopDrag()
    pointer.at = null
  }

  // A page is shown that was not: say what it is, choose the first line to be worked on, and fetch the next picture
  arrive() {
    const {editor} = this, page = editor.here, {id, hint, regions} = page
    editor.stage.fit()
    this.picker.value = id
    const place = `Page ${this.number()} of ${this.all.length}`
    editor.say(`${place}, ${id}, ${regions.length} lines${hint ? '. ' + hint : ''}`)
    const first = openWork(page).find(o => o.region)?.region ?? editor.lines()[0]?.id
    if (first) editor.select(first, null)
    else editor.field.showField()
    const next = this.all[this.number()]
    if (next && !editor.connection.images.has(next.id)) editor.connection.ask(next.id, true)
  }

  /** Another window deleted the line that is being typed. What the kernel does not know yet brings it back; else Ctrl+Z
   * does. @type {(page: Page) => Page} */
  keepTyped(page) {
    const {editor} = this, {regions} = editor.here, {typing} = editor.field
    const i = regions.findIndex(r => r.id === typing?.id), region = regions[i]
    if (!typing || !region || page.regions.some(r => r.id === typing.id)) return page
    /** @type {Edit} */
    const back = {op: 'back', region, after: i ? regions[i - 1].id : null}
    if (editor.connection.edits.waiting.some(o => 'id' in o && o.id === typing.id)) return apply(page, back)
    editor.field.typing = null
    const gone = 'Another window has deleted the line that was typed here'
    editor.edits.history.push(page.id, [{op: 'delete', id: typing.id, was: seenOf(region)}], [back],
      'deleted in another window')
    editor.stage.showNote(`${gone}, \u201c${typing.now}\u201d. Ctrl+Z brings it back.`)
    return page
  }

  /** @type {(d: number) => void} */
  goPage(d) {
    const p = this.all[this.number(this.opening) - 1 + d]
    if (p) this.openPage(p.id)
    else this.editor.say(d > 0 ? 'This is the last page.' : 'This is the first page.')
  }

  /** Close this page and go to the next that is open; suggestions are dismissed by the same step.
   * @type {(status: string, dismissed?: import('./types.js').DeleteEdit[]) => void} */
  finish(status, dismissed = []) {
    const {editor} = this
    /** @type {StatusEdit} */
    const op = {op: 'status', status}
    if (dismissed.length) op.dismissed = dismissed.map(o => o.id)
    editor.edits.edit([...dismissed, op], dismissed.length ? `${status}, suggestions dismissed` : status)
    if (!editor.line()) editor.select(editor.lines()[0]?.id ?? null, null)
    const here = this.number(), rest = [...this.all.slice(here), ...this.all.slice(0, here - 1)]
    this.all[here - 1] = {...this.all[here - 1], status, open: 0, suggestions: editor.here.suggestions.length}
    this.showPages()
    const next = rest.find(p => p.status === 'open'), focus = document.activeElement
    if (next) this.openPage(next.id, () => this.goOn(focus === editor.field.input))
    else if (this.all.some(p => p.status === 'skipped')) editor.say('No open page is left; some were skipped.')
    else editor.say('All pages are done.')
  }

  /** The next page is here: type on if the transcript had the focus. @type {(typing: boolean) => void} */
  goOn(typing) {
    const {editor} = this
    if (typing && editor.line()) editor.select(editor.selected, 'text')
    else focusOn(editor.stage.el)
  }
}
