// What an edit does to a page, and what takes it back. A page is {regions, suggestions, status, others, drafts}; pages
// are never changed in place. An edit of a line's fields, `set`, says what it changes and what its window saw: a field
// that is another by now is not overwritten, and the value is kept beside it, in `others`. `edit` and its helpers in
// core/replay.py are the same rules, and say them in words.
/** @import {Edit, Entry, Field, Fields, Labels, Line, Other, Point, SetEdit} from './types.js' */
/** @import {BeginsEdit, DeleteEdit, OrderEdit, SuggestEdit} from './types.js' */
import {isBlank} from './checks.js'
import {paragraphStarts, withParagraph} from './order.js'

/** What changes as one: `LINE_FIELDS` in core/labels.py. @type {Record<Field, (keyof Fields)[]>} */
const FIELDS = {text: ['text'], shape: ['points', 'shape'], mark: ['mark'], paragraph: ['paragraph'], label: ['label'],
  baseline: ['baseline']}

/** A line that was just drawn: the fields of `Line` in core/labels.py, and what they are there by default.
 * @type {(id: string, points: Point[], shape: string) => Line} */
export const newLine = (id, points, shape) =>
  ({id, points, shape, text: '', mark: '', paragraph: null, label: ['line'], index: null, baseline: null})

/** @type {(o: Fields, field: Field) => string} */
const valueOf = (o, field) => JSON.stringify(FIELDS[field].map(k => k in o ? o[k] ?? null : 'unset'))
/** The fields that `o` speaks of. @type {(o: Fields) => Field[]} */
export const named = o => /** @type {Field[]} */ (Object.keys(FIELDS)).filter(f => FIELDS[f].every(k => k in o))
/** The fields `names` of a line. @type {(r: Fields, ...names: Field[]) => Fields} */
export const fieldsOf = (r, ...names) => Object.fromEntries(names.flatMap(f => FIELDS[f].map(k => [k, r[k] ?? null])))
/** @type {(a: Fields, b: Fields) => boolean} */
export function isSame(a, b) {
  const fields = named(a)
  return fields.join() === named(b).join() && fields.every(f => valueOf(a, f) === valueOf(b, f))
}

/** The line that an edit is about. @type {(op: Edit) => string | undefined} */
export function lineIn(op) {
  if ('region' in op && op.region) return op.region.id
  return 'id' in op ? op.id : undefined
}

/** @type {(list: Line[], id?: string) => Line[]} */
const without = (list, id) => list.filter(r => r.id !== id)
/** @type {(page: Labels, id?: string) => Line | undefined} */
const lineOf = (page, id) => page.regions.find(r => r.id === id) ?? page.suggestions.find(r => r.id === id)

/** Whether `other` says anything that the line, or what its window had seen, does not.
 * @type {(other: Other, line: Line) => boolean} */
function differs({field, to, was = {}}, line) {
  if (field === 'text' && isBlank(/** @type {string} */ (to.text))) return false
  return ![line, was].some(o => valueOf(o, field) === valueOf(to, field))
}

/** All that is kept beside the lines; `others` are those of it that are shown. @type {(page: Labels) => Other[]} */
const asideOf = page => page.aside ?? page.others ?? []

/** @type {<T extends Labels>(page: T, aside: Other[]) => T} */
function withAside(page, aside) {
  if (!aside.length && !asideOf(page).length) return page
  const others = aside.filter(o => {
    const r = page.regions.find(line => line.id === o.line)
    return r && differs(o, r)
  })
  return {...page, aside, others}
}

/** @type {<T extends Labels>(page: T, op: {region: Line, after?: string | null}) => T} */
function put(page, {region, after}) {
  const old = page.regions.findIndex(r => r.id === region.id), regions = without(page.regions, region.id)
  let at = old < 0 ? regions.length : old
  if (after === null) at = 0
  else if (after !== undefined && regions.some(r => r.id === after)) at = regions.findIndex(r => r.id === after) + 1
  regions.splice(at, 0, region)
  return {...page, regions, suggestions: without(page.suggestions, region.id)}
}

/** @type {<T extends Labels>(page: T, op: OrderEdit) => T} */
function order(page, {ids}) {
  const place = new Map(ids.map((id, i) => [id, i])), known = page.regions.filter(r => place.has(r.id))
  /** @type {(r: Line) => number} */
  const at = r => place.get(r.id) ?? 0
  return {...page, regions: [...known.sort((a, b) => at(a) - at(b)), ...page.regions.filter(r => !place.has(r.id))]}
}

/** One field of an edit: the line and what is kept beside it, after that.
 * @type {(line: Line, aside: Other[], field: Field, op: SetEdit & {to: Fields, was: Fields}) => [Line, Other[]]} */
function change(line, aside, field, {to, was, session = '', at = 0, draft}) {
  const [now, seen, next] = [line, was, to].map(o => valueOf(o, field))
  if (next === seen) return [line, aside]
  const same = aside.filter(o => o.line === line.id && o.field === field && valueOf(o.to, field) === seen)
  const mine = same.filter(o => o.session === session), old = mine[0] ?? same[0]
  if (now === seen) return [{...line, ...fieldsOf(to, field)}, aside.filter(o => !mine.includes(o))]
  const other = {line: line.id, field, to: fieldsOf(to, field), was: fieldsOf(was, field), session, at}
  if (old) return [line, aside.map(o => o === old ? {...other, was: old.was} : o)]
  return [line, now !== next || draft ? [...aside, other] : aside]
}

/** @type {<T extends Labels>(page: T, op: SetEdit) => T} */
function set(page, op) {
  const {id, to = {}, was = {}, after, drop = [], keep = [], session = '', at = 0, draft} = op
  let line = lineOf(page, id), aside = asideOf(page)
  if (!line) return page
  aside = aside.filter(o => o.line !== id || !drop.some(d => isSame(d, o.to)))
  for (const f of named(to)) [line, aside] = change(line, aside, f, {...op, to, was})
  const kept = keep.map(o => ({line: id, field: named(o)[0], to: o, was: {}, session, at})), now = line
  aside = [...aside, ...kept]
  if (!draft) aside = aside.filter(o => o.line !== id || keep.some(k => isSame(k, o.to)) || differs(o, now))
  return withAside(put(page, {region: line, after}), aside)
}

/** How a line that is to be deleted is another than the one that was seen: 'accepted' since, or a field that is another
 * by now or has another value beside it; '' if it is not.
 * @type {(page: Labels, op: DeleteEdit) => Field | 'accepted' | ''} */
function unlike(page, {id, was, drop = [], offered}) {
  const line = page.regions.find(r => r.id === id)
  if (!line || !was) return line && offered ? 'accepted' : ''
  const seen = named(was)
  const changed = seen.find(f => valueOf(line, f) !== valueOf(was, f) && !(f === 'text' && isBlank(line.text)))
  if (changed) return changed
  const beside = (page.others ?? []).find(o =>
    o.line === id && [...seen, 'text'].includes(o.field) && !drop.some(d => isSame(d, o.to)))
  return beside?.field ?? (offered ? 'accepted' : '')
}

/** @type {<T extends Labels>(page: T, op: SuggestEdit) => T} */
function suggest(page, op) {
  const ids = new Set(op.regions.map(r => r.id)), lines = new Set(page.regions.map(r => r.id))
  const [stay, come] = [page.suggestions.filter(r => !ids.has(r.id)), op.regions.filter(r => !lines.has(r.id))]
  return {...page, suggestions: [...stay, ...come]}
}

/** @type {<T extends Labels>(page: T, op: Edit) => T} */
function applied(page, op) {
  /** @type {(id: string) => boolean} */
  const isLine = id => page.regions.some(r => r.id === id)
  if (op.op === 'set') return set(page, op)
  if (op.op === 'put') return put(page, op)
  if (op.op === 'back') return isLine(op.region.id) ? page : put(page, op)
  if (op.op === 'delete') {
    if (unlike(page, op)) return page
    return {...page, regions: without(page.regions, op.id), suggestions: without(page.suggestions, op.id)}
  }
  if (op.op === 'text') {
    const r = lineOf(page, op.id)
    return r ? put(page, {...op, region: {...r, text: op.text}}) : page
  }
  if (op.op === 'order') return order(page, op)
  if (op.op === 'begins') return {...page, regions: withParagraph(page.regions, op.id, op.to, op.numbered)}
  if (op.op === 'status') return op.dismissed?.some(isLine) ? page : {...page, status: op.status}
  if (op.op === 'suggest') return suggest(page, op)
  throw new Error(`no edit is called ${/** @type {Edit} */ (op).op}`)
}

/** The page after `op`. @type {<T extends Labels>(page: T, op: Edit) => T} */
export function apply(page, op) {
  const next = applied(page, op)
  return withDrafts(withAside(next, asideOf(next)), op)
}

/** The text that an edit gives a line. @type {(op: Edit) => string | undefined} */
function textOf(op) {
  if (op.op === 'set') return op.to?.text
  if (op.op === 'put') return op.region.text
  return op.op === 'text' ? op.text : undefined
}

/** Keep in mind whether the text that `op` gives a line is half typed; a page that was called done has none that is.
 * @type {<T extends Labels>(page: T, op: Edit) => T} */
function withDrafts(page, op) {
  const {drafts = []} = page, id = lineIn(op), text = textOf(op)
  if (op.op === 'status' && page.status === 'done' && drafts.length) return {...page, drafts: []}
  if (id === undefined || text === undefined || !!op.draft === drafts.includes(id)) return page
  if (page.regions.find(r => r.id === id)?.text !== text) return page
  return {...page, drafts: op.draft ? [...drafts, id] : drafts.filter(o => o !== id)}
}

/** What one who deletes a line says to have seen of it. @type {(r: Fields) => Fields} */
export const seenOf = r => fieldsOf(r, 'text', 'mark', 'shape')

/** What takes back that `op` gave the line new fields.
 * @type {(line: Line, after: string | null, op: SetEdit) => SetEdit} */
function inverseSet(line, after, op) {
  const {id, to = {}, was = {}, drop = [], keep = []} = op
  // the line may say it already, by another hand
  const names = named(to).filter(f => valueOf(line, f) !== valueOf(to, f))
  /** @type {SetEdit} */
  const res = {op: 'set', id, to: fieldsOf(was, ...names), was: fieldsOf(to, ...names)}
  if (op.after !== undefined) res.after = after
  if (drop.length) res.keep = drop
  if (keep.length) res.drop = keep
  return res
}

/** What takes back that a paragraph begins at a line, or none any more.
 * @type {(page: Labels, op: BeginsEdit) => Edit[]} */
function inverseBegins(page, {id, to}) {
  if (page.regions.findIndex(r => r.id === id) < 1 || paragraphStarts(page.regions).has(id) === to) return []
  const numbered = page.regions.some(r => r.paragraph)
  return [{op: 'begins', id, to: !to, ...(numbered ? {} : {numbered: false})}]
}

/** The edits that take `op` back on `page`, as it was before. @type {(page: Labels, op: Edit) => Edit[]} */
export function inverse(page, op) {
  const id = lineIn(op), i = page.regions.findIndex(r => r.id === id), line = page.regions[i]
  const after = i > 0 ? page.regions[i - 1].id : null, offered = page.suggestions.find(r => r.id === id)
  /** @type {Edit[]} */
  const offer = offered ? [{op: 'suggest', by: 'undo', regions: [offered]}] : []
  if (op.op === 'set' && line) return [inverseSet(line, after, op)]
  if (op.op === 'delete') return line ? [{op: 'back', region: line, after}] : offer
  if (op.op === 'back' && line) return []
  // a whole line, as yesterday's program writes it
  if ((op.op === 'put' || op.op === 'text') && line) return [{op: 'put', region: line, after}]
  if (op.op === 'put' || op.op === 'back') return [{op: 'delete', id: op.region.id, was: seenOf(op.region)}, ...offer]
  if ((op.op === 'set' || op.op === 'text') && offered) {
    const now = {...offered, ...(op.op === 'set' ? op.to : {text: op.text})}
    return [{op: 'delete', id: op.id, was: seenOf(now)}, ...offer]
  }
  if (op.op === 'order') return [{op: 'order', ids: page.regions.map(r => r.id)}]
  if (op.op === 'begins') return inverseBegins(page, op)
  if (op.op === 'status') return [{op: 'status', status: page.status}]
  return []
}

/** Why `op` does not do what it says, as somebody else was here: 'gone', 'here', 'accepted', or the field that is
 * another by now; '' if it does. @type {(page: Labels, op: Edit) => Field | 'gone' | 'here' | 'accepted' | ''} */
export function hindered(page, op) {
  if (op.op === 'back' || op.op === 'put') return page.regions.some(r => r.id === op.region.id) ? 'here' : ''
  if (op.op === 'delete') return unlike(page, op)
  if (op.op !== 'begins' && op.op !== 'set') return ''
  const line = lineOf(page, op.id)
  if (!line) return 'gone'
  if (op.op === 'begins') return ''
  const {to = {}, was = {}} = op, mine = asideOf(page).filter(a => a.line === op.id && a.session === op.session)
  /** @type {(f: Field, o: Fields) => boolean} */
  const isThere = (f, o) => {
    const values = [line, ...mine.filter(a => a.field === f).map(a => a.to)]
    return values.some(a => valueOf(a, f) === valueOf(o, f))
  }
  return named(to).find(f => !isThere(f, was) && !isThere(f, to)) ?? ''
}

/** What was done, on whichever page, and can be undone. */
export class History {
  constructor() {
    /** @type {Entry[]} */
    this.done = []
    /** @type {Entry[]} */
    this.undone = []
  }

  /** @type {(pageId: string, does: Edit[], undoes: Edit[], name: string) => void} */
  push(pageId, does, undoes, name) {
    this.done.push({pageId, does, undoes, name})
    this.undone = []
  }

  // The entry to take back or to do again, which the caller applies; undefined if there is none
  undo() { return this.step(this.done, this.undone) }
  redo() { return this.step(this.undone, this.done) }
  /** @type {(from: Entry[], to: Entry[]) => Entry | undefined} */
  step(from, to) {
    const entry = from.pop()
    if (entry) to.push(entry)
    return entry
  }
}
