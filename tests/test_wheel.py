"""The package as a user gets it: what is inside the wheel, and the wheel at work in a virtual environment of its own."""
import os, re, subprocess, sys, tarfile, zipfile
from email import message_from_bytes
from importlib.metadata import version
from pathlib import Path

import pytest, trove_classifiers

from project_checks import PACKAGE, REPO, copy_project, module_files, notebooks, settings

DOWNLOADED = ['data/raw/fsdl_handwriting/fsdl_handwriting.json', 'data/raw/fsdl_handwriting/pages/1.jpg', 'data/raw/iam/iamdb.zip',
              'data/raw/iam/iamdb/lines.jpg', 'data/raw/sample_handwriting/pages/1.part', f'{PACKAGE}/left_over.zip']
SCRIPTS = [o.split('=')[0] for o in settings(REPO)['console_scripts'].split()]
MODULES = [nb.module for nb in notebooks(REPO) if nb.module]
NO_NETWORK = '''
import socket
def refuse(host):
    if str(host) not in ('127.0.0.1', '::1', 'localhost', '', 'None'): raise OSError(f'a test without network reached for {host}')
real_connect, real_getaddrinfo = socket.socket.connect, socket.getaddrinfo
def connect(self, address):
    if self.family in (socket.AF_INET, socket.AF_INET6): refuse(address[0])
    return real_connect(self, address)
def getaddrinfo(host, *args, **kwargs):
    refuse(host)
    return real_getaddrinfo(host, *args, **kwargs)
socket.socket.connect, socket.getaddrinfo = connect, getaddrinfo
'''


def build(source, out, *args):
    "Build in `source` with this environment's own setuptools; the files made, by suffix."
    run = subprocess.run([sys.executable, '-m', 'build', '--no-isolation', '--outdir', str(out), *args, str(source)], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return {o.suffix: o for o in Path(out).iterdir()}


def wheel_files(path):
    "Name → bytes of every file in the wheel at `path` but its own list of hashes."
    with zipfile.ZipFile(path) as z: return {o: z.read(o) for o in z.namelist() if not o.endswith('RECORD')}


@pytest.fixture(scope='session')
def built(tmp_path_factory):
    "The sdist, the wheel made from it, and the wheel made from a working tree in which data was downloaded."
    tmp = tmp_path_factory.mktemp('built')
    tree = copy_project(REPO, tmp/'tree')
    from_sdist = build(tree, tmp/'from_sdist')
    for name in DOWNLOADED:
        (tree/name).parent.mkdir(parents=True, exist_ok=True)
        (tree/name).write_bytes(b'downloaded')
    from_tree = build(tree, tmp/'from_tree', '--wheel')
    return from_sdist['.gz'], wheel_files(from_sdist['.whl']), wheel_files(from_tree['.whl'])


@pytest.fixture(scope='session')
def wheel_venv():
    "The virtual environment with the wheel, which the Makefile makes."
    path = Path(os.environ.get('FSDL_WHEEL_VENV', REPO/'.venv-wheel'))
    if not (path/'.installed').exists(): pytest.fail(f'no wheel is installed in {path}: run the tests with `make test`, or `make wheel` first')
    return path


@pytest.fixture
def in_wheel(wheel_venv, tmp_path):
    "Run a program of the wheel's environment in an empty folder, with an empty HOME and no network but this machine."
    for o in 'work', 'home', 'site': (tmp_path/o).mkdir()
    (tmp_path/'site'/'sitecustomize.py').write_text(NO_NETWORK)
    bin_ = wheel_venv/('Scripts' if os.name == 'nt' else 'bin')
    keep = {k: v for k, v in os.environ.items() if k in ('LANG', 'LC_ALL', 'SYSTEMROOT', 'TMPDIR', 'TEMP', 'TMP')}
    env = keep | {'HOME': str(tmp_path/'home'), 'PATH': os.pathsep.join([str(bin_), os.defpath]), 'PYTHONPATH': str(tmp_path/'site'), 'MPLBACKEND': 'agg'}

    def run(name, *args):
        res = subprocess.run([str(bin_/name), *args], cwd=tmp_path/'work', env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        assert res.returncode == 0, f'{name} {" ".join(args)} gives {res.returncode}\n{res.stdout}{res.stderr}'
        return res.stdout
    return run


def expected_files():
    "Name → source of every file that has to be in the wheel, beside its own description."
    raw, package, cfg = REPO/'data'/'raw', REPO/PACKAGE, settings(REPO)
    beside = [p for pattern in cfg['package_data'].split() for p in package.glob(pattern)]
    data = [p for pattern in cfg['wheel_data'].split() for p in raw.glob(pattern)]
    code = [REPO/p for p in module_files(REPO)] + [package/'_modidx.py']
    return ({p.relative_to(REPO).as_posix(): p for p in code + beside} |
            {f'{PACKAGE}/_data/raw/{p.relative_to(raw).as_posix()}': p for p in data})


def test_wheel_has_the_package_and_the_dataset_descriptions_and_nothing_else(built):
    expected = expected_files()
    assert {o for o in built[1] if '.dist-info/' not in o} == set(expected)
    assert not [o for o, p in expected.items() if built[1][o] != p.read_bytes()]


def test_wheel_has_what_the_library_relies_on():
    names, raw = set(expected_files()), f'{PACKAGE}/_data/raw'
    assert f'{PACKAGE}/py.typed' in names
    for o in (REPO/'data'/'raw').iterdir(): assert f'{raw}/{o.name}/metadata.toml' in names and f'{raw}/{o.name}/readme.md' in names
    assert [o for o in names if o.startswith(f'{raw}/sample_handwriting/') and o.endswith('.jsonl')]
    assert [o for o in names if o.startswith(f'{raw}/sample_handwriting/pages/')]


def test_downloaded_files_stay_out(built): assert b'downloaded' not in built[2].values()


def test_wheel_of_the_sdist_and_of_the_tree_are_the_same(built): assert built[1] == built[2]


def test_sdist_carries_what_builds_it_and_the_licence(built):
    with tarfile.open(built[0]) as t: names = {o.partition('/')[2] for o in t.getnames()}
    assert {'settings.ini', 'setup.py', 'pyproject.toml', 'LICENSE', 'README.md'} <= names
    assert not [o for o in names if o.startswith(('tests/', 'nbs/', '.ci/'))]


def test_the_index_would_take_it(built, tmp_path):
    files = [built[0], next(built[0].parent.glob('*.whl'))]
    run = subprocess.run([sys.executable, '-m', 'twine', 'check', '--strict', *map(str, files)], capture_output=True, text=True)
    assert run.returncode == 0 and run.stdout.count('PASSED') == 2, run.stdout + run.stderr


def test_the_metadata_is_complete(built):
    "What people see before they install: addresses, kinds, extras, the oldest Python, the licence and the readme."
    cfg, meta = settings(REPO), message_from_bytes(next(v for k, v in built[1].items() if k.endswith('.dist-info/METADATA')))
    urls = dict(o.split(', ', 1) for o in meta.get_all('Project-URL'))
    assert set(urls) >= {'Documentation', 'Source', 'Changelog', 'Issues'} and all(o.startswith('https://') for o in urls.values())
    assert set(meta.get_all('Provides-Extra')) == {k.removesuffix('_requirements') for k in cfg if k.endswith('_requirements')}
    kinds = meta.get_all('Classifier')
    assert {'Typing :: Typed', 'Framework :: Jupyter', *(f'Programming Language :: Python :: 3.{o}' for o in (11, 12, 13, 14))} <= set(kinds)
    assert set(kinds) <= set(trove_classifiers.classifiers)
    assert (meta['Requires-Python'], meta['License-Expression'], meta['Summary']) == ('>=3.11', 'Apache-2.0', cfg['description'])
    assert 'make demo' in meta.get_payload() and re.findall(r'\]\((?!https:|#)[^)]*', meta.get_payload()) == []
    no_extra = [o for o in meta.get_all('Requires-Dist') if 'extra ==' not in o]
    assert sorted(no_extra) == sorted(cfg['requirements'].split()) and not any('<' in o or '==' in o for o in no_extra)


def test_installed_wheel_is_this_source(built, wheel_venv):
    "Otherwise the tests below would try an older wheel: `make wheel` installs a new one."
    site = next(wheel_venv.rglob(f'{PACKAGE}/__init__.py')).parent.parent
    old = [o for o, data in built[1].items() if '.dist-info' not in o and ((site/o).read_bytes() if (site/o).exists() else None) != data]
    assert not old, f'{wheel_venv} has another version of {old}: run `make wheel`'


def test_fastcore_is_the_old_one_here_and_the_new_one_there(in_wheel):
    assert version('fastcore').startswith('1.')
    assert in_wheel('python', '-c', 'from importlib.metadata import version; print(version("fastcore"))').startswith('2.')


def test_every_module_imports_from_the_wheel(in_wheel):
    code = f'import importlib, {PACKAGE}; [importlib.import_module(f"{PACKAGE}.{{o}}") for o in {MODULES}]; print({PACKAGE}.__version__, {PACKAGE}.__file__)'
    shown, path = in_wheel('python', '-c', code).split(maxsplit=1)
    assert shown == settings(REPO)['version'] and 'site-packages' in path


@pytest.mark.parametrize('name', SCRIPTS)
def test_a_command_has_help_and_its_options_are_those_in_the_readme(name, in_wheel):
    has = in_wheel(name, '--help')
    assert f'usage: {name}' in has
    shown = (REPO/'README.md').read_text(encoding='utf-8').partition(f'$ {name} --help')[2].partition('usage:')[2]
    shown = re.split(r'\n(?=\S)', shown)[0]  # the text below it may speak of options of another command
    options = lambda text: set(re.findall(r'--[a-z][a-z_-]*', text.partition('options:')[2]))
    assert options(shown) == options(has)


def test_the_sample_is_in_the_wheel_and_is_kept_in_the_users_cache(in_wheel):
    assert in_wheel('fsdl_verify', 'sample_handwriting').startswith('ok: ')
    code = f"from {PACKAGE} import FsdlHandwritingDataset as D; d = D('sample_handwriting'); print(len(d.page_filenames), d.folder.parent.parts[-2:])"
    assert in_wheel('python', '-c', code).strip() == f"12 ('{PACKAGE}', 'raw')"


@pytest.mark.long
def test_demo_runs_from_an_empty_folder_without_network(in_wheel): assert '12 done, 0 skipped, 0 failed' in in_wheel('fsdl_demo')


def test_network_guard_guards(in_wheel):
    code = 'import socket\ntry: socket.create_connection(("192.0.2.1", 80), 1)\nexcept OSError as e: print(e)'
    assert 'without network' in in_wheel('python', '-c', code)
