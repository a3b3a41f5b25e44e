// What opens beside the page: keys, labelling guidelines and the history of a line; and what Done asks.
/** @import {Editor} from './editor.js' */
/** @import {HistoryMessage, Line, LineChange} from './types.js' */
import {focusOn, h} from './elements.js'
import {fieldsOf, isSame, named} from './history.js'
import {HELP} from './keys.js'
import {ago, changeWords, markdown, undecided} from './words.js'

const NO_RULES = 'There are no guidelines yet: write them into a file guidelines.md in the folder of the dataset.'
const UNDECIDED = 'Nobody accepted or dismissed them, and a page is done when each line on it has been looked at.'

export class Panels {
  takesFocus = false  // when the history comes
  el = h('div', {class: 'panel', hidden: true, role: 'region', tabindex: -1})

  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  /** Open a panel, or close it if it is the one that is open. @type {(which: string | null) => void} */
  toggle(which) {
    const same = !which || (!this.el.hidden && this.el.dataset.which === which)
    if (same) {
      this.el.hidden = true
      return focusOn(this.editor.stage.el)
    }
    if (which === 'help') this.show(which, 'Keys', this.helpPanel())
    else this.show(which, 'Labelling guidelines', [this.rules()])
    focusOn(this.el)
  }

  helpPanel() {
    /** @type {(rows: [string[], string][]) => HTMLElement} */
    const table = rows => h('dl', {}, ...rows.flatMap(([keys, what]) => {
      const names = keys.flatMap((o, i) => [i ? ' ' : '', h('kbd', {}, o)])
      return [h('dt', {}, ...names), h('dd', {}, what)]
    }))
    return Object.entries(HELP).map(([title, rows]) => h('section', {}, h('h4', {}, title), table(rows)))
  }

  rules() { return this.editor.guidelines ? markdown(this.editor.guidelines) : h('p', {}, NO_RULES) }

  /** @type {(which: string, label: string, content: HTMLElement[]) => void} */
  show(which, label, content) {
    this.el.hidden = false
    this.el.dataset.which = which
    this.el.setAttribute('aria-label', label)
    const press = this.editor.press(() => this.toggle(null))
    const close = h('button', {type: 'button', class: 'close', 'aria-label': 'Close', ...press}, '\u2715')
    this.el.replaceChildren(close, ...content)
  }

  // ------------------------------------------------------------------------------------------- the history of a line

  get showsHistory() { return !this.el.hidden && this.el.dataset.which === 'history' }

  askHistory() {
    const {connection, here, selected} = this.editor
    connection.flush()
    connection.send({kind: 'history', page: here.id, line: selected})
  }

  /** @type {(message: HistoryMessage) => void} */
  gotHistory({page, line, changes}) {
    const {editor} = this, r = editor.line(line)
    if (page !== editor.page?.id || line !== editor.selected || !r) return
    const head = h('h4', {}, `History of line ${editor.lines().indexOf(r) + 1}`)
    const items = [...changes].reverse().map(c => this.changeItem(r, c))
    this.show('history', 'History of the line', [head, h('ol', {class: 'changes'}, ...items)])
    if (this.takesFocus) focusOn(this.el)
    this.takesFocus = false
  }

  /** @type {(r: Line, c: LineChange) => HTMLElement} */
  changeItem(r, c) {
    const {annotator, rivals, session} = this.editor, own = !['export', 'offered'].includes(c.what)
    const where = c.session === session ? '' : `, ${rivals.whence(c.session, c.at).replace(/^in /, '')}`
    const when = new Date(c.at * 1000)
    const time = h('time', {datetime: when.toISOString(), title: when.toLocaleString()}, ago(c.at))
    const can = c.what === 'changed' && !named(c.was).every(f => isSame(fieldsOf(r, f), fieldsOf(c.was, f)))
    const item = h('li', {}, h('div', {class: 'when'}, h('span', {}, own ? `${annotator}${where}` : ''), time),
      ...changeWords(c))
    const press = this.editor.press(() => this.takeChangeBack(r.id, c))
    if (can) item.append(h('button', {type: 'button', ...press}, 'Take this back'))
    return item
  }

  /** What a change made of the line becomes again what it was, by an edit of its own.
   * @type {(id: string, c: LineChange) => void} */
  takeChangeBack(id, c) {
    const {editor} = this, r = editor.line(id)
    if (!r) return editor.say('The line is gone.')
    editor.edits.edit([editor.edits.setOf(r, c.was)], 'taken back')
    editor.field.showField()
    editor.say('Taken back. Ctrl+Z takes that back in turn.')
    this.askHistory()
  }
}

// What Done asks while suggestions are undecided; the rest of the widget waits for the answer
export class Question {
  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.asker = /** @type {HTMLElement | null} */ (null)  // what had the focus
    const id = `fsdl-${editor.session}-question`, why = id + '-why'
    /** @type {(name: {'data-action': string}, text: string) => HTMLButtonElement} */
    const b = (name, text) =>
      h('button', {type: 'button', ...name, ...editor.press(() => editor.act({name: name['data-action']}))}, text)
    this.head = h('h4', {id})
    this.el = h('div', {class: 'question', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': id,
      'aria-describedby': why, hidden: true}, this.head, h('p', {id: why}, UNDECIDED),
      h('div', {class: 'choices'}, b({'data-action': 'label-them'}, 'Label them'),
        b({'data-action': 'dismiss'}, 'They are not text'), b({'data-action': 'leave-open'}, 'Leave the page open')))
  }

  /** Switch the rest of the widget off or on. @type {(yes: boolean) => void} */
  makeRestInert(yes) {
    for (const o of this.editor.root.children) if (o !== this.el) /** @type {HTMLElement} */ (o).inert = yes
  }

  get focused() { return /** @type {Document} */ (this.editor.root.getRootNode()).activeElement }

  ask() {
    const {field, stage} = this.editor
    this.asker = this.focused === field.input ? field.input : stage.el
    this.el.hidden = false
    this.draw()
    const first = this.el.querySelector('button')
    if (first) focusOn(first)
    this.el.scrollIntoView({block: 'nearest'})
    this.makeRestInert(true)
  }

  // Somebody else may decide meanwhile: then there is nothing to ask
  draw() {
    if (this.el.hidden) return
    const n = this.editor.here.suggestions.length
    if (n) this.head.textContent = undecided(n)
    else this.answered()
  }

  // The question is gone, and the focus is where it was
  answered() {
    if (this.el.hidden) return
    this.makeRestInert(false)
    this.el.hidden = true
    if (this.asker) focusOn(this.asker)
  }

  /** @type {(e: KeyboardEvent) => void} */
  key(e) {
    const buttons = [...this.el.querySelectorAll('button')], i = buttons.findIndex(o => o === this.focused)
    /** @type {Record<string, number>} */
    const steps = {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, Tab: e.shiftKey ? -1 : 1}
    const d = steps[e.key]
    e.stopPropagation()
    if (d) buttons[(i + d + buttons.length) % buttons.length].focus()
    else if (e.key === 'Escape') this.editor.act({name: 'leave-open'})
    else if (!(e.key === 'Enter' && (e.ctrlKey || e.metaKey))) return  // Done a second time is no answer
    e.preventDefault()
  }
}
