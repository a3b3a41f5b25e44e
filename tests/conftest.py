"""What all tests share. No test writes into the repository: what a tool would leave there goes to the temporary folder."""
import importlib.util, os, shutil, signal, sys, tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault('HYPOTHESIS_STORAGE_DIRECTORY', os.path.join(tempfile.gettempdir(), 'fsdl-hypothesis'))
os.environ.setdefault('MPLBACKEND', 'agg')
for name, value in {'NAME': 'A tester', 'EMAIL': 'tester@example.org'}.items():  # a machine without a git identity can commit
    for role in ('AUTHOR', 'COMMITTER'): os.environ.setdefault(f'GIT_{role}_{name}', value)
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background of a shell: the programs of the tests have to hear Ctrl-C

os.fsync = lambda fd: os.fstat(fd) and None  # in this process nothing waits for the disk: no test cuts the power, and killed processes need no sync

settings.register_profile('seeded', derandomize=True)  # the same examples in every run; others by FSDL_RANDOM=1
if not os.environ.get('FSDL_RANDOM'): settings.load_profile('seeded')

NOTES = pytest.StashKey[list]()


@pytest.fixture(scope='session')
def root():
    "The repository's root."
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope='session')
def note(request):
    "Say a line at the end of the run, also when all is well: `note('128 cells')`."
    return request.config.stash.setdefault(NOTES, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(NOTES, []): terminalreporter.write_line(line)


def pytest_sessionfinish(session):
    "With pytest-xdist this process is one of several: it hands its notes to the one that prints."
    if hasattr(session.config, 'workeroutput'): session.config.workeroutput['notes'] = session.config.stash.get(NOTES, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node): node.config.stash.setdefault(NOTES, []).extend(getattr(node, 'workeroutput', {}).get('notes', []))


@pytest.fixture(scope='session')
def need():
    """Ask for a real component: `need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')`.

    Without it the test is skipped on a laptop, and fails where FSDL_TEST_REQUIRE is set (as .ci/run does)."""
    def check(found, what, how):
        if found: return found
        message = f'this test needs {what}: {how}'
        if os.environ.get('FSDL_TEST_REQUIRE'): pytest.fail(message)
        pytest.skip(message)
    return check


@pytest.fixture(scope='session')
def tiny_made(tmp_path_factory):
    "The small project that keeps every rule, made once."
    from tiny_project import mk_tiny_project
    return mk_tiny_project(tmp_path_factory.mktemp('tiny')/'made')


@pytest.fixture
def tiny(tiny_made, tmp_path):
    "A fresh copy of the small project for one test to damage."
    return Path(shutil.copytree(tiny_made, tmp_path/'tiny'))


# ---------------------------------------------------------------------------------------------- browser, JupyterLab, small disk

@pytest.fixture(scope='module')
def chromium(need):
    """A Chromium that reaches nothing but this machine, as a Playwright browser.

    One for each module of tests: while Playwright runs, its thread cannot run another event loop (`asyncio.run`)."""
    from browser import CHROMIUM_FLAGS, find_chromium
    path = need(find_chromium(), 'chromium', 'apt-get install chromium, or set FSDL_CHROMIUM to its path')
    need(importlib.util.find_spec('playwright'), 'playwright', 'pip install playwright')
    from playwright.sync_api import sync_playwright
    with sync_playwright() as pw:
        browser = pw.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium):
    "Makes pages: `new_page(dark=True, touch=True, viewport=(800, 600))`; each has cookies and storage of its own, and `page.seen`."
    from browser import watched_page
    made = []
    def mk(**kw):
        made.append(watched_page(chromium, **kw))
        return made[-1]
    yield mk
    for page in made: page.context.close()


@pytest.fixture
def page(new_page):
    "A page of 1280 by 900 pixels."
    return new_page()


@pytest.fixture(scope='session')
def new_lab(need, tmp_path_factory):
    "Makes and starts Jupyter servers: `new_lab(settings=…, config=…, env=…)`; `folder` is a new one if not given. All end with the tests."
    from browser import Lab
    for o in 'jupyterlab', 'notebook', 'anywidget', 'psutil': need(importlib.util.find_spec(o), o, f'pip install {o}')
    with ExitStack() as stack:
        def mk(folder=None, **kw):
            lab = Lab(folder or tmp_path_factory.mktemp('lab'), **kw)
            stack.callback(lab.close)
            return lab.start()
        yield mk


@pytest.fixture(scope='session')
def lab(new_lab, note):
    "The Jupyter server that tests share; a test that kills one asks `new_lab` for its own."
    res = new_lab()
    note(f'the Jupyter server answered after {res.seconds["server start"]:.1f} s')
    return res


@pytest.fixture
def js(page):
    "Evaluates JavaScript modules: `js(folder).run('geometry.js', 'area(points)', points=[[0, 0], [1, 1]])`."
    from browser import JS
    from fsdl_handwriting_data.fetching.serve import serve_folder
    with ExitStack() as stack: yield lambda folder: JS(page, stack.enter_context(serve_folder(folder)))


@pytest.fixture
def fake_widgets(page):
    "anywidgets without Jupyter: `fake_widgets().mount(esm, css, state, answer=…)` is a `FakeWidget`; `fake_widgets(dark=True)`."
    from browser import FakeWidgets
    return lambda dark=False, page=page: FakeWidgets(page, dark)


@pytest.fixture
def tiny_disk(need, tmp_path):
    "Mounts small file systems: `tiny_disk('300k')` is a `TinyDisk` with `path`, `free`, `fill(leave=0)` and `empty()`."
    from browser import can_mount, mounted
    need(can_mount(), 'the right to mount a file system', 'run it on Linux as root')
    with ExitStack() as stack: yield lambda size='1m', name='disk': stack.enter_context(mounted(tmp_path/name, size))


@pytest.fixture
def journey(lab, page, request):
    """Opens a notebook with a labelling widget for a new dataset: `journey(pages=3)` gives its folder, the `Notebook` and a `Hand`.

    `cells` are the notebook's if they are given; `run=False` runs none."""
    from labelling import Hand, cell, mk_dataset
    made = []
    def mk(*cells, pages=3, labelled=False, annotator='Ann', suggest=None, app='lab', folder=None, run=True, dark=False, page=page):
        name = f'{request.node.name}_{len(made)}'
        folder = folder or mk_dataset(lab.folder/f'data_{name}', pages, labelled)
        made.append(folder)
        nb = lab.open(page, f'{name}.ipynb', cells or [cell(folder, annotator, suggest)], app=app, dark=dark)
        if run: nb.run_all()
        return folder, nb, Hand(page).wait_page() if run else None
    return mk
