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
