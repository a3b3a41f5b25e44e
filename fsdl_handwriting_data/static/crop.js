// The picture of the chosen line, above its transcript: cut as it is for those who look at lines or train on them.
/** @import {Editor} from './editor.js' */
/** @import {Frame, Placed} from './cutting.js' */
import {frameOf, placedAt, shownPart} from './cutting.js'
import {h} from './elements.js'
import {ascent, paperOf} from './ink.js'

const TALLEST = 110      // pixels of the screen that the picture takes

export class Crop {
  el = h('canvas', {class: 'crop', 'aria-hidden': 'true'})
  paint = this.el.getContext('2d', {willReadFrequently: true})

  /** @param {Editor} editor */
  constructor(editor) { this.editor = editor }

  // By the shape as it is while it is dragged. Texts that are typed do not turn the picture before they are finished
  draw() {
    const {field, stage} = this.editor, {bitmap} = stage, r = this.editor.line()
    const {paddingLeft, paddingRight} = getComputedStyle(field.el)
    const room = field.el.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight)
    const {naturalWidth: w = 0, naturalHeight: hh = 0} = bitmap?.complete ? bitmap : {}
    const line = r && {...r, points: stage.pointsOf(r)}, frame = line && w ? frameOf(line, w, hh) : null
    this.el.hidden = !frame
    if (!line || !frame || !(room > 0)) return
    const masked = line.shape !== 'rectangle'
    this.cut(frame, masked, room)
    if (!frame.either || ascent(this.pixels()) >= 0) return
    const over = frameOf(line, w, hh, true)
    if (over) this.cut(over, masked, room)
  }

  // What the canvas has
  pixels() {
    const {width, height} = this.el
    return this.paint?.getImageData(0, 0, width, height) ?? {data: [], width, height}
  }

  /** Draw the line, and paper where it is not shown. @type {(frame: Frame, masked: boolean, room: number) => void} */
  cut(frame, masked, room) {
    const {el, paint, editor: {stage: {bitmap}}} = this
    if (!bitmap || !paint) return
    const ratio = window.devicePixelRatio || 1, k = Math.min(room / frame.wide, TALLEST / frame.high)
    const placed = placedAt(frame, Math.max(1, Math.round(frame.high * k * ratio)))
    Object.assign(el, {width: placed.width, height: placed.height})  // which empties it
    el.style.width = `${frame.wide * k}px`
    this.fill(placed, bitmap)
    const shown = shownPart(frame, placed, masked, bitmap.naturalWidth, bitmap.naturalHeight)
    if (!shown) return
    paint.globalCompositeOperation = 'destination-in'
    paint.beginPath()
    for (const [x, y] of shown) paint.lineTo(x, y)
    paint.fill('evenodd')
    paint.resetTransform()
    const along = paint.createLinearGradient(0, 0, placed.width, 0)
    for (const {at, rgb} of paperOf(this.pixels())) along.addColorStop(at, `rgb(${rgb.map(Math.floor)})`)
    paint.globalCompositeOperation = 'destination-over'
    paint.fillStyle = along
    paint.fillRect(0, 0, placed.width, placed.height)
  }

  /** Draw what of the page the picture has. @type {(placed: Placed, bitmap: HTMLImageElement) => void} */
  fill({width, height, toPage: [a, b, c, d, e, f]}, bitmap) {
    const {paint} = this, size = a * e - b * d, {naturalWidth: w, naturalHeight: hh} = bitmap
    const xs = [c, c + a * width, c + b * height, c + a * width + b * height]
    const ys = [f, f + d * width, f + e * height, f + d * width + e * height]
    const [x, y] = [Math.max(0, Math.floor(Math.min(...xs)) - 2), Math.max(0, Math.floor(Math.min(...ys)) - 2)]
    const [cw, ch] = [Math.min(w, Math.max(...xs) + 2) - x, Math.min(hh, Math.max(...ys) + 2) - y]
    paint?.setTransform(e / size, -d / size, -b / size, a / size, (b * f - e * c) / size, (d * c - a * f) / size)
    if (paint) paint.imageSmoothingQuality = 'high'
    if (cw > 0 && ch > 0) paint?.drawImage(bitmap, x, y, cw, ch, x, y, cw, ch)
  }
}
