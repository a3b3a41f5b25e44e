// What the parts of the widget hand to each other, for editors and the type check. Nothing here runs or is sent.
// Line, Other, Labels and the edits are those of core/labels.py and core/events.py; the messages are those of
// labelling/conversation.py. tests/test_labeller_types.py compares them with Python.

/** A corner: [x, y] in fractions of the page's width and height. @typedef {number[]} Point */
/** @typedef {{x1: number, y1: number, x2: number, y2: number}} Box */
/** @typedef {{points: Point[], shape: string}} Shaped */

// ---------------------------------------------------------------------------------------------- labels

/** A line, or a suggestion.
 * @typedef {{id: string, points: Point[], shape: string, text: string, mark: string, paragraph: number | null,
 *   label: string[], index: number | null, baseline: Point[] | null}} Line */
/** Some of what a line has. @typedef {Partial<Omit<Line, 'id' | 'index'>>} Fields */
/** What changes as one. @typedef {'text' | 'shape' | 'mark' | 'paragraph' | 'label' | 'baseline'} Field */
/** A value of a line of which nobody has said yet whether it or the line's own counts.
 * @typedef {{line: string, field: Field, to: Fields, was?: Fields, session: string, at: number}} Other */
/** What edits change of a page; `aside` is all that is kept beside lines, `others` what is shown of it.
 * @typedef {{regions: Line[], suggestions: Line[], status: string, others?: Other[], drafts?: string[],
 *   aside?: Other[]}} Labels */
/** A page as the kernel sends it. @typedef {Labels & {id: string, width: number, height: number, stamp: string,
 *   version: number, n: number, hint: string, type?: string}} Page */
/** How far a page is. @typedef {{id: string, status: string, state?: string, lines: number, open: number,
 *   suggestions?: number}} Summary */
/** What keeps a page open: `kind` is a key of WORDS.
 * @typedef {{region: string | null, kind: string, n?: number}} Work */
/** A value that the window does not show; the line's own has no session while another text is typed.
 * @typedef {{field: Field, to: Fields, session?: string, at?: number}} Rival */

// ---------------------------------------------------------------------------------------------- edits

/** What comes with any edit. @typedef {{page?: string, session?: string, n?: number, at?: number, secs?: number,
 *   draft?: boolean, sent?: boolean}} Sending */
/** @typedef {Sending & {op: 'set', id: string, to?: Fields, was?: Fields, after?: string | null, drop?: Fields[],
 *   keep?: Fields[]}} SetEdit */
/** @typedef {Sending & {op: 'put', region: Line, after?: string | null}} PutEdit */
/** @typedef {Sending & {op: 'back', region: Line, after?: string | null}} BackEdit */
/** @typedef {Sending & {op: 'text', id: string, text: string, after?: string | null}} TextEdit */
/** @typedef {Sending & {op: 'delete', id: string, was?: Fields, drop?: Fields[], offered?: boolean}} DeleteEdit */
/** @typedef {Sending & {op: 'order', ids: string[]}} OrderEdit */
/** @typedef {Sending & {op: 'begins', id: string, to: boolean, numbered?: boolean}} BeginsEdit */
/** @typedef {Sending & {op: 'status', status: string, dismissed?: string[]}} StatusEdit */
/** @typedef {Sending & {op: 'suggest', by: string, regions: Line[]}} SuggestEdit */
/** @typedef {SetEdit | PutEdit | BackEdit | TextEdit | DeleteEdit | OrderEdit | BeginsEdit | StatusEdit
 *   | SuggestEdit} Edit */
/** All that one key or one drag did. @typedef {{pageId: string, does: Edit[], undoes: Edit[], name: string}} Entry */
/** Edits that an earlier widget left in the browser.
 * @typedef {{name: string, text: string, session: string, since: number, edits: Edit[]}} Leftover */

// ---------------------------------------------------------------------------------------------- messages

/** @typedef {{kind: 'start', session: string, key: string, annotator: string, pages: Summary[], page: string,
 *   guidelines: string, chars: string, charset: string | null, suggests: boolean, now: number}} StartMessage */
/** @typedef {{kind: 'page', session: string, page: Page, problem?: string, image?: boolean,
 *   found?: {ids: string[], status: string}}} PageMessage */
/** What of our edits the disk has otherwise. @typedef {{line: string, number: number, what: Field | 'kept' | 'deleted'
 *   | 'also', fields: (Field | 'accepted')[], text: string, mark: string, stays: boolean}} Told */
/** @typedef {{kind: 'saved', session: string, n: number, pages: Summary[], version: Record<string, number>,
 *   told: Record<string, Told[]>}} SavedMessage */
/** @typedef {{kind: 'failed', session: string, error: string}} FailedMessage */
/** @typedef {{kind: 'refused', session: string, n: number, error: string}} RefusedMessage */
/** @typedef {{kind: 'news', session: string, pages: Summary[]}} NewsMessage */
/** One change of a line. @typedef {{what: string, to: Fields, was: Fields, session: string, at: number}} LineChange */
/** @typedef {{kind: 'history', session: string, page: string, line: string, changes: LineChange[]}} HistoryMessage */
/** @typedef {{kind: 'recovered', session: string,
 *   results: {saved: number, error: string, again: boolean}[]}} RecoveredMessage */
/** @typedef {{kind: 'error', session: string, page?: string, error: string}} ErrorMessage */
/** @typedef {StartMessage | PageMessage | SavedMessage | FailedMessage | RefusedMessage | NewsMessage | HistoryMessage
 *   | RecoveredMessage | ErrorMessage} Message */

/** What anywidget gives us. @typedef {{send(message: object): void,
 *   on(name: 'msg:custom', f: (message: Message, buffers: BlobPart[]) => void): void,
 *   off(name: 'msg:custom', f: (message: Message, buffers: BlobPart[]) => void): void}} Model */

// ---------------------------------------------------------------------------------------------- the window

/** What a key or a button asks for. @typedef {{name: string, where?: string, dx?: number, dy?: number, big?: boolean,
 *   far?: boolean, index?: number}} Action */
/** What of a key press is looked at. @typedef {Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey'
 *   | 'shiftKey'> & Partial<Pick<KeyboardEvent, 'isComposing' | 'keyCode' | 'getModifierState'>>} Press */
/** The place of a pointer: on the stage in pixels, on the page in fractions.
 * @typedef {{px: number, py: number, x: number, y: number}} Place */
/** The picture of a page, and which file it is.
 * @typedef {{url: string, stamp: string, bitmap?: HTMLImageElement}} Picture */
/** The pictures of a widget, for all its views. @typedef {Map<string, Picture> & {views: number}} Pictures */

export {}
