// The labelling widget: one page at a time as SVG over its picture, a list of lines, and one field for the transcript.
import {addPoint, below, box, degenerate, join, middle, move, movePoint, otherShape, rectangle, removePoint, resize, split} from './geometry.js'
import {merged, moved, placeOf, toggleParagraph} from './order.js'
import {History, apply, inverse} from './history.js'
import {MARKS, WORDS, isBlank, openWork, spokenName, textWarnings} from './checks.js'
import {HELP, action, characterKey} from './keys.js'
import {Outbox, Stopwatch} from './sync.js'

const SVG = 'http://www.w3.org/2000/svg'
const CLICK = 4          // pixels of the screen that the hand may tremble in a click
const TYPING = 600       // ms after which a text that is being typed is saved at the latest
const PAUSE = 300        // ms without a key after which it is saved
const STATUS = {open: '\u25cb', done: '\u2713', skipped: '\u2192', blank: '\u2713'}
const SAVED = {saved: '\u2713 Saved', saving: '\u2026 Saving', unsaved: '\u26a0 NOT SAVED'}
const images = new WeakMap()  // model → Map of page id → picture: each is sent once, for all views of a widget

const random = () => Array.from(crypto.getRandomValues(new Uint8Array(6)), b => b.toString(16).padStart(2, '0')).join('')

// The characters of a text as people count them: an accent belongs to its letter
const letters = text => Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), o => o.segment) : [...text]

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
    Object.assign(this, {model, el, session: random(), history: new History(), watch: new Stopwatch(), pages: [], known: new Map(), page: null, selected: null,
      corner: null, tool: 'rectangle', view: {s: 1, x: 0, y: 0}, fitted: true, pointers: new Map(), pens: new Set(), ring: [], typing: null, nodes: new Map(), rows: new Map(), opening: null})
    if (!images.has(model)) images.set(model, Object.assign(new Map(), {views: 0}))
    this.images = images.get(model)
    this.images.views++
    this.build()
    this.receive = (message, buffers) => { try { this.receives(message, buffers) } catch (e) { this.say(`error: ${e.message}`); throw e } }
    model.on('msg:custom', this.receive)
    this.send({kind: 'hello'})
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
      group('Mark', b('illegible', 'Illegible', 'Nobody can read this line (X, or F8 in the transcript)'), b('not-text', 'Not text', 'This is no line of text (Shift+X, or F9 in the transcript)')),
      group('Suggestions', b('accept', 'Accept', 'Accept the suggestion (Y, or Enter in the transcript)'), b('accept-all', 'Accept all', 'Accept all suggestions of this page (Shift+A)'), b('suggest', 'Find lines', 'Suggest lines on this page')),
      h('span', {class: 'group right'}, b('guidelines', 'Rules', 'Labelling guidelines (G)'), b('help', '?', 'Keys (?)', {'aria-label': 'Keys'})))
    this.buildStage()
    this.list = h('div', {class: 'lines', role: 'listbox', 'aria-label': 'Lines', tabindex: 0, onkeydown: e => this.listKey(e)})
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
  }

  buildStage() {
    this.image = s('image', {preserveAspectRatio: 'none'})
    this.shapes = s('g', {class: 'shapes'})
    this.handles = s('g', {class: 'handles'})
    this.pen = s('g', {class: 'pen'})
    this.world = s('g', {}, this.image, this.shapes, this.handles, this.pen)
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
    this.warnings = h('div', {class: 'warnings', role: 'status', id: `fsdl-${this.session}-warnings`})
    this.input.setAttribute('aria-describedby', this.warnings.id)
    this.chars = h('div', {class: 'chars', role: 'toolbar', 'aria-label': 'Characters'})
    this.typer = h('div', {class: 'typer'}, this.crop, this.input, h('div', {class: 'below'}, this.warnings, this.chars))
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
    else if (message.kind === 'recovered') this.recovered(message)
    else if (message.kind === 'error') this.failed(message)
  }

  // Something went wrong that has nothing to do with saving
  failed({page, error}) {
    if (page && page === this.opening && this.busy) this.stay()
    if (!page || page === this.page?.id || page === this.opening) this.showNote(error)
  }

  start({key, annotator, pages, page, guidelines, chars, charset, suggests}) {
    Object.assign(this, {annotator, guidelines, charset, suggests})
    const {model} = this
    const first = !this.outbox
    if (first) {
      this.store = browserStore()
      this.outbox = new Outbox({send: edits => model.send({kind: 'edits', edits, session: this.session}), store: this.store, key, session: this.session, changed: () => this.showSaved()})
      this.leftovers = this.outbox.leftovers()
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

  isSaved({session, n, pages, version}, mine) {
    pages.forEach(p => { const i = this.pages.findIndex(o => o.id === p.id); if (i >= 0) this.pages[i] = p })
    if (mine) {
      const before = this.outbox.waiting.length
      this.outbox.saved(n)
      const now = this.page && version[this.page.id], written = before - this.outbox.waiting.length
      if (now > this.version + written + 1) this.ask(this.page.id)  // somebody else wrote too (one more is the beginning of work on the page)
      if (now !== undefined && this.page) this.version = now
    } else {
      Object.keys(version).forEach(id => { if (id !== this.page?.id) this.known.delete(id) })
      if (this.page && version[this.page.id] !== undefined) this.ask(this.page.id)
    }
    this.showPages()
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

  // Ask for a page's labels, and for its picture if it is not here
  ask(id, ahead = false) { return this.send({kind: 'open', page: id, image: !this.images.has(id), ahead}) }

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

  gotPage({page, problem, image, session}, buffers, mine) {
    if (image) this.images.set(page.id, {url: URL.createObjectURL(new Blob([buffers[0]], {type: page.type}))})
    if (problem && mine && page.id === this.opening) this.showNote(problem)
    if (!mine) return
    const kept = [...(this.leftovers ?? []).flatMap(o => o.edits), ...(this.outbox?.waiting ?? [])]
    const full = kept.filter(o => o.page === page.id).reduce(apply, page)
    this.known.set(page.id, full)
    if (page.id === this.opening) this.showPage(full, problem)
  }

  showPage(page, problem) {
    if (this.page && this.page.id !== page.id) { this.finishTyping(); this.stopDrag(); this.pointer = null }
    const same = this.page?.id === page.id, none = same && !this.lines().length, kept = same && this.lines().some(r => r.id === this.selected) ? this.selected : null
    if (!same && this.page) { this.known.set(this.page.id, this.page); this.selected = this.corner = null }
    this.page = page
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
      this.say(`Page ${this.number()} of ${this.pages.length}, ${page.id}, ${page.regions.length} lines`)
      const first = openWork(page).find(o => o.region)?.region ?? this.lines()[0]?.id
      if (first) this.select(first, null)
      else this.showField()
      const next = this.pages[this.number()]
      if (next && !this.images.has(next.id)) this.ask(next.id, true)
    } else if (none && !this.selected && this.lines().length) this.select(this.lines()[0].id, null)  // suggestions came
    else if (!this.typing) this.showField()
    const then = this.then
    this.then = null
    then?.()
  }

  showImage(problem) {
    const {width, height, id} = this.page, picture = this.shown = this.images.get(id)
    this.image.setAttribute('width', width)
    this.image.setAttribute('height', height)
    this.showNote(problem || '')
    if (!picture) { this.bitmap = null; this.image.removeAttribute('href'); return }
    this.image.setAttribute('href', picture.url)
    this.bitmap = picture.bitmap ??= Object.assign(new Image(), {src: picture.url})
    if (!this.bitmap.complete) this.bitmap.addEventListener('load', () => this.drawCrop(), {once: true})
  }

  showNote(text) { this.noteText.textContent = text; this.note.hidden = !text }

  // Somebody else may have worked on this page: ask when the widget is used again
  look() {
    if (this.page && this.outbox && !this.outbox.waiting.length) this.send({kind: 'refresh', page: this.page.id, version: this.version})
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

  // Where a suggestion that becomes a line belongs
  putOf(region) {
    if (this.page.regions.some(r => r.id === region.id)) return {op: 'put', region}
    return {op: 'put', region, after: placeOf(this.page.regions, region)}
  }

  // What gives a line its text: short, for typing is saved again and again
  textOf(region, text) { return this.isSuggestion(region.id) ? this.putOf({...region, text}) : {op: 'text', id: region.id, text} }

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
      this.page = apply(this.page, op)
    }
    this.post(...ops)
    this.known.set(this.page.id, this.page)
    return undoes
  }

  // What the stopwatch calls a line of this page, and a sign of life
  timed(line) { return line === null ? null : `${this.page?.id}\n${line}` }
  tick() { this.watch.tick(this.timed(this.selected)) }

  // Put `ops` into the outbox, each with the active seconds of its line
  post(...ops) {
    this.outbox.push(...ops.map(op => {
      const line = op.region?.id ?? op.id, secs = op.op === 'status' ? this.watch.takeAll(this.timed('')) : line ? this.watch.take(this.timed(line)) : 0
      return {...op, page: this.page.id, ...(secs ? {secs} : {})}
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
    const ops = which === 'undo' ? entry.undoes : entry.does
    this.perform(ops)
    this.reopen(ops)
    this.outbox.flush()
    const touched = ops.map(o => o.region?.id ?? o.id).find(id => this.line(id))
    this.select(touched ?? (this.line() ? this.selected : null), null)
    this.say(`${which === 'undo' ? 'Undone' : 'Done again'}: ${entry.name}`)
  }

  put(region, name) { this.edit([this.putOf(region)], name) }

  add(points, shape, focus = 'text') {
    if (this.lines().some(r => r.points.join() === points.join())) return this.say('There is no room below: a line is there.')
    const region = {id: 'r' + random(), points, shape, text: '', mark: '', paragraph: null, label: ['line'], index: null}
    if (degenerate(region)) return this.say('Too small: nothing was drawn.')
    this.put(region, 'new line')
    this.select(region.id, focus)
  }

  select(id, focus = 'page') {
    if (this.selected !== id) { this.finishTyping(); this.corner = null }
    this.selected = id
    this.tick()
    this.draw()
    this.showField()
    const r = this.line()
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
    const op = {...this.textOf(r, this.input.value.toWellFormed?.() ?? this.input.value), draft: true}
    this.typing ??= {id: r.id, before: this.page, text: r.text}
    this.tick()
    this.page = apply(this.page, op)
    this.post(op)
    this.saveSoon()
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

  finishTyping() {
    const typing = this.typing
    if (!typing) return
    this.typing = null
    clearTimeout(this.draftTimer)
    this.draftDue = null
    const region = this.line(typing.id)
    if (!region) return  // somebody else deleted the line meanwhile
    const accepted = typing.before.regions.every(r => r.id !== typing.id)
    if (!accepted && region.text === typing.text) { this.post({op: 'text', id: region.id, text: region.text}); this.outbox.flush(); return }
    const op = accepted ? {op: 'put', region, after: placeOf(typing.before.regions, region)} : {op: 'text', id: region.id, text: region.text}
    this.history.push(this.page.id, [op], inverse(typing.before, op), 'transcript')
    this.post(op)
    this.reopen([op])
    this.outbox.flush()
    this.known.set(this.page.id, this.page)
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
    this.finishTyping()
    if (!typed && this.isSuggestion()) this.put(this.line(), 'accept')
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
    this.warn()
  }

  warn() {
    const r = this.line(), list = r ? textWarnings(this.typing ? this.input.value : r.text, this.charset) : []
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

  // Bring what is shown up to date; nodes whose line, number and state are as before are not touched
  draw() {
    if (!this.page) return
    const lines = this.lines(), open = openWork(this.page), todo = new Set(open.map(o => o.region)), seen = new Set()
    let number = 0, paragraph = this.page.regions[0]?.paragraph ?? 1
    lines.forEach((r, i) => {
      const suggested = this.page.suggestions.includes(r), begins = !suggested && r.paragraph !== null && r.paragraph !== undefined && r.paragraph !== paragraph
      if (!suggested) { number++; paragraph = r.paragraph ?? paragraph }
      const o = {r: this.preview?.id === r.id ? {...r, ...this.preview} : r, i, total: lines.length, number, suggested, begins, selected: r.id === this.selected, open: todo.has(r.id)}
      seen.add(r.id)
      this.drawLine(o)
      this.drawRow(o)
    })
    for (const [map] of [[this.nodes], [this.rows]]) for (const [id, o] of map) if (!seen.has(id)) { o.node.remove(); map.delete(id) }
    this.inOrder(this.list, lines.map(r => this.rows.get(r.id).node))
    if (this.selected && this.nodes.has(this.selected)) {
      this.shapes.append(this.nodes.get(this.selected).node)  // on top
      this.stage.setAttribute('aria-activedescendant', this.domId(this.selected))
      this.list.setAttribute('aria-activedescendant', this.domId(this.selected) + '-row')
    } else { this.stage.removeAttribute('aria-activedescendant'); this.list.removeAttribute('aria-activedescendant') }
    this.drawHandles()
    this.drawWork(open)
    this.drawButtons(open)
    this.drawQuestion()
  }

  inOrder(parent, nodes) { nodes.forEach((n, i) => { if (parent.children[i] !== n) parent.insertBefore(n, parent.children[i] ?? null) }) }
  domId(id) { return `fsdl-${this.session}-${id}` }
  xy([x, y]) { return [x * this.page.width, y * this.page.height] }

  drawLine(o) {
    const {r, suggested, number, selected, open} = o, old = this.nodes.get(r.id), size = `${this.page.width} ${this.page.height}`
    const state = [number, o.i, o.total, suggested, selected, open, size].join()
    if (old?.r === r && old.state === state) return
    const entry = old ?? {node: s('g', {id: this.domId(r.id), 'data-id': r.id, role: 'img'}, s('polygon'), s('text', {'aria-hidden': 'true'}))}, {node} = entry
    Object.assign(entry, {r, state})
    node.setAttribute('class', ['line', r.shape, suggested && 'suggested', selected && 'selected', r.mark && 'marked', !suggested && !open && 'complete'].filter(Boolean).join(' '))
    node.setAttribute('aria-label', spokenName(r, o.i + 1, o.total, suggested))
    const points = r.points.map(p => this.xy(p)), [polygon, text] = node.children, b = box(points)
    polygon.setAttribute('points', points.map(p => p.join()).join(' '))
    text.setAttribute('x', b.x1)
    text.setAttribute('y', (b.y1 + b.y2) / 2)
    // the spaces keep it off the shape and its handles: a transform of each text would be dear to paint
    text.textContent = (suggested ? '?' : `${number}${MARKS.includes(r.mark) ? ' \u2717' : open ? ' \u25cb' : ''}`) + '\u00a0'.repeat(selected ? 3 : 1)
    if (!old) { this.nodes.set(r.id, entry); this.shapes.append(node) }
  }

  drawRow(o) {
    const {r, suggested, number, selected, open, begins} = o, old = this.rows.get(r.id), state = [number, o.i, suggested, selected, open, begins].join()
    if (old?.r === r && old.state === state) return
    const entry = old ?? {node: h('div', {role: 'option', id: this.domId(r.id) + '-row', 'data-id': r.id, onclick: () => this.select(r.id, 'text')}, h('b'), h('span', {dir: 'auto'}))}, {node} = entry
    Object.assign(entry, {r, state})
    node.className = ['row', suggested && 'suggested', begins && 'begins', r.mark && 'marked'].filter(Boolean).join(' ')
    node.setAttribute('aria-selected', selected)
    node.children[0].textContent = suggested ? '?' : `${begins ? '\u00b6 ' : ''}${number}`
    node.children[1].textContent = r.mark ? `\u2717 ${r.mark}${r.text ? ': ' + r.text : ''}` : isBlank(r.text) ? (suggested ? 'suggestion' : '\u25cb no transcript') : r.text
    node.children[1].className = isBlank(r.text) || r.mark ? 'dim' : ''
    if (!old) this.rows.set(r.id, entry)
    if (selected) requestAnimationFrame(() => { const {offsetTop: t, offsetHeight: k} = node, l = this.list; if (t < l.scrollTop || t + k > l.scrollTop + l.clientHeight) l.scrollTop = t - l.clientHeight / 2 })
  }

  drawHandles() {
    const r = this.line(), points = r && (this.preview?.id === r.id ? this.preview.points : r.points)
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
    const {status, suggestions, regions} = this.page, state = open.map(o => `${o.region} ${o.kind}`).join() + status + suggestions.length + regions.map(r => r.id).join()
    if (this.workState === state) return
    this.workState = state
    const offered = open.find(o => o.kind === 'suggestion'), finished = ['done', 'blank'].includes(status)
    const head = finished ? (status === 'done' ? '\u2713 Page done' : '\u2713 Nothing to label here') + (open.length ? ', and still open:' : '') : status === 'skipped' ? '\u2192 Skipped'
      : open.length ? `Still open: ${open.reduce((sum, o) => sum + (o.n ?? 1), 0)}` : 'Complete: press Done'
    const name = o => o.region ? `Line ${regions.findIndex(r => r.id === o.region) + 1}: ${WORDS[o.kind]}` : o === offered ? undecided(o.n) : WORDS[o.kind]
    const items = finished ? open.filter(o => o === offered) : open.slice(0, 50).concat(open.indexOf(offered) >= 50 ? [offered] : [])
    this.work.replaceChildren(h('div', {class: 'work-head'}, head), ...items.map(o => h('button', {type: 'button', 'data-open': o.kind, ...this.press(() => this.goTo(o))}, name(o))),
      ...(offered ? [h('button', {type: 'button', 'data-action': 'delete-all', ...this.press(() => this.act({name: 'delete-all'}))}, suggestions.length > 1 ? 'They are not text: dismiss them' : 'It is not text: dismiss it')] : []),
      ...(open.some(o => o.kind === 'no-lines') ? [h('button', {type: 'button', 'data-action': 'blank', ...this.press(() => this.act({name: 'blank'}))}, 'Nothing to label on this page')] : []))
  }

  // Where an item of open work is mended
  goTo({region, kind}) {
    if (kind === 'suggestion') this.on_label_them()
    else this.select(region, ['no-text', 'draft'].includes(kind) ? 'text' : 'page')
  }

  drawButtons(open) {
    const r = this.line(), real = r && !this.isSuggestion(), b = this.buttons
    const on = {join: real && this.neighbour(), split: r, duplicate: r, 'other-shape': r, delete: r, earlier: real, later: real, paragraph: real, illegible: r, 'not-text': r,
      skip: !['done', 'blank'].includes(this.page.status), accept: this.isSuggestion(), 'accept-all': this.page.suggestions.length, 'add-point': r?.shape === 'polygon', undo: this.history.done.length, redo: this.history.undone.length, suggest: this.suggests}
    for (const [name, yes] of Object.entries(on)) if (b[name].disabled === !!yes) b[name].disabled = !yes
    for (const name of ['rectangle', 'polygon', 'select']) b[name].setAttribute('aria-pressed', this.tool === name)
    b.illegible.setAttribute('aria-pressed', r?.mark === 'illegible')
    b['not-text'].setAttribute('aria-pressed', r?.mark === 'not text')
    const finished = ['done', 'blank'].includes(this.page.status)
    b.done.textContent = finished ? 'Reopen' : '\u2713 Done'
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
    this.put(r, d.kind === 'move' ? 'move' : 'reshape')
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
    this.finishTyping()
    if (['done', 'blank'].includes(this.page.status)) { this.edit([{op: 'status', status: 'open'}], 'reopen page'); return this.say('The page is open again.') }
    const open = openWork(this.page), first = open.find(o => o.region)
    if (!open.length) return this.finish('done')
    if (!first && this.page.suggestions.length) return this.askUndecided()
    this.say(`Not done: ${open.length} open. ${first ? '' : WORDS[open[0].kind]}`)
    this.work.classList.remove('alarm')
    void this.work.offsetWidth
    this.work.classList.add('alarm')
    if (first) this.goTo(first)
  }
  on_blank() { if (!this.page.regions.length) this.finish('blank', this.dismissals()) }
  on_skip() { this.finish('skipped') }

  dismissals() { return this.page.suggestions.map(r => ({op: 'delete', id: r.id})) }

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
    this.edit([...dismissed, {op: 'status', status}], dismissed.length ? `${status}, suggestions dismissed` : status)
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
    const last = this.history.done.at(-1), now = Date.now(), put = this.putOf({...r, points})
    if (last?.name === name && last.pageId === this.page.id && last.does[0].region?.id === r.id && now - this.shifted < 1000) {
      this.history.undone = []
      this.perform([put])
      last.does = [{...last.does[0], region: put.region}]
      this.outbox.flush()
      this.draw()
    } else this.edit([put], name)
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
    const lines = this.lines(), i = lines.indexOf(r), next = lines[i + 1] ?? lines[i - 1]
    this.edit([{op: 'delete', id: r.id}], 'delete line')
    this.select(next?.id ?? null, null)
    this.say('Deleted. Ctrl+Z brings it back.')
  }

  deletePoint(r) {
    const points = removePoint(r.points, this.corner)
    if (points === r.points) return this.say('A polygon keeps at least three points.')
    this.corner = Math.min(this.corner, points.length - 1)
    this.put({...r, points}, 'delete point')
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
    this.put({...r, points: addPoint(r.points, i, x, y)}, 'add point')
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
    this.put({...r, ...otherShape(r)}, 'other shape')
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
    const lower = {...r, id: 'r' + random(), points: parts[1], text: '', index: null}, upper = {...r, points: parts[0]}
    this.corner = null
    this.edit([this.putOf(upper), {op: 'put', region: lower, after: upper.id}], 'split')
    this.showField()
    this.say('Cut in two. The transcript stays with the first part.')
  }

  neighbour() { const i = this.page.regions.findIndex(r => r.id === this.selected); return i < 0 ? null : this.page.regions[i + 1] ?? null }

  on_join() {
    const r = this.line(), next = this.neighbour()
    if (!r || !next) return this.say('There is no next line to join with.')
    this.corner = null
    const text = [r.text, next.text].filter(o => !isBlank(o)).join(' ')
    this.edit([{op: 'put', region: {...r, ...join(r, next), text}}, {op: 'delete', id: next.id}], 'join')
    this.showField()
    this.say('Joined with the next line.')
  }

  on_earlier() { return this.reorder(-1) }
  on_later() { return this.reorder(1) }
  reorder(d) {
    const ids = this.page.regions.map(r => r.id), next = moved(ids, this.selected, d)
    if (next === ids) return this.say('The line stays where it is.')
    const [a, b] = [this.line(), this.line(ids[next.indexOf(this.selected)])]
    const paragraphs = a.paragraph === b.paragraph ? [] : [{op: 'put', region: {...a, paragraph: b.paragraph}}, {op: 'put', region: {...b, paragraph: a.paragraph}}]
    this.edit([{op: 'order', ids: next}, ...paragraphs], 'reading order')
    this.say(`Now line ${next.indexOf(this.selected) + 1} of ${ids.length}`)
  }

  on_paragraph() {
    if (!this.line() || this.isSuggestion()) return this.say('Select a line first; a suggestion has to be accepted.')
    const changed = toggleParagraph(this.page.regions, this.selected)
    if (!changed.length) return this.say('The first line always begins a paragraph.')
    this.edit(changed.map(region => ({op: 'put', region})), 'paragraph')
    this.say(`Paragraph ${this.line().paragraph}`)
  }

  on_illegible() { this.mark('illegible') }
  on_not_text() { this.mark('not text') }
  mark(mark) {
    this.finishTyping()
    const r = this.line()
    if (!r) return this.say('Select a line first.')
    this.put({...r, mark: r.mark === mark ? '' : mark}, mark)
    this.showField()
    this.say(this.line().mark ? `Marked ${mark}` : 'Mark taken away')
  }

  on_accept() {
    if (!this.isSuggestion()) return this.say('This line is no suggestion.')
    this.put(this.line(), 'accept')
    this.showField()
  }

  // All suggestions at once, each put where it belongs
  on_accept_all() {
    const lines = this.lines(), n = this.page.suggestions.length
    if (!n) return this.say('There are no suggestions.')
    const ops = lines.map((region, i) => this.page.suggestions.includes(region) ? {op: 'put', region, after: i ? lines[i - 1].id : null} : null).filter(Boolean)
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
    this.panel.hidden = same
    if (same) return this.stage.focus({preventScroll: true})
    this.panel.dataset.which = which
    this.panel.setAttribute('aria-label', which === 'help' ? 'Keys' : 'Labelling guidelines')
    const table = rows => h('dl', {}, ...rows.flatMap(([keys, what]) => [h('dt', {}, ...keys.flatMap((o, i) => [i ? ' ' : '', h('kbd', {}, o)])), h('dd', {}, what)]))
    const content = which === 'help' ? Object.entries(HELP).map(([title, rows]) => h('section', {}, h('h4', {}, title), table(rows)))
      : [this.guidelines ? markdown(this.guidelines) : h('p', {}, 'There are no guidelines yet: write them into a file guidelines.md in the folder of the dataset.')]
    this.panel.replaceChildren(h('button', {type: 'button', class: 'close', 'aria-label': 'Close', ...this.press(() => this.togglePanel(null))}, '\u2715'), ...content)
    this.panel.focus({preventScroll: true})
  }
}

function render({model, el}) {
  const editor = new Editor(model, el)
  return () => editor.close()
}

export default {render}
