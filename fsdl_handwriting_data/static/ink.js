// What the pixels of a line say: which way up it is, and of which colour its paper is.
// The same rules are in pages/crops.py; tests/crop_cases.json has cases of both.

/** Pixels by rows, four values each; the last is above 127 where the line is shown.
 * @typedef {{data: ArrayLike<number>, width: number, height: number}} Pixels */

/** The value in the middle of all, by how often there is each. @type {(counts: number[]) => number} */
function medianOf(counts) {
  const total = counts.reduce((sum, n) => sum + n, 0)
  /** @type {(i: number) => number} */
  const at = i => {
    let value = 0
    for (let seen = counts[0]; seen <= i; seen += counts[value]) value++
    return value
  }
  return total ? (at(Math.ceil(total / 2) - 1) + at(Math.floor(total / 2))) / 2 : 0
}

/** The ink of each pixel that is shown. @type {(pixels: Pixels) => Float64Array} */
function inkOf({data, width, height}) {
  const n = width * height, grey = new Uint8Array(n), tones = Array(256).fill(0), grains = Array(512).fill(0)
  const ink = new Float64Array(n)
  /** @type {(f: (i: number) => void) => void} */
  const each = f => { for (let i = 0; i < n; i++) if (data[4 * i + 3] > 127) f(i) }
  each(i => {
    grey[i] = data[4 * i] * 19595 + data[4 * i + 1] * 38470 + data[4 * i + 2] * 7471 + 0x8000 >> 16
    tones[grey[i]]++
  })
  const paper = medianOf(tones)
  each(i => { grains[Math.abs(grey[i] - paper) * 2]++ })
  const grain = medianOf(grains) / 2
  each(i => { ink[i] = Math.min(Math.max(Math.abs(grey[i] - paper) - 4 * grain - 8, 0), 80) })
  return ink
}

/** Each row with `wide` rows around it. @type {(rows: number[], wide: number) => number[]} */
function smooth(rows, wide) {
  const n = rows.length, from = Math.floor((Math.min(n, wide) - 1) / 2)
  return Array.from({length: Math.max(n, wide)}, (_, i) => {
    let sum = 0
    for (let k = Math.max(0, i + from - wide + 1); k <= Math.min(n - 1, i + from); k++) sum += rows[k] / wide
    return sum
  })
}

/** Above 0 if the ink stands as in Latin script; below 0 if it is on its head. @type {(pixels: Pixels) => number} */
export function ascent(pixels) {
  const {width, height} = pixels, ink = inkOf(pixels), parts = Math.max(1, Math.floor(width / (2 * height)))
  const found = /** @type {number[]} */ ([])
  for (let part = 0, x1 = 0; part < parts; part++) {
    const x2 = x1 + Math.floor(width / parts) + Number(part < width % parts)
    const sums = Array.from({length: height}, (_, y) => ink.subarray(y * width + x1, y * width + x2)
      .reduce((sum, v) => sum + v, 0))
    x1 = x2
    const rows = smooth(sums, Math.max(3, Math.floor(height / 14))), most = Math.max(...rows)
    if (!(most > 0)) continue
    const body = rows.flatMap((v, y) => v > most / 2 ? [y] : []), steps = rows.slice(1).map((v, y) => v - rows[y])
    /** @type {(list: number[]) => number} */
    const sum = list => list.reduce((all, v) => all + v, 0)
    const beyond = (sum(rows.slice(0, body[0])) - sum(rows.slice(body[body.length - 1] + 1))) / sum(rows)
    found.push(beyond - (Math.min(...steps) + Math.max(...steps)) / most)
  }
  return found.length ? found.reduce((sum, v) => sum + v, 0) / found.length : 0
}

/** The tone of the paper in `tones`, rows of it, which are 999 where they are not shown: at the left end, in the middle
 * of each piece, at the right end. @type {(tones: number[][]) => number[]} */
export function paperAlong(tones) {
  const n = Math.max(1, Math.floor(tones[0].length / (2 * tones.length))), long = Math.floor(tones[0].length / n)
  const pieces = Array.from({length: n}, (_, i) =>
    tones.flatMap(row => row.slice(i * long, (i + 1) * long)).filter(v => v < 999).sort((a, b) => a - b))
  const least = Math.min(8, Math.max(...pieces.map(o => o.length)) - 1)
  const some = pieces.flatMap((o, i) => o.length > least ? [{i, piece: o}] : [])
  /** @type {(k: number) => number[]} */
  const part = k => some.map(({piece}) => piece[Math.floor(piece.length * k)])
  const [low, quarter, mid, most, high] = [0.05, 0.25, 0.5, 0.75, 0.95].map(part)
  const lean = mid.reduce((sum, m, i) => sum + high[i] + low[i] - 2 * m, 0)
  const levels = (lean <= 0 ? most : quarter).map((v, i) => {  // dark ink, or light
    const common = commonest(some[i].piece)
    return Math.min(Math.max(v, common - 16), common + 16)
  })
  const along = pieces.map((_, i) => between(some.map(o => o.i), levels, i))
  if (n === 1) return [along[0], along[0], along[0]]
  return [(3 * along[0] - along[1]) / 2, ...along, (3 * along[n - 1] - along[n - 2]) / 2]
}

/** The middle of the sixteen tones that most of `values` are among. @type {(values: number[]) => number} */
function commonest(values) {
  const counts = Array(16).fill(0)
  for (const v of values) counts[v >> 4]++
  return counts.indexOf(Math.max(...counts)) * 16 + 8
}

/** The value at `x`, where those at the places `xs` are `values`. @type {(xs: number[], values: number[], x: number) =>
 *   number} */
function between(xs, values, x) {
  const i = xs.findIndex(o => o >= x)
  if (i < 0) return values[values.length - 1]
  if (!i) return values[0]
  return values[i - 1] + (values[i] - values[i - 1]) * (x - xs[i - 1]) / (xs[i] - xs[i - 1])
}

/** The colours of the paper along a line: at which part of its width, and red, green and blue there.
 * @type {(pixels: Pixels) => {at: number, rgb: number[]}[]} */
export function paperOf({data, width, height}) {
  const rows = Math.min(height, 8), cols = Math.max(1, Math.floor(width * rows / height))
  /** The pixel that stands for those around it. @type {(i: number, few: number, n: number) => number} */
  const near = (i, few, n) => Math.floor((i + 0.5) * n / few)
  const places = Array.from({length: rows}, (_, y) => Array.from({length: cols}, (_, x) =>
    4 * (near(y, rows, height) * width + near(x, cols, width))))
  const any = places.some(row => row.some(i => data[i + 3] > 127))
  const channels = [0, 1, 2].map(c => paperAlong(places.map(row =>
    row.map(i => !any || data[i + 3] > 127 ? data[i + c] : 999))))
  const n = channels[0].length - 2
  return channels[0].map((_, k) => ({
    at: Math.min(Math.max((k - 0.5) / n, 0), 1),
    rgb: channels.map(levels => Math.min(Math.max(levels[k], 0), 255)),
  }))
}
