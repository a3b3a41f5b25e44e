// Shapes on a page. A point is [x, y] in fractions of the page's width and height; a shape is an open ring of points.
/** @import {Box, Point, Shaped} from './types.js' */

export const SHORTEST_SIDE = 1e-4  // a box with a shorter side has no area; as in core/annotations.py
export const SMALLEST_AREA = 1e-8  // of a shape, in fractions of the page

/** @type {(v: number) => number} */
export const round = v => Math.round(v * 1e6) / 1e6
/** @type {(v: number) => number} */
export const clamp = v => Math.min(Math.max(v, 0), 1)
/** @type {(p: Point) => Point} */
const tidy = ([x, y]) => [round(clamp(x)), round(clamp(y))]

/** The box around `points`. @type {(points: Point[]) => Box} */
export function box(points) {
  const xs = points.map(p => p[0]), ys = points.map(p => p[1])
  return {x1: Math.min(...xs), y1: Math.min(...ys), x2: Math.max(...xs), y2: Math.max(...ys)}
}

/** The corners of a rectangle, clockwise from the top left, whichever two corners are given.
 * @type {(x1: number, y1: number, x2: number, y2: number) => Point[]} */
export function rectangle(x1, y1, x2, y2) {
  const [l, r] = [Math.min(x1, x2), Math.max(x1, x2)], [t, b] = [Math.min(y1, y2), Math.max(y1, y2)]
  return [[l, t], [r, t], [r, b], [l, b]].map(tidy)
}

/** The area inside the ring, in fractions of the page. @type {(points: Point[]) => number} */
export function area(points) {
  let sum = 0
  points.forEach(([x, y], i) => {
    const [u, v] = points[(i + 1) % points.length]
    sum += x * v - u * y
  })
  return Math.abs(sum) / 2
}

/** Whether the shape has too few points, or no area to speak of; a rectangle's corners may come in any order. The same
 * rule is `has_area` in core/annotations.py. @type {(shaped: Shaped) => boolean} */
export function degenerate({points, shape}) {
  if (new Set(points.map(p => p.join())).size < 3) return true
  const {x1, y1, x2, y2} = box(points)
  if (x2 - x1 < SHORTEST_SIDE || y2 - y1 < SHORTEST_SIDE) return true
  return !(area(points) >= SMALLEST_AREA || (shape === 'rectangle' && area(hull(points)) >= SMALLEST_AREA))
}

/** @type {(shaped: {points: Point[]}) => boolean} */
export const outside = ({points}) => points.some(p => p.some(v => v < 0 || v > 1))

/** The shape moved by (dx, dy), as far as the page goes.
 * @type {(points: Point[], dx: number, dy: number) => Point[]} */
export function move(points, dx, dy) {
  const b = box(points)
  dx = Math.min(Math.max(dx, -b.x1), 1 - b.x2)
  dy = Math.min(Math.max(dy, -b.y1), 1 - b.y2)
  return points.map(([x, y]) => tidy([x + dx, y + dy]))
}

/** The sides of a rectangle that a handle moves: 'n', 'se' and so on.
 * @type {(points: Point[], handle: string, x: number, y: number) => Point[]} */
export function resize(points, handle, x, y) {
  const b = box(points)
  return rectangle(handle.includes('w') ? x : b.x1, handle.includes('n') ? y : b.y1,
                   handle.includes('e') ? x : b.x2, handle.includes('s') ? y : b.y2)
}

/** @type {(points: Point[], i: number, x: number, y: number) => Point[]} */
export const movePoint = (points, i, x, y) => points.map((p, k) => k === i ? tidy([x, y]) : p)
/** @type {(points: Point[], i: number, x: number, y: number) => Point[]} */
export const addPoint = (points, i, x, y) => [...points.slice(0, i + 1), tidy([x, y]), ...points.slice(i + 1)]

/** Halfway from point `i` to the next. @type {(points: Point[], i: number) => Point} */
export function middle(points, i) {
  const [a, b] = [points[i], points[(i + 1) % points.length]]
  return [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]
}

/** The ring without point `i`; the ring as it is if a triangle would lose a corner.
 * @type {(points: Point[], i: number) => Point[]} */
export const removePoint = (points, i) => points.length > 3 ? points.filter((_, k) => k !== i) : points

/** The part of the ring on one side of a line: `axis` 0 keeps x below `at` (above with `keep` 1), `axis` 1 the same for
 * y. @type {(points: Point[], axis: number, at: number, keep: number) => Point[]} */
function half(points, axis, at, keep) {
  /** @type {(p: Point) => boolean} */
  const inside = p => keep ? p[axis] >= at : p[axis] <= at
  /** @type {Point[]} */
  const res = []
  points.forEach((p, i) => {
    const q = points[(i + 1) % points.length]
    if (inside(p)) res.push(p)
    if (inside(p) !== inside(q)) {
      const t = (at - p[axis]) / (q[axis] - p[axis]), cut = [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]
      cut[axis] = at
      res.push(cut)
    }
  })
  const ring = res.map(tidy)
  return ring.filter((p, i) => p.join() !== ring[(i + 1) % ring.length].join())
}

/** Two shapes out of one, cut along x = at (axis 0) or y = at (axis 1); null if one of them would have no area.
 * @type {(region: Shaped, axis: number, at: number) => Point[][] | null} */
export function split(region, axis, at) {
  const {x1, y1, x2, y2} = box(region.points)
  let parts = [half(region.points, axis, at, 0), half(region.points, axis, at, 1)]
  if (region.shape === 'rectangle') {
    parts = axis ? [rectangle(x1, y1, x2, at), rectangle(x1, at, x2, y2)]
      : [rectangle(x1, y1, at, y2), rectangle(at, y1, x2, y2)]
  }
  const [lo, hi] = axis ? [y1, y2] : [x1, x2]
  return at > lo && at < hi && !parts.some(points => degenerate({points, shape: region.shape})) ? parts : null
}

/** The smallest convex ring around `points`, by Andrew's monotone chain. @type {(points: Point[]) => Point[]} */
export function hull(points) {
  const pts = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  /** @type {(o: Point, a: Point, b: Point) => number} */
  const turn = (o, a, b) => (a[0] - o[0]) * (b[1] - o[1]) - (a[1] - o[1]) * (b[0] - o[0])
  /** @type {(list: Point[]) => Point[]} */
  const chain = list => list.reduce((res, p) => {
    while (res.length > 1 && turn(res[res.length - 2], res[res.length - 1], p) <= 0) res.pop()
    return [...res, p]
  }, /** @type {Point[]} */ ([]))
  return [...chain(pts).slice(0, -1), ...chain(pts.reverse()).slice(0, -1)]
}

/** One shape around two: a rectangle around rectangles, else the convex polygon around both.
 * @type {(a: Shaped, b: Shaped) => Shaped} */
export function join(a, b) {
  const all = [...a.points, ...b.points]
  if (a.shape === 'rectangle' && b.shape === 'rectangle') {
    const o = box(all)
    return {shape: 'rectangle', points: rectangle(o.x1, o.y1, o.x2, o.y2)}
  }
  return {shape: 'polygon', points: hull(all).map(tidy)}
}

/** The other kind of shape: a rectangle's corners become a polygon's points, a polygon gets the box around it.
 * @type {(shaped: Shaped) => Shaped} */
export function otherShape({points, shape}) {
  const b = box(points)
  return {shape: shape === 'rectangle' ? 'polygon' : 'rectangle', points: rectangle(b.x1, b.y1, b.x2, b.y2)}
}

/** A copy one line further down: by the pitch of the line above where there is one, else by its own height.
 * @type {(points: Point[], above?: Point[]) => Point[]} */
export function below(points, above) {
  const b = box(points), a = above && box(above), height = b.y2 - b.y1
  const near = a && a.y1 < b.y1 && a.y2 < b.y2 && b.y1 - a.y1 < 2.5 * height
  return move(points, 0, near ? b.y1 - a.y1 : 1.1 * height)
}
