"""A folder that somebody else made: clone it and run any command. No code of it runs, nothing outside is written, nothing outside gets into what is published.

The ways in are in `hostile.py`; each is planted into a real repository, cloned or copied, and then every command is run on it."""
import contextlib, http.server, io, json, os, signal, subprocess, sys, threading, time
from pathlib import Path

import pytest

from hostile import CODE, MODULES, WAYS, Trap, picture
from fsdl_handwriting_data import cli, cli_versions
from fsdl_handwriting_data.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labeller import find_or_make_dataset, label, labelling_notebook
from fsdl_handwriting_data.label_store import LabelStore


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
    'fsdl_diff': lambda t: cli.fsdl_diff('HEAD', str(t.ds), pictures=str(t.top/'out'/'diff')),
    'fsdl_update_metadata --check': lambda t: cli_versions.fsdl_update_metadata([], check=True),
    'fsdl_label': lambda t: labelling_notebook(find_or_make_dataset(t.ds).folder, 'mallory'),
    'label()': lambda t: work(t.ds),
    'an edit': lambda t: edit(t.ds),
    'fsdl_export': lambda t: cli.fsdl_export(t.ds),
    'fsdl_track': lambda t: cli_versions.fsdl_track(t.ds),
    'fsdl_download': lambda t: cli.fsdl_download(t.ds, quiet=True),
    'fsdl_pin': lambda t: cli_versions.fsdl_pin(t.ds, quiet=True, sums=str(t.ds/'sums.sha256'), bag=str(t.top/'out'/'bag'), copy_images=True),
    'fsdl_update_metadata': lambda t: cli_versions.fsdl_update_metadata([str(t.ds)], accept_loss=True),
    'fsdl_card': lambda t: cli.fsdl_card(t.ds),
    'fsdl_look': lambda t: cli.fsdl_look(t.ds, out=str(t.ds)),
    'fsdl_new from it': lambda t: cli.fsdl_new(t.top/'out'/'new', images=[str(t.ds), *map(str, t.ds.glob('*.csv'))], quiet=True),
    'fsdl_new into it': lambda t: cli.fsdl_new(t.ds, images=[str(t.top/'mine.png')], quiet=True),
    'fsdl_demo': lambda t: cli.fsdl_demo('fsdl_demo', pages=1, quiet=True),
}


@contextlib.contextmanager
def as_victim(t, monkeypatch):
    "In the folder of the dataset, as somebody who owns the home of the trap and has '.' among the places for programs."
    with monkeypatch.context() as m:
        for k, v in dict(HOME=t.top/'home', GIT_CONFIG_GLOBAL=t.top/'home'/'.gitconfig', FSDL_CANARY=t.canary, PATH=f'.{os.pathsep}{os.environ["PATH"]}',
                         XDG_CACHE_HOME=t.top/'home'/'.cache', JUPYTER_DATA_DIR=t.top/'home'/'.local').items(): m.setenv(k, str(v))
        m.chdir(t.ds)
        yield


def attacked(t, name):
    "What the call `name` lets through, and how it ended."
    def late(*_): raise AssertionError('no end')
    old, how, out = signal.signal(signal.SIGALRM, late), 'well', io.StringIO()
    signal.alarm(30)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out): CALLS[name](t)
    except SystemExit as e: how = f'exit {e.code}'
    except (ValueError, OSError) as e: how = f'{type(e).__name__}: {e}'
    except AssertionError as e: return [f'{name}: {e}'], ''
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
    through, n = {}, 0
    for name in WAYS:
        calls = [o for o in CALLS if o != 'fsdl_demo' or 'fsdl_demo' in name or name in ('modules', 'program_called_git')]
        through |= run_all(tmp_path, monkeypatch, address, [name], calls)
        n += len(calls)
    assert not through
    note(f'hostile folders: {len(WAYS)} ways in, {n} attacks: 0 let through')
