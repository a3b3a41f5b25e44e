// What keys and buttons do with the chosen line: its shape, its place in the reading order, and its mark.
/** @import {Editor} from './editor.js' */
/** @import {Action, Edit, Line, Point} from './types.js' */
import {isBlank} from './checks.js'
import {nameOf, random} from './elements.js'
import {addPoint, below, box, degenerate, join, middle, move, movePoint} from './geometry.js'
import {otherShape, rectangle, removePoint, resize, split} from './geometry.js'
import {isSame} from './history.js'
import {moved, paragraphStarts} from './order.js'

const QUICK = 1000  // ms between two presses that are one step of the history

export class Shaping {
  shifted = 0  // when a key changed a shape last

  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  // ---------------------------------------------------------------------------------------------- moved by keys

  /** @type {(a: Action) => unknown} */
  on_nudge({dx = 0, dy = 0, big = false}) {
    const {corner} = this.editor
    return this.shift(big, 'nudge', (r, kx, ky) => {
      if (corner === null || r.shape === 'rectangle') return move(r.points, dx * kx, dy * ky)
      const [x, y] = r.points[corner]
      return movePoint(r.points, corner, x + dx * kx, y + dy * ky)
    })
  }

  /** @type {(a: Action) => unknown} */
  on_resize({dx = 0, dy = 0, far = false}) {
    const r = this.editor.line()
    if (r && r.shape !== 'rectangle') {
      return this.editor.say('Only rectangles are resized by keys; move the points of a polygon.')
    }
    return this.shift(false, 'resize', ({points}, kx, ky) => {
      const b = box(points)
      if (far) return resize(points, 'nw', b.x1 + dx * kx, b.y1 + dy * ky)
      return resize(points, 'se', b.x2 + dx * kx, b.y2 + dy * ky)
    })
  }

  /** Change the shape by as much of the page as a pixel of the screen shows; quick presses are one step of the history.
   * @type {(big: boolean, name: string, f: (r: Line, kx: number, ky: number) => Point[]) => unknown} */
  shift(big, name, f) {
    const {editor} = this, r = editor.line(), page = editor.here
    if (!r) return
    const k = (big ? 10 : 1) * (name === 'resize' ? 4 : 1) / editor.stage.view.s
    const points = f(r, k / page.width, k / page.height)
    if (degenerate({...r, points})) return editor.say('Too small.')
    if (!this.shiftsOn(r, points, name)) editor.edits.edit([editor.edits.setOf(r, {points, shape: r.shape})], name)
    this.shifted = Date.now()
    editor.crop.draw()
  }

  /** Whether the last step of the history goes on with this press. @type {(r: Line, points: Point[], name: string) =>
   *   boolean} */
  shiftsOn(r, points, name) {
    const {edits, here, connection} = this.editor, {history} = edits, last = history.done.at(-1), first = last?.does[0]
    const op = edits.setOf(r, {points, shape: r.shape}), was = op.was ?? {}
    if (!last || last.name !== name || last.pageId !== here.id || Date.now() - this.shifted >= QUICK) return false
    if (first?.op !== 'set' || first.id !== r.id || !isSame(first.to ?? {}, was)) return false
    history.undone = []
    edits.perform([op])
    last.does[0] = {...first, to: op.to}
    last.undoes = last.undoes.map(o =>
      o.op === 'set' && o.id === r.id && isSame(o.was ?? {}, was) ? {...o, was: op.to} : o)
    connection.flush()
    this.editor.draw()
    return true
  }

  // ---------------------------------------------------------------------------------------------- made and deleted

  on_new_line() {
    const {editor} = this
    if (editor.line()) return this.on_duplicate()
    const [above, last] = editor.here.regions.slice(-2).map(r => r.points), one = last ?? above
    const {x1, y1, x2, y2} = one ? box(one) : {x1: 0.1, y1: 0.06, x2: 0.9, y2: 0.1}
    const points = rectangle(x1, y1, x2, y2)
    editor.edits.add(one ? below(points, last && above) : points, 'rectangle', 'page')
  }

  /** @type {(a?: Partial<Action>) => void} */
  on_duplicate({where} = {}) {
    const {editor} = this, r = editor.line(), {regions} = editor.here
    if (!r) return editor.say('Select a line first.')
    const i = regions.findIndex(o => o.id === editor.selected)
    editor.edits.add(below(r.points, regions[i - 1]?.points), r.shape, where === 'text' ? 'text' : 'page')
  }

  on_delete() {
    const {editor} = this, {pointer, edits} = editor, r = editor.line()
    if (pointer.corners.length) {
      pointer.corners.pop()
      return pointer.corners.length ? pointer.drawRing() : pointer.cancelRing()
    }
    if (!r) return false
    if (editor.corner !== null && r.shape !== 'rectangle') return this.deletePoint(r, editor.corner)
    if (edits.isUnsettled('delete', r)) return
    const lines = editor.lines(), i = lines.findIndex(o => o.id === r.id), next = lines[i + 1] ?? lines[i - 1]
    edits.edit([edits.deleteOf(editor.line(r.id) ?? r)], 'delete line')
    editor.select(next?.id ?? null, null)
    editor.say('Deleted. Ctrl+Z brings it back.')
  }

  // --------------------------------------------------------------------------------------------- points of a polygon

  /** @type {(r: Line, corner: number) => void} */
  deletePoint(r, corner) {
    const {editor} = this, points = removePoint(r.points, corner)
    if (points === r.points) return editor.say('A polygon keeps at least three points.')
    editor.corner = Math.min(corner, points.length - 1)
    editor.edits.reshape(r, points, 'delete point')
  }

  on_add_point() {
    const {editor} = this, r = editor.line()
    if (r?.shape !== 'polygon') return editor.say('Only polygons have points to add; T makes one of a rectangle.')
    const i = editor.corner ?? 0
    this.insertPoint(i, middle(r.points, i))
  }

  /** @type {(i: number, p: Point) => void} */
  insertPoint(i, [x, y]) {
    const {editor} = this, r = editor.line()
    if (!r) return
    editor.corner = i + 1
    editor.edits.reshape(r, addPoint(r.points, i, x, y), 'add point')
  }

  on_next_point() { this.choosePoint(1) }
  on_previous_point() { this.choosePoint(-1) }
  /** @type {(d: number) => void} */
  choosePoint(d) {
    const {editor} = this, r = editor.line()
    if (r?.shape !== 'polygon') return editor.say('Only polygons have points; T makes one of a rectangle.')
    const n = r.points.length, end = d > 0 ? 0 : n - 1
    editor.corner = editor.corner === null ? end : (editor.corner + d + n) % n
    editor.stage.drawHandles()
    editor.say(`Point ${editor.corner + 1} of ${n}`)
  }

  on_other_shape() {
    const {editor} = this, r = editor.line()
    if (!r) return false
    editor.corner = null
    editor.edits.change(r, otherShape(r), 'other shape')
    editor.field.showField()
  }

  // ---------------------------------------------------------------------------------------------- cut and joined

  on_split() { return this.cut(1) }
  on_split_across() { return this.cut(0) }
  /** Cut at the pointer if it is over the line, else in the middle. @type {(axis: number) => void} */
  cut(axis) {
    const {editor} = this, r = editor.line(), p = editor.pointer.at
    if (!r) return
    const b = box(r.points), over = p && p.x > b.x1 && p.x < b.x2 && p.y > b.y1 && p.y < b.y2
    const centre = axis ? (b.y1 + b.y2) / 2 : (b.x1 + b.x2) / 2
    const parts = split(r, axis, over ? [p.x, p.y][axis] : centre)
    if (!parts) return editor.say('The line can not be cut there.')
    /** @type {Line} */
    const lower = {...r, id: this.partId(r, parts[1]), points: parts[1], text: '', index: null, baseline: null}
    editor.corner = null
    const upper = editor.edits.setOf(r, {points: parts[0], shape: r.shape})
    editor.edits.edit([upper, {op: 'put', region: lower, after: r.id}], 'split')
    editor.field.showField()
    editor.say('Cut in two. The transcript stays with the first part.')
  }

  /** The second part of a line that two windows cut at the same place is one line; what this window has had is not made
   * anew. @type {(r: Line, points: Point[]) => string} */
  partId(r, points) {
    const id = 'r' + nameOf(JSON.stringify([r.id, r.shape, points]))
    return this.editor.edits.met.has(id) ? 'r' + random() : id
  }

  on_join() {
    const {editor} = this, {edits} = editor, next = editor.neighbour(), line = editor.line()
    if (!line || !next) return editor.say('There is no next line to join with.')
    if (edits.isUnsettled('join', line, next)) return
    const r = editor.line() ?? line, text = [r.text, next.text].filter(o => !isBlank(o)).join(' ')
    editor.corner = null
    edits.edit([edits.setOf(r, {...join(r, next), text}), edits.deleteOf(next)], 'join')
    editor.field.showField()
    editor.say('Joined with the next line.')
  }

  // ---------------------------------------------------------------------------------------- order, paragraphs, marks

  on_earlier() { return this.reorder(-1) }
  on_later() { return this.reorder(1) }
  /** @type {(d: number) => void} */
  reorder(d) {
    const {editor} = this, {regions} = editor.here, id = editor.selected, ids = regions.map(r => r.id)
    const next = moved(ids, id, d)
    if (next === ids || id === null) return editor.say('The line stays where it is.')
    const k = next.indexOf(id), at = Math.min(k, ids.indexOf(id)), starts = paragraphStarts(regions)
    // a paragraph begins at the same places as before
    const places = [at, at + 1].filter(i => starts.has(ids[i]))
    /** @type {(list: string[], to: boolean) => Edit[]} */
    const begins = (list, to) => places.map(i => ({op: 'begins', id: list[i], to}))
    const after = k ? next[k - 1] : null
    editor.edits.edit([...begins(ids, false), {op: 'set', id, after}, ...begins(next, true)], 'reading order')
    editor.say(`Now line ${k + 1} of ${ids.length}`)
  }

  on_paragraph() {
    const {editor} = this, {regions} = editor.here, r = editor.line()
    if (!r || editor.isSuggestion()) return editor.say('Select a line first; a suggestion has to be accepted.')
    if (regions[0].id === r.id) return editor.say('The first line always begins a paragraph.')
    editor.edits.edit([{op: 'begins', id: r.id, to: !paragraphStarts(regions).has(r.id)}], 'paragraph')
    editor.say(`Paragraph ${editor.line()?.paragraph}`)
  }

  on_illegible() { this.mark('illegible') }
  on_not_text() { this.mark('not text') }
  /** @type {(mark: string) => void} */
  mark(mark) {
    const {editor} = this
    editor.field.finishTyping()
    const r = editor.line()
    if (!r) return editor.say('Select a line first.')
    editor.edits.change(r, {mark: r.mark === mark ? '' : mark}, mark)
    editor.field.showField()
    editor.say(editor.line()?.mark ? `Marked ${mark}` : 'Mark taken away')
  }
}
