// What an edit does to a page, and what takes it back. A page is {regions, suggestions, status, others, drafts}; pages are never changed in place.
// An edit of a line's fields, `set`, says what it changes and what its window saw: a field that is another by now is not overwritten, and the value
// is kept beside it, in `others`. `edit` and its helpers in core/replay.py are the same rules, and say them in words.
import {isBlank} from './checks.js'
import {paragraphStarts, withParagraph} from './order.js'

const FIELDS = {text: ['text'], shape: ['points', 'shape'], mark: ['mark'], paragraph: ['paragraph'], label: ['label']}

const valueOf = (o, field) => JSON.stringify(FIELDS[field].map(k => k in o ? o[k] ?? null : 'unset'))
export const named = o => Object.keys(FIELDS).filter(f => FIELDS[f].every(k => k in o))
// The fields `names` of a line
export const fieldsOf = (r, ...names) => Object.fromEntries(names.flatMap(f => FIELDS[f].map(k => [k, r[k] ?? null])))
export const isSame = (a, b) => named(a).join() === named(b).join() && named(a).every(f => valueOf(a, f) === valueOf(b, f))

const without = (list, id) => list.filter(r => r.id !== id)
const lineOf = (page, id) => page.regions.find(r => r.id === id) ?? page.suggestions.find(r => r.id === id)

// Whether `other` says anything that the line, or what its window had seen, does not
const differs = ({field, to, was = {}}, line) => !(field === 'text' && isBlank(to.text)) && ![line, was].some(o => valueOf(o, field) === valueOf(to, field))

// All that is kept beside the lines; `others` are those of it that are shown
const asideOf = page => page.aside ?? page.others ?? []
function withAside(page, aside) {
  if (!aside.length && !asideOf(page).length) return page
  return {...page, aside, others: aside.filter(o => { const r = page.regions.find(r => r.id === o.line); return r && differs(o, r) })}
}

function put(page, {region, after}) {
  const old = page.regions.findIndex(r => r.id === region.id), regions = without(page.regions, region.id)
  let at = old < 0 ? regions.length : old
  if (after === null) at = 0
  else if (after !== undefined && regions.some(r => r.id === after)) at = regions.findIndex(r => r.id === after) + 1
  regions.splice(at, 0, region)
  return {...page, regions, suggestions: without(page.suggestions, region.id)}
}

function order(page, {ids}) {
  const place = new Map(ids.map((id, i) => [id, i])), known = page.regions.filter(r => place.has(r.id))
  return {...page, regions: [...known.sort((a, b) => place.get(a.id) - place.get(b.id)), ...page.regions.filter(r => !place.has(r.id))]}
}

// One field of an edit: the line and what is kept beside it, after that
function change(line, aside, field, {to, was, session = '', at = 0, draft}) {
  const [now, seen, next] = [line, was, to].map(o => valueOf(o, field))
  if (next === seen) return [line, aside]
  const same = aside.filter(o => o.line === line.id && o.field === field && valueOf(o.to, field) === seen), mine = same.filter(o => o.session === session)
  if (now === seen) return [{...line, ...fieldsOf(to, field)}, aside.filter(o => !mine.includes(o))]
  const other = {line: line.id, field, to: fieldsOf(to, field), was: fieldsOf(was, field), session, at}, old = mine[0] ?? same[0]
  if (old) return [line, aside.map(o => o === old ? {...other, was: old.was} : o)]
  return [line, now !== next || draft ? [...aside, other] : aside]
}

function set(page, {id, to = {}, was = {}, after, drop = [], keep = [], session = '', at = 0, draft}) {
  let line = lineOf(page, id), aside = asideOf(page)
  if (!line) return page
  aside = aside.filter(o => o.line !== id || !drop.some(d => isSame(d, o.to)))
  for (const f of named(to)) [line, aside] = change(line, aside, f, {to, was, session, at, draft})
  aside = [...aside, ...keep.map(o => ({line: id, field: named(o)[0], to: o, was: {}, session, at}))]
  if (!draft) aside = aside.filter(o => o.line !== id || keep.some(k => isSame(k, o.to)) || differs(o, line))
  return withAside(put(page, {region: line, after}), aside)
}

// How a line that is to be deleted is another than the one that was seen: 'accepted' since, or a field that is another by now or has another value beside it; '' if it is not
function unlike(page, {id, was, drop = [], offered}) {
  const line = page.regions.find(r => r.id === id)
  if (!line || !was) return line && offered ? 'accepted' : ''
  const seen = named(was), changed = seen.find(f => valueOf(line, f) !== valueOf(was, f) && !(f === 'text' && isBlank(line.text)))
  if (changed) return changed
  const beside = (page.others ?? []).find(o => o.line === id && [...seen, 'text'].includes(o.field) && !drop.some(d => isSame(d, o.to)))
  return beside?.field ?? (offered ? 'accepted' : '')
}

function applied(page, op) {
  if (op.op === 'set') return set(page, op)
  if (op.op === 'put') return put(page, op)
  if (op.op === 'back') return page.regions.some(r => r.id === op.region.id) ? page : put(page, op)
  if (op.op === 'delete') return unlike(page, op) ? page : {...page, regions: without(page.regions, op.id), suggestions: without(page.suggestions, op.id)}
  if (op.op === 'text') {
    const r = lineOf(page, op.id)
    return r ? put(page, {...op, region: {...r, text: op.text}}) : page
  }
  if (op.op === 'order') return order(page, op)
  if (op.op === 'begins') return {...page, regions: withParagraph(page.regions, op.id, op.to, op.numbered)}
  if (op.op === 'status') return op.dismissed?.some(id => page.regions.some(r => r.id === id)) ? page : {...page, status: op.status}
  if (op.op === 'suggest') {
    const ids = new Set(op.regions.map(r => r.id)), lines = new Set(page.regions.map(r => r.id))
    return {...page, suggestions: [...page.suggestions.filter(r => !ids.has(r.id)), ...op.regions.filter(r => !lines.has(r.id))]}
  }
  throw new Error(`no edit is called ${op.op}`)
}

// The page after `op`
export function apply(page, op) {
  const next = applied(page, op)
  return withDrafts(withAside(next, asideOf(next)), op)
}

// Keep in mind whether the text that `op` gives a line is half typed; a page that was called done has none that is
function withDrafts(page, op) {
  const {drafts = []} = page, id = op.region?.id ?? op.id, text = op.op === 'set' ? op.to?.text : op.op === 'put' ? op.region.text : op.op === 'text' ? op.text : undefined
  if (op.op === 'status' && page.status === 'done' && drafts.length) return {...page, drafts: []}
  if (text === undefined || !!op.draft === drafts.includes(id) || page.regions.find(r => r.id === id)?.text !== text) return page
  return {...page, drafts: op.draft ? [...drafts, id] : drafts.filter(o => o !== id)}
}

// What one who deletes a line says to have seen of it
export const seenOf = r => fieldsOf(r, 'text', 'mark', 'shape')

// The edits that take `op` back on `page`, as it was before
export function inverse(page, op) {
  const id = op.region?.id ?? op.id, i = page.regions.findIndex(r => r.id === id), line = page.regions[i], after = i > 0 ? page.regions[i - 1].id : null
  const offered = page.suggestions.find(r => r.id === id), offer = offered ? [{op: 'suggest', by: 'undo', regions: [offered]}] : []
  if (op.op === 'set' && line) {
    const {to = {}, was = {}, drop = [], keep = []} = op
    const names = named(to).filter(f => valueOf(line, f) !== valueOf(to, f))  // the line may say it already, by another hand
    return [{op: 'set', id, to: fieldsOf(was, ...names), was: fieldsOf(to, ...names), ...(op.after !== undefined ? {after} : {}), ...(drop.length ? {keep: drop} : {}), ...(keep.length ? {drop: keep} : {})}]
  }
  if (op.op === 'delete') return line ? [{op: 'back', region: line, after}] : offer
  if (op.op === 'back' && line) return []
  if (['put', 'text'].includes(op.op) && line) return [{op: 'put', region: line, after}]  // a whole line, as yesterday's program writes it
  if (['put', 'back'].includes(op.op)) return [{op: 'delete', id, was: seenOf(op.region)}, ...offer]
  if (['set', 'text'].includes(op.op) && offered) return [{op: 'delete', id, was: seenOf({...offered, ...op.to, ...(op.op === 'text' ? {text: op.text} : {})})}, ...offer]
  if (op.op === 'order') return [{op: 'order', ids: page.regions.map(r => r.id)}]
  if (op.op === 'begins') return i < 1 || paragraphStarts(page.regions).has(id) === op.to ? [] : [{op: 'begins', id, to: !op.to, ...(page.regions.some(r => r.paragraph) ? {} : {numbered: false})}]
  if (op.op === 'status') return [{op: 'status', status: page.status}]
  return []
}

// Why `op` does not do what it says, as somebody else was here: 'gone', 'here', 'accepted', or the field that is another by now; '' if it does
export function hindered(page, op) {
  const line = lineOf(page, op.id)
  if (['back', 'put'].includes(op.op)) return page.regions.some(r => r.id === op.region.id) ? 'here' : ''
  if (op.op === 'delete') return unlike(page, op)
  if (op.op === 'begins') return line ? '' : 'gone'
  if (op.op !== 'set') return ''
  if (!line) return 'gone'
  const isThere = (f, o) => valueOf(line, f) === valueOf(o, f) || asideOf(page).some(a => a.line === op.id && a.session === op.session && a.field === f && valueOf(a.to, f) === valueOf(o, f))
  return named(op.to ?? {}).find(f => !isThere(f, op.was) && !isThere(f, op.to)) ?? ''
}

// What was done, on whichever page, and can be undone; one entry is all that one key or one drag did
export class History {
  constructor() { this.done = []; this.undone = [] }

  push(pageId, does, undoes, name) {
    this.done.push({pageId, does, undoes, name})
    this.undone = []
  }

  // The entry to take back or to do again, which the caller applies; undefined if there is none
  undo() { return this.step(this.done, this.undone) }
  redo() { return this.step(this.undone, this.done) }
  step(from, to) {
    const entry = from.pop()
    if (entry) to.push(entry)
    return entry
  }
}
