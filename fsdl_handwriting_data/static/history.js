// What an edit does to a page, and what takes it back. A page is {regions, suggestions, status}; pages are never changed in place.

const without = (list, id) => list.filter(r => r.id !== id)

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

// The page after `op`
export function apply(page, op) {
  if (op.op === 'put') return put(page, op)
  if (op.op === 'delete') return {...page, regions: without(page.regions, op.id), suggestions: without(page.suggestions, op.id)}
  if (op.op === 'text') {
    const r = [...page.regions, ...page.suggestions].find(o => o.id === op.id)
    return r ? put(page, {...op, region: {...r, text: op.text}}) : page
  }
  if (op.op === 'order') return order(page, op)
  if (op.op === 'status') return {...page, status: op.status}
  if (op.op === 'suggest') {
    const ids = new Set(op.regions.map(r => r.id)), lines = new Set(page.regions.map(r => r.id))
    return {...page, suggestions: [...page.suggestions.filter(r => !ids.has(r.id)), ...op.regions.filter(r => !lines.has(r.id))]}
  }
  throw new Error(`no edit is called ${op.op}`)
}

// The edits that take `op` back on `page`, as it was before
export function inverse(page, op) {
  const id = op.op === 'put' ? op.region.id : op.id, i = page.regions.findIndex(r => r.id === id)
  const offered = page.suggestions.find(r => r.id === id), offer = offered ? [{op: 'suggest', by: 'undo', regions: [offered]}] : []
  if (['put', 'delete', 'text'].includes(op.op)) {
    if (i >= 0) return [{op: 'put', region: page.regions[i], after: i ? page.regions[i - 1].id : null}]
    return op.op === 'put' || op.op === 'text' && offered ? [{op: 'delete', id}, ...offer] : offer
  }
  if (op.op === 'order') return [{op: 'order', ids: page.regions.map(r => r.id)}]
  if (op.op === 'status') return [{op: 'status', status: page.status}]
  return []
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
