"""What editors and type checkers see: every method, with its types, in the stubs beside the modules and from the installed wheel."""
import ast, json, re, subprocess, sys
from pathlib import Path

import jedi, pytest

from project_checks import PACKAGE, REPO, load_tool
from test_wheel import wheel_venv  # noqa: F401

tool = load_tool('stubs')
STUBS = tool.stubs()


def public_methods():
    "(module, class, method) of all public methods of public classes that stand in stubs."
    for path in STUBS:
        module = '.'.join(path.relative_to(REPO).with_suffix('').parts)
        for node in ast.parse(path.read_text(encoding='utf-8')).body:
            if not isinstance(node, ast.ClassDef) or node.name.startswith('_'): continue
            for o in node.body:
                if isinstance(o, tool.FUNCTIONS) and not o.name.startswith('_'): yield module, node.name, o
METHODS = list(public_methods())


def mypy(folder, python, *args):
    "What mypy says of the scripts in `folder`, whose imports are those of `python`."
    found = sorted(map(str, Path(folder).glob('*.py')))
    run = subprocess.run([sys.executable, '-m', 'mypy', '--python-executable', str(python), '--cache-dir', str(Path(sys.prefix)/'.mypy_cache_stubs'), '--no-error-summary',
                          '--allow-redefinition', '--check-untyped-defs', *args, *found], cwd=folder, capture_output=True, text=True)
    return run.stdout + run.stderr


def python_of(venv): return next(p for p in (venv/'bin'/'python', venv/'Scripts'/'python.exe') if p.exists())


def calls(notebook):
    "The code of a notebook as a script."
    cells = [''.join(c['source']) for c in json.loads(notebook.read_text(encoding='utf-8'))['cells'] if c['cell_type'] == 'code']
    lines = [f'# {o}' if o.lstrip().startswith(('!', '%')) else o for cell in cells for o in cell.split('\n')]
    return '\n'.join(['from IPython.display import display', *lines, ''])


def test_the_stubs_are_those_of_the_modules():
    there = {p: p.read_text(encoding='utf-8') for p in (REPO/PACKAGE).rglob('*.pyi')}
    assert there == STUBS, 'run `make export`'


def test_what_a_stub_has():
    source = '''import os
from fastcore.basics import patch
class Page:
    "A page."
    def __init__(self, name: str): self.name, self.lines, self.left = name, Lines(), None
@patch
def show(self: Page,
    n: int = 1, # lines
) -> str: # what is shown
    "Show it."
    self.shown = True
    return os.sep*n
@patch(as_prop=True)
def bytes(self: Page) -> bytes: return b''
@patch(cls_method=True)
def of(cls: Page) -> Page: return Page('')
'''
    made = tool.stub(source)
    body = next(o for o in ast.parse(made).body if isinstance(o, ast.ClassDef)).body
    assert [getattr(o, 'name', None) or ast.unparse(o.target) for o in body[1:]] == ['shown', 'name', 'lines', 'left', '__init__', 'show', 'bytes', 'of']
    assert 'name: str\n' in made and 'lines: Lines\n' in made and 'left: Any\n' in made and 'shown: bool\n' in made
    assert "def show(self, n: int=1) -> str:" in made and '@property\n    def bytes(self) -> builtins.bytes:' in made and 'os.sep' not in made
    assert '@classmethod\n    def of(cls) -> Page:' in made
    assert tool.stub('def plain(): pass') == ''
    with pytest.raises(SystemExit, match='other modules.*Other'): tool.stub('from fastcore.basics import patch\n@patch\ndef f(self: Other): pass')


@pytest.mark.long
def test_what_the_readme_and_the_tutorials_call_has_no_errors(wheel_venv, tmp_path):
    for p in REPO/'nbs'/'index.ipynb', *(REPO/'nbs'/'tutorials').glob('*.ipynb'): (tmp_path/f'{p.stem}_calls.py').write_text(calls(p), encoding='utf-8')
    assert mypy(tmp_path, python_of(wheel_venv), '--ignore-missing-imports') == ''


@pytest.mark.long
def test_every_wrong_call_of_a_method_is_an_error(wheel_venv, tmp_path):
    lines = [f'from {PACKAGE} import label\n']
    for i, (module, cls, f) in enumerate(METHODS):
        if any(ast.unparse(o) == 'property' for o in f.decorator_list): call = f'o{i}.{f.name}.no_such_thing'
        elif f.args.kwarg: call = f'{cls}.{f.name}()'
        else: call = f'o{i}.{f.name}(no_such_argument=1)'
        lines.append(f'from {module} import {cls}\ndef f{i}(o{i}: {cls}) -> None: {call}\n')
    (tmp_path/'wrong.py').write_text(''.join(lines), encoding='utf-8')
    said = mypy(tmp_path, python_of(wheel_venv))
    wrong = {int(o) for o in re.findall(r'^wrong\.py:(\d+): error', said, re.MULTILINE)}
    missed = [f'{cls}.{f.name}' for i, (_, cls, f) in enumerate(METHODS) if 3 + 2*i not in wrong]
    assert not missed and len(METHODS) > 60, missed


@pytest.mark.long
@pytest.mark.parametrize('module', sorted({o[0] for o in METHODS}))
def test_an_editor_completes_every_method(module):
    for cls in sorted({o[1] for o in METHODS if o[0] == module}):
        want = {f.name for m, c, f in METHODS if (m, c) == (module, cls)}
        code = f'from {module} import {cls}\n{cls}.'
        assert want <= {o.name for o in jedi.Script(code, path=REPO/'editor.py', project=jedi.Project(REPO)).complete(2, len(cls) + 1)}
