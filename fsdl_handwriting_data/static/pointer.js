// Mouse, pen and touch on the stage: drawing, dragging, panning, pinching, and the corners of a polygon one by one.
/** @import {Editor} from './editor.js' */
/** @import {Place, Point} from './types.js' */
import {focusOn, s} from './elements.js'
import {addPoint, box, degenerate, middle, move, movePoint, rectangle, resize} from './geometry.js'

const CLICK = 4          // pixels of the screen that the hand may tremble in a click

/** A stroke: where it began, on which line `id`, and what it does.
 * @typedef {{kind: 'pinch'}} Pinch
 * @typedef {{kind: 'pan' | 'ring' | 'resize' | 'corner' | 'middle' | 'move' | 'draw', at: Place, moved: boolean,
 *   points: Point[], id?: string, handle: string, i: number}} Stroke */

export class Pointer {
  pointers = /** @type {Map<number, Place>} */ (new Map())  // those that are down
  pens = /** @type {Set<number>} */ (new Set())
  dragging = /** @type {Pinch | Stroke | null} */ (null)
  at = /** @type {Place | null} */ (null)   // where the pointer is, while it is over the stage
  corners = /** @type {Point[]} */ ([])     // of the polygon that is being drawn
  space = false                              // the key is down: a stroke moves the paper

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.stage = editor.stage
    const {el} = this.stage
    el.addEventListener('pointerdown', e => this.down(e))
    el.addEventListener('pointermove', e => this.drag(e))
    el.addEventListener('pointerup', e => this.up(e))
    el.addEventListener('pointercancel', e => this.cancelDrag(e))
    el.addEventListener('dblclick', () => this.corners.length > 2 && this.closeRing())
    el.addEventListener('keyup', e => { if (e.key === ' ') this.space = false })
    el.addEventListener('blur', () => { this.space = false })
    el.addEventListener('pointerleave', () => { if (!this.dragging) this.at = null })
    el.addEventListener('wheel', e => this.wheel(e), {passive: false})
    el.addEventListener('contextmenu', e => { if (this.corners.length) e.preventDefault() })
  }

  /** The place of the pointer. @type {(e: MouseEvent) => Place} */
  place(e) {
    const r = this.stage.svg.getBoundingClientRect(), [px, py] = [e.clientX - r.left, e.clientY - r.top]
    const {s: k, x, y} = this.stage.view, {width, height} = this.editor.here
    return {px, py, x: (px - x) / k / width, y: (py - y) / k / height}
  }

  /** @type {(e: PointerEvent) => void} */
  down(e) {
    const {editor, stage} = this
    if (!editor.page || editor.pages.busy || e.button > 1) return
    editor.field.finishTyping(true)
    if (e.pointerType === 'touch' && this.pens.size > 0) return  // the palm of the hand that writes
    if (e.pointerType === 'pen') {
      this.pens.add(e.pointerId)
      this.pointers.clear()
    }
    focusOn(stage.el)
    stage.el.setPointerCapture?.(e.pointerId)
    this.pointers.set(e.pointerId, this.place(e))
    if (this.pointers.size > 1) {
      this.drop()
      this.dragging = {kind: 'pinch'}
      return editor.draw()
    }
    this.dragging = this.strokeAt(e)
    e.preventDefault()
  }

  /** What a stroke does that begins there; it may choose a line or a corner. @type {(e: PointerEvent) => Stroke} */
  strokeAt(e) {
    const {editor} = this, target = /** @type {HTMLElement} */ (e.target), d = target.dataset ?? {}
    const line = /** @type {HTMLElement | null | undefined} */ (target.closest?.('.line')), id = line?.dataset.id
    const points = editor.line()?.points ?? []
    /** @type {(kind: Stroke['kind'], more?: Partial<Stroke>) => Stroke} */
    const begin = (kind, more) => ({kind, at: this.place(e), moved: false, points, id, handle: '', i: 0, ...more})
    if (e.button === 1 || this.space) return begin('pan')
    if (this.corners.length) return begin('ring')
    if (d.handle) return begin('resize', {handle: d.handle})
    if (d.corner !== undefined) {
      editor.corner = Number(d.corner)
      this.stage.drawHandles()
      return begin('corner')
    }
    if (d.middle !== undefined) return begin('middle', {i: Number(d.middle)})
    if (editor.tool === 'polygon') return begin('ring')
    if (d.mover) return begin('move')
    if (editor.tool !== 'select') return begin('draw')
    if (!id) return begin('pan')
    if (id !== editor.selected) editor.select(id)
    return begin('move', {points: editor.line()?.points})
  }

  /** @type {(e: PointerEvent) => void} */
  drag(e) {
    const {editor, stage, dragging: d} = this
    if (!editor.page) return
    const at = this.place(e), was = this.pointers.get(e.pointerId)
    this.at = at
    if (this.corners.length) this.drawRing(at)
    if (!d || !was) return
    if (d.kind === 'pinch') return this.pinch(e.pointerId, at)
    this.pointers.set(e.pointerId, at)
    d.moved ||= Math.hypot(at.px - d.at.px, at.py - d.at.py) >= CLICK
    if (!d.moved) return
    editor.edits.tick()
    if (d.kind === 'pan') return stage.pan(at.px - was.px, at.py - was.py)
    if (d.kind === 'draw') return stage.drawPen(rectangle(d.at.x, d.at.y, at.x, at.y))
    const points = this.dragged(d, at)
    if (!points || editor.selected === null) return
    stage.preview = {id: editor.selected, points}
    editor.draw()
    editor.crop.draw()
  }

  /** The points of the line, dragged so far. @type {(d: Stroke, at: Place) => Point[] | null} */
  dragged(d, at) {
    if (d.kind === 'move') return move(d.points, at.x - d.at.x, at.y - d.at.y)
    if (d.kind === 'resize') return resize(d.points, d.handle, at.x, at.y)
    if (d.kind === 'corner') return movePoint(d.points, this.editor.corner ?? -1, at.x, at.y)
    if (d.kind === 'middle') return addPoint(d.points, d.i, at.x, at.y)
    return null
  }

  /** Two fingers move the paper, and zoom. @type {(id: number, at: Place) => void} */
  pinch(id, at) {
    const other = [...this.pointers].find(([k]) => k !== id)?.[1], was = this.pointers.get(id)
    this.pointers.set(id, at)
    if (!other || !was) return
    /** @type {(p: Place) => number} */
    const span = p => Math.hypot(p.px - other.px, p.py - other.py)
    /** @type {(p: Place) => number[]} */
    const mid = p => [(p.px + other.px) / 2, (p.py + other.py) / 2]
    const [a, b] = [mid(was), mid(at)]
    this.stage.pan(b[0] - a[0], b[1] - a[1])
    if (span(was) > 10) this.stage.zoomBy(span(at) / span(was), b)
  }

  /** @type {(e: PointerEvent) => void} */
  up(e) {
    const {editor, stage, dragging: d} = this, at = editor.page && this.place(e), {preview} = stage
    this.pointers.delete(e.pointerId)
    this.pens.delete(e.pointerId)
    if (!d || !at) return
    if (d.kind === 'pinch') {
      if (!this.pointers.size) this.dragging = null
      return
    }
    this.drop()
    const drawn = rectangle(d.at.x, d.at.y, at.x, at.y), r = editor.line()
    if (d.kind === 'ring' && (!d.moved || this.corners.length)) return this.addToRing(at)
    if (!d.moved) return this.click(d)
    if (d.kind === 'ring' || d.kind === 'draw') return this.addDrawn(drawn, 'rectangle')
    if (!preview || preview.id !== editor.selected || !r) return editor.draw()
    if (d.kind === 'middle') editor.corner = d.i + 1
    if (degenerate({...r, points: preview.points})) {
      editor.draw()
      return editor.say('Too small: the shape stays as it was.')
    }
    editor.edits.reshape(r, preview.points, d.kind === 'move' ? 'move' : 'reshape')
    editor.field.showField()
  }

  /** A stroke that was none. @type {(d: Stroke) => void} */
  click(d) {
    if (d.kind === 'draw' || d.kind === 'pan') this.editor.select(d.id ?? null)
    else if (d.kind === 'middle') this.editor.shaping.insertPoint(d.i, middle(d.points, d.i))
    else this.editor.draw()
  }

  // What is dragged is let go, and nothing comes of it
  drop() {
    this.dragging = this.stage.preview = null
    this.stage.pen.replaceChildren()
  }

  stopDrag() {
    this.drop()
    this.editor.draw()
  }

  /** @type {(e: PointerEvent) => void} */
  cancelDrag(e) {
    this.pointers.delete(e.pointerId)
    this.pens.delete(e.pointerId)
    this.stopDrag()
  }

  /** What the hand drew becomes a line, unless it is but a slip of the hand.
   * @type {(points: Point[], shape: string) => void} */
  addDrawn(points, shape) {
    const b = box(points.map(p => this.stage.xy(p))), k = this.stage.view.s
    const small = (b.x2 - b.x1) * k < CLICK || (b.y2 - b.y1) * k < CLICK
    if (small) return this.editor.say('Too small: nothing was drawn.')
    this.editor.edits.add(points, shape)
  }

  // ------------------------------------------------------------------------------------- a polygon, corner by corner

  /** @type {(at: Place) => void} */
  addToRing(at) {
    const {stage, corners} = this, k = stage.view.s, last = corners.at(-1)
    /** How far a corner is on the screen, in pixels. @type {(p: Point) => number} */
    const far = p => Math.hypot(...stage.xy([p[0] - at.x, p[1] - at.y])) * k
    if (corners.length > 2 && far(corners[0]) < 10) return this.closeRing()
    if (last && far(last) < 2) return
    corners.push([Math.min(Math.max(at.x, 0), 1), Math.min(Math.max(at.y, 0), 1)])
    this.drawRing(at)
    this.editor.say(`${corners.length} corners. Enter ends the polygon.`)
  }

  /** The corners so far, and a side to where the pointer is. @type {(at?: Place | null) => void} */
  drawRing(at = this.at) {
    const {stage, corners} = this
    if (!corners.length) return
    stage.drawPen([...corners, ...(at ? [[at.x, at.y]] : [])], true)
    stage.pen.append(...corners.map(p => {
      const [cx, cy] = stage.xy(p)
      return s('circle', {cx, cy, r: 4 / stage.view.s, class: 'handle'})
    }))
  }

  closeRing() {
    const ring = this.corners.map(p => p.map(v => Math.round(v * 1e6) / 1e6))
    this.cancelRing()
    if (ring.length < 3) return this.editor.say('A polygon needs three corners.')
    this.editor.edits.add(ring, 'polygon')
  }

  cancelRing() {
    this.corners = []
    this.stage.pen.replaceChildren()
  }

  /** @type {(e: WheelEvent) => void} */
  wheel(e) {
    const {editor, stage} = this, zoom = e.ctrlKey || e.metaKey
    if (!editor.page || stage.fitted && !zoom) return  // the notebook is scrolled
    e.preventDefault()
    const {px, py} = this.place(e)
    let unit = 1
    if (e.deltaMode === 1) unit = 16
    if (e.deltaMode === 2) unit = stage.el.clientHeight
    if (zoom) stage.zoomBy(Math.exp(-e.deltaY * unit / 300), [px, py])
    else stage.pan(-(e.shiftKey ? e.deltaY : e.deltaX) * unit, -(e.shiftKey ? 0 : e.deltaY) * unit)
  }
}
