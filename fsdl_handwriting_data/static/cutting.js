// How a line is cut out of its page: along its baseline, so that one can read it, on paper where its outline ends.
// The same rules are in pages/crops.py; tests/crop_cases.json has cases of both. Places are [x, y] in pixels.
/** @import {Line, Point} from './types.js' */
import {isBlank} from './checks.js'
import {box, clamp, degenerate} from './geometry.js'

/** What of a line says how it is cut. @typedef {Pick<Line, 'points' | 'shape' | 'text' | 'baseline'>} Cut */
/** A line that is turned by `angle`, clockwise in degrees: `wide` and `high` from (u, v) on. An upright line of which
 * nothing says which way it runs may run `either` way.
 * @typedef {{ring: Point[], angle: number, either: boolean, u: number, v: number, wide: number, high: number}} Frame */
/** (x, y) of the picture is (ax + by + c, dx + ey + f) of the page.
 * @typedef {{width: number, height: number, toPage: number[]}} Placed */

const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u
const LETTER = /\p{L}/u

/** Rounded as Python does. @type {(v: number) => number} */
const toEven = v => Math.abs(v % 1) === 0.5 ? 2 * Math.round(v / 2) : Math.round(v)
/** @type {(degrees: number) => number} */
const radians = degrees => degrees * Math.PI / 180

/** From where to where a line goes in whole pixels of `n`; null if it is beside the page.
 * @type {(lo: number, hi: number, n: number) => number[] | null} */
function span(lo, hi, n) {
  const [a, b] = [lo, hi].map(v => Math.floor(clamp(v) * n)), at = Math.min(a, n - 1)
  if (a < b) return [a, b]
  return lo < 1 && hi > 0 ? [at, at + 1] : null
}

/** @type {(x1: number, y1: number, x2: number, y2: number) => Point[]} */
const boxRing = (x1, y1, x2, y2) => [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]

/** The box of a line in whole pixels of a page of `w` by `h`: x1, x2, y1, y2; null if it encloses nothing.
 * @type {(line: Cut, w: number, h: number) => number[] | null} */
function wholeBox(line, w, h) {
  const b = box(line.points), xs = span(b.x1, b.x2, w), ys = span(b.y1, b.y2, h)
  return xs && ys && !degenerate(line) ? [...xs, ...ys] : null
}

/** The outline of a line; what reaches over the page's edge is at it. Null where it encloses nothing.
 * @type {(line: Cut, w: number, h: number) => Point[] | null} */
function outline(line, w, h) {
  const whole = wholeBox(line, w, h)
  if (!whole) return null
  const [x1, x2, y1, y2] = whole
  if (line.shape === 'rectangle') return boxRing(x1, y1, x2, y2)
  return line.points.map(([x, y]) => [clamp(x) * w, clamp(y) * h])
}

/** Along what the area inside `ring` is spread: more than -90 degrees, 90 at most, and how many times its height it is
 * long. @type {(ring: Point[]) => {angle: number, long: number} | null} */
function axisOf(ring) {
  const [[x0, y0]] = ring, sums = {area: 0, p: 0, q: 0, xx: 0, yy: 0, xy: 0}
  ring.forEach((point, i) => {
    const next = ring[(i + 1) % ring.length], [x, y, u, v] = [point[0] - x0, point[1] - y0, next[0] - x0, next[1] - y0]
    const each = x * v - u * y
    sums.area += each / 2
    sums.p += (x + u) * each
    sums.q += (y + v) * each
    sums.xx += ((x + u) ** 2 - x * u) * each
    sums.yy += ((y + v) ** 2 - y * v) * each
    sums.xy += ((x + u) * (y + v) + x * y + u * v) * each
  })
  const {area} = sums, [p, q] = [sums.p / (6 * area), sums.q / (6 * area)]
  const [xx, yy] = [sums.xx / (12 * area) - p * p, sums.yy / (12 * area) - q * q], xy = sums.xy / (24 * area) - p * q
  const mid = (xx + yy) / 2, far = Math.hypot((xx - yy) / 2, xy)
  if (!area || !(mid > far)) return null
  return {angle: Math.atan2(2 * xy, xx - yy) / 2 / radians(1), long: Math.sqrt((mid + far) / (mid - far))}
}

/** The angle of a line by its outline: level ones from left to right, upright ones either way.
 * @type {(ring: Point[], text: string) => number} */
function angleOf(ring, text) {
  const axis = axisOf(ring), typed = [...text.trim()].length
  if (!axis) return 0
  const upright = Math.abs(axis.angle) > 45
  let least = typed > 2 ? 1.5 : Infinity
  if (isBlank(text)) least = 3
  if (upright && axis.long < least) return 0
  const near = upright ? Math.sign(axis.angle) * 90 : 0, slope = axis.angle - near
  const chance = (ring.length > 8 ? 100 : 20) / axis.long ** 2  // few corners, or a short line: it says less
  return near + (slope ? slope ** 3 / (slope ** 2 + chance ** 2) : 0)
}

/** The baseline that a line has, from its beginning; null if it has none, or one that cannot be its own.
 * @type {(line: Cut, ring: Point[], w: number, h: number) => Point[] | null} */
function keptBaseline({baseline, text}, ring, w, h) {
  if (!baseline?.length) return null
  const points = baseline.map(([x, y]) => [clamp(x) * w, clamp(y) * h]), b = box(ring)
  const [[x1, y1], [x2, y2]] = [points[0], points[points.length - 1]]
  const slack = 0.5 * Math.min(b.x2 - b.x1, b.y2 - b.y1)
  const [x, y] = [0, 1].map(i => points.reduce((sum, p) => sum + p[i], 0) / points.length)
  const inside = x >= b.x1 - slack && x <= b.x2 + slack && y >= b.y1 - slack && y <= b.y2 + slack
  if (Math.hypot(x2 - x1, y2 - y1) < 2 || !inside) return null
  const leftwards = x2 < x1 && [...text].some(c => LEFTWARDS.test(c) && LETTER.test(c))
  return leftwards ? points.reverse() : points
}

/** The angle from the first of `points` to the last. @type {(points: Point[]) => number} */
function slopeOf(points) {
  const [[x, y], [u, v]] = [points[0], points[points.length - 1]]
  return Math.atan2(v - y, u - x) / radians(1)
}

/** How a line is turned on a page of `w` by `h`, upside down if `over`; null if it encloses nothing.
 * @type {(line: Cut, w: number, h: number, over?: boolean) => Frame | null} */
export function frameOf(line, w, h, over = false) {
  const ring = outline(line, w, h)
  if (!ring) return null
  const kept = keptBaseline(line, ring, w, h), angle = kept ? slopeOf(kept) : angleOf(ring, line.text)
  const either = !kept && Math.abs(angle) > 70
  return {ring, either, ...turned(line, ring, angle + (over ? 180 : 0), w, h)}
}

/** What is around `ring`, turned by `angle`; by a quarter if the slope cannot be seen, and then in whole pixels.
 * @type {(line: Cut, ring: Point[], angle: number, w: number, h: number) => Omit<Frame, 'ring' | 'either'>} */
function turned(line, ring, angle, w, h) {
  const quarter = toEven(angle / 90) * 90, b = box(ring), [bw, bh] = [b.x2 - b.x1, b.y2 - b.y1]
  const drift = Math.tan(radians(Math.abs(angle - quarter))) * Math.max(bw, bh)
  let around = ring
  if (drift < Math.max(1, Math.min(bw, bh) / 30)) {
    let [x1, x2, y1, y2] = [b.x1, b.x2, b.y1, b.y2].map(Math.trunc)
    if (x1 === x2 || y1 === y2) [x1, x2, y1, y2] = wholeBox(line, w, h) ?? [x1, x2, y1, y2]
    around = boxRing(Math.max(x1, 0), Math.max(y1, 0), Math.min(x2, w), Math.min(y2, h))
    angle = quarter
  }
  const {cos, sin} = directions(angle)
  const part = box(around.map(([x, y]) => [x * cos + y * sin, y * cos - x * sin]))
  const [wide, high] = [Math.max(1, part.x2 - part.x1), Math.max(1, part.y2 - part.y1)]
  return {angle, u: part.x1, v: part.y1, wide, high}
}

/** Where a quarter turn is one, its sine is whole. @type {(angle: number) => {cos: number, sin: number}} */
function directions(angle) {
  const [cos, sin] = [Math.cos(radians(angle)), Math.sin(radians(angle))]
  return angle % 90 ? {cos, sin} : {cos: Math.round(cos), sin: Math.round(sin)}
}

/** The picture of a line, `height` pixels high. @type {(frame: Frame, height: number) => Placed} */
export function placedAt({angle, u, v, wide, high}, height) {
  const width = Math.max(1, toEven(wide * height / high)), {cos, sin} = directions(angle)
  const [a, d] = [cos * wide / width, sin * wide / width], [b, e] = [-sin * high / height, cos * high / height]
  return {width, height, toPage: [a, b, u * cos - v * sin, d, e, u * sin + v * cos]}
}

/** The outline of what a picture shows, on the page; null if that is all of it.
 * @type {(frame: Frame, placed: Placed, masked: boolean, w: number, h: number) => Point[] | null} */
export function shownPart({ring}, {width, height, toPage: [a, b, c, d, e, f]}, masked, w, h) {
  const corners = boxRing(0, 0, width, height).map(([x, y]) => [a * x + b * y + c, d * x + e * y + f]), o = box(corners)
  const whole = o.x1 > -1e-6 && o.y1 > -1e-6 && o.x2 < w + 1e-6 && o.y2 < h + 1e-6
  if (whole) return masked ? ring : null
  const edge = 1.5 * Math.hypot(b, e)  // no pixel that is partly beside the page
  /** @type {(v: number, n: number) => number} */
  const within = (v, n) => Math.min(Math.max(v, edge), n - edge)
  return (masked ? ring : boxRing(0, 0, w, h)).map(([x, y]) => [within(x, w), within(y, h)])
}
