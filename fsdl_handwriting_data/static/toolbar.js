// The two bars of buttons, and the corner that says whether all is saved.
/** @import {Attributes} from './elements.js' */
/** @import {Editor} from './editor.js' */
/** @import {Work} from './types.js' */
import {h, setTo} from './elements.js'

/** @type {Record<string, string>} */
const SAVED = {saved: '\u2713 Saved', saving: '\u2026 Saving', unsaved: '\u26a0 NOT SAVED'}

export class Toolbar {
  buttons = /** @type {Record<string, HTMLButtonElement>} */ ({})
  who = h('span', {class: 'who'})
  saved = h('span', {class: 'saved', role: 'status', 'data-state': 'opening'}, '\u2026 Opening')
  why = h('div', {class: 'why', role: 'alert'})  // where it moves neither picture nor buttons under the hand

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.bar = this.pageBar()
    this.lineBar = this.barOfLine()
  }

  /** A button that does what it is called.
   * @type {(name: string, text: string, title: string, attributes?: Attributes) => HTMLButtonElement} */
  button(name, text, title, attributes = {}) {
    const press = this.editor.press(() => this.editor.act({name}))
    return this.buttons[name] = h('button', {type: 'button', title, 'data-action': name, ...press, ...attributes}, text)
  }

  /** @type {(label: string, ...list: HTMLElement[]) => HTMLElement} */
  group(label, ...list) { return h('span', {class: 'group', role: 'group', 'aria-label': label}, ...list) }

  pageBar() {
    const b = this.button.bind(this)
    return h('div', {class: 'bar', role: 'toolbar', 'aria-label': 'Page'},
      this.group('Pages',
        b('previous-page', '\u25c0', 'Page before (PageUp)', {'aria-label': 'Page before'}),
        this.editor.pages.picker,
        b('next-page', '\u25b6', 'Next page (PageDown)', {'aria-label': 'Next page'})),
      this.group('Tool',
        b('rectangle', '\u25ad Rectangle', 'Draw rectangles (R)'),
        b('polygon', '\u2b20 Polygon', 'Draw polygons: click for each corner, Enter ends (P)'),
        b('select', '\u2196 Select', 'Select and move; drag the paper to pan (V)')),
      this.group('History',
        b('undo', '\u21b6', 'Undo (Ctrl+Z)', {'aria-label': 'Undo'}),
        b('redo', '\u21b7', 'Redo (Ctrl+Shift+Z)', {'aria-label': 'Redo'})),
      this.group('Zoom',
        b('zoom-out', '\u2212', 'Zoom out (\u2212)', {'aria-label': 'Zoom out'}),
        b('zoom-in', '+', 'Zoom in (+)', {'aria-label': 'Zoom in'}),
        b('fit', 'Page', 'Whole page (F)', {'aria-label': 'Whole page'}),
        b('zoom-line', 'Line', 'Zoom to the line (Z, or F10 in the transcript)', {'aria-label': 'Zoom to the line'})),
      h('span', {class: 'group right'},
        this.saved,
        b('skip', 'Skip', 'Leave this page for later'),
        b('done', '\u2713 Done', 'Page done, next open page (Ctrl+Enter)', {class: 'done'})))
  }

  barOfLine() {
    const b = this.button.bind(this), begins = {'aria-label': 'A paragraph begins here'}
    return h('div', {class: 'bar line-bar', role: 'toolbar', 'aria-label': 'Line'},
      this.group('New',
        b('new-line', '+ New', 'New line (N)'),
        b('duplicate', '\u2913 Copy', 'Copy further down (D, or F2 in the transcript)')),
      this.group('Shape',
        b('split', '\u2702 Split', 'Cut into an upper and a lower line (S; Shift+S: left and right)'),
        b('join', '\u222a Join', 'Join with the next line (J)'),
        b('other-shape', '\u25ad\u21c4\u2b20', 'Rectangle \u2194 polygon (T)', {'aria-label': 'Rectangle or polygon'}),
        b('add-point', '+\u2022', 'Add a point to the polygon (A)', {'aria-label': 'Add a point'}),
        b('delete', '\u2715 Delete', 'Delete the line, or the chosen point (Delete)')),
      this.group('Order',
        b('earlier', '\u2191', 'Earlier in reading order (Alt+\u2191)', {'aria-label': 'Earlier in reading order'}),
        b('later', '\u2193', 'Later in reading order (Alt+\u2193)', {'aria-label': 'Later in reading order'}),
        b('paragraph', '\u00b6', 'A paragraph begins here (B, or F4 in the transcript)', begins)),
      this.group('Line', b('history', 'History', 'What was done to this line, in any window (H)')),
      this.group('Mark',
        b('illegible', 'Illegible', 'Nobody can read this line (X, or F8 in the transcript)'),
        b('not-text', 'Not text', 'This is no line of text (Shift+X, or F9 in the transcript)')),
      this.group('Suggestions',
        b('accept', 'Accept', 'Accept the suggestion (Y, or Enter in the transcript)'),
        b('accept-all', 'Accept all', 'Accept all suggestions of this page (Shift+A)'),
        b('suggest', 'Find lines', 'Suggest lines on this page')),
      h('span', {class: 'group right'},
        b('guidelines', 'Rules', 'Labelling guidelines (G)'),
        b('help', '?', 'Keys (?)', {'aria-label': 'Keys'})))
  }

  /** What the corner says; `waiting` edits are not written, and `text` says why.
   * @type {(state: string, waiting: number, text: string) => void} */
  showSaved(state, waiting, text) {
    this.saved.dataset.state = state
    this.saved.textContent = SAVED[state] + (waiting ? ` (${waiting < 1000 ? waiting : '999+'})` : '')
    this.saved.title = text
    if (this.why.textContent !== text) this.why.textContent = text
  }

  /** Switch on what has a meaning now. @type {(open: Work[]) => void} */
  draw(open) {
    const {editor, buttons: b} = this, {edits: {history}, here: {suggestions}, isFinished} = editor
    const r = editor.line(), suggested = editor.isSuggestion(), real = r && !suggested
    const on = {
      join: real && editor.neighbour(), split: r, duplicate: r, 'other-shape': r, delete: r, earlier: real, later: real,
      paragraph: real, history: r, illegible: r, 'not-text': r, skip: !isFinished, accept: suggested,
      'accept-all': suggestions.length, 'add-point': r?.shape === 'polygon', undo: history.done.length,
      redo: history.undone.length, suggest: editor.suggests,
    }
    for (const [name, yes] of Object.entries(on)) if (b[name].disabled === !!yes) b[name].disabled = !yes
    for (const name of ['rectangle', 'polygon', 'select']) setTo(b[name], 'aria-pressed', String(editor.tool === name))
    setTo(b.illegible, 'aria-pressed', String(r?.mark === 'illegible'))
    setTo(b['not-text'], 'aria-pressed', String(r?.mark === 'not text'))
    const done = isFinished ? 'Reopen' : '\u2713 Done'
    if (b.done.textContent !== done) b.done.textContent = done
    b.done.classList.toggle('ready', !isFinished && !open.length)
    editor.stage.el.dataset.tool = editor.tool
  }
}
