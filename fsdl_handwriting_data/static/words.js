// What the widget says of lines, pages and times, in words.
/** @import {Fields, LineChange, Summary, Told} from './types.js' */
import {named} from './history.js'
import {h, letters} from './elements.js'

/** @type {Record<string, string>} */
export const CALLED = {
  text: 'text', shape: 'shape', points: 'shape', mark: 'mark', paragraph: 'paragraph', label: 'class',
  baseline: 'baseline',
}

/** When something was, as people say it. @type {(at: number) => string} */
export function ago(at) {
  const secs = Date.now() / 1000 - at, date = new Date(at * 1000)
  const time = date.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'})
  if (secs < 90) return `${time}, just now`
  if (secs < 5400) return `${time}, ${Math.round(secs / 60)} min ago`
  const today = new Date().toDateString() === date.toDateString()
  return today ? `${time} today` : `${date.toLocaleDateString()} ${time}`
}

/** @type {(open: {n?: number}[]) => number} */
export const countOpen = open => open.reduce((sum, o) => sum + (o.n ?? 1), 0)
/** @type {(n: number) => string} */
export const undecided = n => n === 1 ? '1 suggested line is undecided' : `${n} suggested lines are undecided`

/** What the list of pages says of an open page that is begun. @type {(summary: Summary) => string} */
export function stillOpen({status, lines, open, suggestions = 0}) {
  if (status !== 'open' || !lines) return ''
  return open ? `  (${open - Number(!!suggestions) + suggestions} open)` : '  (complete)'
}

/** Where two texts differ, as elements. @type {(was: string, now: string) => HTMLElement} */
export function difference(was, now) {
  const [a, b] = [letters(was), letters(now)]
  /** @type {(i: number, j: number) => boolean} */
  const same = (i, j) => a[i] === b[j] && i >= 0 && j >= 0
  let begin = 0, end = 0
  while (begin < a.length && same(begin, begin)) begin++
  while (end < Math.min(a.length, b.length) - begin && same(a.length - 1 - end, b.length - 1 - end)) end++
  /** @type {(tag: 'del' | 'ins', list: string[]) => HTMLElement[]} */
  const part = (tag, list) => {
    const text = list.slice(begin, list.length - end).join('')
    return text ? [h(tag, {}, text)] : []
  }
  const [head, tail] = [a.slice(0, begin).join(''), a.slice(a.length - end).join('')]
  return h('bdi', {}, head, ...part('del', a), ...part('ins', b), tail)
}

/** @type {Record<string, string>} */
const DONE_TO_LINE = {
  moved: 'moved in the reading order', deleted: 'deleted', back: 'brought back', accepted: 'suggestion accepted',
  offered: 'suggested', export: 'as in the export', begins: 'a paragraph begins here',
  'goes on': 'no paragraph begins here any more',
}
/** @type {Record<string, string>} */
const KEPT_OR_NOT = {
  kept: 'kept beside the line, from a window that had not seen it: ', joined: 'joined to the text: ',
  settled: 'settled, and not taken: ',
}

/** @type {(text?: string) => HTMLElement} */
const quoted = text => h('q', {dir: 'auto'}, text ?? '')
/** @type {(label?: string[]) => string} */
const listed = (label = []) => label.join(', ')

/** What values of a line are, each in words. @type {(o: Fields) => (HTMLElement | string)[]} */
function valueWords(o) {
  return named(o).map(f => {
    if (f === 'text') return quoted(o.text)
    if (f === 'mark') return o.mark ? `marked ${o.mark}` : 'no mark'
    if (f === 'paragraph') return `paragraph ${o.paragraph ?? 'as before'}`
    if (f === 'baseline') return o.baseline ? 'a baseline' : 'no baseline'
    return f === 'shape' ? `a ${o.shape}` : listed(o.label)
  })
}

/** What became of one field. @type {(field: string, was: Fields, to: Fields) => (HTMLElement | string)[]} */
function fieldWords(field, was, to) {
  if (field === 'text') return [was.text ? 'text: ' : 'typed: ', difference(was.text ?? '', to.text ?? '')]
  if (field === 'shape') return [to.shape === was.shape ? 'shape or place changed' : `made a ${to.shape}`]
  if (field === 'mark') return [to.mark ? `marked ${to.mark}` : `no longer ${was.mark}`]
  if (field === 'paragraph') return [`paragraph ${was.paragraph ?? '\u2013'} \u2192 ${to.paragraph ?? '\u2013'}`]
  if (field === 'baseline') return [to.baseline ? 'another baseline' : 'no longer with its baseline']
  return [`classes ${listed(was.label)} \u2192 ${listed(to.label)}`]
}

/** What one change of a line's history did, as elements. @type {(change: LineChange) => HTMLElement[]} */
export function changeWords({what, to, was}) {
  /** @type {(...list: (HTMLElement | string)[]) => HTMLElement[]} */
  const p = (...list) => [h('div', {}, ...list)], said = to.text ? [': ', quoted(to.text)] : []
  if (what === 'new') return p('drawn', ...said)
  if (KEPT_OR_NOT[what]) return p(KEPT_OR_NOT[what], ...valueWords(to))
  if (DONE_TO_LINE[what]) {
    return p(DONE_TO_LINE[what], ...(['export', 'offered', 'deleted'].includes(what) ? said : []))
  }
  return named(to).map(f => h('div', {}, ...fieldWords(f, was, to)))
}

/** What another window had changed before an edit of ours came. @type {(told: Told) => string} */
export function toldWords(o) {
  const line = `line ${o.number}`, called = o.fields.filter(f => f !== 'accepted').map(f => CALLED[f]).join(', ')
  if (o.what === 'deleted') return `Another window has deleted the line \u201c${o.text}\u201d.`
  if (o.what === 'also') return `Line ${o.number} was also changed in another window: ${called}.`
  if (o.what !== 'kept') {
    return `Another window had changed the ${CALLED[o.what]} of ${line}: both are kept. Say which one counts.`
  }
  if (o.fields.includes('text')) return `Not deleted: the text of ${line} is another by now: \u201c${o.text}\u201d`
  /** @type {Record<string, string>} */
  const did = {
    accepted: `accepted ${line}`, shape: `changed the shape or place of ${line}`,
    mark: o.mark ? `marked ${line} \u201c${o.mark}\u201d` : `taken the mark of ${line} away`,
  }
  const list = o.fields.map(f => did[f]).filter(Boolean).join(', ')
  return `Not deleted: another window has ${list || `says something else of ${line}`}`
}

/** @type {(text: string) => string} */
function withoutComments(text) {
  let res = '', from = 0
  for (let at; (at = text.indexOf('<!--', from)) >= 0;) {
    const end = text.indexOf('-->', at)
    res += text.slice(from, at)
    from = end < 0 ? text.length : end + 3
  }
  return res + text.slice(from)
}

/** The signs of markdown inside a line. @type {(line: string) => (HTMLElement | string)[]} */
function inline(line) {
  return line.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map(o => {
    if (o.startsWith('**')) return h('strong', {}, o.slice(2, -2))
    if (/^\*.+\*$/.test(o)) return h('em', {}, o.slice(1, -1))
    return /^`.+`$/.test(o) ? h('code', {}, o.slice(1, -1)) : o
  })
}

/** The few signs of markdown that guidelines need, as elements; never as HTML, for the file may be somebody else's.
 * @type {(text: string) => HTMLElement} */
export function markdown(text) {
  const res = h('div')
  let list = /** @type {HTMLElement | null} */ (null)
  let paragraph = /** @type {HTMLElement | null} */ (null)
  for (const line of withoutComments(text).split(/\r?\n/)) {
    const head = line.match(/^(#{1,6})\s+(.*)/), item = line.match(/^\s*(?:([-*+])|\d+[.)])\s+(.*)/)
    if (head) {
      list = paragraph = null
      const tag = /** @type {'h3'} */ (`h${Math.min(head[1].length + 2, 6)}`)
      res.append(h(tag, {}, ...inline(head[2])))
    } else if (item) {
      const tag = item[1] ? 'ul' : 'ol'
      if (list?.localName !== tag) res.append(list = h(tag))
      list.append(h('li', {}, ...inline(item[2])))
      paragraph = null
    } else if (!line.trim()) {
      list = paragraph = null
    } else if (list) {
      /** @type {HTMLElement} */ (list.lastChild).append(' ', ...inline(line.trim()))
    } else if (paragraph) {
      paragraph.append(' ', ...inline(line.trim()))
    } else {
      res.append(paragraph = h('p', {}, ...inline(line.trim())))
    }
  }
  return res
}
