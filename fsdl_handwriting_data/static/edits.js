// The edits of this window: what they do to the page, how they are sent and timed, and what takes them back.
/** @import {Editor} from './editor.js' */
/** @import {DeleteEdit, Edit, Field, Fields, Labels, Line, Other, Point, SetEdit} from './types.js' */
import {openWork} from './checks.js'
import {random} from './elements.js'
import {degenerate} from './geometry.js'
import {History, apply, fieldsOf, hindered, inverse, lineIn, named, newLine, seenOf} from './history.js'
import {placeOf} from './order.js'
import {Stopwatch} from './sync.js'
import {CALLED} from './words.js'

export class Edits {
  history = new History()
  watch = new Stopwatch()
  met = /** @type {Set<string>} */ (new Set())  // ids of all lines that this window has had

  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  /** The edit that gives the line `r` the fields `to`: it says what they were, and where a suggestion that becomes a
   * line belongs. A baseline goes with the shape that it was seen in.
   * @type {(r: Line, to?: Fields) => SetEdit} */
  setOf(r, to = {}) {
    if ('points' in to && r.baseline) to = {...to, baseline: null}
    /** @type {SetEdit} */
    const op = {op: 'set', id: r.id, to, was: fieldsOf(r, ...named(to))}
    return this.editor.isSuggestion(r.id) ? {...op, after: placeOf(this.editor.here.regions, {...r, ...to})} : op
  }

  /** A line, or a suggestion, as this window shows it is deleted, and no other. @type {(r: Line) => DeleteEdit} */
  deleteOf(r) {
    /** @type {DeleteEdit} */
    const op = {op: 'delete', id: r.id, was: seenOf(r)}
    return this.editor.isSuggestion(r.id) ? {...op, offered: true} : op
  }

  dismissals() { return this.editor.here.suggestions.map(r => this.deleteOf(r)) }

  /** Values of other windows that this one shows, which an edit settles.
   * @type {(id: string, field?: Field) => Other[]} */
  othersOf(id, field) {
    return (this.editor.here.others ?? []).filter(o => o.line === id && (!field || o.field === field))
  }

  /** Lead to the first of `lines` of which windows say different things: only who was shown them all may say which
   * counts. Whether there is one.
   * @type {(then: string, ...lines: Line[]) => boolean} */
  isUnsettled(then, ...lines) {
    const {editor} = this
    editor.field.finishTyping(true)
    const r = lines.find(o => this.othersOf(o.id).length)
    if (!r) return false
    const {field} = this.othersOf(r.id)[0], n = editor.here.regions.findIndex(o => o.id === r.id) + 1
    const many = new Set(this.othersOf(r.id, field).map(o => JSON.stringify(o.to))).size + 1
    if (r.id !== editor.selected) editor.select(r.id, null)
    const called = CALLED[field].replace(/s$/, 'se')
    editor.say(`Line ${n} has ${many === 2 ? 'two' : many} ${called}s: say which counts, then ${then}.`)
    return true
  }

  /** Do `ops`, remember how to undo them, and send them off. @type {(ops: Edit[], name: string) => void} */
  edit(ops, name) {
    const {editor} = this
    if (!ops.length || !editor.page) return
    editor.field.finishTyping()
    this.history.push(editor.page.id, ops, this.perform(ops), name)
    this.reopen(ops)
    editor.connection.flush()
    editor.draw()
  }

  /** @type {(r: Line, to: Fields, name: string) => void} */
  change(r, to, name) { this.edit([this.setOf(r, to)], name) }
  /** @type {(r: Line, points: Point[], name: string) => void} */
  reshape(r, points, name) { this.change(r, {points, shape: r.shape}, name) }

  /** Do `ops` and send them; what undoes them. @type {(ops: Edit[]) => Edit[]} */
  perform(ops) {
    const {editor} = this
    /** @type {Edit[]} */
    const undoes = []
    for (const op of ops) {
      undoes.unshift(...inverse(editor.here, op))
      if (op.op === 'put') this.met.add(op.region.id)
      editor.page = apply(editor.here, {...op, session: editor.session})
    }
    this.post(...ops)
    editor.keep()
    return undoes
  }

  /** What the stopwatch calls a line of this page. @type {(line: string) => string} */
  timed(line) { return `${this.editor.page?.id}\n${line}` }

  // A sign of life
  tick() {
    const {connection, selected} = this.editor
    connection.alive = Date.now()
    this.watch.tick(selected === null ? null : this.timed(selected))
  }

  /** Put `ops` into the outbox, each with the active seconds of its line. @type {(...ops: Edit[]) => void} */
  post(...ops) {
    const {connection, session} = this.editor, page = this.editor.here.id
    connection.edits.push(...ops.map(op => {
      const line = lineIn(op)
      let secs = line ? this.watch.take(this.timed(line)) : 0
      if (op.op === 'status') secs = this.watch.takeAll(this.timed(''))
      return {...op, page, session, ...(secs ? {secs} : {})}
    }))
  }

  /** A page that is done and no longer complete is open again. @type {(ops: Edit[]) => void} */
  reopen(ops) {
    const page = this.editor.here
    if (ops.some(o => o.op === 'status') || page.status === 'open') return
    if (page.status === 'done' && !openWork(page).length) return
    /** @type {Edit} */
    const op = {op: 'status', status: 'open'}
    const entry = this.history.done.at(-1), undoes = this.perform([op])
    if (entry?.does === ops) {
      entry.does = [...ops, op]
      entry.undoes = [...entry.undoes, ...undoes]
    }
    this.editor.say('The page is open again.')
  }

  /** Take the last step back, or do it again. @type {(which: 'undo' | 'redo') => void} */
  takeBack(which) {
    const {editor, history} = this, undo = which === 'undo'
    editor.field.finishTyping()
    const entry = (undo ? history.done : history.undone).at(-1)
    if (!entry) return editor.say(`Nothing to ${which}.`)
    if (entry.pageId !== editor.page?.id) return editor.pages.openPage(entry.pageId, () => this.takeBack(which))
    history[which]()
    const {ops, why} = this.possible(undo ? entry.undoes : entry.does), back = this.perform(ops)
    if (why) Object.assign(entry, undo ? {undoes: ops, does: back} : {does: ops, undoes: back})
    else if (!undo) entry.does = ops
    if (!ops.length) (undo ? history.undone : history.done).pop()
    this.reopen(ops)
    editor.connection.flush()
    const touched = ops.map(lineIn).find(id => id !== undefined && editor.line(id))
    editor.select(touched ?? (editor.line() ? editor.selected : null), null)
    const words = undo ? ['Undone', 'Not undone'] : ['Done again', 'Not done again']
    editor.say(why ? `${words[1]}: ${why}` : `${words[0]}: ${entry.name}`)
    if (why) editor.stage.showNote(`${words[1]}: ${why}`)
  }

  /** Those of `edits` that still do what they say, and why not all do: what another window changed meanwhile stays as
   * it is.
   * @type {(edits: Edit[]) => {ops: Edit[], why: string}} */
  possible(edits) {
    /** @type {Labels} */
    let page = this.editor.here
    let why = ''
    const ops = edits.filter(o => {
      const op = {...o, session: this.editor.session}, other = hindered(page, op)
      if (other) why ||= this.otherwise(page, op, other)
      else page = apply(page, op)
      return !other
    })
    return {ops, why}
  }

  /** In words, what another window made of the line that `op` is about.
   * @type {(page: Labels, op: Edit, field: string) => string} */
  otherwise(page, op, field) {
    const id = lineIn(op), r = page.regions.find(o => o.id === id)
    if (field === 'accepted') return 'another window has accepted the suggestion'
    if (field === 'here') return 'another window has brought the line back'
    if (!r) return 'another window has deleted the line'
    return `the ${CALLED[field]} is another by now${field === 'text' ? `: \u201c${r.text}\u201d` : ''}`
  }

  /** A new line. @type {(points: Point[], shape: string, focus?: string) => void} */
  add(points, shape, focus = 'text') {
    const {editor} = this
    editor.field.finishTyping(true)
    if (editor.lines().some(r => r.points.join() === points.join())) {
      return editor.say('There is no room below: a line is there.')
    }
    const region = newLine('r' + random(), points, shape)
    if (degenerate(region)) return editor.say('Too small: nothing was drawn.')
    this.edit([{op: 'put', region, after: placeOf(editor.here.regions, region)}], 'new line')
    editor.select(region.id, focus)
  }
}
