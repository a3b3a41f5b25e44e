// The labelling widget: one page at a time as SVG over its picture, a list of lines, and one field for the transcript.
import {addPoint, below, box, degenerate, join, middle, move, movePoint, otherShape, rectangle, removePoint, resize, split} from './geometry.js'
import {merged, moved, paragraphStarts, placeOf} from './order.js'
import {History, apply, fieldsOf, hindered, inverse, isSame, named, seenOf} from './history.js'
import {MARKS, WORDS, isBlank, openWork, spokenName, textWarnings} from './checks.js'
import {HELP, action, characterKey} from './keys.js'
import {Outbox, Stopwatch} from './sync.js'

const SVG = 'http://www.w3.org/2000/svg'
const CLICK = 4          // pixels of the screen that the hand may tremble in a click
const TYPING = 600       // ms after which a text that is being typed is saved at the latest
const PAUSE = 300        // ms without a key after which it is saved
const STATUS = {open: '\u25cb', done: '\u2713', skipped: '\u2192', blank: '\u2713'}
const SAVED = {saved: '\u2713 Saved', saving: '\u2026 Saving', unsaved: '\u26a0 NOT SAVED'}
const ASK = 2500         // ms between two questions for what other windows did
const RESTS = 1_800_000   // ms without a sign of life after which it asks seldom
const CALLED = {text: 'text', shape: 'shape', points: 'shape', mark: 'mark', paragraph: 'paragraph', label: 'class'}
const images = new WeakMap()  // model → Map of page id → picture: each is sent once, for all views of a widget

// When something was, as people say it
function ago(at) {
  const secs = Date.now() / 1000 - at, date = new Date(at * 1000), time = date.toLocaleTimeString([], {hour: '2-digit', minute: '2-digit'})
  if (secs < 90) return `${time}, just now`
  if (secs < 5400) return `${time}, ${Math.round(secs / 60)} min ago`
  return new Date().toDateString() === date.toDateString() ? `${time} today` : `${date.toLocaleDateString()} ${time}`
}

// Where two texts differ, as elements
function difference(was, now) {
  const [a, b] = [letters(was), letters(now)], same = (i, j) => a[i] === b[j] && i >= 0 && j >= 0
  let begin = 0, end = 0
  while (begin < a.length && same(begin, begin)) begin++
  while (end < Math.min(a.length, b.length) - begin && same(a.length - 1 - end, b.length - 1 - end)) end++
  const part = (tag, list) => { const text = list.slice(begin, list.length - end).join(''); return text ? [h(tag, {}, text)] : [] }
  return h('bdi', {}, a.slice(0, begin).join(''), ...part('del', a), ...part('ins', b), a.slice(a.length - end).join(''))
}

// What one change of a line's history did, as elements
function changeWords({what, to, was}) {
  const q = text => h('q', {dir: 'auto'}, text), p = (...list) => [h('div', {}, ...list)]
  const plain = {moved: 'moved in the reading order', deleted: 'deleted', back: 'brought back', accepted: 'suggestion accepted', offered: 'suggested', export: 'as in the export', begins: 'a paragraph begins here', 'goes on': 'no paragraph begins here any more'}
  const says = o => named(o).map(f => f === 'text' ? q(o.text) : f === 'mark' ? o.mark ? `marked ${o.mark}` : 'no mark' : f === 'paragraph' ? `paragraph ${o.paragraph ?? 'as before'}` : f === 'shape' ? `a ${o.shape}` : o.label.join(', '))
  if (what === 'new') return p('drawn', ...(to.text ? [': ', q(to.text)] : []))
  if (what === 'kept') return p('kept beside the line, from a window that had not seen it: ', ...says(to))
  if (what === 'joined') return p('joined to the text: ', ...says(to))
  if (what === 'settled') return p('settled, and not taken: ', ...says(to))
  if (plain[what]) return p(plain[what], ...(['export', 'offered', 'deleted'].includes(what) && to.text ? [': ', q(to.text)] : []))
  return named(to).map(f => h('div', {}, ...(f === 'text' ? [was.text ? 'text: ' : 'typed: ', difference(was.text, to.text)]
    : f === 'shape' ? [to.shape === was.shape ? 'shape or place changed' : `made a ${to.shape}`] : f === 'mark' ? [to.mark ? `marked ${to.mark}` : `no longer ${was.mark}`]
    : f === 'paragraph' ? [`paragraph ${was.paragraph ?? '\u2013'} \u2192 ${to.paragraph ?? '\u2013'}`] : [`classes ${was.label.join(', ')} \u2192 ${to.label.join(', ')}`])))
}

// A name for `text` that any window gives it
function nameOf(text) {
  let [a, b] = [0x811c9dc5, 0x1b873593]
  for (const c of text) [a, b] = [Math.imul(a ^ c.codePointAt(0), 0x01000193), Math.imul(b ^ c.codePointAt(0), 0x85ebca6b) ^ a >>> 15]
  return [a, b].map(o => (o >>> 0).toString(16).padStart(8, '0')).join('')
}

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), b => b.toString(16).padStart(2, '0')).join('')

// The characters of a text as people count them: an accent belongs to its letter
const letters = text => Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), o => o.segment) : [...text]

const countOpen = open => open.reduce((sum, o) => sum + (o.n ?? 1), 0)
const undecided = n => n === 1 ? '1 suggested line is undecided' : `${n} suggested lines are undecided`

// What the list of pages says of an open page that is begun
function stillOpen({status, lines, open, suggestions = 0}) {
  if (status !== 'open' || !lines) return ''
  return open ? `  (${open - !!suggestions + suggestions} open)` : '  (complete)'
}

// An element with attributes (`on…` are listeners) and children
function h(tag, attributes = {}, ...children) {
  const el = attributes.svg ? document.createElementNS(SVG, tag) : document.createElement(tag)
  for (const [k, v] of Object.entries(attributes)) {
    if (k.startsWith('on')) el.addEventListener(k.slice(2), v)
    else if (k !== 'svg' && v !== undefined && v !== null && v !== false) el.setAttribute(k, v === true ? '' : v)
  }
  // The notebook looks at the element that has the focus before it looks at our root
  if (!attributes.svg && (['button', 'select', 'input'].includes(tag) || 'tabindex' in attributes)) el.setAttribute('data-lm-suppress-shortcuts', 'true')
  el.append(...children)
  return el
}
const s = (tag, attributes, ...children) => h(tag, {...attributes, svg: true}, ...children)

// Set an attribute, or take it away if `value` is null, where it is another: what is set anew the browser works out anew
function setTo(el, name, value) {
  if (el.getAttribute(name) === value) return
  if (value === null) el.removeAttribute(name)
  else el.setAttribute(name, value)
}

// Whether two objects have the same values
function isAs(a, b) {
  if (!a) return false
  for (const k in b) if (a[k] !== b[k]) return false
  return true
}

function browserStore() {
  try { localStorage.length; return localStorage } catch { return {length: 0, key: () => null, getItem: () => null, setItem() { throw new Error('no storage') }, removeItem() {}} }
}

function withoutComments(text) {
  let res = '', from = 0
  for (let at; (at = text.indexOf('<!--', from)) >= 0;) {
    const end = text.indexOf('-->', at)
    res += text.slice(from, at)
    from = end < 0 ? text.length : end + 3
  }
  return res + text.slice(from)
}

// The few signs of markdown that guidelines need, as elements; never as HTML, for the file may be somebody else's
function markdown(text) {
  const inline = line => line.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/).map(o =>
    o.startsWith('**') ? h('strong', {}, o.slice(2, -2)) : /^\*.+\*$/.test(o) ? h('em', {}, o.slice(1, -1)) : /^`.+`$/.test(o) ? h('code', {}, o.slice(1, -1)) : o)
  const res = h('div')
  let list = null, paragraph = null
  for (const line of withoutComments(text).split(/\r?\n/)) {
    const head = line.match(/^(#{1,6})\s+(.*)/), item = line.match(/^\s*(?:([-*+])|\d+[.)])\s+(.*)/)
    if (head) { list = paragraph = null; res.append(h(`h${Math.min(head[1].length + 2, 6)}`, {}, ...inline(head[2]))) }
    else if (item) {
      const tag = item[1] ? 'ul' : 'ol'
      if (list?.localName !== tag) res.append(list = h(tag))
      list.append(h('li', {}, ...inline(item[2])))
      paragraph = null
    } else if (!line.trim()) list = paragraph = null
    else if (list) list.lastChild.append(' ', ...inline(line.trim()))
    else if (paragraph) paragraph.append(' ', ...inline(line.trim()))
    else res.append(paragraph = h('p', {}, ...inline(line.trim())))
  }
  return res
}

class Editor {
  constructor(model, el) {
    Object.assign(this, {model, el, session: random(), history: new History(), watch: new Stopwatch(), pages: [], known: new Map(), met: new Set(), page: null, selected: null,
      corner: null, tool: 'rectangle', view: {s: 1, x: 0, y: 0}, fitted: true, pointers: new Map(), pens: new Set(), ring: [], typing: null, nodes: new Map(), rows: new Map(), opening: null})
    if (!images.has(model)) images.set(model, Object.assign(new Map(), {views: 0}))
    this.images = images.get(model)
    this.images.views++
    this.build()
    this.receive = (message, buffers) => { try { this.receives(message, buffers) } catch (e) { this.say(`error: ${e.message}`); throw e } }
    model.on('msg:custom', this.receive)
    this.send({kind: 'hello'})
    this.asks = setInterval(() => this.poll(), ASK)
    this.helloTimer = setTimeout(() => { if (!this.outbox) this.showSaved('unsaved', 'the kernel does not answer: it is busy, or this cell has to be run again') }, 4000)
  }

  // Hand a message to the kernel; false if there is none
  send(message) {
    try { this.model.send({...message, session: this.session}) } catch { this.showSaved('unsaved', 'the kernel is not connected'); return false }
    return true
  }

  close() {
    clearTimeout(this.helloTimer)
    clearTimeout(this.recoverTimer)
    clearInterval(this.asks)
    this.sights?.disconnect()
    this.finishTyping()
    this.outbox?.close()
    this.resizes?.disconnect()
    clearTimeout(this.draftTimer)
    this.model.off('msg:custom', this.receive)
    if (--this.images.views) return
    this.images.forEach(o => URL.revokeObjectURL(o.url))
    images.delete(this.model)
  }

  // ------------------------------------------------------------------------------------------------ the elements

  button(name, text, title, attributes = {}) {
    return this.buttons[name] = h('button', {type: 'button', title, 'data-action': name, ...this.press(() => this.act({name})), ...attributes}, text)
  }

  // Listeners of a button: a click leaves the focus where it is, or brings it into the widget
  press(f) {
    const inside = () => this.root.contains(document.activeElement)
    return {onmousedown: e => e.preventDefault(), onclick: () => { if (!inside()) this.stage.focus({preventScroll: true}); f() }}
  }

  build() {
    this.buttons = {}
    const b = this.button.bind(this), group = (label, ...list) => h('span', {class: 'group', role: 'group', 'aria-label': label}, ...list)
    this.picker = h('select', {'aria-label': 'Page', onchange: () => this.openPage(this.picker.value)})
    this.who = h('span', {class: 'who'})
    this.saved = h('span', {class: 'saved', role: 'status', 'data-state': 'opening'}, '\u2026 Opening')
    this.bar = h('div', {class: 'bar', role: 'toolbar', 'aria-label': 'Page'},
      group('Pages', b('previous-page', '\u25c0', 'Page before (PageUp)', {'aria-label': 'Page before'}), this.picker, b('next-page', '\u25b6', 'Next page (PageDown)', {'aria-label': 'Next page'})),
      group('Tool', b('rectangle', '\u25ad Rectangle', 'Draw rectangles (R)'), b('polygon', '\u2b20 Polygon', 'Draw polygons: click for each corner, Enter ends (P)'), b('select', '\u2196 Select', 'Select and move; drag the paper to pan (V)')),
      group('History', b('undo', '\u21b6', 'Undo (Ctrl+Z)', {'aria-label': 'Undo'}), b('redo', '\u21b7', 'Redo (Ctrl+Shift+Z)', {'aria-label': 'Redo'})),
      group('Zoom', b('zoom-out', '\u2212', 'Zoom out (\u2212)', {'aria-label': 'Zoom out'}), b('zoom-in', '+', 'Zoom in (+)', {'aria-label': 'Zoom in'}), b('fit', 'Page', 'Whole page (F)', {'aria-label': 'Whole page'}), b('zoom-line', 'Line', 'Zoom to the line (Z, or F10 in the transcript)', {'aria-label': 'Zoom to the line'})),
      h('span', {class: 'group right'}, this.saved, b('skip', 'Skip', 'Leave this page for later'), b('done', '\u2713 Done', 'Page done, next open page (Ctrl+Enter)', {class: 'done'})))
    this.lineBar = h('div', {class: 'bar line-bar', role: 'toolbar', 'aria-label': 'Line'},
      group('New', b('new-line', '+ New', 'New line (N)'), b('duplicate', '\u2913 Copy', 'Copy further down (D, or F2 in the transcript)')),
      group('Shape', b('split', '\u2702 Split', 'Cut into an upper and a lower line (S; Shift+S: left and right)'), b('join', '\u222a Join', 'Join with the next line (J)'), b('other-shape', '\u25ad\u21c4\u2b20', 'Rectangle \u2194 polygon (T)', {'aria-label': 'Rectangle or polygon'}),
        b('add-point', '+\u2022', 'Add a point to the polygon (A)', {'aria-label': 'Add a point'}), b('delete', '\u2715 Delete', 'Delete the line, or the chosen point (Delete)')),
      group('Order', b('earlier', '\u2191 Earlier', 'Earlier in reading order (Alt+\u2191)'), b('later', '\u2193 Later', 'Later in reading order (Alt+\u2193)'), b('paragraph', '\u00b6', 'A paragraph begins here (B, or F4 in the transcript)', {'aria-label': 'A paragraph begins here'})),
      group('Line', b('history', 'History', 'What was done to this line, in any window (H)')),
      group('Mark', b('illegible', 'Illegible', 'Nobody can read this line (X, or F8 in the transcript)'), b('not-text', 'Not text', 'This is no line of text (Shift+X, or F9 in the transcript)')),
      group('Suggestions', b('accept', 'Accept', 'Accept the suggestion (Y, or Enter in the transcript)'), b('accept-all', 'Accept all', 'Accept all suggestions of this page (Shift+A)'), b('suggest', 'Find lines', 'Suggest lines on this page')),
      h('span', {class: 'group right'}, b('guidelines', 'Rules', 'Labelling guidelines (G)'), b('help', '?', 'Keys (?)', {'aria-label': 'Keys'})))
    this.buildStage()
    this.list = h('div', {class: 'lines', role: 'listbox', 'aria-label': 'Lines', tabindex: 0, onkeydown: e => this.listKey(e), onpointerdown: () => this.finishTyping(true)})
    this.work = h('div', {class: 'work', role: 'group', 'aria-label': 'Still open'})
    this.panel = h('div', {class: 'panel', hidden: true, role: 'region', tabindex: -1})
    this.buildField()
    this.live = h('div', {class: 'live', role: 'status', 'aria-live': 'polite'})
    this.why = h('div', {class: 'why', role: 'alert'})  // where it moves neither picture nor buttons under the hand
    this.buildQuestion()
    this.root = h('div', {class: 'fsdl-labeller', role: 'group', 'aria-label': 'Label pages', tabindex: -1},
      this.bar, this.lineBar, h('div', {class: 'body'}, this.stage, h('div', {class: 'side'}, this.list, this.why, this.work), this.panel), this.typer, h('div', {class: 'foot'}, this.live, this.who), this.question)
    this.root.addEventListener('keydown', e => this.key(e))
    this.root.addEventListener('mousedown', e => { if (!this.question.hidden && !this.question.contains(e.target)) e.preventDefault() })
    this.root.addEventListener('focusin', e => { if (!this.root.contains(e.relatedTarget)) this.look() })
    this.el.append(this.root)
    this.resizes = new ResizeObserver(() => { if (this.fitted) this.fit(); this.drawCrop() })
    this.resizes.observe(this.stage)
    this.inSight = true
    this.sights = new IntersectionObserver(all => { this.inSight = all.at(-1).isIntersecting; if (this.inSight) this.look() })
    this.sights.observe(this.root)
  }

  buildStage() {
    this.image = s('image', {preserveAspectRatio: 'none'})
    this.shapes = s('g', {class: 'shapes'})
    this.handles = s('g', {class: 'handles'})
    this.pen = s('g', {class: 'pen'})
    this.ghosts = s('g', {class: 'ghosts'})
    this.world = s('g', {}, this.image, this.shapes, this.ghosts, this.handles, this.pen)
    this.svg = s('svg', {'aria-hidden': 'false', role: 'presentation'}, this.world)
    this.noteText = h('span')
    this.note = h('div', {class: 'note', role: 'alert', hidden: true}, this.noteText, h('button', {type: 'button', class: 'close', 'aria-label': 'Close', onpointerdown: e => e.stopPropagation(), ...this.press(() => this.showNote(''))}, '\u2715'))
    this.stage = h('div', {class: 'stage', tabindex: 0, role: 'application', 'aria-label': 'Page picture', 'aria-roledescription': 'page of lines'}, this.svg, this.note)
    const on = (name, f, options) => this.stage.addEventListener(name, f.bind(this), options)
    on('pointerdown', this.down); on('pointermove', this.drag); on('pointerup', this.up); on('pointercancel', this.cancelDrag); on('dblclick', () => this.ring.length > 2 && this.closeRing())
    on('keyup', e => { if (e.key === ' ') this.space = false })
    on('blur', () => { this.space = false })
    on('pointerleave', () => { if (!this.dragging) this.pointer = null })
    on('wheel', this.wheel, {passive: false})
    on('contextmenu', e => { if (this.ring.length) e.preventDefault() })
  }

  buildField() {
    this.crop = h('canvas', {class: 'crop', 'aria-hidden': 'true'})
    this.input = h('input', {type: 'text', class: 'transcript', dir: 'auto', autocomplete: 'off', autocapitalize: 'off', autocorrect: 'off', spellcheck: 'false', 'aria-label': 'Transcript', disabled: true,
      oninput: () => this.typed(), onblur: () => this.finishTyping(), oncompositionend: () => this.typed()})
    this.clash = h('div', {class: 'rivals', role: 'group', 'aria-label': 'From another window', hidden: true})
    this.warnings = h('div', {class: 'warnings', role: 'status', id: `fsdl-${this.session}-warnings`})
    this.input.setAttribute('aria-describedby', this.warnings.id)
    this.chars = h('div', {class: 'chars', role: 'toolbar', 'aria-label': 'Characters'})
    this.typer = h('div', {class: 'typer'}, this.crop, this.input, this.clash, h('div', {class: 'below'}, this.warnings, this.chars))
  }

  // What Done asks while suggestions are undecided; the rest of the widget waits for the answer
  buildQuestion() {
    const id = `fsdl-${this.session}-question`, b = (name, text) => h('button', {type: 'button', ...name, ...this.press(() => this.act({name: name['data-action']}))}, text)
    this.questionHead = h('h4', {id})
    this.question = h('div', {class: 'question', role: 'alertdialog', 'aria-modal': 'true', 'aria-labelledby': id, 'aria-describedby': id + '-why', hidden: true},
      this.questionHead, h('p', {id: id + '-why'}, 'Nobody accepted or dismissed them, and a page is done when each line on it has been looked at.'),
      h('div', {class: 'choices'}, b({'data-action': 'label-them'}, 'Label them'), b({'data-action': 'dismiss'}, 'They are not text'), b({'data-action': 'leave-open'}, 'Leave the page open')))
  }

  say(text) { this.live.textContent = ''; this.live.textContent = text }

  // ------------------------------------------------------------------------------------------------ the kernel

  receives(message, buffers) {
    const mine = message.session === this.session
    if (message.kind === 'saved') this.isSaved(message, mine)
    else if (message.kind === 'page') this.gotPage(message, buffers, mine)
    else if (!mine) return
    else if (message.kind === 'start') this.start(message)
    else if (message.kind === 'failed') { this.outbox.failed(message.error); this.say(`Not saved: ${message.error}`) }
    else if (message.kind === 'refused') this.isRefused(message)
    else if (message.kind === 'news') this.gotNews(message)
    else if (message.kind === 'history') this.gotHistory(message)
    else if (message.kind === 'recovered') this.recovered(message)
    else if (message.kind === 'error') this.failed(message)
  }

  // Something went wrong that has nothing to do with saving
  failed({page, error}) {
    if (page && page === this.opening && this.busy) this.stay()
    if (!page || page === this.page?.id || page === this.opening) this.showNote(error)
  }

  start({key, annotator, pages, page, guidelines, chars, charset, suggests, now}) {
    Object.assign(this, {annotator, guidelines, charset, suggests})
    const {model} = this
    const first = !this.outbox
    if (first) {
      this.begun = now
      this.store = browserStore()
      this.outbox = new Outbox({send: edits => model.send({kind: 'edits', edits, session: this.session}), store: this.store, key, session: this.session, changed: () => this.showSaved()})
      this.leftovers = this.outbox.leftovers()
      this.earlier = new Set(this.leftovers.map(o => o.session))
      this.recover()
    }
    this.placeKey = `${key}:page`.replace(/^fsdl:/, 'fsdl-page:')
    let last = null
    try { last = this.store.getItem(this.placeKey) } catch { /* no storage here */ }
    this.pages = pages
    this.chars.replaceChildren(...letters(chars ?? '').map((c, i) => h('button', {type: 'button', tabindex: -1, title: characterKey(i) ? `${c} (${characterKey(i)})` : c, ...this.press(() => this.type(c))}, c)))
    this.showPages()
    this.showSaved()
    this.who.textContent = `\u270e ${annotator}`
    if (first) this.openPage(pages.some(p => p.id === last) ? last : page)
  }

  // Keep what the kernel refused in the browser, where it can still be looked up
  putAside(name, text) { try { this.store.setItem(name.replace(/^fsdl:/, 'fsdl-refused:'), text) } catch { /* no storage here */ } }

  // What earlier widgets left in the browser goes to the disk before anything new does, however often that has to be tried
  recover() {
    clearTimeout(this.recoverTimer)
    this.outbox.hold = this.leftovers.length > 0
    if (!this.outbox.hold) return this.outbox.flush()
    this.send({kind: 'recover', batches: this.leftovers.map(({session: from, edits}) => ({from, edits}))})
    this.recoverTimer = setTimeout(() => { this.owing ||= 'the kernel does not answer yet'; this.recover(); this.showSaved() }, 3000)
  }

  // Some of it is there now; what can never be written is put aside and said once
  recovered({results}) {
    const n = results.reduce((sum, o) => sum + o.saved, 0), refused = results.filter(o => o.error && !o.again).map(o => o.error)
    if (results.length !== this.leftovers.length) return  // the answer to an earlier try
    results.forEach((o, i) => {
      if (o.again) return
      if (o.error) this.putAside(this.leftovers[i].name, this.leftovers[i].text)
      this.outbox.forget(this.leftovers[i])
    })
    this.owing = results.find(o => o.again)?.error
    this.leftovers = this.leftovers.filter((_, i) => results[i].again)
    if (refused.length) this.showNote(`Edits that this browser had kept were refused, and stay in it: ${refused.join('; ')}`)
    if (n) this.say(`${n} edit${n > 1 ? 's' : ''} that this browser had kept are on the disk now.`)
    if (!this.leftovers.length) this.recover()
    this.showSaved()
    if (n && this.page) this.openPage(this.page.id)
  }

  takeSummaries(pages) {
    pages.forEach(p => { const i = this.pages.findIndex(o => o.id === p.id); if (i >= 0) this.pages[i] = p })
  }

  // Other kernels wrote something; a page that is not shown is fetched anew when it is
  gotNews({pages}) {
    this.asked = null
    if (!pages.length) return
    this.takeSummaries(pages)
    pages.forEach(p => { if (p.id !== this.page?.id) this.known.delete(p.id) })
    this.showPages()
  }

  // If the page is not what this window shows, the kernel sends it after this answer; `told` says what of our edits is otherwise there
  isSaved({session, n, pages, version, told = {}}, mine) {
    this.takeSummaries(pages)
    if (mine) {
      this.outbox.saved(n)
      const now = this.page && version[this.page.id]
      if (now !== undefined && this.page) this.version = now
      Object.entries(told).forEach(([id, list]) => this.tell(id, list))
    } else {
      Object.keys(version).forEach(id => { if (id !== this.page?.id) this.known.delete(id) })
      if (this.page && version[this.page.id] !== undefined) this.ask(this.page.id)
    }
    this.showPages()
  }

  // What another window had changed before an edit of ours came, on the page that is shown or on one that was left since
  tell(id, told) {
    const [o] = told, here = id === this.page?.id
    if (!o) return
    const line = `line ${o.number}`, called = o.fields.filter(f => f !== 'accepted').map(f => CALLED[f]).join(', ')
    const did = {accepted: `accepted ${line}`, mark: o.mark ? `marked ${line} \u201c${o.mark}\u201d` : `taken the mark of ${line} away`, shape: `changed the shape or place of ${line}`}
    const words = o.what === 'kept' && o.fields.includes('text') ? `Not deleted: the text of ${line} is another by now: \u201c${o.text}\u201d`
      : o.what === 'kept' ? `Not deleted: another window has ${o.fields.map(f => did[f]).filter(Boolean).join(', ') || `says something else of ${line}`}`
      : o.what === 'deleted' ? `Another window has deleted the line \u201c${o.text}\u201d.` : o.what === 'also' ? `Line ${o.number} was also changed in another window: ${called}.`
      : `Another window had changed the ${CALLED[o.what]} of ${line}: both are kept. Say which one counts.`
    const all = `${here ? '' : `${id}: `}${words}${o.stays ? '. The page is not done.' : ''}`
    this.say(all)
    if (here && o.what !== 'kept' && o.what !== 'deleted') return
    this.owedNote = this.busy ? all : ''  // the next page would take it away
    this.showNote(all)
  }

  isRefused({n, error}) {
    const edit = this.outbox.refused(n)
    if (!edit) return  // it was refused before, in another message
    this.putAside(`${this.outbox.name}:${n}`, JSON.stringify([edit]))
    this.showNote(`An edit was refused, and is kept in this browser only: ${error}`)
    if (this.page) this.ask(this.page.id)
  }

  showSaved(state = this.outbox?.state ?? 'saving', why = '') {
    const owed = this.leftovers?.reduce((sum, o) => sum + o.edits.length, 0) ?? 0, waiting = (this.outbox?.waiting.length ?? 0) + owed
    if (owed) state = this.owing ? 'unsaved' : 'saving'
    const error = why || (owed && this.owing) || this.outbox?.error || 'the kernel does not answer yet'
    const kept = this.outbox && !this.outbox.kept && waiting ? ' This browser keeps no copy either.' : waiting ? ' A copy is kept in this browser; if the kernel was restarted, run the cell again.' : ''
    const text = state !== 'unsaved' ? '' : `${error[0].toUpperCase()}${error.slice(1)}.${kept}`
    this.saved.dataset.state = state
    this.saved.textContent = SAVED[state] + (state === 'unsaved' && waiting ? ` (${waiting < 1000 ? waiting : '999+'})` : '')
    this.saved.title = text
    if (this.why.textContent !== text) this.why.textContent = text
  }

  // Ask for a page's labels, and for its picture if it is not here, or if the file is another one by now
  ask(id, ahead = false) { return this.send({kind: 'open', page: id, image: this.images.get(id)?.stamp ?? true, ahead}) }

  openPage(id, then) {
    if (!id) return
    this.finishTyping()
    this.cancelRing()
    this.stopDrag()
    this.opening = id
    this.then = then
    try { this.store.setItem(this.placeKey, id) } catch { /* no storage here */ }
    const known = this.known.get(id)
    if (known && this.images.has(id)) this.showPage(known)
    else { this.stage.setAttribute('aria-busy', 'true'); this.input.readOnly = this.busy }
    this.picker.value = id
    if (!this.ask(id)) this.stay()
  }

  // Whether another page than the one that is shown is on its way: nothing is edited meanwhile
  get busy() { return !!this.page && this.opening !== null && this.opening !== this.page.id }

  // The page that was asked for does not come: go on with the one that is here
  stay() {
    if (!this.page) return
    this.opening = this.page.id
    this.then = null
    this.picker.value = this.page.id
    this.stage.removeAttribute('aria-busy')
    this.input.readOnly = false
  }

  gotPage({page, problem, image, session, found}, buffers, mine) {
    if (image) this.images.set(page.id, {url: URL.createObjectURL(new Blob([buffers[0]], {type: page.type})), stamp: page.stamp})
    if (problem && mine && page.id === this.opening) this.showNote(problem)
    if (!mine) return
    const left = (this.leftovers ?? []).flatMap(o => o.edits.map(e => ({...e, session: o.session}))), waiting = (this.outbox?.waiting ?? []).filter(o => !(o.n <= page.n))
    const full = [...left, ...waiting].filter(o => o.page === page.id).reduce((p, o) => apply(p, o), page)
    this.known.set(page.id, full)
    if (page.id === this.opening) this.showPage(full, problem)
    if (found) this.gotLines(full, found)
  }

  // Lines that this window asked for, on a page that had the `status`: one step of the history
  gotLines(page, {ids, status}) {
    const regions = page.suggestions.filter(r => ids.includes(r.id)), opened = page.status === 'open' && status !== 'open', said = `${regions.length} line${regions.length === 1 ? '' : 's'} suggested`
    const does = [{op: 'suggest', by: 'find lines', regions}, ...(opened ? [{op: 'status', status: 'open'}] : [])]
    const undoes = [...regions.map(r => ({op: 'delete', id: r.id, was: seenOf(r), offered: true})), ...(opened ? [{op: 'status', status, dismissed: ids}] : [])]
    this.history.push(page.id, does, undoes, said)
    if (page.id !== this.page?.id) return
    if (opened) this.showNote(`${said}: the page is open again.`)
    this.say(`${said}.`)
    this.draw()
  }

  showPage(page, problem) {
    if (this.page && this.page.id !== page.id) { this.finishTyping(); this.stopDrag(); this.pointer = null }
    if (this.page?.id === page.id && this.typing) page = this.keepTyped(page)
    const same = this.page?.id === page.id, none = same && !this.lines().length, kept = same && this.lines().some(r => r.id === this.selected) ? this.selected : null
    if (!same && this.page) { this.known.set(this.page.id, this.page); this.selected = this.corner = null }
    this.page = page
    for (const r of page.regions) this.met.add(r.id)
    this.version = page.version
    this.opening = page.id
    this.stage.removeAttribute('aria-busy')
    this.input.readOnly = false
    if (!same || this.shown !== this.images.get(page.id)) this.showImage(problem)
    if (kept && !this.lines().some(r => r.id === kept)) this.selected = this.corner = null
    this.draw()
    if (!same) {
      this.fit()
      this.picker.value = page.id
      this.say(`Page ${this.number()} of ${this.pages.length}, ${page.id}, ${page.regions.length} lines${page.hint ? '. ' + page.hint : ''}`)
      const first = openWork(page).find(o => o.region)?.region ?? this.lines()[0]?.id
      if (first) this.select(first, null)
      else this.showField()
      const next = this.pages[this.number()]
      if (next && !this.images.has(next.id)) this.ask(next.id, true)
    } else if (none && !this.selected && this.lines().length) this.select(this.lines()[0].id, null)  // suggestions came
    else if (!this.typing) this.showField()
    else this.drawClash()
    const then = this.then
    this.then = null
    then?.()
  }

  // Another window deleted the line that is being typed. What the kernel does not know yet brings it back; else Ctrl+Z does.
  keepTyped(page) {
    const {id, now} = this.typing, i = this.page.regions.findIndex(r => r.id === id), region = this.page.regions[i]
    if (!region || page.regions.some(r => r.id === id)) return page
    const back = {op: 'back', region, after: i ? this.page.regions[i - 1].id : null}
    if (this.outbox.waiting.some(o => o.id === id)) return apply(page, back)
    this.typing = null
    this.history.push(page.id, [{op: 'delete', id, was: seenOf(region)}], [back], 'deleted in another window')
    this.showNote(`Another window has deleted the line that was typed here, \u201c${now}\u201d. Ctrl+Z brings it back.`)
    return page
  }

  showImage(problem) {
    const {width, height, id} = this.page, picture = this.shown = this.images.get(id)
    this.image.setAttribute('width', width)
    this.image.setAttribute('height', height)
    this.showNote([this.owedNote, problem].filter(Boolean).join(' '))
    this.owedNote = ''
    if (!picture) { this.bitmap = null; this.image.removeAttribute('href'); return }
    this.image.setAttribute('href', picture.url)
    this.bitmap = picture.bitmap ??= Object.assign(new Image(), {src: picture.url})
    if (!this.bitmap.complete) this.bitmap.addEventListener('load', () => this.drawCrop(), {once: true})
  }

  showNote(text) { this.noteText.textContent = text; this.note.hidden = !text }

  // Somebody else may have worked on this page: ask when the widget is used again
  look() {
    if (this.page && this.outbox && !this.outbox.waiting.length) this.send({kind: 'refresh', page: this.page.id, version: this.version, image: this.images.get(this.page.id)?.stamp})
  }

  // The same from time to time, while the widget is in sight and nothing waits; never a second time before the answer, for the kernel may be busy for long
  poll() {
    const now = Date.now()
    if (!this.page || !this.outbox || this.outbox.waiting.length || this.leftovers?.length || document.hidden || !this.inSight || this.busy || this.dragging) return
    if (this.asked && now - this.asked < 60_000 || now - this.alive > RESTS && now - (this.asksAt ?? 0) < 20 * ASK) return
    this.asksAt = this.asked = now
    try { this.model.send({kind: 'refresh', page: this.page.id, version: this.version, poll: true, session: this.session}) } catch { /* an edit will say so */ }
  }

  // ------------------------------------------------------------------------------------------------ lines and edits

  number(id = this.page?.id) { return this.pages.findIndex(p => p.id === id) + 1 }

  // Lines and suggestions together, in reading order
  lines() {
    const {regions, suggestions} = this.page ?? {regions: [], suggestions: []}
    if (!suggestions.length) return regions
    if (this.memo?.regions === regions && this.memo.suggestions === suggestions) return this.memo.lines
    // typing changes no place: the order is worked out anew only when a shape, or the set of lines, is another
    const all = [...regions, ...suggestions], was = this.memo?.all, still = was?.length === all.length && all.every((r, i) => r.id === was[i].id && r.points === was[i].points)
    const byId = still && new Map(all.map(r => [r.id, r]))
    this.memo = {regions, suggestions, all, lines: still ? this.memo.lines.map(r => byId.get(r.id)) : merged(regions, suggestions)}
    return this.memo.lines
  }

  line(id = this.selected) { return this.page?.regions.find(r => r.id === id) ?? this.page?.suggestions.find(r => r.id === id) }
  isSuggestion(id = this.selected) { return !!this.page?.suggestions.some(r => r.id === id) }

  // The edit that gives the line `r` the fields `to`: it says what they were, and where a suggestion that becomes a line belongs
  setOf(r, to = {}) {
    const op = {op: 'set', id: r.id, to, was: fieldsOf(r, ...named(to))}
    return this.isSuggestion(r.id) ? {...op, after: placeOf(this.page.regions, {...r, ...to})} : op
  }

  // A line, or a suggestion, as this window shows it is deleted, and no other
  deleteOf(r) { return {op: 'delete', id: r.id, was: seenOf(r), ...(this.isSuggestion(r.id) ? {offered: true} : {})} }

  // Values of other windows that this one shows, which an edit settles
  othersOf(id, field) { return (this.page.others ?? []).filter(o => o.line === id && (!field || o.field === field)) }

  // Lead to the first of `lines` of which windows say different things: only who was shown them all may say which counts. Whether there is one.
  isUnsettled(then, ...lines) {
    this.finishTyping(true)
    const r = lines.find(o => this.othersOf(o.id).length)
    if (!r) return false
    const {field} = this.othersOf(r.id)[0], n = this.page.regions.findIndex(o => o.id === r.id) + 1, many = new Set(this.othersOf(r.id, field).map(o => JSON.stringify(o.to))).size + 1
    if (r.id !== this.selected) this.select(r.id, null)
    this.say(`Line ${n} has ${many === 2 ? 'two' : many} ${CALLED[field].replace(/s$/, 'se')}s: say which counts, then ${then}.`)
    return true
  }

  // Do `ops`, remember how to undo them, and send them off
  edit(ops, name) {
    if (!ops.length || !this.page) return
    this.finishTyping()
    this.history.push(this.page.id, ops, this.perform(ops), name)
    this.reopen(ops)
    this.outbox.flush()
    this.draw()
  }

  perform(ops) {
    const undoes = []
    for (const op of ops) {
      undoes.unshift(...inverse(this.page, op))
      if (op.op === 'put') this.met.add(op.region.id)
      this.page = apply(this.page, {...op, session: this.session})
    }
    this.post(...ops)
    this.known.set(this.page.id, this.page)
    return undoes
  }

  // What the stopwatch calls a line of this page, and a sign of life
  timed(line) { return line === null ? null : `${this.page?.id}\n${line}` }
  tick() { this.alive = Date.now(); this.watch.tick(this.timed(this.selected)) }

  // Put `ops` into the outbox, each with the active seconds of its line
  post(...ops) {
    this.outbox.push(...ops.map(op => {
      const line = op.region?.id ?? op.id, secs = op.op === 'status' ? this.watch.takeAll(this.timed('')) : line ? this.watch.take(this.timed(line)) : 0
      return {...op, page: this.page.id, session: this.session, ...(secs ? {secs} : {})}
    }))
  }

  // A page that is done and no longer complete is open again
  reopen(ops) {
    const {status} = this.page
    if (ops.some(o => o.op === 'status') || status === 'open') return
    if (status === 'done' && !openWork(this.page).length) return
    const entry = this.history.done.at(-1), op = {op: 'status', status: 'open'}
    const undoes = this.perform([op])
    if (entry?.does === ops) { entry.does = [...ops, op]; entry.undoes = [...entry.undoes, ...undoes] }
    this.say('The page is open again.')
  }

  takeBack(which) {
    this.finishTyping()
    const entry = (which === 'undo' ? this.history.done : this.history.undone).at(-1)
    if (!entry) return this.say(`Nothing to ${which}.`)
    if (entry.pageId !== this.page.id) return this.openPage(entry.pageId, () => this.takeBack(which))
    this.history[which]()
    let page = this.page, why = ''
    const ops = (which === 'undo' ? entry.undoes : entry.does).filter(o => {  // what another window changed meanwhile stays as it is
      const op = {...o, session: this.session}, other = hindered(page, op)
      if (other) why ||= this.otherwise(page, op, other)
      else page = apply(page, op)
      return !other
    })
    const back = this.perform(ops)
    if (why) Object.assign(entry, which === 'undo' ? {undoes: ops, does: back} : {does: ops, undoes: back})
    else if (which === 'redo') entry.does = ops
    if (!ops.length) this.history[which === 'undo' ? 'undone' : 'done'].pop()
    this.reopen(ops)
    this.outbox.flush()
    const touched = ops.map(o => o.region?.id ?? o.id).find(id => this.line(id))
    this.select(touched ?? (this.line() ? this.selected : null), null)
    const words = which === 'undo' ? ['Undone', 'Not undone'] : ['Done again', 'Not done again']
    this.say(why ? `${words[1]}: ${why}` : `${words[0]}: ${entry.name}`)
    if (why) this.showNote(`${words[1]}: ${why}`)
  }

  // In words, what another window made of the line that `op` is about
  otherwise(page, op, field) {
    const r = page.regions.find(o => o.id === (op.region?.id ?? op.id))
    if (field === 'accepted') return 'another window has accepted the suggestion'
    if (field === 'here') return 'another window has brought the line back'
    if (!r) return 'another window has deleted the line'
    return `the ${CALLED[field]} is another by now${field === 'text' ? `: \u201c${r.text}\u201d` : ''}`
  }

  change(r, to, name) { this.edit([this.setOf(r, to)], name) }
  reshape(r, points, name, shape = r.shape) { this.change(r, {points, shape}, name) }

  add(points, shape, focus = 'text') {
    this.finishTyping(true)
    if (this.lines().some(r => r.points.join() === points.join())) return this.say('There is no room below: a line is there.')
    const region = {id: 'r' + random(), points, shape, text: '', mark: '', paragraph: null, label: ['line'], index: null}
    if (degenerate(region)) return this.say('Too small: nothing was drawn.')
    this.edit([{op: 'put', region, after: placeOf(this.page.regions, region)}], 'new line')
    this.select(region.id, focus)
  }

  select(id, focus = 'page') {
    if (this.selected !== id) { this.finishTyping(true); this.corner = null }
    this.selected = id
    this.tick()
    this.draw()
    this.showField()
    const r = this.line()
    if (this.showsHistory && r) this.askHistory()
    if (r) {
      this.reveal(r)
      const lines = this.lines()
      this.say(spokenName(r, lines.indexOf(r) + 1, lines.length, this.isSuggestion()))
    }
    if (focus === 'text' && r) { this.input.focus({preventScroll: true}); this.typer.scrollIntoView({block: 'nearest'}); this.input.setSelectionRange(this.input.value.length, this.input.value.length) }
    if (focus === 'page') this.stage.focus({preventScroll: true})
  }

  step(d, focus) {
    const lines = this.lines(), i = lines.findIndex(r => r.id === this.selected), next = lines[i < 0 ? (d > 0 ? 0 : lines.length - 1) : i + d]
    if (next) this.select(next.id, focus)
    return !!next
  }

  // ------------------------------------------------------------------------------------------------ the transcript

  // What is typed goes to the kernel as `saveSoon` says, and is one step of the history when it is finished
  typed() {
    const r = this.line()
    if (!r || this.input.value === this.shownText) return this.warn()
    this.shownText = this.input.value
    const text = this.input.value.toWellFormed?.() ?? this.input.value
    this.typing ??= {id: r.id, before: this.page, text: r.text, now: r.text}
    const op = {...this.setOf({...r, text: this.typing.now}, {text}), draft: true}
    this.typing.now = text
    this.tick()
    this.page = apply(this.page, {...op, session: this.session})
    this.post(op)
    this.saveSoon()
    this.typer.classList.toggle('suggested', this.isSuggestion())
    this.draw()
    this.warn()
  }

  // Save what is being typed when the hand pauses, and after TYPING ms if it does not
  saveSoon() {
    const now = Date.now()
    this.draftDue ??= now + TYPING
    clearTimeout(this.draftTimer)
    this.draftTimer = setTimeout(() => { this.draftDue = null; this.outbox.flush() }, Math.max(0, Math.min(now + PAUSE, this.draftDue) - now))
  }

  // End the typing, one step of the history. Enter, another line, a stroke on the page and Done confirm the text; else it stays half typed.
  finishTyping(confirmed = false) {
    const typing = this.typing
    if (!typing) return
    this.typing = null
    clearTimeout(this.draftTimer)
    this.draftDue = null
    const {id, text, now, before} = typing, done = confirmed || now === text && !before.drafts?.includes(id)
    if (done) this.perform([{op: 'set', id, to: {text: now}, was: {text: now}}])  // nobody goes on with it
    this.outbox.flush()
    if (!this.line(id)) return this.draw()  // another window deleted the line meanwhile; the kernel knows the text
    const suggestion = before.suggestions.find(r => r.id === id), after = suggestion && placeOf(before.regions, suggestion)
    const op = {op: 'set', id, to: {text: now}, was: {text}, ...(suggestion ? {after} : {}), ...(done ? {} : {draft: true})}
    if (suggestion || now !== text) this.history.push(this.page.id, [op], inverse(before, op), 'transcript')
    this.reopen([op])
    this.outbox.flush()
    this.known.set(this.page.id, this.page)
    this.draw()
    if (this.selected === id && this.line(id).text !== now) this.showField()  // what the line says, and what was typed beside it
  }

  // Whether nobody confirmed the text of a line, and nobody is typing it now
  isDraft(id = this.selected) { return this.typing?.id !== id && !!this.page?.drafts?.includes(id) }

  // A text that was left half typed is right as it stands
  confirmDraft() {
    const {id, text} = this.line()
    this.perform([{op: 'set', id, to: {text}, was: {text}}])
    this.outbox.flush()
    this.draw()
  }

  type(text) {
    if (this.input.disabled) return
    this.input.focus({preventScroll: true})
    if (document.execCommand('insertText', false, text)) return  // so that the field's own undo knows of it
    this.input.setRangeText(text, this.input.selectionStart, this.input.selectionEnd, 'end')
    this.typed()
  }

  confirm() {
    const typed = this.typing?.id === this.selected
    this.finishTyping(true)
    if (!typed && this.isSuggestion()) this.change(this.line(), {}, 'accept')
    else if (this.isDraft()) this.confirmDraft()
    if (!this.step(1, 'text')) this.say(openWork(this.page).length ? 'Last line. Some lines of this page are still open.' : 'Last line. Ctrl+Enter: page done.')
  }

  showField() {
    const r = this.line()
    if (!r && document.activeElement === this.input) this.stage.focus({preventScroll: true})
    this.shownText = (r?.text ?? '').replace(/\r\n?|\n/g, ' ')  // the field has one line
    if (this.input.value !== this.shownText) this.input.value = this.shownText
    this.input.disabled = !r
    this.input.placeholder = !r ? 'Draw a line on the page, or pick one' : r.mark ? `marked ${r.mark}` : 'Type what the line says'
    this.typer.classList.toggle('suggested', this.isSuggestion())
    this.drawCrop()
    this.drawClash()
    this.warn()
  }

  // The values of the chosen line that this window does not show, each once: {field, to, session, at}. While a text is typed that another window
  // has changed, the line's own is the one that is not shown.
  rivals() {
    const r = this.line()
    if (!r) return []
    const shown = this.typing?.id === r.id ? {...r, text: this.typing.now} : r, own = shown.text !== r.text ? [{field: 'text', to: {text: r.text}}] : []
    return [...own, ...this.othersOf(r.id)].filter((o, i, all) => !isSame(o.to, fieldsOf(shown, o.field)) && all.findIndex(p => isSame(p.to, o.to)) === i)
  }

  // What other windows say of this line, and who is to say which one counts
  drawClash() {
    const list = this.rivals(), r = this.line(), state = JSON.stringify([r?.id, list])
    if (this.clashState === state) return
    this.clashState = state
    this.clash.hidden = !list.length
    this.ghosts.replaceChildren(...list.filter(o => o.field === 'shape').map(o => s('polygon', {points: o.to.points.map(p => this.xy(p).join()).join(' ')})))
    const b = (name, text, title, f) => h('button', {type: 'button', 'data-action': name, title, ...this.press(f)}, text)
    this.clash.replaceChildren(...list.map((o, i) => {
      const first = i === list.findIndex(p => p.field === o.field), others = list.filter(p => p.field === o.field), key = k => i ? '' : ` (${k})`
      return h('div', {class: 'rival'}, h('span', {}, '\u26a0 ', ...this.rivalWords(o, r)),
        h('span', {class: 'group'}, b('take-other', `Take that ${CALLED[o.field]}`, `That ${CALLED[o.field]} counts${key('C')}`, () => this.settle(o, o.to)),
          ...(first ? [b('keep-this', `Keep this ${CALLED[o.field]}`, `The ${CALLED[o.field]} that is shown counts${key('K')}`, () => this.settle(o))] : []),
          ...(first && o.field === 'text' ? [b('take-both', 'Both', `Put the texts behind each other, to be corrected${key('U')}`, () => this.settle(o, null, others))] : [])))
    }))
  }

  // In which window an edit was made; the one before a reload is gone, and nobody knows which it was
  whence(session, at) {
    return session === this.session ? 'in this window' : this.earlier.has(session) || at < this.begun ? 'before this window was opened' : 'in another window'
  }

  rivalWords({field, to, session, at}, r) {
    const from = session === undefined ? 'in another window by now' : this.whence(session, at)
    const when = at ? `, ${ago(at)}` : ''
    if (field === 'text') return [`Also typed ${from}${when}: `, h('q', {dir: 'auto'}, to.text)]
    if (field === 'shape') return [`Another shape was drawn ${from}${when} (dashed on the page)`]
    if (field === 'mark') return [`${to.mark ? `Marked \u201c${to.mark}\u201d` : 'Not marked'} ${from}${when}`]
    if (field === 'paragraph') return [`Paragraph ${to.paragraph ?? r.paragraph ?? 1} ${from}${when}`]
    return [`Classes ${to.label.join(', ')} ${from}${when}`]
  }

  // Say which value of the field that `rival` is about counts: `to`, the one that is shown, or `both` texts; the others that are shown are settled with that
  settle({field}, to, both) {
    const typed = this.typing?.id === this.selected ? {text: this.typing.now} : null, r = this.line()
    this.finishTyping()
    const mine = {...fieldsOf(r, field), ...(field === 'text' ? typed : null)}
    if (both) to = {text: [mine, ...both.map(o => o.to)].map(o => o.text).filter(o => !isBlank(o)).join(' ')}
    const drop = [...this.othersOf(r.id, field).map(o => o.to)]
    this.edit([{...this.setOf(r, to ?? mine), ...(drop.length ? {drop} : {})}], both ? 'both texts' : `choice of the ${CALLED[field]}`)
    this.showField()
    if (both) this.select(r.id, 'text')
    else this.keepFocus()
    this.say(both ? 'Both texts are in the line now: correct it.' : `The ${CALLED[field]} is settled. Ctrl+Z takes that back.`)
  }
  on_take_other() { this.clash.querySelector('[data-action=take-other]')?.click() }
  on_keep_this() { this.clash.querySelector('[data-action=keep-this]')?.click() }
  on_take_both() { this.clash.querySelector('[data-action=take-both]')?.click() }
  on_to_choices() {
    const first = this.clash.querySelector('button')
    if (first) first.focus()
    else this.say('No other window says anything else of this line.')
  }

  warn() {
    const r = this.line(), list = r ? textWarnings(this.typing ? this.input.value : r.text, this.charset) : []
    if (this.warned === (this.warned = list.join('\n'))) return
    this.warnings.replaceChildren(...list.map(o => h('span', {}, `\u26a0 ${o}`)))
  }

  // The line's picture above the field, without the ink of its neighbours where a polygon says so
  drawCrop() {
    const r = this.line(), width = this.typer.clientWidth, ready = r && this.bitmap?.complete && this.bitmap.naturalWidth
    this.crop.hidden = !ready
    if (!ready || !width) return
    const points = this.preview?.id === r.id ? this.preview.points : r.points
    const b = box(points), {naturalWidth: w, naturalHeight: hh} = this.bitmap, pad = 0.12 * (b.y2 - b.y1) * hh
    const [x, y] = [b.x1 * w - pad, b.y1 * hh - pad], [cw, ch] = [Math.max((b.x2 - b.x1) * w + 2 * pad, 1), Math.max((b.y2 - b.y1) * hh + 2 * pad, 1)]
    const k = Math.min(width / cw, 110 / ch), ratio = window.devicePixelRatio || 1
    Object.assign(this.crop.style, {width: `${cw * k}px`, height: `${ch * k}px`})
    Object.assign(this.crop, {width: Math.max(1, Math.round(cw * k * ratio)), height: Math.max(1, Math.round(ch * k * ratio))})
    const c = this.crop.getContext('2d')
    c.fillStyle = '#fff'
    c.fillRect(0, 0, this.crop.width, this.crop.height)
    c.scale(k * ratio, k * ratio)
    c.translate(-x, -y)
    if (r.shape !== 'rectangle') {
      c.globalAlpha = 0.18
      c.drawImage(this.bitmap, 0, 0)
      c.globalAlpha = 1
      c.beginPath()
      points.forEach(([px, py]) => c.lineTo(px * w, py * hh))
      c.closePath()
      c.clip()
    }
    c.drawImage(this.bitmap, 0, 0)
  }

  // ------------------------------------------------------------------------------------------------ drawing

  // Bring what is shown up to date: on each key all lines are looked at, and only what is another on the screen is touched
  draw() {
    if (!this.page) return
    const {page, typing} = this, lines = this.lines(), open = openWork(typing ? {...page, drafts: page.drafts?.filter(id => id !== typing.id)} : page)
    const todo = new Set(open.map(o => o.region)), offered = new Set(page.suggestions), clash = new Set(page.others?.map(o => o.line)), size = `${page.width} ${page.height}`
    let number = 0, paragraph = page.regions[0]?.paragraph ?? 1
    lines.forEach((line, i) => {
      const r = this.preview?.id === line.id ? {...line, ...this.preview} : line, suggested = offered.has(line), begins = !suggested && (r.paragraph ?? paragraph) !== paragraph
      if (!suggested) { number++; paragraph = r.paragraph ?? paragraph }
      const {points, shape, mark, text} = r, selected = r.id === this.selected
      this.drawLine(r, {points, shape, mark, text, number, i, total: lines.length, suggested, selected, open: todo.has(r.id), size})
      this.drawRow(r, {mark, text, number, i, suggested, selected, begins, clash: clash.has(r.id), draft: this.isDraft(r.id)})
    })
    if (this.rows.size > lines.length) {
      const ids = new Set(lines.map(r => r.id))
      for (const map of [this.nodes, this.rows]) for (const [id, o] of map) if (!ids.has(id)) { o.node.remove(); map.delete(id) }
    }
    this.inOrder(lines)
    const top = this.nodes.get(this.selected)?.node, active = top ? this.domId(this.selected) : null
    if (top && this.shapes.lastChild !== top) this.shapes.append(top)
    setTo(this.stage, 'aria-activedescendant', active)
    setTo(this.list, 'aria-activedescendant', active && active + '-row')
    this.drawHandles()
    this.drawWork(open)
    this.drawButtons(open)
    this.drawQuestion()
  }

  inOrder(lines) {
    const {children} = this.list
    if (this.listed?.length === lines.length && children.length === lines.length && lines.every((r, i) => r.id === this.listed[i])) return
    this.listed = lines.map(r => r.id)
    this.listed.forEach((id, i) => { const n = this.rows.get(id).node; if (children[i] !== n) this.list.insertBefore(n, children[i] ?? null) })
  }

  domId(id) { return `fsdl-${this.session}-${id}` }
  xy([x, y]) { return [x * this.page.width, y * this.page.height] }

  drawLine(r, o) {
    const entry = this.nodes.get(r.id) ?? {node: s('g', {id: this.domId(r.id), 'data-id': r.id, role: 'img'}, s('polygon'), s('text', {'aria-hidden': 'true'}))}, {node, was} = entry
    if (isAs(was, o)) return
    entry.was = o
    const {points, suggested, selected, open, mark, number} = o, [polygon, text] = node.children
    setTo(node, 'class', ['line', r.shape, suggested && 'suggested', selected && 'selected', mark && 'marked', !suggested && !open && 'complete'].filter(Boolean).join(' '))
    setTo(node, 'aria-label', spokenName(r, o.i + 1, o.total, suggested))
    // the spaces keep it off the shape and its handles: a transform of each text would be dear to paint
    const label = (suggested ? '?' : `${number}${MARKS.includes(mark) ? ' \u2717' : open ? ' \u25cb' : ''}`) + '\u00a0'.repeat(selected ? 3 : 1)
    if (text.textContent !== label) text.textContent = label
    if (was?.points !== points || was.size !== o.size) {
      const b = box(points.map(p => this.xy(p)))
      polygon.setAttribute('points', points.map(p => this.xy(p).join()).join(' '))
      text.setAttribute('x', b.x1)
      text.setAttribute('y', (b.y1 + b.y2) / 2)
    }
    if (!was) { this.nodes.set(r.id, entry); this.shapes.append(node) }
  }

  drawRow(r, o) {
    const entry = this.rows.get(r.id) ?? {node: h('div', {role: 'option', id: this.domId(r.id) + '-row', 'data-id': r.id, onclick: () => this.select(r.id, 'text')}, h('b'), h('span', {dir: 'auto'}))}, {node, was} = entry
    if (isAs(was, o)) return
    entry.was = o
    const {suggested, selected, begins, clash, draft, mark, text} = o, blank = isBlank(text), [head, body] = node.children
    node.className = ['row', suggested && 'suggested', begins && 'begins', mark && 'marked', clash && 'clash', draft && 'draft'].filter(Boolean).join(' ')
    node.title = clash ? 'Two windows differ: select the line, and say which counts' : draft ? 'Half typed: Enter in the transcript confirms it' : ''
    setTo(node, 'aria-selected', String(selected))
    head.textContent = suggested ? '?' : `${clash ? '\u26a0 ' : ''}${begins ? '\u00b6 ' : ''}${o.number}`
    body.textContent = mark ? `\u2717 ${mark}${text ? ': ' + text : ''}` : blank ? (suggested ? 'suggestion' : '\u25cb no transcript') : text
    body.className = blank || mark || draft ? 'dim' : ''
    if (!was) this.rows.set(r.id, entry)
    if (selected && (!was?.selected || was.i !== o.i)) requestAnimationFrame(() => { const {offsetTop: y, offsetHeight: k} = node, l = this.list; if (y < l.scrollTop || y + k > l.scrollTop + l.clientHeight) l.scrollTop = y - l.clientHeight / 2 })
  }

  drawHandles() {
    const r = this.line(), points = r && (this.preview?.id === r.id ? this.preview.points : r.points)
    const now = {points, shape: r?.shape, corner: this.corner, s: this.view.s, width: this.page?.width, height: this.page?.height}
    if (isAs(this.handled, now)) return
    this.handled = now
    if (!r) return this.handles.replaceChildren()
    const b = box(points), mover = () => dot([b.x1 - 16 * k / this.page.width, b.y1 - 2 * k / this.page.height], 11, {class: 'handle mover', 'data-mover': 'yes', rx: 6 * k})
    const k = 1 / this.view.s, dot = ([x, y], d, attributes) => { const [px, py] = this.xy([x, y]); return s('rect', {x: px - d * k / 2, y: py - d * k / 2, width: d * k, height: d * k, ...attributes}) }
    // how far the next point is on the screen, in pixels: where points are dense handles would hide the ink
    const n = points.length, apart = i => { const [a, c] = [points[(i + n) % n], points[(i + 1 + n) % n]].map(p => this.xy(p)); return Math.hypot(a[0] - c[0], a[1] - c[1]) * this.view.s }
    if (r.shape === 'rectangle') {
      const [mx, my] = [(b.x1 + b.x2) / 2, (b.y1 + b.y2) / 2]
      const places = {nw: [b.x1, b.y1], n: [mx, b.y1], ne: [b.x2, b.y1], e: [b.x2, my], se: [b.x2, b.y2], s: [mx, b.y2], sw: [b.x1, b.y2], w: [b.x1, my]}
      return this.handles.replaceChildren(mover(), ...Object.entries(places).map(([name, p]) => dot(p, 9, {class: 'handle', 'data-handle': name, style: `cursor:${name}-resize`})))
    }
    this.handles.replaceChildren(
      mover(),
      ...points.flatMap((_, i) => apart(i) > 44 ? [dot(middle(points, i), 7, {class: 'handle middle', 'data-middle': i, rx: 4 * k})] : []),
      ...points.map((p, i) => dot(p, Math.min(10, Math.max(4, apart(i) / 2, apart(i - 1) / 2)), {class: `handle corner${i === this.corner ? ' chosen' : ''}`, 'data-corner': i})))
  }

  drawWork(open) {
    const {status, suggestions, regions} = this.page, hint = this.history.done.some(o => o.pageId === this.page.id) ? '' : this.page.hint
    const state = {status, hint, n: suggestions.length, open: open.length, lines: regions.length}, {was, order, items: shown} = this.worked ?? {}
    if (isAs(was, state) && open.every((o, i) => isAs(shown[i], o)) && (order === regions || regions.every((r, i) => r.id === order[i].id))) return
    this.worked = {was: state, order: regions, items: open}
    const offered = open.find(o => o.kind === 'suggestion'), finished = ['done', 'blank'].includes(status)
    const head = finished ? (status === 'done' ? '\u2713 Page done' : '\u2713 Nothing to label here') + (open.length ? ', and still open:' : '') : status === 'skipped' ? '\u2192 Skipped'
      : open.length ? `Still open: ${countOpen(open)}` : 'Complete: press Done'
    const items = finished ? open.filter(o => o === offered) : open.slice(0, 50).concat(open.indexOf(offered) >= 50 ? [offered] : [])
    this.work.replaceChildren(h('div', {class: 'work-head'}, head), ...(hint ? [h('div', {class: 'hint'}, hint)] : []), ...items.map(o => h('button', {type: 'button', 'data-open': o.kind, ...this.press(() => this.goTo(o))}, this.openWords(o))),
      ...(offered ? [h('button', {type: 'button', 'data-action': 'delete-all', ...this.press(() => this.act({name: 'delete-all'}))}, suggestions.length > 1 ? 'They are not text: dismiss them' : 'It is not text: dismiss it')] : []),
      ...(open.some(o => o.kind === 'no-lines') ? [h('button', {type: 'button', 'data-action': 'blank', ...this.press(() => this.act({name: 'blank'}))}, 'Nothing to label on this page')] : []))
  }

  openWords({region, kind, n}) {
    return region ? `Line ${this.page.regions.findIndex(r => r.id === region) + 1}: ${WORDS[kind]}` : kind === 'suggestion' ? undecided(n) : WORDS[kind]
  }

  // Where an item of open work is mended
  goTo({region, kind}) {
    if (kind === 'suggestion') this.on_label_them()
    else this.select(region, ['no-text', 'draft'].includes(kind) ? 'text' : 'page')
  }

  drawButtons(open) {
    const r = this.line(), real = r && !this.isSuggestion(), b = this.buttons
    const on = {join: real && this.neighbour(), split: r, duplicate: r, 'other-shape': r, delete: r, earlier: real, later: real, paragraph: real, history: r, illegible: r, 'not-text': r,
      skip: !['done', 'blank'].includes(this.page.status), accept: this.isSuggestion(), 'accept-all': this.page.suggestions.length, 'add-point': r?.shape === 'polygon', undo: this.history.done.length, redo: this.history.undone.length, suggest: this.suggests}
    for (const [name, yes] of Object.entries(on)) if (b[name].disabled === !!yes) b[name].disabled = !yes
    for (const name of ['rectangle', 'polygon', 'select']) setTo(b[name], 'aria-pressed', String(this.tool === name))
    setTo(b.illegible, 'aria-pressed', String(r?.mark === 'illegible'))
    setTo(b['not-text'], 'aria-pressed', String(r?.mark === 'not text'))
    const finished = ['done', 'blank'].includes(this.page.status)
    const done = finished ? 'Reopen' : '\u2713 Done'
    if (b.done.textContent !== done) b.done.textContent = done
    b.done.classList.toggle('ready', !finished && !open.length)
    this.stage.dataset.tool = this.tool
  }

  showPages() {
    const current = this.opening ?? this.page?.id
    const text = (p, i) => `${STATUS[p.status]} ${i + 1}/${this.pages.length}  ${p.id}${stillOpen(p)}`
    if (this.picker.options.length !== this.pages.length) this.picker.replaceChildren(...this.pages.map((p, i) => h('option', {value: p.id}, text(p, i))))
    else this.pages.forEach((p, i) => { const o = this.picker.options[i], t = text(p, i); if (o.textContent !== t) o.textContent = t })
    if (current) this.picker.value = current
  }

  // ------------------------------------------------------------------------------------------------ zoom

  zoomTo({s: k, x, y}, fitted = false) {
    const {clientWidth: w, clientHeight: hh} = this.stage, inside = (v, size, room) => Math.min(Math.max(v, 40 - size), room - 40)
    if (this.page) [x, y] = [inside(x, k * this.page.width, w), inside(y, k * this.page.height, hh)]  // a corner of the page stays in sight
    this.view = {s: k, x, y}
    this.fitted = fitted
    this.world.setAttribute('transform', `translate(${x} ${y}) scale(${k})`)
    this.world.style.setProperty('--scale', k)
    if (this.page) { this.drawHandles(); this.drawRing() }
  }

  fit() {
    const {clientWidth: w, clientHeight: hh} = this.stage
    if (!this.page || !w || !hh) return
    const k = Math.min((w - 8) / this.page.width, (hh - 8) / this.page.height)
    this.zoomTo({s: k, x: (w - k * this.page.width) / 2, y: (hh - k * this.page.height) / 2}, true)
  }

  zoomLine() {
    const r = this.line()
    if (!r) return
    const {clientWidth: w, clientHeight: hh} = this.stage, b = box(r.points.map(p => this.xy(p)))
    const k = Math.min(w * 0.92 / Math.max(b.x2 - b.x1, 1), hh * 0.5 / Math.max(b.y2 - b.y1, 1), 8)
    this.zoomTo({s: k, x: w / 2 - k * (b.x1 + b.x2) / 2, y: hh / 2 - k * (b.y1 + b.y2) / 2})
  }

  zoomBy(factor, at = [this.stage.clientWidth / 2, this.stage.clientHeight / 2]) {
    const {s: k, x, y} = this.view, n = Math.min(Math.max(k * factor, 0.02), 20), f = n / k
    this.zoomTo({s: n, x: at[0] - f * (at[0] - x), y: at[1] - f * (at[1] - y)})
  }

  pan(dx, dy) { this.zoomTo({...this.view, x: this.view.x + dx, y: this.view.y + dy}) }

  // Move the picture so far that the line is inside it
  reveal(r) {
    if (this.fitted) return
    const {s: k, x, y} = this.view, {clientWidth: w, clientHeight: hh} = this.stage, b = box(r.points.map(p => this.xy(p)))
    const shift = (lo, hi, size) => hi - lo > size || lo < 0 ? 12 - lo : hi > size ? size - 12 - hi : 0
    const [dx, dy] = [shift(b.x1 * k + x, b.x2 * k + x, w), shift(b.y1 * k + y, b.y2 * k + y, hh)]
    if (dx || dy) this.pan(dx, dy)
  }

  // ------------------------------------------------------------------------------------------------ mouse, pen and touch

  // The place of the pointer: on the stage in pixels, on the page in fractions
  place(e) {
    const r = this.svg.getBoundingClientRect(), [px, py] = [e.clientX - r.left, e.clientY - r.top], {s: k, x, y} = this.view
    return {px, py, x: (px - x) / k / this.page.width, y: (py - y) / k / this.page.height}
  }

  down(e) {
    if (!this.page || this.busy || e.button > 1) return
    this.finishTyping(true)
    const pen = this.pens.size > 0
    if (e.pointerType === 'touch' && pen) return  // the palm of the hand that writes
    if (e.pointerType === 'pen') { this.pens.add(e.pointerId); this.pointers.clear() }
    this.stage.focus({preventScroll: true})
    this.stage.setPointerCapture?.(e.pointerId)
    this.pointers.set(e.pointerId, this.place(e))
    if (this.pointers.size > 1) { this.dragging = {kind: 'pinch'}; this.preview = null; this.pen.replaceChildren(); this.draw(); return }
    const target = e.target, at = this.place(e), id = target.closest?.('.line')?.dataset.id, d = target.dataset ?? {}
    const start = {at, moved: false, points: this.line()?.points, id}
    if (e.button === 1 || this.space) this.dragging = {...start, kind: 'pan'}
    else if (this.ring.length) this.dragging = {...start, kind: 'ring'}
    else if (d.handle) this.dragging = {...start, kind: 'resize', handle: d.handle}
    else if (d.corner !== undefined) { this.corner = Number(d.corner); this.dragging = {...start, kind: 'corner'}; this.drawHandles() }
    else if (d.middle !== undefined) this.dragging = {...start, kind: 'middle', i: Number(d.middle)}
    else if (this.tool === 'polygon') this.dragging = {...start, kind: 'ring'}
    else if (d.mover) this.dragging = {...start, kind: 'move'}
    else if (id && this.tool === 'select') { if (id !== this.selected) this.select(id); this.dragging = {...start, points: this.line().points, kind: 'move'} }
    else this.dragging = {...start, kind: this.tool === 'select' ? 'pan' : 'draw'}
    e.preventDefault()
  }

  drag(e) {
    if (!this.page) return
    const at = this.place(e), d = this.dragging, was = this.pointers.get(e.pointerId)
    this.pointer = at
    if (this.ring.length) this.drawRing(at)
    if (!d || !was) return
    if (d.kind === 'pinch') return this.pinch(e.pointerId, at)
    this.pointers.set(e.pointerId, at)
    d.moved ||= Math.hypot(at.px - d.at.px, at.py - d.at.py) >= CLICK
    if (!d.moved) return
    this.tick()
    if (d.kind === 'pan') return this.pan(at.px - was.px, at.py - was.py)
    if (d.kind === 'draw') return this.drawPen(rectangle(d.at.x, d.at.y, at.x, at.y))
    const points = this.dragged(d, at)
    if (points) { this.preview = {id: this.selected, points}; this.draw(); this.drawCrop() }
  }

  dragged(d, at) {
    if (d.kind === 'move') return move(d.points, at.x - d.at.x, at.y - d.at.y)
    if (d.kind === 'resize') return resize(d.points, d.handle, at.x, at.y)
    if (d.kind === 'corner') return movePoint(d.points, this.corner, at.x, at.y)
    if (d.kind === 'middle') return addPoint(d.points, d.i, at.x, at.y)
    return null
  }

  pinch(id, at) {
    const other = [...this.pointers].find(([k]) => k !== id)?.[1], was = this.pointers.get(id)
    this.pointers.set(id, at)
    if (!other) return
    const span = p => Math.hypot(p.px - other.px, p.py - other.py), mid = p => [(p.px + other.px) / 2, (p.py + other.py) / 2]
    const [a, b] = [mid(was), mid(at)]
    this.pan(b[0] - a[0], b[1] - a[1])
    if (span(was) > 10) this.zoomBy(span(at) / span(was), b)
  }

  up(e) {
    const d = this.dragging, at = this.page && this.place(e)
    this.pointers.delete(e.pointerId)
    this.pens.delete(e.pointerId)
    if (!d || !at) return
    if (d.kind === 'pinch') { if (!this.pointers.size) this.dragging = null; return }
    this.dragging = null
    const preview = this.preview
    this.preview = null
    this.pen.replaceChildren()
    if (d.kind === 'ring') return d.moved && !this.ring.length ? this.addDrawn(rectangle(d.at.x, d.at.y, at.x, at.y), 'rectangle') : this.addToRing(at)
    if (!d.moved) return d.kind === 'draw' || d.kind === 'pan' ? this.select(d.id ?? null) : d.kind === 'middle' ? this.insertPoint(d.i, middle(d.points, d.i)) : this.draw()
    if (d.kind === 'draw') return this.addDrawn(rectangle(d.at.x, d.at.y, at.x, at.y), 'rectangle')
    if (!preview || preview.id !== this.selected || !this.line()) return this.draw()
    if (d.kind === 'middle') this.corner = d.i + 1
    const r = {...this.line(), points: preview.points}
    if (degenerate(r)) { this.draw(); return this.say('Too small: the shape stays as it was.') }
    this.reshape(this.line(), preview.points, d.kind === 'move' ? 'move' : 'reshape')
    this.showField()
  }

  cancelDrag(e) { this.pointers.delete(e.pointerId); this.pens.delete(e.pointerId); this.stopDrag() }
  stopDrag() { this.dragging = this.preview = null; this.pen.replaceChildren(); this.draw() }

  // What the hand drew becomes a line, unless it is but a slip of the hand
  addDrawn(points, shape) {
    const b = box(points.map(p => this.xy(p))), k = this.view.s
    if ((b.x2 - b.x1) * k < CLICK || (b.y2 - b.y1) * k < CLICK) return this.say('Too small: nothing was drawn.')
    this.add(points, shape)
  }

  drawPen(points, open) {
    this.pen.replaceChildren(s(open ? 'polyline' : 'polygon', {class: 'drawn', points: points.map(p => this.xy(p).join()).join(' ')}))
  }

  addToRing(at) {
    const first = this.ring[0], [fx, fy] = first ? this.xy(first) : [], [x, y] = this.xy([at.x, at.y])
    if (this.ring.length > 2 && Math.hypot(fx - x, fy - y) * this.view.s < 10) return this.closeRing()
    const last = this.ring.at(-1)
    if (last && Math.hypot(...this.xy([last[0] - at.x, last[1] - at.y])) * this.view.s < 2) return
    this.ring.push([Math.min(Math.max(at.x, 0), 1), Math.min(Math.max(at.y, 0), 1)])
    this.drawRing(at)
    this.say(`${this.ring.length} corners. Enter ends the polygon.`)
  }

  drawRing(at = this.pointer) {
    if (!this.ring.length) return
    this.drawPen([...this.ring, ...(at ? [[at.x, at.y]] : [])], true)
    const k = 1 / this.view.s
    this.pen.append(...this.ring.map(p => { const [x, y] = this.xy(p); return s('circle', {cx: x, cy: y, r: 4 * k, class: 'handle'}) }))
  }

  closeRing() {
    const ring = this.ring.map(p => p.map(v => Math.round(v * 1e6) / 1e6))
    this.cancelRing()
    if (ring.length < 3) return this.say('A polygon needs three corners.')
    this.add(ring, 'polygon')
  }

  cancelRing() { this.ring = []; this.pen.replaceChildren() }

  wheel(e) {
    if (!this.page || this.fitted && !e.ctrlKey && !e.metaKey) return  // the notebook is scrolled
    e.preventDefault()
    const unit = e.deltaMode === 1 ? 16 : e.deltaMode === 2 ? this.stage.clientHeight : 1, {px, py} = this.place(e)
    if (e.ctrlKey || e.metaKey) this.zoomBy(Math.exp(-e.deltaY * unit / 300), [px, py])
    else this.pan(-(e.shiftKey ? e.deltaY : e.deltaX) * unit, -(e.shiftKey ? 0 : e.deltaY) * unit)
  }

  // ------------------------------------------------------------------------------------------------ keys

  key(e) {
    if (!this.page) return
    if (!this.question.hidden) return this.questionKey(e)
    if (this.dragging && this.pointers.size) {  // a key in the middle of a stroke ends it, and does nothing else
      if (e.key === 'Escape') this.stopDrag()
      e.preventDefault()
      return e.stopPropagation()
    }
    if (this.panel.contains(e.target) && /^(Page|Arrow|Home|End)/.test(e.key)) return  // the panel is scrolled
    const where = e.target === this.stage ? 'page' : e.target === this.input ? 'text' : 'other'
    if (!this.panel.hidden && e.key === 'Escape') { this.togglePanel(null); e.preventDefault(); return e.stopPropagation() }
    if (where === 'page' && e.key === ' ') { this.space = true; e.preventDefault(); return e.stopPropagation() }
    if (where === 'other' && e.target.localName === 'select') return
    const a = action(e, where), act = typeof a === 'string' ? {name: a} : a
    if (!act || where === 'text' && ['undo', 'redo'].includes(act.name) && this.typing && this.input.value !== this.typing.text) return  // the field's own undo
    if (this.act({...act, where}) === false) return
    e.preventDefault()
    e.stopPropagation()
  }

  listKey(e) {
    const d = {ArrowDown: 1, ArrowUp: -1}[e.key]
    if (d && !e.altKey) this.step(d, null)
    else if (e.key === 'Enter') this.act({name: 'to-text'})
    else if (e.key === 'Delete') this.act({name: 'delete'})
    else return
    e.preventDefault()
    e.stopPropagation()
  }

  // Do what a key or a button is called; false where it has no meaning and the browser should go on
  act(a) {
    if (this.busy && !['previous-page', 'next-page', 'help', 'guidelines'].includes(a.name)) return this.say('The page is being fetched.')
    this.tick()
    const inside = this.root.contains(document.activeElement), done = this[`on_${a.name.replaceAll('-', '_')}`](a)
    if (inside) this.keepFocus()
    return done
  }

  // The element with the focus may be gone or switched off by what was done: then the picture has it
  keepFocus() {
    const f = document.activeElement
    if (!this.root.contains(f) || f.disabled || f.closest('[hidden]')) this.stage.focus({preventScroll: true})
  }

  on_undo() { this.takeBack('undo') }
  on_redo() { this.takeBack('redo') }
  on_rectangle() { this.useTool('rectangle') }
  on_polygon() { this.useTool('polygon') }
  on_select() { this.useTool('select') }
  useTool(name) { this.cancelRing(); this.tool = name; this.draw(); this.say(`Tool: ${name}`) }
  on_fit() { this.fit() }
  on_zoom_line() { this.zoomLine() }
  on_zoom_in() { this.zoomBy(1.25) }
  on_zoom_out() { this.zoomBy(0.8) }
  on_confirm() { this.confirm() }
  on_next_line({where}) { return this.step(1, where === 'text' ? 'text' : 'page') }
  on_previous_line({where}) { return this.step(-1, where === 'text' ? 'text' : 'page') }
  on_first_line() { this.select(this.lines()[0]?.id ?? null) }
  on_last_line() { this.select(this.lines().at(-1)?.id ?? null) }
  on_to_page() { this.finishTyping(); this.stage.focus({preventScroll: true}) }
  on_to_text() { if (this.ring.length) this.closeRing(); else if (this.line()) this.select(this.selected, 'text'); else this.step(1, 'text') }
  on_cancel() {
    if (this.ring.length) this.cancelRing()
    else if (this.corner !== null) { this.corner = null; this.drawHandles() }
    else this.select(null)
  }

  on_previous_page() { this.goPage(-1) }
  on_next_page() { this.goPage(1) }
  goPage(d) {
    const p = this.pages[this.number(this.opening) - 1 + d]
    if (p) this.openPage(p.id)
    else this.say(d > 0 ? 'This is the last page.' : 'This is the first page.')
  }

  on_done() {
    this.finishTyping(true)
    if (['done', 'blank'].includes(this.page.status)) { this.edit([{op: 'status', status: 'open'}], 'reopen page'); return this.say('The page is open again.') }
    const open = openWork(this.page), first = open.find(o => o.region)
    if (!open.length) return this.finish('done')
    if (!first && this.page.suggestions.length) return this.askUndecided()
    this.work.classList.remove('alarm')
    void this.work.offsetWidth
    this.work.classList.add('alarm')
    if (first) this.goTo(first)
    this.say(`Not done: ${countOpen(open)} open. ${this.openWords(first ?? open[0])}`)
  }
  on_blank() { if (!this.page.regions.length) this.finish('blank', this.dismissals()) }
  on_skip() { this.finish('skipped') }

  dismissals() { return this.page.suggestions.map(r => this.deleteOf(r)) }

  askUndecided() {
    this.asker = this.root.getRootNode().activeElement === this.input ? this.input : this.stage
    this.question.hidden = false
    this.drawQuestion()
    this.question.querySelector('button').focus({preventScroll: true})
    this.question.scrollIntoView({block: 'nearest'})
    for (const o of this.root.children) if (o !== this.question) o.inert = true
  }

  // Somebody else may decide meanwhile: then there is nothing to ask
  drawQuestion() {
    if (this.question.hidden) return
    const n = this.page.suggestions.length
    if (n) this.questionHead.textContent = undecided(n)
    else this.answered()
  }

  // The question is gone, and the focus is where it was
  answered() {
    if (this.question.hidden) return
    for (const o of this.root.children) o.inert = false
    this.question.hidden = true
    this.asker.focus({preventScroll: true})
  }

  questionKey(e) {
    const buttons = [...this.question.querySelectorAll('button')], i = buttons.indexOf(this.question.getRootNode().activeElement)
    const d = e.key === 'Tab' ? (e.shiftKey ? -1 : 1) : {ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1}[e.key]
    e.stopPropagation()
    if (d) buttons[(i + d + buttons.length) % buttons.length].focus()
    else if (e.key === 'Escape') this.act({name: 'leave-open'})
    else if (!(e.key === 'Enter' && (e.ctrlKey || e.metaKey))) return  // Done a second time is no answer
    e.preventDefault()
  }

  on_label_them() {
    this.answered()
    const r = this.lines().find(o => this.isSuggestion(o.id))
    if (r) this.select(r.id, 'text')
  }
  on_dismiss() {
    this.answered()
    this.finish(this.page.regions.length ? 'done' : 'blank', this.dismissals())
  }
  on_leave_open() {
    this.answered()
    this.say(`The page stays open: ${undecided(this.page.suggestions.length)}.`)
  }

  // Close this page and go to the next that is open; suggestions are dismissed by the same step
  finish(status, dismissed = []) {
    this.edit([...dismissed, {op: 'status', status, ...(dismissed.length ? {dismissed: dismissed.map(o => o.id)} : {})}], dismissed.length ? `${status}, suggestions dismissed` : status)
    if (!this.line()) this.select(this.lines()[0]?.id ?? null, null)
    const here = this.number(), rest = [...this.pages.slice(here), ...this.pages.slice(0, here - 1)]
    const summary = this.pages[here - 1]
    this.pages[here - 1] = {...summary, status, open: 0, suggestions: this.page.suggestions.length}
    this.showPages()
    const next = rest.find(p => p.status === 'open')
    const focus = document.activeElement
    if (next) this.openPage(next.id, () => { if (focus === this.input && this.line()) this.select(this.selected, 'text'); else this.stage.focus({preventScroll: true}) })
    else this.say(this.pages.some(p => p.status === 'skipped') ? 'No open page is left; some were skipped.' : 'All pages are done.')
  }

  on_nudge({dx, dy, big}) { this.shift((r, kx, ky) => this.corner !== null && r.shape !== 'rectangle' ? movePoint(r.points, this.corner, r.points[this.corner][0] + dx * kx, r.points[this.corner][1] + dy * ky) : move(r.points, dx * kx, dy * ky), big, 'nudge') }
  on_resize({dx, dy, far}) {
    this.shift((r, kx, ky) => {
      const b = box(r.points)
      return far ? resize(r.points, 'nw', b.x1 + dx * kx, b.y1 + dy * ky) : resize(r.points, 'se', b.x2 + dx * kx, b.y2 + dy * ky)
    }, false, 'resize', r => r.shape === 'rectangle')
  }

  // Change the shape by as much of the page as a pixel of the screen shows; quick presses are one step of the history
  shift(f, big, name, allowed = () => true) {
    const r = this.line()
    if (!r) return false
    if (!allowed(r)) return this.say('Only rectangles are resized by keys; move the points of a polygon.')
    const k = (big ? 10 : 1) * (name === 'resize' ? 4 : 1) / this.view.s, points = f(r, k / this.page.width, k / this.page.height)
    if (degenerate({...r, points})) return this.say('Too small.')
    const last = this.history.done.at(-1), now = Date.now(), op = this.setOf(r, {points, shape: r.shape}), [first] = last?.does ?? []
    if (last?.name === name && last.pageId === this.page.id && first.id === r.id && now - this.shifted < 1000 && isSame(first.to, op.was)) {
      this.history.undone = []
      this.perform([op])
      last.does[0] = {...first, to: op.to}
      last.undoes = last.undoes.map(o => o.op === 'set' && o.id === r.id && isSame(o.was, op.was) ? {...o, was: op.to} : o)
      this.outbox.flush()
      this.draw()
    } else this.edit([op], name)
    this.shifted = now
    this.drawCrop()
  }

  on_new_line() {
    if (this.line()) return this.on_duplicate()
    const [above, last] = this.page.regions.slice(-2).map(r => r.points), one = last ?? above
    this.add(one ? below(rectangle(...Object.values(box(one))), last && above) : rectangle(0.1, 0.06, 0.9, 0.1), 'rectangle', 'page')
  }

  on_duplicate({where} = {}) {
    const r = this.line(), i = this.page.regions.findIndex(o => o.id === this.selected)
    if (!r) return this.say('Select a line first.')
    const points = below(r.points, this.page.regions[i - 1]?.points)
    this.add(points, r.shape, where === 'text' ? 'text' : 'page')
  }

  on_delete() {
    const r = this.line()
    if (this.ring.length) { this.ring.pop(); return this.ring.length ? this.drawRing() : this.cancelRing() }
    if (!r) return false
    if (this.corner !== null && r.shape !== 'rectangle') return this.deletePoint(r)
    if (this.isUnsettled('delete', r)) return
    const lines = this.lines(), i = lines.findIndex(o => o.id === r.id), next = lines[i + 1] ?? lines[i - 1]
    this.edit([this.deleteOf(this.line(r.id))], 'delete line')
    this.select(next?.id ?? null, null)
    this.say('Deleted. Ctrl+Z brings it back.')
  }

  deletePoint(r) {
    const points = removePoint(r.points, this.corner)
    if (points === r.points) return this.say('A polygon keeps at least three points.')
    this.corner = Math.min(this.corner, points.length - 1)
    this.reshape(r, points, 'delete point')
  }

  on_add_point() {
    const r = this.line()
    if (r?.shape !== 'polygon') return this.say('Only polygons have points to add; T makes one of a rectangle.')
    const i = this.corner ?? 0
    this.insertPoint(i, middle(r.points, i))
  }

  insertPoint(i, [x, y]) {
    const r = this.line()
    this.corner = i + 1
    this.reshape(r, addPoint(r.points, i, x, y), 'add point')
  }

  on_next_point() { this.choosePoint(1) }
  on_previous_point() { this.choosePoint(-1) }
  choosePoint(d) {
    const r = this.line()
    if (r?.shape !== 'polygon') return this.say('Only polygons have points; T makes one of a rectangle.')
    const n = r.points.length
    this.corner = this.corner === null ? (d > 0 ? 0 : n - 1) : (this.corner + d + n) % n
    this.drawHandles()
    this.say(`Point ${this.corner + 1} of ${n}`)
  }

  on_other_shape() {
    const r = this.line()
    if (!r) return false
    this.corner = null
    this.change(r, otherShape(r), 'other shape')
    this.showField()
  }

  // Cut at the pointer if it is over the line, else in the middle
  on_split() { this.cut(1) }
  on_split_across() { this.cut(0) }
  cut(axis) {
    const r = this.line()
    if (!r) return false
    const b = box(r.points), p = this.pointer, over = p && p.x > b.x1 && p.x < b.x2 && p.y > b.y1 && p.y < b.y2
    const parts = split(r, axis, over ? [p.x, p.y][axis] : axis ? (b.y1 + b.y2) / 2 : (b.x1 + b.x2) / 2)
    if (!parts) return this.say('The line can not be cut there.')
    const lower = {...r, id: this.partId(r, parts[1]), points: parts[1], text: '', index: null}
    this.corner = null
    this.edit([this.setOf(r, {points: parts[0], shape: r.shape}), {op: 'put', region: lower, after: r.id}], 'split')
    this.showField()
    this.say('Cut in two. The transcript stays with the first part.')
  }

  // The second part of a line that two windows cut at the same place is one line; what this window has had is not made anew
  partId(r, points) {
    const id = 'r' + nameOf(JSON.stringify([r.id, r.shape, points]))
    return this.met.has(id) ? 'r' + random() : id
  }

  neighbour() { const i = this.page.regions.findIndex(r => r.id === this.selected); return i < 0 ? null : this.page.regions[i + 1] ?? null }

  on_join() {
    const next = this.neighbour()
    if (!this.line() || !next) return this.say('There is no next line to join with.')
    if (this.isUnsettled('join', this.line(), next)) return
    const r = this.line()
    this.corner = null
    const text = [r.text, next.text].filter(o => !isBlank(o)).join(' ')
    this.edit([this.setOf(r, {...join(r, next), text}), this.deleteOf(next)], 'join')
    this.showField()
    this.say('Joined with the next line.')
  }

  on_earlier() { return this.reorder(-1) }
  on_later() { return this.reorder(1) }
  reorder(d) {
    const ids = this.page.regions.map(r => r.id), next = moved(ids, this.selected, d)
    if (next === ids) return this.say('The line stays where it is.')
    const k = next.indexOf(this.selected), at = Math.min(k, ids.indexOf(this.selected)), starts = paragraphStarts(this.page.regions)
    // a paragraph begins at the same places as before
    const places = [at, at + 1].filter(i => starts.has(ids[i])), begins = (list, to) => places.map(i => ({op: 'begins', id: list[i], to}))
    this.edit([...begins(ids, false), {op: 'set', id: this.selected, after: k ? next[k - 1] : null}, ...begins(next, true)], 'reading order')
    this.say(`Now line ${next.indexOf(this.selected) + 1} of ${ids.length}`)
  }

  on_paragraph() {
    if (!this.line() || this.isSuggestion()) return this.say('Select a line first; a suggestion has to be accepted.')
    if (this.page.regions[0].id === this.selected) return this.say('The first line always begins a paragraph.')
    this.edit([{op: 'begins', id: this.selected, to: !paragraphStarts(this.page.regions).has(this.selected)}], 'paragraph')
    this.say(`Paragraph ${this.line().paragraph}`)
  }

  on_illegible() { this.mark('illegible') }
  on_not_text() { this.mark('not text') }
  mark(mark) {
    this.finishTyping()
    const r = this.line()
    if (!r) return this.say('Select a line first.')
    this.change(r, {mark: r.mark === mark ? '' : mark}, mark)
    this.showField()
    this.say(this.line().mark ? `Marked ${mark}` : 'Mark taken away')
  }

  on_accept() {
    if (!this.isSuggestion()) return this.say('This line is no suggestion.')
    this.change(this.line(), {}, 'accept')
    this.showField()
  }

  // All suggestions at once, each put where it belongs
  on_accept_all() {
    const lines = this.lines(), n = this.page.suggestions.length
    if (!n) return this.say('There are no suggestions.')
    const ops = lines.map((region, i) => this.page.suggestions.includes(region) ? {op: 'set', id: region.id, after: i ? lines[i - 1].id : null} : null).filter(Boolean)
    this.edit(ops, `accept ${n} suggestions`)
    this.showField()
    this.say(`${n} suggestions accepted.`)
  }

  on_delete_all() {
    const n = this.page.suggestions.length, what = n > 1 ? `${n} suggestions` : '1 suggestion'
    this.edit(this.dismissals(), `dismiss ${what}`)
    if (!this.line()) this.select(this.lines()[0]?.id ?? null, null)
    this.say(`${what} dismissed. Ctrl+Z brings ${n > 1 ? 'them' : 'it'} back.`)
  }

  on_suggest() { this.say('Looking for lines\u2026'); this.send({kind: 'suggest', page: this.page.id}) }
  on_character({index}) { const c = this.chars.children[index]; if (c) this.type(c.textContent) }

  on_save() { this.finishTyping(); this.outbox.flush(); this.say('Everything is saved as you go.') }
  on_help() { this.togglePanel('help') }
  on_guidelines() { this.togglePanel('guidelines') }
  togglePanel(which) {
    const same = !which || (!this.panel.hidden && this.panel.dataset.which === which)
    if (same) { this.panel.hidden = true; return this.stage.focus({preventScroll: true}) }
    const table = rows => h('dl', {}, ...rows.flatMap(([keys, what]) => [h('dt', {}, ...keys.flatMap((o, i) => [i ? ' ' : '', h('kbd', {}, o)])), h('dd', {}, what)]))
    const content = which === 'help' ? Object.entries(HELP).map(([title, rows]) => h('section', {}, h('h4', {}, title), table(rows)))
      : [this.guidelines ? markdown(this.guidelines) : h('p', {}, 'There are no guidelines yet: write them into a file guidelines.md in the folder of the dataset.')]
    this.showPanel(which, which === 'help' ? 'Keys' : 'Labelling guidelines', content)
    this.panel.focus({preventScroll: true})
  }

  showPanel(which, label, content) {
    this.panel.hidden = false
    this.panel.dataset.which = which
    this.panel.setAttribute('aria-label', label)
    this.panel.replaceChildren(h('button', {type: 'button', class: 'close', 'aria-label': 'Close', ...this.press(() => this.togglePanel(null))}, '\u2715'), ...content)
  }

  // ------------------------------------------------------------------------------------------------ the history of a line

  get showsHistory() { return !this.panel.hidden && this.panel.dataset.which === 'history' }

  on_history() {
    if (this.showsHistory) return this.togglePanel(null)
    if (!this.line()) return this.say('Select a line first.')
    this.finishTyping()
    this.panelTakesFocus = true
    this.askHistory()
  }

  askHistory() {
    this.outbox.flush()
    this.send({kind: 'history', page: this.page.id, line: this.selected})
  }

  gotHistory({page, line, changes}) {
    const r = this.line(line)
    if (page !== this.page?.id || line !== this.selected || !r) return
    const n = this.lines().indexOf(r) + 1, list = changes.toReversed?.() ?? [...changes].reverse()
    this.showPanel('history', 'History of the line', [h('h4', {}, `History of line ${n}`), h('ol', {class: 'changes'}, ...list.map(c => this.changeItem(r, c)))])
    if (this.panelTakesFocus) this.panel.focus({preventScroll: true})
    this.panelTakesFocus = false
  }

  changeItem(r, c) {
    const own = !['export', 'offered'].includes(c.what), where = c.session === this.session ? '' : `, ${this.whence(c.session, c.at).replace(/^in /, '')}`
    const who = own ? `${this.annotator}${where}` : '', when = new Date(c.at * 1000)
    const can = c.what === 'changed' && !named(c.was).every(f => isSame(fieldsOf(r, f), fieldsOf(c.was, f)))
    return h('li', {}, h('div', {class: 'when'}, h('span', {}, who), h('time', {datetime: when.toISOString(), title: when.toLocaleString()}, ago(c.at))), ...changeWords(c),
      ...(can ? [h('button', {type: 'button', ...this.press(() => this.takeChangeBack(r.id, c))}, 'Take this back')] : []))
  }

  // What a change made of the line becomes again what it was, by an edit of its own
  takeChangeBack(id, c) {
    const r = this.line(id)
    if (!r) return this.say('The line is gone.')
    this.edit([this.setOf(r, c.was)], 'taken back')
    this.showField()
    this.say('Taken back. Ctrl+Z takes that back in turn.')
    this.askHistory()
  }
}

function render({model, el}) {
  const editor = new Editor(model, el)
  return () => editor.close()
}

export default {render}
