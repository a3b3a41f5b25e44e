// The labelling widget: one page at a time as SVG over its picture, a list of lines, and one field for the transcript.
/** @import {Model} from './types.js' */
import {Editor} from './editor.js'

/** What anywidget calls to show a view of the widget. @type {(given: {model: Model, el: HTMLElement}) => () => void} */
function render({model, el}) {
  const editor = new Editor(model, el)
  return () => editor.close()
}

export default {render}
