// The list of lines, and below it what is still open on the page.
/** @import {Editor} from './editor.js' */
/** @import {Line, Work} from './types.js' */
import {WORDS, isBlank} from './checks.js'
import {classes, h, isAs, setTo} from './elements.js'
import {countOpen, undecided} from './words.js'

const MOST = 50  // items of open work that are shown
const DIFFER = 'Two windows differ: select the line, and say which counts'
const HALF = 'Half typed: Enter in the transcript confirms it'
/** @type {Record<string, string>} */
const CLOSED = {done: '\u2713 Page done', blank: '\u2713 Nothing to label here'}

/** What of a line is in its row. @typedef {{mark: string, text: string, number: number, i: number, suggested: boolean,
 *   selected: boolean, begins: boolean, clash: boolean, draft: boolean}} ShownRow */
/** @typedef {{node: HTMLElement, head: HTMLElement, body: HTMLElement, was?: ShownRow}} Row */

export class LineList {
  rows = /** @type {Map<string, Row>} */ (new Map())
  listed = /** @type {string[] | null} */ (null)  // ids, as they stand in the list
  worked = /** @type {{was: Record<string, unknown>, order: Line[], items: Work[]} | null} */ (null)

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.el = h('div', {class: 'lines', role: 'listbox', 'aria-label': 'Lines', tabindex: 0,
      onkeydown: (/** @type {KeyboardEvent} */ e) => this.key(e),
      onpointerdown: () => editor.field.finishTyping(true)})
    this.work = h('div', {class: 'work', role: 'group', 'aria-label': 'Still open'})
  }

  /** @type {(e: KeyboardEvent) => void} */
  key(e) {
    const d = {ArrowDown: 1, ArrowUp: -1}[e.key]
    if (d && !e.altKey) this.editor.step(d, null)
    else if (e.key === 'Enter') this.editor.act({name: 'to-text'})
    else if (e.key === 'Delete') this.editor.act({name: 'delete'})
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  /** A line as its row shows it: only what is another is touched. @type {(id: string, o: ShownRow) => void} */
  drawRow(id, o) {
    const entry = this.rows.get(id) ?? this.newRow(id), {node, head, body, was} = entry
    if (isAs(was, o)) return
    entry.was = o
    const {suggested, selected, begins, clash, draft, mark, text} = o, blank = isBlank(text)
    node.className = classes('row', suggested && 'suggested', begins && 'begins', mark && 'marked', clash && 'clash',
      draft && 'draft')
    node.title = draft ? HALF : ''
    if (clash) node.title = DIFFER
    setTo(node, 'aria-selected', String(selected))
    head.textContent = suggested ? '?' : `${clash ? '\u26a0 ' : ''}${begins ? '\u00b6 ' : ''}${o.number}`
    const empty = suggested ? 'suggestion' : '\u25cb no transcript', marked = `\u2717 ${mark}${text ? ': ' + text : ''}`
    body.textContent = blank ? empty : text
    if (mark) body.textContent = marked
    body.className = blank || mark || draft ? 'dim' : ''
    if (!was) this.rows.set(id, entry)
    if (selected && (!was?.selected || was.i !== o.i)) requestAnimationFrame(() => this.reveal(node))
  }

  /** @type {(id: string) => Row} */
  newRow(id) {
    const head = h('b'), body = h('span', {dir: 'auto'}), rowId = this.editor.domId(id) + '-row'
    const onclick = () => this.editor.select(id, 'text')
    return {node: h('div', {role: 'option', id: rowId, 'data-id': id, onclick}, head, body), head, body}
  }

  /** Scroll so far that the row is in sight. @type {(node: HTMLElement) => void} */
  reveal({offsetTop: y, offsetHeight: k}) {
    const {el} = this
    if (y < el.scrollTop || y + k > el.scrollTop + el.clientHeight) el.scrollTop = y - el.clientHeight / 2
  }

  /** Put the rows where their lines are. @type {(lines: Line[]) => void} */
  inOrder(lines) {
    const {children} = this.el, all = children.length === lines.length && this.listed?.length === lines.length
    if (all && lines.every((r, i) => r.id === this.listed?.[i])) return
    this.listed = lines.map(r => r.id)
    this.listed.forEach((id, i) => {
      const node = this.rows.get(id)?.node
      if (node && children[i] !== node) this.el.insertBefore(node, children[i] ?? null)
    })
  }

  // ---------------------------------------------------------------------------------------------- what is open

  /** @type {(open: Work[]) => void} */
  drawWork(open) {
    const {here: {id, status, suggestions, regions, hint: told}, edits} = this.editor
    const hint = edits.history.done.some(o => o.pageId === id) ? '' : told
    const state = {status, hint, n: suggestions.length, open: open.length, lines: regions.length}, {worked} = this
    const still = worked && isAs(worked.was, state) && open.every((o, i) => isAs(worked.items[i], o))
    if (still && (worked.order === regions || regions.every((r, i) => r.id === worked.order[i].id))) return
    this.worked = {was: state, order: regions, items: open}
    const offered = open.find(o => o.kind === 'suggestion')
    const items = this.shownWork(open, offered).map(o =>
      h('button', {type: 'button', 'data-open': o.kind, ...this.editor.press(() => this.goTo(o))}, this.openWords(o)))
    const dismiss = suggestions.length > 1 ? 'They are not text: dismiss them' : 'It is not text: dismiss it'
    if (offered) items.push(this.act({'data-action': 'delete-all'}, dismiss))
    if (open.some(o => o.kind === 'no-lines')) {
      items.push(this.act({'data-action': 'blank'}, 'Nothing to label on this page'))
    }
    const head = h('div', {class: 'work-head'}, this.headWords(open))
    this.work.replaceChildren(head, ...(hint ? [h('div', {class: 'hint'}, hint)] : []), ...items)
  }

  /** A button for an action. @type {(name: {'data-action': string}, text: string) => HTMLButtonElement} */
  act(name, text) {
    const press = this.editor.press(() => this.editor.act({name: name['data-action']}))
    return h('button', {type: 'button', ...name, ...press}, text)
  }

  /** Not all where there is much; the suggestions always. @type {(open: Work[], offered?: Work) => Work[]} */
  shownWork(open, offered) {
    if (this.editor.isFinished) return offered ? [offered] : []
    return offered && open.indexOf(offered) >= MOST ? [...open.slice(0, MOST), offered] : open.slice(0, MOST)
  }

  /** @type {(open: Work[]) => string} */
  headWords(open) {
    const {status} = this.editor.here
    if (CLOSED[status]) return CLOSED[status] + (open.length ? ', and still open:' : '')
    if (status === 'skipped') return '\u2192 Skipped'
    return open.length ? `Still open: ${countOpen(open)}` : 'Complete: press Done'
  }

  /** @type {(work: Work) => string} */
  openWords({region, kind, n = 0}) {
    if (!region) return kind === 'suggestion' ? undecided(n) : WORDS[kind]
    return `Line ${this.editor.here.regions.findIndex(r => r.id === region) + 1}: ${WORDS[kind]}`
  }

  /** Where an item of open work is mended. @type {(work: Work) => void} */
  goTo({region, kind}) {
    if (kind === 'suggestion') this.editor.actions.on_label_them()
    else this.editor.select(region, ['no-text', 'draft'].includes(kind) ? 'text' : 'page')
  }

  // Call to what is open, for who wanted to be done
  alarm() {
    this.work.classList.remove('alarm')
    void this.work.offsetWidth
    this.work.classList.add('alarm')
  }
}
