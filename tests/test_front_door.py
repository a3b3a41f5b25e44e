"What `import fsdl_handwriting_data` gives: a dozen names, each loaded when it is first used."
import ast, subprocess, sys
from importlib import import_module

import pytest

import fsdl_handwriting_data as front
from project_checks import PACKAGE, REPO


def test_every_name_is_the_one_of_its_module():
    assert list(front._HOMES) == front.__all__
    for name, module in front._HOMES.items():
        assert getattr(front, name) is getattr(import_module(f'{PACKAGE}.{module}'), name) and name in dir(front)
    with pytest.raises(AttributeError, match="no attribute 'labels'"): front.labels


def test_editors_and_type_checkers_see_the_same_names():
    tree = ast.parse((REPO/PACKAGE/'__init__.py').read_text(encoding='utf-8'))
    shown, = [o.body for o in tree.body if isinstance(o, ast.If)]
    assert {a.name: o.module for o in shown for a in o.names} == front._HOMES


def test_the_door_alone_loads_nothing():
    code = f'import sys, {PACKAGE}; print([m for m in sys.modules if m in ("numpy", "PIL", "matplotlib", "requests") or m.startswith("{PACKAGE}.")])'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout == '[]\n'


HEAVY = {'matplotlib', 'numpy', 'requests', 'urllib3', 'asyncio', 'multiprocessing', 'tqdm'}


def loaded(code, *args):
    "The heavy packages that a fresh process has loaded at the end of `code`."
    code += f'\nimport sys; print([m for m in sorted({HEAVY}) if m in sys.modules], file=sys.stderr)'
    run = subprocess.run([sys.executable, '-c', code, *args], capture_output=True, text=True, check=True)
    return set(ast.literal_eval(run.stderr.splitlines()[-1]))


def test_a_dataset_is_loaded_without_what_draws_computes_or_fetches():
    assert loaded(f'import {PACKAGE}.pages.dataset') == set()


def test_only_show_draws():
    found = {p.stem for p in (REPO/PACKAGE).rglob('*.py') for o in ast.walk(ast.parse(p.read_text(encoding='utf-8'))) if isinstance(o, (ast.Import, ast.ImportFrom))
             for name in ([a.name for a in o.names] if isinstance(o, ast.Import) else [o.module or '']) if name.partition('.')[0] == 'matplotlib'}
    assert found == {'show', 'show_diff', 'reader', 'card', 'command'}  # two of them for what type checkers see; commands take settings back
    assert not {'matplotlib'} & loaded(f'import {PACKAGE}.pages.reader, {PACKAGE}.pages.card')


@pytest.mark.parametrize('module', sorted(p.stem for p in (REPO/PACKAGE/'commands').glob('*.py') if p.stem != '__init__'))
def test_the_help_of_a_command_loads_nothing_of_what_it_does(module):
    have = f'import {PACKAGE}.commands.{module}, sys; print([m for m in sys.modules if m.startswith("{PACKAGE}.") and m.split(".")[1] != "commands"], file=sys.stderr)'
    assert not loaded(f'import {PACKAGE}.commands.{module}')
    run = subprocess.run([sys.executable, '-c', have], capture_output=True, text=True, check=True)
    assert set(ast.literal_eval(run.stderr)) == {f'{PACKAGE}.core', f'{PACKAGE}.core.shown'}
