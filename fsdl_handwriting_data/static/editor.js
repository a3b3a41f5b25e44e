// The editor: the page as it stands, the line that is chosen, and the rooms around them.
/** @import {Action, Line, Model, Page, Work} from './types.js' */
import {Actions} from './actions.js'
import {openWork, spokenName} from './checks.js'
import {Connection} from './connection.js'
import {Crop} from './crop.js'
import {Edits} from './edits.js'
import {focusOn, h, random, setTo} from './elements.js'
import {Field} from './field.js'
import {action} from './keys.js'
import {LineList} from './list.js'
import {merged} from './order.js'
import {Pages} from './pages.js'
import {Panels, Question} from './panels.js'
import {Pointer} from './pointer.js'
import {Rivals} from './rivals.js'
import {Shaping} from './shaping.js'
import {Stage} from './stage.js'
import {Toolbar} from './toolbar.js'

/** Lines and suggestions in reading order, and what they were worked out from.
 * @typedef {{regions: Line[], suggestions: Line[], all: Line[], lines: Line[]}} Memo */

export class Editor {
  session = random()
  annotator = ''
  guidelines = ''
  charset = /** @type {string | null} */ (null)  // all characters that transcripts may have
  suggests = false                                // can the kernel look for lines?
  page = /** @type {Page | null} */ (null)        // as this window shows it: pages are never changed in place
  selected = /** @type {string | null} */ (null)  // the chosen line
  corner = /** @type {number | null} */ (null)    // its chosen point
  tool = 'rectangle'
  memo = /** @type {Memo | null} */ (null)

  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.edits = new Edits(this)
    this.connection = new Connection(this, model)
    this.pages = new Pages(this)
    this.toolbar = new Toolbar(this)
    this.stage = new Stage(this)
    this.pointer = new Pointer(this)
    this.list = new LineList(this)
    this.rivals = new Rivals(this)
    this.crop = new Crop(this)
    this.field = new Field(this)
    this.panels = new Panels(this)
    this.question = new Question(this)
    this.actions = new Actions(this)
    this.shaping = new Shaping(this)
    this.live = h('div', {class: 'live', role: 'status', 'aria-live': 'polite'})
    this.root = this.build()
    el.append(this.root)
    this.resizes = new ResizeObserver(() => {
      if (this.stage.fitted) this.stage.fit()
      this.crop.draw()
    })
    this.resizes.observe(this.stage.el)
    this.sights = new IntersectionObserver(all => this.isInSight(!!all.at(-1)?.isIntersecting))
    this.sights.observe(this.root)
    this.connection.open()
  }

  build() {
    const {list, panels, question, stage, toolbar} = this
    const side = h('div', {class: 'side'}, list.el, toolbar.why, list.work)
    const root = h('div', {class: 'fsdl-labeller', role: 'group', 'aria-label': 'Label pages', tabindex: -1},
      toolbar.bar, toolbar.lineBar, h('div', {class: 'body'}, stage.el, side, panels.el), this.field.el,
      h('div', {class: 'foot'}, this.live, toolbar.who), question.el)
    root.addEventListener('keydown', e => this.key(e))
    root.addEventListener('mousedown', e => {
      if (!question.el.hidden && !question.el.contains(/** @type {Node} */ (e.target))) e.preventDefault()
    })
    root.addEventListener('focusin', e => {
      if (!root.contains(/** @type {Node | null} */ (e.relatedTarget))) this.connection.look()
    })
    return root
  }

  close() {
    this.connection.rest()
    this.sights.disconnect()
    this.field.finishTyping()
    this.connection.close()
    this.resizes.disconnect()
    clearTimeout(this.field.draftTimer)
  }

  /** @type {(yes: boolean) => void} */
  isInSight(yes) {
    this.connection.inSight = yes
    if (yes) this.connection.look()
  }

  /** @type {(text: string) => void} */
  say(text) {
    this.live.textContent = ''
    this.live.textContent = text
  }

  /** Listeners of a button: a click leaves the focus where it is, or brings it into the widget.
   * @type {(f: () => void) => {onmousedown: (e: Event) => void, onclick: () => void}} */
  press(f) {
    const inside = () => this.root.contains(document.activeElement)
    return {
      onmousedown: e => e.preventDefault(),
      onclick: () => {
        if (!inside()) focusOn(this.stage.el)
        f()
      },
    }
  }

  // ----------------------------------------------------------------------------------------- the page and its lines

  // The page that is shown, where there has to be one
  get here() {
    if (!this.page) throw new Error('no page is shown')
    return this.page
  }

  get isFinished() { return ['done', 'blank'].includes(this.here.status) }

  // This window will show the page again as it is now
  keep() { this.pages.known.set(this.here.id, this.here) }

  /** Lines and suggestions together, in reading order. @type {() => Line[]} */
  lines() {
    const {memo} = this, {regions, suggestions} = this.page ?? {regions: [], suggestions: []}
    if (!suggestions.length) return regions
    if (memo?.regions === regions && memo.suggestions === suggestions) return memo.lines
    // typing changes no place: the order is worked out anew only when a shape, or the set of lines, is another
    const all = [...regions, ...suggestions], byId = new Map(all.map(r => [r.id, r]))
    const still = memo?.all.length === all.length && all.every((r, i) => {
      const was = memo.all[i]
      return r.id === was.id && r.points === was.points
    })
    const lines = still ? memo.lines.map(r => byId.get(r.id) ?? r) : merged(regions, suggestions)
    this.memo = {regions, suggestions, all, lines}
    return lines
  }

  /** @type {(id?: string | null) => Line | undefined} */
  line(id = this.selected) {
    return this.page?.regions.find(r => r.id === id) ?? this.page?.suggestions.find(r => r.id === id)
  }
  /** @type {(id?: string | null) => boolean} */
  isSuggestion(id = this.selected) { return !!this.page?.suggestions.some(r => r.id === id) }

  // The line behind the chosen one
  neighbour() {
    const {regions} = this.here, i = regions.findIndex(r => r.id === this.selected)
    return i < 0 ? null : regions[i + 1] ?? null
  }

  /** The id of a line's element. @type {(id: string) => string} */
  domId(id) { return `fsdl-${this.session}-${id}` }

  /** Choose a line, or none; the `focus` goes to its text, to the page, or stays. @type {(id: string | null,
   *   focus?: string | null) => void} */
  select(id, focus = 'page') {
    if (this.selected !== id) {
      this.field.finishTyping(true)
      this.corner = null
    }
    this.selected = id
    this.edits.tick()
    this.draw()
    this.field.showField()
    const r = this.line(), {input} = this.field
    if (this.panels.showsHistory && r) this.panels.askHistory()
    if (r) {
      this.stage.reveal(r)
      const lines = this.lines()
      this.say(spokenName(r, lines.indexOf(r) + 1, lines.length, this.isSuggestion()))
    }
    if (focus === 'text' && r) {
      focusOn(input)
      this.field.el.scrollIntoView({block: 'nearest'})
      input.setSelectionRange(input.value.length, input.value.length)
    }
    if (focus === 'page') focusOn(this.stage.el)
  }

  /** The next line, or the one before; whether there is one. @type {(d: number, focus: string | null) => boolean} */
  step(d, focus) {
    const lines = this.lines(), i = lines.findIndex(r => r.id === this.selected), end = d > 0 ? 0 : lines.length - 1
    const next = lines[i < 0 ? end : i + d]
    if (next) this.select(next.id, focus)
    return !!next
  }

  /** What is open on the page that is shown: what is being typed is not half typed yet.
   * @type {(page: Page) => Work[]} */
  openNow(page) {
    const {typing} = this.field
    return openWork({...page, drafts: typing ? page.drafts?.filter(id => id !== typing.id) : page.drafts})
  }

  // Bring what is shown up to date: on each key all lines are looked at, and only what is another is touched
  draw() {
    const {page} = this
    if (!page) return
    const open = this.openNow(page), lines = this.lines()
    this.drawLines(page, lines, new Set(open.map(o => o.region)))
    this.forget(lines)
    this.list.inOrder(lines)
    const active = this.stage.raise()
    setTo(this.list.el, 'aria-activedescendant', active && active + '-row')
    this.stage.drawHandles()
    this.list.drawWork(open)
    this.toolbar.draw(open)
    this.question.draw()
  }

  /** @type {(page: Page, lines: Line[], todo: Set<string | null>) => void} */
  drawLines(page, lines, todo) {
    const offered = new Set(page.suggestions), clash = new Set(page.others?.map(o => o.line))
    const size = `${page.width} ${page.height}`, total = lines.length
    let number = 0, paragraph = page.regions[0]?.paragraph ?? 1
    lines.forEach((r, i) => {
      const {id, shape, mark, text} = r, points = this.stage.pointsOf(r), suggested = offered.has(r)
      const selected = id === this.selected, begins = !suggested && (r.paragraph ?? paragraph) !== paragraph
      if (!suggested) {
        number++
        paragraph = r.paragraph ?? paragraph
      }
      const both = {mark, text, number, i, suggested, selected}
      this.stage.drawLine(r, {...both, points, shape, total, open: todo.has(id), size})
      this.list.drawRow(id, {...both, begins, clash: clash.has(id), draft: this.field.isDraft(id)})
    })
  }

  /** Elements of lines that are gone go too. @type {(lines: Line[]) => void} */
  forget(lines) {
    if (this.list.rows.size <= lines.length) return
    const ids = new Set(lines.map(r => r.id))
    for (const map of [this.stage.nodes, this.list.rows]) {
      for (const [id, {node}] of map) {
        if (ids.has(id)) continue
        node.remove()
        map.delete(id)
      }
    }
  }

  // ---------------------------------------------------------------------------------------------- keys and buttons

  /** @type {(e: KeyboardEvent) => void} */
  key(e) {
    if (!this.page) return
    if (!this.question.el.hidden) return this.question.key(e)
    if (!this.takes(e)) return
    e.preventDefault()
    e.stopPropagation()
  }

  /** Whether a key press has a meaning here, which it then had. @type {(e: KeyboardEvent) => boolean} */
  takes(e) {
    const {field, panels, pointer} = this, target = /** @type {HTMLElement} */ (e.target)
    if (pointer.dragging && pointer.pointers.size) {  // a key in the middle of a stroke ends it, and does nothing else
      if (e.key === 'Escape') pointer.stopDrag()
      return true
    }
    if (panels.el.contains(target) && /^(Page|Arrow|Home|End)/.test(e.key)) return false  // the panel is scrolled
    if (!panels.el.hidden && e.key === 'Escape') {
      panels.toggle(null)
      return true
    }
    const where = this.whereIs(target)
    if (where === 'page' && e.key === ' ') return pointer.space = true
    if (where === 'other' && target.localName === 'select') return false
    const a = action(e, where), act = typeof a === 'string' ? {name: a} : a
    if (!act) return false
    const own = ['undo', 'redo'].includes(act.name) && field.typing && field.input.value !== field.typing.text
    if (where === 'text' && own) return false  // the field's own undo
    return this.act({...act, where}) !== false
  }

  /** Where the focus is, as the tables of keys call it. @type {(target: HTMLElement) => string} */
  whereIs(target) {
    if (target === this.stage.el) return 'page'
    return target === this.field.input ? 'text' : 'other'
  }

  /** Do what a key or a button is called; false where it has no meaning and the browser should go on.
   * @type {(a: Action) => unknown} */
  act(a) {
    const always = ['previous-page', 'next-page', 'help', 'guidelines'].includes(a.name)
    if (this.pages.busy && !always) return this.say('The page is being fetched.')
    this.edits.tick()
    const inside = this.root.contains(document.activeElement), name = `on_${a.name.replaceAll('-', '_')}`
    const room = /** @type {any} */ (name in this.actions ? this.actions : this.shaping)
    const done = room[name](a)
    if (inside) this.keepFocus()
    return done
  }

  // The element with the focus may be gone or switched off by what was done: then the picture has it
  keepFocus() {
    const f = /** @type {HTMLButtonElement | null} */ (document.activeElement)
    if (!f || !this.root.contains(f) || f.disabled || f.closest('[hidden]')) focusOn(this.stage.el)
  }
}
