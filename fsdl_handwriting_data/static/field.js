// The field for the transcript of the chosen line: the line's picture above it, warnings and characters below.
/** @import {Editor} from './editor.js' */
/** @import {Page, SetEdit} from './types.js' */
import {openWork, textWarnings} from './checks.js'
import {focusOn, h, letters} from './elements.js'
import {apply, inverse} from './history.js'
import {characterKey} from './keys.js'
import {placeOf} from './order.js'

const TYPING = 600       // ms after which a text that is being typed is saved at the latest
const PAUSE = 300        // ms without a key after which it is saved

/** A text that is being typed: what the page was before, the line's text then, and now.
 * @typedef {{id: string, before: Page, text: string, now: string}} Typing */

export class Field {
  typing = /** @type {Typing | null} */ (null)
  shownText = ''
  warned = ''
  draftDue = /** @type {number | null} */ (null)  // when what is typed has to be saved
  draftTimer = /** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined)

  chars = h('div', {class: 'chars', role: 'toolbar', 'aria-label': 'Characters'})

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    const id = `fsdl-${editor.session}-warnings`
    const off = {autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false'}
    this.input = h('input', {type: 'text', class: 'transcript', dir: 'auto', ...off, 'aria-label': 'Transcript',
      'aria-describedby': id, disabled: true, oninput: () => this.typed(), onblur: () => this.finishTyping(),
      oncompositionend: () => this.typed()})
    this.warnings = h('div', {class: 'warnings', role: 'status', id})
    this.el = h('div', {class: 'typer'}, editor.crop.el, this.input, editor.rivals.el,
      h('div', {class: 'below'}, this.warnings, this.chars))
  }

  /** Characters below the field, for keyboards that lack them. @type {(chars?: string) => void} */
  offer(chars) {
    this.chars.replaceChildren(...letters(chars ?? '').map((c, i) => {
      const key = characterKey(i), title = key ? `${c} (${key})` : c
      return h('button', {type: 'button', tabindex: -1, title, ...this.editor.press(() => this.type(c))}, c)
    }))
  }

  // What is typed goes to the kernel as `saveSoon` says, and is one step of the history when it is finished
  typed() {
    const {editor} = this, r = editor.line(), {value} = this.input
    if (!r || value === this.shownText) return this.warn()
    this.shownText = value
    const text = value.toWellFormed?.() ?? value
    this.typing ??= {id: r.id, before: editor.here, text: r.text, now: r.text}
    /** @type {SetEdit} */
    const op = {...editor.edits.setOf({...r, text: this.typing.now}, {text}), draft: true}
    this.typing.now = text
    editor.edits.tick()
    editor.page = apply(editor.here, {...op, session: editor.session})
    editor.edits.post(op)
    this.saveSoon()
    this.el.classList.toggle('suggested', editor.isSuggestion())
    editor.draw()
    this.warn()
  }

  // Save what is being typed when the hand pauses, and after TYPING ms if it does not
  saveSoon() {
    const now = Date.now(), due = this.draftDue ??= now + TYPING
    clearTimeout(this.draftTimer)
    this.draftTimer = setTimeout(() => {
      this.draftDue = null
      this.editor.connection.flush()
    }, Math.max(0, Math.min(now + PAUSE, due) - now))
  }

  // End the typing, one step of the history. Enter, another line, a stroke on the page and Done confirm the text; else
  // it stays half typed.
  finishTyping(confirmed = false) {
    const {editor, typing} = this
    if (!typing) return
    this.typing = null
    clearTimeout(this.draftTimer)
    this.draftDue = null
    const {id, text, now, before} = typing, done = confirmed || now === text && !before.drafts?.includes(id)
    if (done) this.confirmText(id, now)
    editor.connection.flush()
    if (!editor.line(id)) return editor.draw()  // another window deleted the line meanwhile; the kernel knows the text
    const suggestion = before.suggestions.find(r => r.id === id)
    /** @type {SetEdit} */
    const op = {op: 'set', id, to: {text: now}, was: {text}}
    if (suggestion) op.after = placeOf(before.regions, suggestion)
    if (!done) op.draft = true
    if (suggestion || now !== text) editor.edits.history.push(editor.here.id, [op], inverse(before, op), 'transcript')
    editor.edits.reopen([op])
    editor.connection.flush()
    editor.keep()
    editor.draw()
    editor.pages.showPages()
    // what the line says, and what was typed beside it
    if (editor.selected === id && editor.line(id)?.text !== now) this.showField()
  }

  /** Nobody goes on with the text. @type {(id: string, text: string) => void} */
  confirmText(id, text) { this.editor.edits.perform([{op: 'set', id, to: {text}, was: {text}}]) }

  /** Whether nobody confirmed the text of a line, and nobody is typing it now.
   * @type {(id?: string | null) => boolean} */
  isDraft(id = this.editor.selected) {
    return id !== null && this.typing?.id !== id && !!this.editor.page?.drafts?.includes(id)
  }

  /** @type {(text: string) => void} */
  type(text) {
    const {input} = this
    if (input.disabled) return
    focusOn(input)
    if (document.execCommand('insertText', false, text)) return  // so that the field's own undo knows of it
    input.setRangeText(text, input.selectionStart ?? 0, input.selectionEnd ?? 0, 'end')
    this.typed()
  }

  // Enter: the text is right, the suggestion is a line, and the next line is chosen
  confirm() {
    const {editor} = this, typed = this.typing?.id === editor.selected
    this.finishTyping(true)
    const r = editor.line()
    if (r && !typed && editor.isSuggestion()) editor.edits.change(r, {}, 'accept')
    else if (r && this.isDraft()) {  // a text that was left half typed is right as it stands
      this.confirmText(r.id, r.text)
      editor.connection.flush()
      editor.draw()
    }
    if (editor.step(1, 'text')) return
    const open = openWork(editor.here).length
    editor.say(open ? 'Last line. Some lines of this page are still open.' : 'Last line. Ctrl+Enter: page done.')
  }

  showField() {
    const {editor, input} = this, r = editor.line()
    if (!r && document.activeElement === input) focusOn(editor.stage.el)
    this.shownText = (r?.text ?? '').replace(/\r\n?|\n/g, ' ')  // the field has one line
    if (input.value !== this.shownText) input.value = this.shownText
    input.disabled = !r
    if (!r) input.placeholder = 'Draw a line on the page, or pick one'
    else input.placeholder = r.mark ? `marked ${r.mark}` : 'Type what the line says'
    this.el.classList.toggle('suggested', editor.isSuggestion())
    editor.crop.draw()
    editor.rivals.draw()
    this.warn()
  }

  warn() {
    const r = this.editor.line(), text = this.typing ? this.input.value : r?.text ?? ''
    const list = r ? textWarnings(text, this.editor.charset) : [], was = this.warned
    this.warned = list.join('\n')
    if (was !== this.warned) this.warnings.replaceChildren(...list.map(o => h('span', {}, `\u26a0 ${o}`)))
  }
}
