// The page's picture and the shapes on it, as SVG: drawn, zoomed and moved. The pointer has a room of its own.
/** @import {Editor} from './editor.js' */
/** @import {Box, Line, Picture, Point} from './types.js' */
import {MARKS, spokenName} from './checks.js'
import {classes, h, isAs, s, setTo} from './elements.js'
import {box, middle} from './geometry.js'

/** What of a line is on the stage.
 * @typedef {{points: Point[], shape: string, mark: string, text: string, number: number,   i: number, total: number,
 *   suggested: boolean, selected: boolean, open: boolean, size: string}} ShownLine */
/** @typedef {{node: SVGGElement, polygon: SVGPolygonElement, label: SVGTextElement, was?: ShownLine}} LineNode */

export class Stage {
  view = {s: 1, x: 0, y: 0}  // pixels of the screen for one of the page, and where its corner is
  fitted = true               // the whole page is shown
  picture = /** @type {Picture | undefined} */ (undefined)
  bitmap = /** @type {HTMLImageElement | null} */ (null)
  preview = /** @type {{id: string, points: Point[]} | null} */ (null)  // the shape of a line while it is dragged
  handled = /** @type {Record<string, unknown> | null} */ (null)  // what the handles were drawn for
  nodes = /** @type {Map<string, LineNode>} */ (new Map())

  image = s('image', {preserveAspectRatio: 'none'})
  shapes = s('g', {class: 'shapes'})
  handles = s('g', {class: 'handles'})
  pen = s('g', {class: 'pen'})
  ghosts = s('g', {class: 'ghosts'})
  noteText = h('span')

  /** @param {Editor} editor */
  constructor(editor) {
    this.editor = editor
    this.world = s('g', {}, this.image, this.shapes, this.ghosts, this.handles, this.pen)
    this.svg = s('svg', {'aria-hidden': 'false', role: 'presentation'}, this.world)
    const stop = {onpointerdown: (/** @type {Event} */ e) => e.stopPropagation()}
    const press = {...stop, ...editor.press(() => this.showNote(''))}
    const close = h('button', {type: 'button', class: 'close', 'aria-label': 'Close', ...press}, '\u2715')
    this.note = h('div', {class: 'note', role: 'alert', hidden: true}, this.noteText, close)
    this.el = h('div', {class: 'stage', tabindex: 0, role: 'application', 'aria-label': 'Page picture',
      'aria-roledescription': 'page of lines'}, this.svg, this.note)
  }

  /** @type {(text: string) => void} */
  showNote(text) {
    this.noteText.textContent = text
    this.note.hidden = !text
  }

  /** The picture of the page that is shown, and what is odd about it. @type {(problem?: string) => void} */
  showImage(problem) {
    const {connection, crop, here: {width, height, id}} = this.editor, picture = connection.images.get(id)
    this.picture = picture
    this.image.setAttribute('width', String(width))
    this.image.setAttribute('height', String(height))
    this.showNote([connection.owedNote, problem].filter(Boolean).join(' '))
    connection.owedNote = ''
    if (!picture) {
      this.bitmap = null
      this.image.removeAttribute('href')
      return
    }
    this.image.setAttribute('href', picture.url)
    const bitmap = picture.bitmap ??= Object.assign(new Image(), {src: picture.url})
    this.bitmap = bitmap
    if (!bitmap.complete) bitmap.addEventListener('load', () => crop.draw(), {once: true})
  }

  // ---------------------------------------------------------------------------------------------- shapes

  /** A point of the page in its pixels. @type {(p: Point) => Point} */
  xy([x, y]) {
    const {width, height} = this.editor.here
    return [x * width, y * height]
  }

  /** A ring in pixels of the page, as SVG writes it. @type {(points: Point[]) => string} */
  ring(points) { return points.map(p => this.xy(p).join()).join(' ') }

  /** The points of a line, as they are while it is dragged. @type {(r: Line) => Point[]} */
  pointsOf(r) { return this.preview?.id === r.id ? this.preview.points : r.points }

  /** A line as it is shown: only what is another is touched. @type {(r: Line, o: ShownLine) => void} */
  drawLine(r, o) {
    const entry = this.nodes.get(r.id) ?? this.newNode(r.id), {node, polygon, label, was} = entry
    if (isAs(was, o)) return
    entry.was = o
    const {points, suggested, selected, open, mark} = o, complete = !suggested && !open
    setTo(node, 'class', classes('line', r.shape, suggested && 'suggested', selected && 'selected', mark && 'marked',
      complete && 'complete'))
    setTo(node, 'aria-label', spokenName(r, o.i + 1, o.total, suggested))
    let sign = open ? ' \u25cb' : ''
    if (MARKS.includes(mark)) sign = ' \u2717'
    // the spaces keep it off the shape and its handles: a transform of each text would be dear to paint
    const text = (suggested ? '?' : `${o.number}${sign}`) + '\u00a0'.repeat(selected ? 3 : 1)
    if (label.textContent !== text) label.textContent = text
    if (was?.points !== points || was.size !== o.size) {
      const b = box(points.map(p => this.xy(p)))
      polygon.setAttribute('points', this.ring(points))
      label.setAttribute('x', String(b.x1))
      label.setAttribute('y', String((b.y1 + b.y2) / 2))
    }
    if (!was) {
      this.nodes.set(r.id, entry)
      this.shapes.append(node)
    }
  }

  /** @type {(id: string) => LineNode} */
  newNode(id) {
    const polygon = s('polygon'), label = s('text', {'aria-hidden': 'true'})
    return {node: s('g', {id: this.editor.domId(id), 'data-id': id, role: 'img'}, polygon, label), polygon, label}
  }

  // The chosen line lies on top of the others
  raise() {
    const {selected} = this.editor, top = selected === null ? undefined : this.nodes.get(selected)?.node
    if (top && this.shapes.lastChild !== top) this.shapes.append(top)
    const active = top && selected !== null ? this.editor.domId(selected) : null
    setTo(this.el, 'aria-activedescendant', active)
    return active
  }

  // What the chosen line is dragged by
  drawHandles() {
    const r = this.editor.line(), points = r && this.pointsOf(r), {page, corner} = this.editor, shape = r?.shape
    const now = {points, shape, corner, s: this.view.s, width: page?.width, height: page?.height}
    if (isAs(this.handled, now)) return
    this.handled = now
    if (!points || !page) return this.handles.replaceChildren()
    const b = box(points), k = 1 / this.view.s
    const mover = this.dot([b.x1 - 16 * k / page.width, b.y1 - 2 * k / page.height], 11,
      {class: 'handle mover', 'data-mover': 'yes', rx: 6 * k})
    const rest = shape === 'rectangle' ? this.sideHandles(b) : this.cornerHandles(points)
    this.handles.replaceChildren(mover, ...rest)
  }

  /** A small square of `d` pixels of the screen.
   * @type {(p: Point, d: number, attributes: Record<string, unknown>) => SVGRectElement} */
  dot(p, d, attributes) {
    const [x, y] = this.xy(p), size = d / this.view.s
    return s('rect', {x: x - size / 2, y: y - size / 2, width: size, height: size, ...attributes})
  }

  /** @type {(b: Box) => SVGRectElement[]} */
  sideHandles({x1, y1, x2, y2}) {
    const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2]
    const places = {
      nw: [x1, y1], n: [mx, y1], ne: [x2, y1], e: [x2, my], se: [x2, y2], s: [mx, y2], sw: [x1, y2], w: [x1, my],
    }
    return Object.entries(places).map(([name, p]) =>
      this.dot(p, 9, {class: 'handle', 'data-handle': name, style: `cursor:${name}-resize`}))
  }

  /** Where points are dense handles would hide the ink. @type {(points: Point[]) => SVGRectElement[]} */
  cornerHandles(points) {
    const n = points.length, {corner} = this.editor, k = 1 / this.view.s
    /** How far the next point is on the screen, in pixels. @type {(i: number) => number} */
    const apart = i => {
      const [a, c] = [points[(i + n) % n], points[(i + 1 + n) % n]].map(p => this.xy(p))
      return Math.hypot(a[0] - c[0], a[1] - c[1]) * this.view.s
    }
    const middles = points.flatMap((_, i) => apart(i) > 44
      ? [this.dot(middle(points, i), 7, {class: 'handle middle', 'data-middle': i, rx: 4 * k})] : [])
    const corners = points.map((p, i) => {
      const size = Math.min(10, Math.max(4, apart(i) / 2, apart(i - 1) / 2))
      return this.dot(p, size, {class: `handle corner${i === corner ? ' chosen' : ''}`, 'data-corner': i})
    })
    return [...middles, ...corners]
  }

  /** What is being drawn. @type {(points: Point[], open?: boolean) => void} */
  drawPen(points, open) {
    this.pen.replaceChildren(s(open ? 'polyline' : 'polygon', {class: 'drawn', points: this.ring(points)}))
  }

  // ---------------------------------------------------------------------------------------------- zoom

  /** @type {(view: {s: number, x: number, y: number}, fitted?: boolean) => void} */
  zoomTo({s: k, x, y}, fitted = false) {
    const {clientWidth: w, clientHeight: hh} = this.el, {page, pointer} = this.editor
    /** A corner of the page stays in sight. @type {(v: number, size: number, room: number) => number} */
    const inside = (v, size, room) => Math.min(Math.max(v, 40 - size), room - 40)
    if (page) [x, y] = [inside(x, k * page.width, w), inside(y, k * page.height, hh)]
    this.view = {s: k, x, y}
    this.fitted = fitted
    this.world.setAttribute('transform', `translate(${x} ${y}) scale(${k})`)
    this.world.style.setProperty('--scale', String(k))
    if (page) {
      this.drawHandles()
      pointer.drawRing()
    }
  }

  // The whole page
  fit() {
    const {clientWidth: w, clientHeight: hh} = this.el, {page} = this.editor
    if (!page || !w || !hh) return
    const k = Math.min((w - 8) / page.width, (hh - 8) / page.height)
    this.zoomTo({s: k, x: (w - k * page.width) / 2, y: (hh - k * page.height) / 2}, true)
  }

  zoomLine() {
    const r = this.editor.line()
    if (!r) return
    const {clientWidth: w, clientHeight: hh} = this.el, b = box(r.points.map(p => this.xy(p)))
    const k = Math.min(w * 0.92 / Math.max(b.x2 - b.x1, 1), hh * 0.5 / Math.max(b.y2 - b.y1, 1), 8)
    this.zoomTo({s: k, x: w / 2 - k * (b.x1 + b.x2) / 2, y: hh / 2 - k * (b.y1 + b.y2) / 2})
  }

  /** @type {(factor: number, at?: number[]) => void} */
  zoomBy(factor, at = [this.el.clientWidth / 2, this.el.clientHeight / 2]) {
    const {s: k, x, y} = this.view, n = Math.min(Math.max(k * factor, 0.02), 20), f = n / k
    this.zoomTo({s: n, x: at[0] - f * (at[0] - x), y: at[1] - f * (at[1] - y)})
  }

  /** @type {(dx: number, dy: number) => void} */
  pan(dx, dy) { this.zoomTo({...this.view, x: this.view.x + dx, y: this.view.y + dy}) }

  /** Move the picture so far that the line is inside it. @type {(r: Line) => void} */
  reveal(r) {
    if (this.fitted) return
    const {s: k, x, y} = this.view, {clientWidth: w, clientHeight: hh} = this.el, b = box(r.points.map(p => this.xy(p)))
    /** @type {(lo: number, hi: number, size: number) => number} */
    const shift = (lo, hi, size) => {
      if (hi - lo > size || lo < 0) return 12 - lo
      return hi > size ? size - 12 - hi : 0
    }
    const [dx, dy] = [shift(b.x1 * k + x, b.x2 * k + x, w), shift(b.y1 * k + y, b.y2 * k + y, hh)]
    if (dx || dy) this.pan(dx, dy)
  }
}
