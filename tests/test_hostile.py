"""A folder that somebody else made: clone it and run any command. No code of it runs, nothing outside is written, nothing outside gets into what is published.

The ways in are in `hostile.py`; each is planted into a real repository, cloned or copied, and then every command is run on it."""
import contextlib, http.server, io, json, os, shutil, signal, socket, subprocess, sys, tempfile, threading, time
from pathlib import Path

import pytest

from hostile import WAYS, Trap, picture
from fsdl_handwriting_data.core.shown import HandwritingError
from fsdl_handwriting_data.commands.command import BUG
from fsdl_handwriting_data.commands import data as cli, labels as cli_labels, training as cli_training, versions as cli_versions
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labelling.labeller import find_or_make_dataset, label, labelling_notebook
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.pages.new_dataset import new_dataset
from fsdl_handwriting_data.training.splits import split_pages, write_split


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header('Content-Length', str(len(Trap.reply)))
        self.end_headers()
        self.wfile.write(Trap.reply)
    def log_message(self, *args): pass


@pytest.fixture(scope='module')
def address():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f'http://127.0.0.1:{server.server_port}/'
    server.shutdown()


def edit(ds):
    store = LabelStore(ds, 'mallory')
    store.append({'op': 'status', 'page': next(iter(store.pages)), 'status': 'open'})


def work(ds):
    lab = label(ds, 'mallory', suggest=None)
    for message in dict(kind='hello'), dict(kind='open', page=lab.ids[0]): list(lab.answer(message))


CALLS = {
    'fsdl_verify': lambda t: cli_versions.fsdl_verify(t.ds, quiet=True),
    'repr': lambda t: repr(FsdlHandwritingDataset(t.ds)),
    'fsdl_diff': lambda t: cli_labels.fsdl_diff('HEAD', str(t.ds), pictures=str(t.top/'out'/'diff')),
    'fsdl_update_metadata --check': lambda t: cli_versions.fsdl_update_metadata([], check=True),
    'fsdl_label': lambda t: labelling_notebook(find_or_make_dataset(t.ds).folder, 'mallory'),
    'label()': lambda t: work(t.ds),
    'an edit': lambda t: edit(t.ds),
    'fsdl_export': lambda t: cli_labels.fsdl_export(t.ds),
    'fsdl_track': lambda t: cli_versions.fsdl_track(t.ds),
    'fsdl_download': lambda t: cli.fsdl_download(t.ds, quiet=True),
    'fsdl_pin': lambda t: cli_versions.fsdl_pin(t.ds, quiet=True, sums=str(t.ds/'sums.sha256'),
                                                bag=str(t.top/'out'/'bag'), copy_images=True),
    'fsdl_update_metadata': lambda t: cli_versions.fsdl_update_metadata([str(t.ds)]),
    'fsdl_card': lambda t: cli.fsdl_card(t.ds),
    'fsdl_look': lambda t: cli.fsdl_look(t.ds, out=str(t.ds)),
    'a split': lambda t: write_split(t.ds, split_pages(FsdlHandwritingDataset(t.ds)), accept=True),
    'fsdl_trainset': lambda t: cli_training.fsdl_trainset([str(t.ds)], out=str(t.top/'out'/'set'), as_='kraken', quiet=True),
    'fsdl_new from it': lambda t: cli.fsdl_new(t.top/'out'/'new', images=[str(t.ds), *map(str, t.ds.glob('*.csv'))], quiet=True),
    'fsdl_new into it': lambda t: cli.fsdl_new(t.ds, images=[str(t.top/'mine.png')], quiet=True),
    'fsdl_demo': lambda t: cli.fsdl_demo('fsdl_demo', pages=1, quiet=True),
}


@contextlib.contextmanager
def as_victim(t, monkeypatch):
    "In the folder of the dataset, as somebody who owns the home of the trap and has '.' among the places for programs."
    with monkeypatch.context() as m:
        for k, v in dict(HOME=t.top/'home', GIT_CONFIG_GLOBAL=t.top/'home'/'.gitconfig', FSDL_CANARY=t.canary,
                         PATH=f'.{os.pathsep}{os.environ["PATH"]}',
                         XDG_CACHE_HOME=t.top/'home'/'.cache', JUPYTER_DATA_DIR=t.top/'home'/'.local').items(): m.setenv(k, str(v))
        m.chdir(t.ds)
        yield


class NoEnd(BaseException): "A call takes too long: no `except Exception` may catch that."


def attacked(t, name):
    "What the call `name` lets through, and how it ended."
    def late(*_): raise NoEnd
    old, how, out = signal.signal(signal.SIGALRM, late), 'well', io.StringIO()
    signal.alarm(30)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out): CALLS[name](t)
    except SystemExit as e:
        how = f'exit {e.code}'
        if e.code == BUG: return [f'{name}: a fault of the library: {out.getvalue()[-600:]}'], how
    except (HandwritingError, OSError) as e: how = f'{type(e).__name__}: {e}'
    except NoEnd: return [f'{name}: no end'], ''
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)
    return [f'{name}: {o}' for o in t.let_through()], f'{how} {out.getvalue()[-300:]}'


def run_all(tmp_path, monkeypatch, address, ways, calls):
    "All that is let through, by way; each way in a place of its own."
    through = {}
    for name in ways:
        top = tmp_path/name
        t = Trap(top, address).spring(name)
        (top/'mine.png').write_bytes(picture(200))
        (top/'out').mkdir()
        found = []
        with as_victim(t, monkeypatch):
            for call in calls:
                bad, how = attacked(t, call)
                if os.environ.get('FSDL_SHOW'): print(f'{name:28} {call:28} {bad or ""} {how!r:.260}')
                found += bad
        if found: through[name] = found
    return through


SHORT = 'card_to_bashrc', 'readme_is_secret', 'export_elsewhere', 'labels_elsewhere', 'lock_makes_a_file', 'image_is_private', 'keys_by_download', 'endless_readme', 'embedded_repository', 'filter_clean', 'aliases', 'pipes'


def test_nothing_gets_in(tmp_path, monkeypatch, address, note):
    calls = [o for o in CALLS if o not in ('fsdl_demo', 'fsdl_look', 'fsdl_track', 'fsdl_update_metadata', 'fsdl_new into it')]
    assert not run_all(tmp_path, monkeypatch, address, SHORT, calls)
    note(f'hostile folders: {len(SHORT)} ways in × {len(calls)} calls: 0 let through (all {len(WAYS)} × {len(CALLS)} in the long tests)')


@pytest.mark.long
def test_nothing_gets_in_by_any_way(tmp_path, monkeypatch, address, note):
    ways, through, n = (os.environ.get('FSDL_WAYS') or ' '.join(WAYS)).split(), {}, 0
    for name in ways:
        calls = [o for o in CALLS if o != 'fsdl_demo' or 'fsdl_demo' in name or name in ('modules', 'program_called_git')]
        through |= run_all(tmp_path, monkeypatch, address, [name], calls)
        n += len(calls)
    assert not through
    note(f'hostile folders: {len(ways)} ways in, {n} attacks: 0 let through')


# ---------------------------------------------------------------------------------------------- programs of their own

def planted(tmp_path, address, *names):
    "A clone with all that the ways `names` plant."
    for o in names[1:]: WAYS[names[0] + '_and_' + o] = (lambda t: [WAYS[o][0](t) for o in names]), False
    try: t = Trap(tmp_path/'trap', address).spring('_and_'.join(names[:1] + names[-1:]) if len(names) > 1 else names[0])
    finally:
        for o in names[1:]: del WAYS[names[0] + '_and_' + o]
    return t


@pytest.mark.long
def test_programs_start_without_the_folder(tmp_path, monkeypatch, address):
    t = planted(tmp_path, address, 'modules', 'settings_of_jupyter', 'settings_of_figures')
    with as_victim(t, monkeypatch):
        bin_ = Path(sys.executable).parent
        for call in ['fsdl_look', '.', '--out', t.top/'home'/'.cache'], ['fsdl_verify', '.', '--quiet']:
            done = subprocess.run([bin_/call[0], *call[1:]], capture_output=True, text=True)
            assert not done.returncode and not t.let_through(), done
        code = "from pathlib import Path; from fsdl_handwriting_data.labelling.labeller import *; print(open_lab(labelling_notebook('.', 'mallory'), '--version'))"
        done = subprocess.run([sys.executable, '-P', '-c', code], capture_output=True, text=True)
        assert done.stdout.endswith('0\n') and not t.let_through(), done


@pytest.mark.long
def test_a_kernel_takes_no_code_from_the_folder(tmp_path, monkeypatch, address, need):
    import importlib.util
    need(importlib.util.find_spec('jupyter_client'), 'jupyter_client', 'pip install jupyterlab')
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import KernelManager
    from fsdl_handwriting_data.labelling.labeller import _isolated
    t = planted(tmp_path, address, 'modules', 'settings_of_jupyter', 'settings_of_figures')
    with as_victim(t, monkeypatch):
        (tmp_path/'spec').mkdir()
        env = _isolated(str(tmp_path/'spec'))
        km = KernelManager(kernel_name='python3', kernel_spec_manager=KernelSpecManager(kernel_dirs=[str(tmp_path/'spec'/'kernels')]))
        km.start_kernel(cwd=str(t.ds), env=env)
        kc = km.client()
        kc.start_channels()
        try:
            kc.wait_for_ready(timeout=60)
            cell = json.loads(labelling_notebook(t.ds, 'mallory').read_text())['cells'][1]['source']
            reply = kc.execute_interactive(f'import anywidget, matplotlib\n{cell}.widget()\nassert not matplotlib.rcParams["text.usetex"]', timeout=60, output_hook=lambda m: None)
        finally:
            kc.stop_channels()
            km.shutdown_kernel(now=True)
        assert reply['content']['status'] == 'ok', reply['content']
        assert not t.let_through()


# ---------------------------------------------------------------------------------------------- what goes on working,
# and what one odd file must not stop

def test_links_that_stay_inside_go_on_working(tmp_path, monkeypatch):
    t = Trap(tmp_path)
    (t.repo/'docs').mkdir()
    (t.repo/'docs'/'about.md').write_text('Letters from a box.\n')
    t.link('readme.md', 'repo/docs/about.md')
    t.link('card.md', 'repo/docs/card.md')
    (t.repo/'scans').mkdir()
    (t.ds/'pages'/'a.png').rename(t.repo/'scans'/'a.png')
    t.link('pages', 'repo/scans')
    (t.ds/'e.jsonl').rename(t.ds/'v2.jsonl')
    t.link('e.jsonl', 'repo/ds/v2.jsonl')
    t.commit()
    with as_victim(t, monkeypatch), contextlib.redirect_stdout(io.StringIO()):
        for o in 'fsdl_card', 'fsdl_pin', 'fsdl_verify', 'fsdl_look':
            CALLS[o](t) if o != 'fsdl_pin' else cli_versions.fsdl_pin(t.ds, quiet=True)
        edit(t.ds)
        cli_labels.fsdl_export(t.ds)
        cli_versions.fsdl_verify(t.ds, quiet=True)
    assert 'Letters from a box.' in (t.repo/'docs'/'card.md').read_text() and (t.ds/'card.md').is_symlink()


def test_contents_of_git_annex_are_read_and_never_written(tmp_path, monkeypatch):
    t = Trap(tmp_path)
    t.commit()
    store = t.repo/'.git'/'annex'/'objects'/'a'
    store.parent.mkdir(parents=True)
    (t.ds/'pages'/'a.png').rename(store)
    t.link('pages/a.png', store)
    t.link('card.md', t.repo/'.git'/'annex'/'objects'/'card')
    with as_victim(t, monkeypatch), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said := io.StringIO()):
        cli_versions.fsdl_pin(t.ds, quiet=True)
        cli_versions.fsdl_verify(t.ds, quiet=True)
        with pytest.raises(SystemExit): cli.fsdl_card(t.ds)
    assert 'annex/objects/card' in said.getvalue() and not (store.parent/'card').exists()


LISTS = ['/', '..', '../..', '.', 'sub', 'sub/', '{abs}', '../outside.png', 'sub/../../outside.png', '//', '/proc',
         '~', 'link.png', 'C:\\x.png', '\\\\host\\x.png', 'file:///etc/passwd', 'dev']


@pytest.mark.parametrize('form', ['txt', 'csv'])
def test_a_list_names_addresses_and_files_below_its_folder(tmp_path, form):
    top = tmp_path/'lists'
    (top/'sub').mkdir(parents=True)
    for o in tmp_path/'outside.png', top/'own.png', top/'sub'/'deep.png': o.write_bytes(picture(hash(o.name) % 200))
    (top/'link.png').symlink_to('../outside.png')
    (top/'dev').symlink_to('/dev/zero')
    odd = [o.format(abs=tmp_path/'outside.png') for o in LISTS]
    (top/f'list.{form}').write_text('\n'.join(['url']*(form == 'csv') + ['own.png', *odd, 'sub/deep.png', './sub/../own.png']) + '\n')
    start = time.monotonic()
    res = new_dataset(tmp_path/'new', top/f'list.{form}', progress=False)
    assert [o.id for o in res.of('added')] == ['own.png', 'sub_deep.png'] and len(res.of('skipped')) == 1
    assert len(res.of('failed')) == len(odd) and all(o.reason for o in res.of('failed')) and time.monotonic() - start < 30


def test_one_closed_or_odd_file_does_not_stop_the_rest(tmp_path):
    scans = Path(tempfile.mkdtemp())
    try:
        (scans/'in'/'locked').mkdir(parents=True)
        for o in 'a.png', 'closed.png', 'in/locked/b.png', 'in/z.png': (scans/o).write_bytes(picture(len(o)*9))
        for name, target in {'nowhere.png': 'gone.png', 'round.png': 'round.png', 'private.png': tmp_path/'p.png',
                             'zero.png': '/dev/zero', 'tree': '/'}.items(): (scans/name).symlink_to(target)
        (tmp_path/'p.png').write_bytes(picture(1))
        os.mkfifo(scans/'pipe.png')
        with socket.socket(socket.AF_UNIX) as s: s.bind(str(scans/'sock.png'))
        new_dataset(tmp_path/'warm', scans/'a.png', progress=False)  # what is imported late is, before the rights are given up
        for o in scans, scans/'in': o.chmod(0o777)
        for o in scans/'in'/'locked', scans/'closed.png': o.chmod(0)
        said = as_nobody(lambda: [f'{o.status} {o.name}: {o.reason}' for o in new_dataset(scans/'new', scans, progress=False)])
    finally:
        (scans/'in'/'locked').chmod(0o700)
        shutil.rmtree(scans)
    assert [o for o in said if o.startswith('added')] == ['added a.png: ', 'added in/z.png: '], said
    odd = {o.split(': ')[0] for o in said if o.startswith('failed')}
    assert odd == {f'failed {o}'
                   for o in ('closed.png', 'in/locked/', 'nowhere.png', 'round.png', 'private.png', 'zero.png',
                             'tree', 'pipe.png', 'sock.png')}, said


def as_nobody(do):
    "What `do` gives in a process without the rights of root."
    r, w = os.pipe()
    if not (pid := os.fork()):
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
            os.write(w, json.dumps(do()).encode())
            os._exit(0)
        except BaseException as e:
            os.write(w, json.dumps([repr(e)]).encode())
            os._exit(1)
    os.close(w)
    with os.fdopen(r, 'rb') as f: res = json.loads(f.read())
    os.waitpid(pid, 0)
    return res
