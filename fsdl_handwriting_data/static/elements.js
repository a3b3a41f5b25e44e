// Elements of the page, made and changed; and the few things that a window has for itself.

const SVG = 'http://www.w3.org/2000/svg'

/** What an element is given: attributes, and listeners as `on…`. @typedef {Record<string, any>} Attributes */

/** Give `el` attributes and listeners. @type {(el: Element, attributes: Attributes) => void} */
function dress(el, attributes) {
  for (const [k, v] of Object.entries(attributes)) {
    if (k.startsWith('on')) el.addEventListener(k.slice(2), v)
    else if (v !== undefined && v !== null && v !== false) el.setAttribute(k, v === true ? '' : v)
  }
}

/** An element with attributes (`on…` are listeners) and children.
 * @type {<K extends keyof HTMLElementTagNameMap>(tag: K, attributes?: Attributes, ...children: (Node | string)[]) =>
 *   HTMLElementTagNameMap[K]} */
export function h(tag, attributes = {}, ...children) {
  const el = document.createElement(tag)
  dress(el, attributes)
  // The notebook looks at the element that has the focus before it looks at our root
  const focusable = ['button', 'select', 'input'].includes(tag) || 'tabindex' in attributes
  if (focusable) el.setAttribute('data-lm-suppress-shortcuts', 'true')
  el.append(...children)
  return el
}

/** The same for SVG.
 * @type {<K extends keyof SVGElementTagNameMap>(tag: K, attributes?: Attributes, ...children: (Node | string)[]) =>
 *   SVGElementTagNameMap[K]} */
export function s(tag, attributes = {}, ...children) {
  const el = document.createElementNS(SVG, tag)
  dress(el, attributes)
  el.append(...children)
  return el
}

/** Set an attribute, or take it away if `value` is null, where it is another: what is set anew the browser works out
 * anew. @type {(el: Element, name: string, value: string | null) => void} */
export function setTo(el, name, value) {
  if (el.getAttribute(name) === value) return
  if (value === null) el.removeAttribute(name)
  else el.setAttribute(name, value)
}

/** Whether two objects have the same values.
 * @type {(a: Record<string, any> | null | undefined, b: Record<string, any>) => boolean} */
export function isAs(a, b) {
  if (!a) return false
  for (const k in b) if (a[k] !== b[k]) return false
  return true
}

/** The names of an element's classes, of those that are there.
 * @type {(...names: (string | false | undefined)[]) => string} */
export const classes = (...names) => names.filter(Boolean).join(' ')

/** Give `el` the focus, and scroll nothing. @type {(el: HTMLElement | SVGElement) => void} */
export const focusOn = el => el.focus({preventScroll: true})

/** The characters of a text as people count them: an accent belongs to its letter.
 * @type {(text: string) => string[]} */
export function letters(text) {
  return Intl.Segmenter ? Array.from(new Intl.Segmenter().segment(text), o => o.segment) : [...text]
}

/** A name that nothing else has. */
export function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(6)), b => b.toString(16).padStart(2, '0')).join('')
}

/** A name for `text` that any window gives it. @type {(text: string) => string} */
export function nameOf(text) {
  let [a, b] = [0x811c9dc5, 0x1b873593]
  for (const c of text) {
    const code = c.codePointAt(0) ?? 0
    ;[a, b] = [Math.imul(a ^ code, 0x01000193), Math.imul(b ^ code, 0x85ebca6b) ^ a >>> 15]
  }
  return [a, b].map(o => (o >>> 0).toString(16).padStart(8, '0')).join('')
}

/** What this browser keeps; a store that keeps nothing where it is not allowed. */
export function browserStore() {
  try {
    localStorage.length
    return localStorage
  } catch {
    return {
      length: 0, key: () => null, getItem: () => null, setItem() { throw new Error('no storage') }, removeItem() {},
    }
  }
}
