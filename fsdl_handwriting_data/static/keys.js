// Which key does what. `where` is 'page' (the picture has the focus), 'text' (the transcript has it) or 'other' (a button, a list).

const ARROWS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
const ANYWHERE = {'mod+z': 'undo', 'mod+shift+z': 'redo', 'mod+y': 'redo', 'mod+Enter': 'done', 'alt+ArrowUp': 'earlier', 'alt+ArrowDown': 'later',
  'alt+i': 'illegible', 'alt+n': 'not-text', PageUp: 'previous-page', PageDown: 'next-page', 'alt+b': 'paragraph', 'alt+z': 'zoom-line', 'mod+s': 'save'}
const TEXT = {Enter: 'confirm', 'shift+Enter': 'previous-line', ArrowDown: 'next-line', ArrowUp: 'previous-line', Tab: 'next-line', 'shift+Tab': 'previous-line', Escape: 'to-page',
  'alt+d': 'duplicate'}
const PAGE = {r: 'rectangle', p: 'polygon', v: 'select', Enter: 'to-text', F2: 'to-text', Escape: 'cancel', Tab: 'next-line', 'shift+Tab': 'previous-line',
  Delete: 'delete', Backspace: 'delete', n: 'new-line', d: 'duplicate', s: 'split', 'shift+s': 'split-across', j: 'join', t: 'other-shape',
  b: 'paragraph', x: 'illegible', 'shift+x': 'not-text', a: 'add-point', '.': 'next-point', ',': 'previous-point', y: 'accept', 'shift+a': 'accept-all',
  f: 'fit', z: 'zoom-line', '+': 'zoom-in', '=': 'zoom-in', '-': 'zoom-out', '?': 'help', g: 'guidelines', Home: 'first-line', End: 'last-line'}

// The name of the pressed key with its modifiers, as the tables spell it
export function spell({key, code, ctrlKey, metaKey, altKey, shiftKey}) {
  let k = key
  // Alt types a sign on a Mac, and a letter may be Greek or Hebrew: the place of the key says which one is meant
  const [, at] = /^(?:Key|Digit)(.)$/.exec(code || '') || []
  if (at && !/^[a-z\d]$/i.test(k) && (altKey || /^\p{L}$/u.test(k))) k = at
  const letter = k.length === 1 && k.toLowerCase() !== k.toUpperCase()
  if (letter) k = k.toLowerCase()
  const shift = shiftKey && (letter || k.length > 1)  // '?' and '+' come with Shift on some keyboards and without on others
  return [(ctrlKey || metaKey) && 'mod', altKey && 'alt', shift && 'shift', k].filter(Boolean).join('+')
}

// The action of a key press: a name, or {name: 'nudge' or 'resize', dx, dy, big or far}; null if the key is not ours
export function action(e, where) {
  if (e.isComposing || e.keyCode === 229) return null  // an input method is at work
  if (e.getModifierState?.('AltGraph') || e.altKey && /^Numpad/.test(e.code)) return null  // these type a sign
  const name = spell(e)
  if (where === 'text' && /^alt\+[1-9]$/.test(name)) return {name: 'character', index: Number(name.at(-1)) - 1}
  if (where === 'page' && ARROWS[e.key] && !e.altKey) {
    const [dx, dy] = ARROWS[e.key]
    return e.ctrlKey || e.metaKey ? {name: 'resize', dx, dy, far: e.shiftKey} : {name: 'nudge', dx, dy, big: e.shiftKey}
  }
  return ANYWHERE[name] || (where === 'text' ? TEXT[name] : where === 'page' ? PAGE[name] : null) || null
}

// What the help says: [keys, what they do]
export const HELP = {
  'In the transcript': [[['Enter'], 'save, go to the next line'], [['\u2191', '\u2193'], 'line before, next line; Shift+Tab and Tab do the same'], [['Esc'], 'to the picture'],
    [['Alt+D'], 'a new line below, shaped like this one'], [['Alt+1 \u2026 9'], 'a character of the row below']],
  'On the picture': [[['drag'], 'draw a line; a click picks one'], [['R', 'P', 'V'], 'draw rectangles, draw polygons, only select'], [['Tab', 'Shift+Tab'], 'next line, line before'],
    [['Enter'], 'type its transcript; end a polygon'], [['\u2190 \u2191 \u2192 \u2193'], 'move by a pixel, with Shift by ten'], [['Ctrl+arrows'], 'resize: lower right sides, with Shift upper left'],
    [['N', 'D'], 'new line, copy further down'], [['S', 'Shift+S'], 'cut into upper and lower, left and right'], [['J'], 'join with the next line'], [['T'], 'rectangle \u2194 polygon'],
    [['.', ','], 'next point of a polygon, point before'], [['A'], 'add a point'], [['Delete'], 'delete the point, or else the line'], [['Y', 'Shift+A'], 'accept a suggestion, accept all'],
    [['F', 'Z', '+', '\u2212'], 'whole page, zoom to the line, in, out'], [['Space+drag', 'wheel'], 'move the paper; Ctrl+wheel zooms'], [['G', '?'], 'labelling guidelines, this help']],
  Everywhere: [[['Ctrl+Enter'], 'page done, next open page'], [['Ctrl+Z', 'Ctrl+Shift+Z'], 'undo, redo'], [['Alt+\u2191', 'Alt+\u2193'], 'earlier, later in reading order'],
    [['Alt+B'], 'a paragraph begins here (B on the picture)'], [['Alt+I', 'Alt+N'], 'illegible, not text (X, Shift+X)'], [['PageUp', 'PageDown'], 'page before, next page'], [['Alt+Z'], 'zoom to the line']],
}
