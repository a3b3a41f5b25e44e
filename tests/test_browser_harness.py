"""The browser tests' own tools, proved on a widget that counts."""
import os, time

import pytest

from browser import drag, is_running, wait_for

ESM = '''export default { render({ model, el }) {
  const b = document.createElement('button'), n = document.createElement('b')
  b.textContent = 'more'
  const show = () => { n.textContent = model.get('n') }
  b.onclick = () => { model.set('n', model.get('n') + 1); model.save_changes(); model.send({kind: 'hit'}, undefined, [new Uint8Array([1, 2, 255]).buffer]) }
  model.on('change:n', show)
  model.on('msg:custom', (m, buffers) => { el.querySelector('i').textContent = m.text + new Uint8Array(buffers[0].buffer).join() })
  el.classList.add('counter')
  el.append(b, n, document.createElement('i'))
  show()
  return () => { window.counterGone = true }
} }'''
COUNTER = f"""import anywidget, traitlets, fsdl_handwriting_data
class Counter(anywidget.AnyWidget):
    _esm = {ESM!r}
    _css = '.counter {{ color: rgb(1, 2, 3) }}'
    n = traitlets.Int(0).tag(sync=True)
c = Counter()
c.on_msg(lambda w, content, buffers: w.send({{'text': content['kind']}}, [bytes(buffers[0])]))
c"""


def hit(nb, i=0):
    nb.widget('.counter button', i).click()


@pytest.mark.parametrize('app', ['lab', 'full', 'notebook'])
def test_a_widget_in_a_real_notebook(lab, page, note, root, app):
    nb = lab.open(page, f'{app}.ipynb', [COUNTER, 'c.n', 'import os, sys; os.getpid(), sys.executable, fsdl_handwriting_data.__file__'], app=app, dark=app == 'lab')
    nb.run_all()
    n = nb.widget('.counter b')
    hit(nb)
    hit(nb)
    nb.widget('.counter i').get_by_text('hit1,2,255').wait_for()
    assert n.inner_text() == '2' and nb.run(1) == '2'
    assert n.evaluate('o => getComputedStyle(o).color') == 'rgb(1, 2, 3)'
    assert str(lab.kernel(nb.name).pid) in nb.text(2) and str(root/'fsdl_handwriting_data') in nb.text(2)
    assert page.evaluate('document.body.dataset.jpThemeLight') == str(app != 'lab').lower()
    assert page.seen.requests_outside == [] and page.seen.page_errors == [] and page.seen.dialogs == [] and nb.dismiss_dialogs() == []
    note(f'{app}: opened in {nb.seconds["open"]:.1f} s, a cell ran in {nb.seconds["run"]:.2f} s')
