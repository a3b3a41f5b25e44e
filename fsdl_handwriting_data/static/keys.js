// Which key does what. `where` is 'page' (the picture has the focus), 'text' (the transcript has it) or 'other' (a
// button, a list). In a transcript what the keyboard gives is typed: a shortcut exists only where the press gives no
// character.
/** @import {Action, Press} from './types.js' */

/** @type {Record<string, number[]>} */
const ARROWS = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
}
/** @type {Record<string, string>} */
const ANYWHERE = {
  'mod+z': 'undo', 'mod+shift+z': 'redo', 'mod+y': 'redo', 'mod+Enter': 'done', 'alt+ArrowUp': 'earlier',
  'alt+ArrowDown': 'later', F8: 'illegible', F9: 'not-text', F4: 'paragraph', F10: 'zoom-line',
  PageUp: 'previous-page', PageDown: 'next-page', 'mod+s': 'save', 'shift+F2': 'to-choices', 'alt+i': 'illegible',
  'alt+n': 'not-text', 'alt+b': 'paragraph', 'alt+z': 'zoom-line',
}
/** @type {Record<string, string>} */
const TEXT = {
  Enter: 'confirm', 'shift+Enter': 'previous-line', ArrowDown: 'next-line', ArrowUp: 'previous-line',
  Tab: 'next-line', 'shift+Tab': 'previous-line', Escape: 'to-page', F2: 'duplicate', 'alt+d': 'duplicate',
}
/** @type {Record<string, string>} */
const PAGE = {
  r: 'rectangle', p: 'polygon', v: 'select', Enter: 'to-text', F2: 'to-text', Escape: 'cancel', Tab: 'next-line',
  'shift+Tab': 'previous-line', Delete: 'delete', Backspace: 'delete', n: 'new-line', d: 'duplicate', s: 'split',
  'shift+s': 'split-across', j: 'join', t: 'other-shape', b: 'paragraph', x: 'illegible', 'shift+x': 'not-text',
  a: 'add-point', '.': 'next-point', ',': 'previous-point', y: 'accept', 'shift+a': 'accept-all', f: 'fit',
  z: 'zoom-line', '+': 'zoom-in', '=': 'zoom-in', '-': 'zoom-out', '?': 'help', g: 'guidelines', h: 'history',
  c: 'take-other', k: 'keep-this', u: 'take-both', Home: 'first-line', End: 'last-line',
}

const MAC = typeof navigator === 'object' && /^(Mac|iP)/.test(navigator.platform)

/** Whether a press in a text gives a character or begins one (a dead key, an input method), as far as the event says
 * it: Option of a Mac types on every layout; elsewhere Alt types nothing where the key is still its plain letter or
 * digit, and Ctrl+Alt may be AltGr.
 * @type {(e: Press, mac?: boolean) => boolean} */
export function isTyped({key, ctrlKey, metaKey, altKey}, mac = MAC) {
  if (/^(Dead|Process|Unidentified|Compose)$/.test(key)) return true
  if (/^[A-Z][A-Za-z\d]+$/.test(key) || metaKey) return false  // keys with a name: Enter, F8, ArrowUp
  if (ctrlKey) return altKey || mac && /^y$/i.test(key)  // Ctrl+Y of a Mac puts back what Ctrl+K cut
  return !altKey || mac || !/^[a-z\d]$/i.test(key)
}

/** The name of the pressed key with its modifiers, as the tables spell it. @type {(e: Press) => string} */
export function spell({key, code, ctrlKey, metaKey, altKey, shiftKey}) {
  let k = key
  // a letter may be Greek or Hebrew, and on the picture Alt may give a sign: the place of the key says which is meant
  const [, at] = /^(?:Key|Digit)(.)$/.exec(code || '') || []
  if (at && !/^[a-z\d]$/i.test(k) && (altKey || /^\p{L}$/u.test(k))) k = at
  const letter = k.length === 1 && k.toLowerCase() !== k.toUpperCase()
  if (letter) k = k.toLowerCase()
  const shift = shiftKey && (letter || k.length > 1)  // '?' and '+' come with Shift on some keyboards only
  return [(ctrlKey || metaKey) && 'mod', altKey && 'alt', shift && 'shift', k].filter(Boolean).join('+')
}

/** Which character of the row below the transcript is meant, from 0: Alt and its number, on a Mac Ctrl; undefined if
 * none.
 * @type {(e: Press, name: string, mac: boolean) => number | undefined} */
function characterOf(e, name, mac) {
  if (mac && (!e.ctrlKey || e.altKey || e.metaKey)) return undefined
  const [, n] = (mac ? /^Digit([1-9])$/.exec(e.code) : /^alt\+([1-9])$/.exec(name)) || []
  return n ? Number(n) - 1 : undefined
}

/** The action of a key press: a name, or {name: 'nudge' or 'resize', dx, dy, big or far}; null if the key is not ours.
 * @type {(e: Press, where: string, mac?: boolean) => string | Action | null} */
export function action(e, where, mac = MAC) {
  if (e.isComposing || e.keyCode === 229 || !e.key) return null  // an input method is at work
  if (e.getModifierState?.('AltGraph') || e.altKey && /^Numpad/.test(e.code)) return null  // these type a sign
  if (where === 'text' && isTyped(e, mac)) return null
  const name = spell(e), index = where === 'text' ? characterOf(e, name, mac) : undefined
  if (index !== undefined) return {name: 'character', index}
  if (where === 'page' && ARROWS[e.key] && !e.altKey) {
    const [dx, dy] = ARROWS[e.key]
    return e.ctrlKey || e.metaKey ? {name: 'resize', dx, dy, far: e.shiftKey} : {name: 'nudge', dx, dy, big: e.shiftKey}
  }
  return (where === 'text' ? TEXT[name] : where === 'page' ? PAGE[name] : null) || ANYWHERE[name] || null
}

/** How the character number `i` of the row, from 0, is asked for. @type {(i: number, mac?: boolean) => string} */
export const characterKey = (i, mac = MAC) => i < 9 ? `${mac ? 'Ctrl' : 'Alt'}+${i + 1}` : ''

/** What the help says: [keys, what they do]. @type {Record<string, [string[], string][]>} */
export const HELP = {
  'In the transcript': [
    [['Enter', 'Shift+Enter'], 'save, go to the next line, to the line before'],
    [['\u2191', '\u2193'], 'line before, next line; Shift+Tab and Tab do the same'],
    [['Esc'], 'to the picture; what is half typed stays so until Enter'],
    [['F2'], 'a new line below, shaped like this one'],
    [['Alt+1 \u2026 9'], 'a character of the row below; on a Mac Ctrl+1 \u2026 9'],
    [['Alt+D', 'Alt+B', 'Alt+I', 'Alt+N', 'Alt+Z'],
     'the same as F2, F4, F8, F9, F10 where Alt types nothing; on a Mac it types, and so does AltGr'],
  ],
  'On the picture': [
    [['drag'], 'draw a line; a click picks one'],
    [['R', 'P', 'V'], 'draw rectangles, draw polygons, only select'],
    [['Tab', 'Shift+Tab', 'Home', 'End'], 'next line, line before, first, last'],
    [['Enter'], 'type its transcript; end a polygon'],
    [['Esc'], 'give up a polygon that is begun; choose no point, no line'],
    [['\u2190 \u2191 \u2192 \u2193'], 'move by a pixel, with Shift by ten'],
    [['Ctrl+arrows'], 'resize: lower right sides, with Shift upper left'],
    [['N', 'D'], 'new line, copy further down'],
    [['S', 'Shift+S'], 'cut into upper and lower, left and right'],
    [['J'], 'join with the next line'],
    [['T'], 'rectangle \u2194 polygon'],
    [['.', ','], 'next point of a polygon, point before'],
    [['A'], 'add a point'],
    [['Delete'], 'delete the point, or else the line'],
    [['Y', 'Shift+A'], 'accept a suggestion, accept all'],
    [['F', 'Z', '+', '\u2212'], 'whole page, zoom to the line, in, out'],
    [['Space+drag', 'wheel'], 'move the paper; Ctrl+wheel zooms'],
    [['G', '?'], 'labelling guidelines, this help'],
    [['H'], 'history of the line'],
    [['C', 'K', 'U'], 'two windows differ: take the other, keep this one, take both'],
  ],
  Everywhere: [
    [['Ctrl+Enter'], 'page done, next open page'],
    [['Ctrl+Z', 'Ctrl+Shift+Z'], 'undo, redo'],
    [['Ctrl+S'], 'send what is half typed; all else is saved as you go'],
    [['Alt+\u2191', 'Alt+\u2193'], 'earlier, later in reading order'],
    [['F4'], 'a paragraph begins here (B on the picture)'],
    [['F8', 'F9'], 'illegible, not text (X, Shift+X)'],
    [['PageUp', 'PageDown'], 'page before, next page'],
    [['F10'], 'zoom to the line (Z)'],
    [['Shift+F2'], 'to what other windows say of the line'],
  ],
}
