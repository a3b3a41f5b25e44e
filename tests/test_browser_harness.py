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


@pytest.mark.long
def test_a_widget_in_jupyterlab(lab, page, note, root):
    nb = lab.open(page, 'x.ipynb',
                  [COUNTER, 'c.n', 'import os, sys; os.getpid(), sys.executable, fsdl_handwriting_data.__file__'], dark=True)
    nb.run_all()
    n = nb.widget('.counter b')
    hit(nb)
    hit(nb)
    nb.widget('.counter i').get_by_text('hit1,2,255').wait_for()
    assert n.inner_text() == '2' and nb.run(1) == '2'
    assert n.evaluate('o => getComputedStyle(o).color') == 'rgb(1, 2, 3)'
    assert str(lab.kernel(nb.name).pid) in nb.text(2) and str(root/'fsdl_handwriting_data') in nb.text(2)
    assert page.evaluate('document.body.dataset.jpThemeLight') == 'false'
    assert page.seen.requests_outside == [] and page.seen.widget_errors == [] and page.seen.dialogs == [] and nb.dismiss_dialogs() == []
    nb.editor(2).click()
    page.keyboard.press('Control+A')
    page.keyboard.type('6*7')
    assert nb.source(2) == '6*7' and nb.run(2) == '42'
    page.evaluate('() => { __fsdl.app.commands.execute("notebook:restart-kernel") }')
    page.locator('.jp-Dialog').wait_for()
    assert 'Restart Kernel?' in nb.dismiss_dialogs()[0] and nb.dismiss_dialogs() == []
    note(f'JupyterLab: a notebook opened in {nb.seconds["open"]:.1f} s, a cell ran in {nb.seconds["run"]:.2f} s')


def test_a_page_asks_nothing_of_other_machines_and_says_what_it_tried(page, js, tmp_path):
    from fsdl_handwriting_data.fetching.serve import serve_folder
    (tmp_path/'a.js').write_text('export const get = async url => { try { return await (await fetch(url)).text() } catch (e) { return String(e) } }')
    get = js(tmp_path)
    with serve_folder(tmp_path) as url:
        assert get.run('a.js', 'get(url)', url=f'{get.url}/a.js').startswith('export')
        for host in '127.0.0.2', 'handwriting.invalid':
            there = url.replace('127.0.0.1', host)
            assert 'Failed to fetch' in get.run('a.js', 'get(url)', url=f'{there}/a.js')
            assert page.seen.requests_outside.pop() == f'{there}/a.js' and 'ERR_NAME_NOT_RESOLVED' in page.seen.console_errors.pop()
        page.evaluate('url => { new WebSocket(url) }', 'ws://handwriting.invalid/')
        wait_for(lambda: page.wait_for_timeout(5) or page.seen.requests_outside, 'the socket to be seen')


@pytest.mark.long
def test_kernel_and_tab_can_be_lost_and_come_back_in_notebook_7(lab, page, note):
    nb = lab.open(page, 'lost.ipynb', [COUNTER, 'n = 41', 'n + 1', 'import time; print("on"); time.sleep(600)'], app='notebook')
    for i in range(3): nb.run(i)
    hit(nb)
    nb.widget('.counter b').get_by_text('1').wait_for()
    assert nb.text(2) == '42'
    nb.start(3)
    nb.wait('() => __fsdl.outputs(3).length', 'output of a cell that runs')
    assert nb.text(3) == 'on'
    began = time.monotonic()
    pid = lab.kill_kernel('lost.ipynb')
    assert not any(p.pid == pid for p in lab.kernels())
    new = nb.wait_back(pid)
    note(f'a killed kernel was back after {time.monotonic() - began:.1f} s')
    assert new != pid and 'NameError' in nb.run(2)
    nb.run(1)
    assert nb.run(2) == '42'
    began = time.monotonic()
    assert nb.restart_kernel() not in (pid, new)
    note(f'a restarted kernel was idle after {time.monotonic() - began:.1f} s')
    assert 'NameError' in nb.run(2)
    with pytest.raises(TimeoutError, match='something that never is: not within 0.1 s(.|\n)*"status"(.|\n)*server.log'):
        nb.wait('() => false', 'something that never is', .1)
    nb.set_source(2, '6*7')
    nb.theme(dark=True)
    nb.save()
    began = time.monotonic()
    nb.reload()
    note(f'Notebook 7: a notebook opened in {nb.seconds["open"]:.1f} s and reloaded in {time.monotonic() - began:.1f} s')
    assert 'Counter' in nb.run(0) and nb.run(2) == '42'
    hit(nb)
    assert nb.shot('counter', '.jp-Notebook').stat().st_size > 1000
    assert page.evaluate('document.body.dataset.jpThemeLight') == 'false' and page.seen.dialogs == [] and page.seen.widget_errors == []


@pytest.mark.long
def test_a_server_can_be_killed_and_no_process_is_left(new_lab, page, note):
    own = new_lab()
    nb = own.open(page, 'x.ipynb', ['2**10'], app='notebook')
    kernel = own.kernel('x.ipynb')
    first = own.kill_server()
    assert not own.is_up and not (kernel.pid == first)
    began = time.monotonic()
    own.restart()
    nb.dismiss_dialogs()
    nb.reload()
    note(f'a killed server and its notebook were back after {time.monotonic() - began:.1f} s')
    assert not is_running(kernel) and nb.run(0) == '1024'
    kernel = own.kernel('x.ipynb')
    began = time.monotonic()
    own.stop()
    note(f'the server stopped in {time.monotonic() - began:.1f} s')
    assert not own.is_up and own.kernels() == [] and not is_running(kernel)


@pytest.mark.long
def test_a_server_that_does_not_start_says_why(new_lab):
    with pytest.raises(RuntimeError, match='ended with status(.|\n)*no_such_class_or_worse'):
        new_lab(config={'ServerApp': {'kernel_manager_class': 'no_such_class_or_worse'}})


def test_a_widget_without_jupyter(fake_widgets, new_page):
    page = new_page(dark=True)
    fw = fake_widgets(dark=True, page=page)
    w = fw.mount(ESM, '.counter { color: red }', {'n': 3})
    two = fw.mount(ESM, state={'n': 10, 'image': b'\x00\xff'}, answer=lambda content, buffers: ({'text': 'answer '}, [buffers[0][::-1]]))
    w.el.get_by_role('button').click()
    assert w.wait_sent() == ({'kind': 'hit'}, [b'\x01\x02\xff']) and w.saved == [{'n': 4}] and w.get('n') == 4
    w.push({'text': 'hello '}, [b'\x07\x08'])
    assert w.el.locator('i').inner_text() == 'hello 7,8'
    w.set(n=99)
    assert w.el.locator('b').inner_text() == '99' and two.el.locator('b').inner_text() == '10' and two.get('image') == b'\x00\xff'
    two.el.get_by_role('button').click()
    two.el.get_by_text('answer 255,2,1').wait_for()
    with pytest.raises(TimeoutError, match="not within 0.1 s; there were .*hit"): w.wait_sent(lambda c, b: False, timeout=.1)
    assert page.evaluate('getComputedStyle(document.body).backgroundColor') == 'rgb(17, 17, 17)'
    w.remove()
    assert page.evaluate('window.counterGone') and page.seen.page_errors == []


def test_mouse_pen_and_finger_are_told_apart(new_page):
    page = new_page(touch=True)
    page.set_content('<body style="height: 400px; touch-action: none"><script>said = []; for (const k of ["pointerdown", "pointermove", "pointerup"])'
                     'document.addEventListener(k, e => said.push([k, e.pointerType, e.clientX, e.clientY]))</script>')
    for kind in 'mouse', 'pen', 'touch':
        page.evaluate('said = []')
        drag(page, [(10, 20), (50, 60), (90, 100)], kind)
        said = wait_for(lambda: (o := page.evaluate('said')) and o[-1][0] == 'pointerup' and o, f'the end of a {kind} drag', 5)
        said = said[next(i for i, o in enumerate(said) if o[0] == 'pointerdown'):]
        assert said[0] == ['pointerdown', kind, 10, 20] and said[-1] == ['pointerup', kind, 90, 100] and ['pointermove', kind, 50, 60] in said


def test_javascript_modules_are_run_as_modules(js, tmp_path):
    (tmp_path/'part.js').write_text('export const two = 2')
    (tmp_path/'whole.js').write_text("import { two } from './part.js'\nexport const twice = o => o.map(x => x*two), later = async () => 'é'")
    whole = js(tmp_path)
    assert whole.exports('whole.js') == ['later', 'twice']
    assert whole.run('whole.js', 'twice(list)', list=[1, 2.5]) == [2, 5] and whole.run('whole.js', 'later()') == 'é'
    with pytest.raises(Exception, match='nothing is not defined'): whole.run('whole.js', 'nothing')


def test_a_small_disk_gets_full_and_is_gone_afterwards(tiny_disk):
    disk = tiny_disk('200k')
    assert os.path.ismount(disk.path) and disk.free == 200*1024
    disk.fill()
    assert disk.free == 0
    with pytest.raises(OSError, match='No space left'): (disk.path/'a').write_text('a')
    disk.empty()
    (disk.path/'a').write_text('a')
    assert (disk.path/'a').read_text() == 'a'
    disk.fill(leave=8192)
    assert disk.free == 8192
