// What keeps a page from being done, and what looks odd in a transcript.
/** @import {Labels, Line, Work} from './types.js' */
import {degenerate, outside} from './geometry.js'

export const MARKS = ['illegible', 'not text']
/** @type {Record<string, string>} */
export const WORDS = {
  'no-lines': 'no line yet', 'no-text': 'no transcript yet', degenerate: 'the shape has no area',
  outside: 'a corner is outside the page', draft: 'half typed, Enter confirms it',
  clash: 'two windows differ: say which counts', suggestion: 'suggested and undecided',
}

/** @type {WeakMap<Line, string[]>} */
const known = new WeakMap()  // line → its faults; lines are never changed in place

/** What keeps one line open, as far as it alone says it: kinds of WORDS. @type {(r: Line) => string[]} */
function faultsOf(r) {
  const had = known.get(r)
  if (had) return had
  /** @type {string[]} */
  const faults = []
  if (!MARKS.includes(r.mark)) {
    if (isBlank(r.text)) faults.push('no-text')
    if (degenerate(r)) faults.push('degenerate')
    if (outside(r)) faults.push('outside')
  }
  known.set(r, faults)
  return faults
}

/** The open work of a page, suggestions that nobody decided on last, as one item with their number `n`; the same rule
 * is `open_work` in core/labels.py.
 * @type {(page: Omit<Labels, 'suggestions'> & {suggestions?: Line[]}) => Work[]} */
export function openWork({regions, suggestions = [], drafts = [], others = [], status}) {
  /** @type {Work[]} */
  const res = regions.length || status === 'blank' ? [] : [{region: null, kind: 'no-lines'}]
  const half = new Set(drafts), clash = new Set(others.map(o => o.line))
  for (const r of regions) {
    for (const kind of faultsOf(r)) res.push({region: r.id, kind})
    if (half.has(r.id) && !MARKS.includes(r.mark) && !isBlank(r.text)) res.push({region: r.id, kind: 'draft'})
    if (clash.has(r.id)) res.push({region: r.id, kind: 'clash'})
  }
  if (suggestions.length) res.push({region: null, kind: 'suggestion', n: suggestions.length})
  return res
}

const NOTHING =
  /^[\x00-\x20\x7f-\xa0\xad\u061c\u115f\u1160\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\ufff9-\ufffb]*$/

/** Whether there is nothing to see in a transcript; the characters are BLANKS in core/shown.py.
 * @type {(text: string) => boolean} */
export const isBlank = text => NOTHING.test(text)

/** @type {Record<string, string>} */
const LOOKALIKE = {
  '\u2018': "'", '\u2019': "'", '\u201a': ',', '\u201c': '"', '\u201d': '"', '\u2013': '-', '\u2014': '-',
  '\u00a0': ' ', '\u2026': '...', '\u00b4': "'", '`': "'",
}

/** @type {(c: string) => string} */
const codePoint = c => 'U+' + (c.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

/** What is odd about a transcript, in words; `charset` is the text of all characters that are allowed, null if all are.
 * @type {(text: string, charset?: string | null) => string[]} */
export function textWarnings(text, charset) {
  /** @type {string[]} */
  const res = []
  if (text !== text.trim() && text.trim()) {
    res.push(text.trimStart() !== text ? 'begins with a space' : 'ends with a space')
  }
  if (/[\r\n]/.test(text)) res.push('a line break')
  if (/\S {2,}\S/.test(text)) res.push('two spaces in a row')
  const allowed = charset && new Set(charset + charset.normalize('NFC')), seen = new Set([...text.normalize('NFC')])
  for (const c of seen) {
    const like = LOOKALIKE[c]
    if (/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]/u.test(c) && !/[\u200c\u200d\u200e\u200f]/.test(c)) {
      res.push(`a character that can not be seen (${codePoint(c)})`)
    } else if (allowed && c !== ' ' && !allowed.has(c)) {
      const instead = like && allowed.has(like[0]) ? `; ${like} is` : ''
      res.push(`${c} (${codePoint(c)}) is not in the character set${instead}`)
    }
  }
  return res
}

/** How a line is called aloud. @type {(region: Line, number: number, total: number, suggested: boolean) => string} */
export function spokenName(region, number, total, suggested) {
  let text = region.mark || (isBlank(region.text) ? 'no transcript' : region.text)
  if (suggested) text = region.text ? `suggestion: ${region.text}` : 'suggestion'
  return `Line ${number} of ${total}, ${region.shape}, ${text}`
}
