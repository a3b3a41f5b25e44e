// Reading order: from top to bottom, column by column. A box is {x1, y1, x2, y2} in fractions of the page.
/** @import {Box, Line, Point} from './types.js' */
import {box} from './geometry.js'

/** Whether the two share more than a tenth of the narrower one's width: a line may run a little over the gutter.
 * @type {(a: Box, b: Box) => boolean} */
const overlap = (a, b) => Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1) > 0.1 * Math.min(a.x2 - a.x1, b.x2 - b.x1)
/** @type {(b: Box) => number} */
const across = b => b.x1 + b.x2
/** @type {(b: Box) => number} */
const down = b => b.y1 + b.y2

/** Whether line `a` is read before line `b` for sure (T. Breuel, High Performance Document Layout Analysis, 2003):
 * it is above in the same column, or to the left with no line between them that reaches into both columns.
 * `reading_order` in core/geometry.py is the same rule, and says it in words.
 * @type {(a: Box, b: Box, boxes: Box[]) => boolean} */
function precedes(a, b, boxes) {
  if (overlap(a, b)) return down(a) < down(b)
  if (across(a) >= across(b)) return false
  const lo = Math.min(down(a), down(b)), hi = Math.max(down(a), down(b))
  return !boxes.some(c => down(c) > lo && down(c) < hi && overlap(a, c) && overlap(b, c))
}

/** The places of `boxes` in reading order; where the rules go in a circle it is cut at the topmost line.
 * @type {(boxes: Box[]) => number[]} */
export function readingOrder(boxes) {
  const places = [...boxes.keys()], waits = places.map(() => 0), left = new Set(places)
  /** @type {number[][]} */
  const after = places.map(() => [])
  /** @type {number[]} */
  const res = []
  for (const i of places) {
    for (const j of places) {
      if (i === j || !precedes(boxes[i], boxes[j], boxes)) continue
      after[i].push(j)
      waits[j]++
    }
  }
  const byTop = [...places].sort((i, j) => boxes[i].y1 - boxes[j].y1 || boxes[i].x1 - boxes[j].x1 || i - j)
  const byMiddle = [...places].sort((i, j) =>
    down(boxes[i]) - down(boxes[j]) || across(boxes[i]) - across(boxes[j]) || i - j)
  while (left.size) {
    const free = byTop.find(k => left.has(k) && !waits[k])
    const i = /** @type {number} */ (free ?? byMiddle.find(k => left.has(k)))
    res.push(i)
    left.delete(i)
    after[i].forEach(j => waits[j]--)
  }
  return res
}

/** `lines` in reading order. @type {<T extends {points: Point[]}>(lines: T[]) => T[]} */
export const sorted = lines => readingOrder(lines.map(r => box(r.points))).map(i => lines[i])

/** `lines` in their order, each of `extra` put behind the line that it follows in reading order.
 * @type {<T extends {points: Point[]}>(lines: T[], extra: T[]) => T[]} */
export function merged(lines, extra) {
  const res = [...lines], added = new Set(extra), all = sorted([...lines, ...extra])
  all.forEach((r, k) => { if (added.has(r)) res.splice(k ? res.indexOf(all[k - 1]) + 1 : 0, 0, r) })
  return res
}

/** The id of the line behind which a new one belongs; null for the first place.
 * @type {(lines: Line[], region: Line) => string | null} */
export function placeOf(lines, region) {
  const all = merged(lines.filter(r => r.id !== region.id), [region]), i = all.indexOf(region)
  return i ? all[i - 1].id : null
}

/** `ids` with `id` one place earlier (step -1) or later (step 1).
 * @type {(ids: string[], id: string | null, step: number) => string[]} */
export function moved(ids, id, step) {
  const i = ids.findIndex(o => o === id), k = i + step
  if (i < 0 || k < 0 || k >= ids.length) return ids
  const res = [...ids]
  ;[res[i], res[k]] = [res[k], res[i]]
  return res
}

/** The ids of the lines at which a paragraph begins, without the first; a line without a number belongs to the
 * paragraph of the line before. @type {(lines: Line[]) => Set<string>} */
export function paragraphStarts(lines) {
  let last = lines[0]?.paragraph ?? 1
  const starts = lines.filter(r => {
    const was = last
    last = r.paragraph ?? last
    return last !== was
  })
  return new Set(starts.map(r => r.id))
}

/** `lines` where a paragraph begins at `id` (`to`), or none any more; paragraphs are numbered from 1. If none begins
 * any more and `numbered` is false, the lines have no numbers again. `PageState.begin` in core/replay.py is the same
 * rule.
 * @type {(lines: Line[], id: string, to: boolean, numbered?: boolean) => Line[]} */
export function withParagraph(lines, id, to, numbered = true) {
  const starts = paragraphStarts(lines)
  if (!lines.slice(1).some(r => r.id === id) || starts.has(id) === to) return lines
  if (!starts.delete(id)) starts.add(id)
  if (!starts.size && !numbered) return lines.map(r => ({...r, paragraph: null}))
  let k = 1
  return lines.map(r => ({...r, paragraph: starts.has(r.id) ? ++k : k}))
}
