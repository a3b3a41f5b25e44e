// What other windows say of the chosen line, and the choice of what counts.
/** @import {Editor} from './editor.js' */
/** @import {Fields, Line, Rival} from './types.js' */
import {isBlank} from './checks.js'
import {h, s} from './elements.js'
import {fieldsOf, isSame} from './history.js'
import {CALLED, ago} from './words.js'

export class Rivals {
  state = ''  // what was drawn
  el = h('div', {class: 'rivals', role: 'group', 'aria-label': 'From another window', hidden: true})

  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  /** The values of the chosen line that this window does not show, each once. While a text is typed that another
   * window has changed, the line's own is the one that is not shown.
   * @type {() => Rival[]} */
  list() {
    const {edits, field} = this.editor, r = this.editor.line()
    if (!r) return []
    const shown = field.typing?.id === r.id ? {...r, text: field.typing.now} : r
    /** @type {Rival[]} */
    const all = [...edits.othersOf(r.id)]
    if (shown.text !== r.text) all.unshift({field: 'text', to: {text: r.text}})
    const other = all.filter(o => !isSame(o.to, fieldsOf(shown, o.field)))
    return other.filter(o => o === all.find(p => isSame(p.to, o.to)))
  }

  // What other windows say of this line, and who is to say which one counts
  draw() {
    const list = this.list(), r = this.editor.line(), state = JSON.stringify([r?.id, list]), {stage} = this.editor
    if (this.state === state) return
    this.state = state
    this.el.hidden = !list.length
    const shapes = list.filter(o => o.field === 'shape').map(o => o.to.points ?? [])
    stage.ghosts.replaceChildren(...shapes.map(points => s('polygon', {points: stage.ring(points)})))
    this.el.replaceChildren(...list.map((o, i) => h('div', {class: 'rival'},
      h('span', {}, '\u26a0 ', ...this.words(o, r)), h('span', {class: 'group'}, ...this.choices(o, i, list)))))
  }

  /** The buttons of a value, the one at `i` of `list`; keys are for the first.
   * @type {(o: Rival, i: number, list: Rival[]) =>   HTMLButtonElement[]} */
  choices(o, i, list) {
    const others = list.filter(p => p.field === o.field), called = CALLED[o.field] ?? o.field
    /** @type {(k: string) => string} */
    const key = k => i ? '' : ` (${k})`
    /** @type {(name: string, text: string, title: string, f: () => void) => HTMLButtonElement} */
    const b = (name, text, title, f) =>
      h('button', {type: 'button', 'data-action': name, title, ...this.editor.press(f)}, text)
    const res = [b('take-other', `Take that ${called}`, `That ${called} counts${key('C')}`, () => this.settle(o, o.to))]
    if (o !== others[0]) return res
    const shown = `The ${called} that is shown counts${key('K')}`
    res.push(b('keep-this', `Keep this ${called}`, shown, () => this.settle(o)))
    const both = `Put the texts behind each other, to be corrected${key('U')}`
    if (o.field === 'text') res.push(b('take-both', 'Both', both, () => this.settle(o, null, others)))
    return res
  }

  /** In which window an edit was made; the one before a reload is gone, and nobody knows which it was.
   * @type {(session: string, at: number) => string} */
  whence(session, at) {
    const {connection} = this.editor
    if (session === this.editor.session) return 'in this window'
    const before = connection.earlier.has(session) || at < connection.begun
    return before ? 'before this window was opened' : 'in another window'
  }

  /** @type {(o: Rival, r?: Line) => (HTMLElement | string)[]} */
  words({field, to, session, at = 0}, r) {
    const from = session === undefined ? 'in another window by now' : this.whence(session, at)
    const when = at ? `, ${ago(at)}` : ''
    if (field === 'text') return [`Also typed ${from}${when}: `, h('q', {dir: 'auto'}, to.text ?? '')]
    if (field === 'shape') return [`Another shape was drawn ${from}${when} (dashed on the page)`]
    if (field === 'mark') return [`${to.mark ? `Marked \u201c${to.mark}\u201d` : 'Not marked'} ${from}${when}`]
    if (field === 'paragraph') return [`Paragraph ${to.paragraph ?? r?.paragraph ?? 1} ${from}${when}`]
    if (field === 'label') return [`Classes ${(to.label ?? []).join(', ')} ${from}${when}`]
    return [`${CALLED[field] ?? field}: ${JSON.stringify(to[field] ?? null)} ${from}${when}`]  // a field that is new
  }

  /** Say which value of the field that a rival is about counts: `to`, the one that is shown, or `both` texts; the
   * others that are shown are settled with that.
   * @type {(rival: Rival, to?: Fields | null, both?: Rival[]) => void} */
  settle({field}, to, both) {
    const {editor} = this, {typing} = editor.field, r = editor.line()
    if (!r) return
    const typed = field === 'text' && typing?.id === r.id ? {text: typing.now} : null
    editor.field.finishTyping()
    const mine = {...fieldsOf(r, field), ...typed}
    if (both) {
      const texts = [mine, ...both.map(o => o.to)].map(o => o.text ?? '')
      to = {text: texts.filter(o => !isBlank(o)).join(' ')}
    }
    const op = editor.edits.setOf(r, to ?? mine), drop = editor.edits.othersOf(r.id, field).map(o => o.to)
    if (drop.length) op.drop = drop
    editor.edits.edit([op], both ? 'both texts' : `choice of the ${CALLED[field]}`)
    editor.field.showField()
    if (both) editor.select(r.id, 'text')
    else editor.keepFocus()
    const settled = `The ${CALLED[field]} is settled. Ctrl+Z takes that back.`
    editor.say(both ? 'Both texts are in the line now: correct it.' : settled)
  }

  /** Press a button of the first value that has it. @type {(name: string) => void} */
  click(name) { /** @type {HTMLElement | null} */ (this.el.querySelector(`[data-action=${name}]`))?.click() }
}
