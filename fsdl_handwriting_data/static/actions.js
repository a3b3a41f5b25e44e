// What keys and buttons do with pages, tools, panels and the choice of a line. `on_NAME` is the action NAME; one that
// gives false had nothing to do, and the key goes on to the browser.
/** @import {Editor} from './editor.js' */
/** @import {Action} from './types.js' */
import {openWork} from './checks.js'
import {focusOn} from './elements.js'
import {countOpen, undecided} from './words.js'

export class Actions {
  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  // ---------------------------------------------------------------------------------------------- steps, tools, zoom

  on_undo() { this.editor.edits.takeBack('undo') }
  on_redo() { this.editor.edits.takeBack('redo') }

  on_rectangle() { this.useTool('rectangle') }
  on_polygon() { this.useTool('polygon') }
  on_select() { this.useTool('select') }
  /** @type {(name: string) => void} */
  useTool(name) {
    this.editor.pointer.cancelRing()
    this.editor.tool = name
    this.editor.draw()
    this.editor.say(`Tool: ${name}`)
  }

  on_fit() { this.editor.stage.fit() }
  on_zoom_line() { this.editor.stage.zoomLine() }
  on_zoom_in() { this.editor.stage.zoomBy(1.25) }
  on_zoom_out() { this.editor.stage.zoomBy(0.8) }

  // -------------------------------------------------------------------------------------------- the choice of a line

  on_confirm() { this.editor.field.confirm() }
  /** @type {(a: Action) => boolean} */
  on_next_line({where}) { return this.editor.step(1, where === 'text' ? 'text' : 'page') }
  /** @type {(a: Action) => boolean} */
  on_previous_line({where}) { return this.editor.step(-1, where === 'text' ? 'text' : 'page') }
  on_first_line() { this.editor.select(this.editor.lines()[0]?.id ?? null) }
  on_last_line() { this.editor.select(this.editor.lines().at(-1)?.id ?? null) }

  on_to_page() {
    this.editor.field.finishTyping()
    focusOn(this.editor.stage.el)
  }
  on_to_text() {
    const {editor} = this
    if (editor.pointer.corners.length) editor.pointer.closeRing()
    else if (editor.line()) editor.select(editor.selected, 'text')
    else editor.step(1, 'text')
  }
  on_cancel() {
    const {editor} = this
    if (editor.pointer.corners.length) editor.pointer.cancelRing()
    else if (editor.corner !== null) {
      editor.corner = null
      editor.stage.drawHandles()
    } else editor.select(null)
  }

  // ---------------------------------------------------------------------------------------------- pages

  on_previous_page() { this.editor.pages.goPage(-1) }
  on_next_page() { this.editor.pages.goPage(1) }

  on_done() {
    const {editor} = this
    editor.field.finishTyping(true)
    if (editor.isFinished) {
      editor.edits.edit([{op: 'status', status: 'open'}], 'reopen page')
      return editor.say('The page is open again.')
    }
    const open = openWork(editor.here), first = open.find(o => o.region)
    if (!open.length) return editor.pages.finish('done')
    if (!first && editor.here.suggestions.length) return editor.question.ask()
    editor.list.alarm()
    if (first) editor.list.goTo(first)
    editor.say(`Not done: ${countOpen(open)} open. ${editor.list.openWords(first ?? open[0])}`)
  }
  on_blank() { if (!this.editor.here.regions.length) this.editor.pages.finish('blank', this.editor.edits.dismissals()) }
  on_skip() { this.editor.pages.finish('skipped') }

  // What the question of Done is answered with
  on_label_them() {
    const {editor} = this
    editor.question.answered()
    const r = editor.lines().find(o => editor.isSuggestion(o.id))
    if (r) editor.select(r.id, 'text')
  }
  on_dismiss() {
    const {editor} = this
    editor.question.answered()
    editor.pages.finish(editor.here.regions.length ? 'done' : 'blank', editor.edits.dismissals())
  }
  on_leave_open() {
    this.editor.question.answered()
    this.editor.say(`The page stays open: ${undecided(this.editor.here.suggestions.length)}.`)
  }

  // ---------------------------------------------------------------------------------------------- suggestions

  on_accept() {
    const {editor} = this, r = editor.line()
    if (!r || !editor.isSuggestion()) return editor.say('This line is no suggestion.')
    editor.edits.change(r, {}, 'accept')
    editor.field.showField()
  }

  // All suggestions at once, each put where it belongs
  on_accept_all() {
    const {editor} = this, lines = editor.lines(), {suggestions} = editor.here, n = suggestions.length
    if (!n) return editor.say('There are no suggestions.')
    /** @type {import('./types.js').SetEdit[]} */
    const ops = []
    lines.forEach((r, i) => {
      if (suggestions.includes(r)) ops.push({op: 'set', id: r.id, after: i ? lines[i - 1].id : null})
    })
    editor.edits.edit(ops, `accept ${n} suggestions`)
    editor.field.showField()
    editor.say(`${n} suggestions accepted.`)
  }

  on_delete_all() {
    const {editor} = this, n = editor.here.suggestions.length, what = n > 1 ? `${n} suggestions` : '1 suggestion'
    editor.edits.edit(editor.edits.dismissals(), `dismiss ${what}`)
    if (!editor.line()) editor.select(editor.lines()[0]?.id ?? null, null)
    editor.say(`${what} dismissed. Ctrl+Z brings ${n > 1 ? 'them' : 'it'} back.`)
  }

  on_suggest() {
    this.editor.say('Looking for lines\u2026')
    this.editor.connection.send({kind: 'suggest', page: this.editor.here.id})
  }

  // ------------------------------------------------------------------------------------------- text, choices, panels

  /** @type {(a: Action) => void} */
  on_character({index = -1}) {
    const c = this.editor.field.chars.children[index]
    if (c) this.editor.field.type(c.textContent ?? '')
  }

  on_take_other() { this.editor.rivals.click('take-other') }
  on_keep_this() { this.editor.rivals.click('keep-this') }
  on_take_both() { this.editor.rivals.click('take-both') }
  on_to_choices() {
    const first = this.editor.rivals.el.querySelector('button')
    if (first) first.focus()
    else this.editor.say('No other window says anything else of this line.')
  }

  on_save() {
    this.editor.field.finishTyping()
    this.editor.connection.flush()
    this.editor.say('Everything is saved as you go.')
  }
  on_help() { this.editor.panels.toggle('help') }
  on_guidelines() { this.editor.panels.toggle('guidelines') }
  on_history() {
    const {editor} = this, {panels} = editor
    if (panels.showsHistory) return panels.toggle(null)
    if (!editor.line()) return editor.say('Select a line first.')
    editor.field.finishTyping()
    panels.takesFocus = true
    panels.askHistory()
  }
}
