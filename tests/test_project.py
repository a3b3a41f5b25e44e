"""The rules of the project, each tried on the repository and on a small project with one planted fault."""
import json

import pytest

import project_checks as checks
from tiny_project import mk_notebook, write

RULES = {
    checks.find_unexported: 'run `make export`: the modules are made from the notebooks, never edited',
    checks.find_unclean: 'run `make export`: notebooks are committed clean',
    checks.find_stored_widgets: 'run `make outputs NB=path`: it stores a widget as text; show a picture beside it',
    checks.find_typed_figures: 'let the benchmark write it (tests/figures.py) and a cell show it, or say it without the figure',
    checks.find_stale_readme: 'run `make readme`: README.md is made from nbs/index.ipynb',
    checks.find_layer_breaks: 'import only from notebooks with a lower number, or move the code',
    checks.find_borrowed_names: 'a name that another module uses has no `_`: export its cell with `#| exporti`',
    checks.find_pyflakes: 'run `.venv/bin/python -m pyflakes fsdl_handwriting_data` and mend the notebook',
    checks.find_type_errors: 'run `.venv/bin/python -m mypy fsdl_handwriting_data` and mend the notebook',
    checks.find_undocumented: 'give it a docstring, a comment beside each parameter or field, and one beside the return',
    checks.find_unshown_commands: 'show `!NAME --help` in nbs/index.ipynb, define it in its notebook, then run `make outputs`',
    checks.find_long_cells: 'split the cell: a helper or an @patch is missing',
    checks.find_empty_cells: 'say there what comes next, or delete it',
    checks.find_dense: 'plainer steps, messages as templates; and `python tests/project_checks.py --lower` writes down what became better',
    checks.find_bad_openings: 'see "A new notebook" in CONTRIBUTING.md',
    checks.find_mixed_imports: 'give the imports a cell of their own',
    checks.find_parsed_messages: 'carry a kind, a class of errors or a value: what is said in words is for people, and may be bettered',
    checks.find_unused_names: 'show it in an example or test of its own notebook',
    checks.find_forbidden_words: 'take it out: nothing in the project may name one machine',
}


@pytest.mark.parametrize('find', RULES, ids=lambda o: o.__name__)
def test_repository_keeps_the_rule(find, root, note):
    found = find(root)
    if find is checks.find_long_cells:
        sizes = checks.cell_sizes(root)
        note('{} exported cells: median {:g}, nine in ten up to {}, longest {} lines'.format(len(sizes), *checks.describe_sizes(sizes)))
    assert not found, '\n'.join(['', *found, f'→ {RULES[find]}'])


def swap(path, old, new):
    "Replace the one `old` in the file at `path`."
    text = path.read_text(encoding='utf-8')
    assert text.count(old) == 1, f'{old!r} is {text.count(old)} times in {path}'
    path.write_text(text.replace(old, new), encoding='utf-8')


def edit(nb, package, old, new):
    "Plant a fault in the source of notebook `nb` and in its module, so that the two stay in step."
    def plant(tiny):
        swap(tiny/'nbs'/f'{nb}.ipynb', json.dumps(old)[1:-1], json.dumps(new)[1:-1])
        if package: swap(tiny/'fsdl_handwriting_data'/f'{package}.py', old, new)
    return plant


def add_cell(nb, source, at=None):
    "Plant a code cell in notebook `nb`."
    def plant(tiny):
        path = tiny/'nbs'/f'{nb}.ipynb'
        raw, cell = json.loads(path.read_text(encoding='utf-8')), json.loads(mk_notebook([source]))['cells'][0]
        raw['cells'].insert(len(raw['cells']) if at is None else at, {**cell, 'id': 'planted'})
        write(path, json.dumps(raw, sort_keys=True, indent=1, ensure_ascii=False) + '\n')
    return plant


def add_file(name, text): return lambda tiny: write(tiny/name, text)
def remove(name): return lambda tiny: (tiny/name).unlink()
def change(name, old, new): return lambda tiny: swap(tiny/name, old, new)
def drop_title(tiny): write(tiny/'nbs/tutorials/lab.ipynb', mk_notebook(["print('no title')"]))


def leave_output(tiny):
    "Store an output with an execution count, as Jupyter does."
    path = tiny/'nbs/index.ipynb'
    raw = json.loads(path.read_text(encoding='utf-8'))
    raw['cells'][3].update(execution_count=7)
    write(path, json.dumps(raw, sort_keys=True, indent=1, ensure_ascii=False) + '\n')


def leave_widget(change):
    "Store something in the notebook as Jupyter does, which `change` of its JSON says."
    def plant(tiny):
        path = tiny/'nbs/index.ipynb'
        raw = json.loads(path.read_text(encoding='utf-8'))
        change(raw)
        write(path, json.dumps(raw, sort_keys=True, indent=1, ensure_ascii=False) + '\n')
    return plant


def type_figure(raw):
    "Let a cell read a file of figures, and prose beside it say one."
    shown, prose = ([o for o in raw['cells'] if o['cell_type'] == kind][-1] for kind in ('code', 'markdown'))
    shown['source'] = ["figures = open('figures/words.json')"]
    prose['source'] = [*prose['source'], '\n\nIt takes 2.4 ms.']


VIEW = {'output_type': 'display_data', 'metadata': {}, 'data': {'application/vnd.jupyter.widget-view+json': {'model_id': '1'}, 'text/plain': 'A widget'}}


def lines(n): return '#| export\n' + '\n'.join(f'n{i} = {i}' for i in range(n))


def branches(n): return '#| export\ndef f(x):\n' + '\n'.join(f'    if x == {i}: return {i}' for i in range(n))
def allow(row): return add_file('tests/density.txt', f'# What is over the limits\n\n{row}\n')
def both(*plants): return lambda tiny: [o(tiny) for o in plants]
LONG = "#| export\nlong = '{}'".format


PKG = 'fsdl_handwriting_data'
FAULTS = [  # the check, what is planted, how, a word the report has to say
    (checks.find_unexported, 'module edited by hand', change(f'{PKG}/words.py', 'sum(', 'max('), 'words.py differs'),
    (checks.find_unexported, 'notebook not exported', edit('00_words', None, 'sum(', 'max('), 'words.py differs'),
    (checks.find_unexported, 'module of no notebook', add_file(f'{PKG}/extra.py', 'x = 1\n'), 'extra.py comes from no notebook'),
    (checks.find_unexported, 'module missing', remove(f'{PKG}/cli.py'), 'cli.py is missing'),
    (checks.find_unexported, 'index of names stale', add_file(f'{PKG}/_modidx.py', 'd = {}\n'), '_modidx.py differs'),
    (checks.find_unexported, 'version stale', change(f'{PKG}/__init__.py', '0.1.0', '0.0.9'), '__init__.py differs'),
    (checks.find_unclean, 'execution count stored', leave_output, 'index.ipynb is not clean'),
    (checks.find_unclean, 'another kernel', change('nbs/index.ipynb', '"name": "python3"', '"name": "conda-env"'), 'kernelspec'),
    (checks.find_stored_widgets, 'state of a widget', leave_widget(lambda o: o['metadata'].update(widgets={})), 'index.ipynb stores the state of widgets'),
    (checks.find_stored_widgets, 'view of a widget', leave_widget(lambda o: o['cells'][3].update(outputs=[VIEW])), 'index.ipynb stores 1 view of a widget'),
    (checks.find_typed_figures, 'time in prose', leave_widget(type_figure), "index.ipynb says '2.4 ms' in prose"),
    (checks.find_stale_readme, 'README edited by hand', change('README.md', 'A small project.', 'A large project.'), 'is not what'),
    (checks.find_stale_readme, 'README missing', remove('README.md'), 'missing'),
    (checks.find_stale_readme, 'index missing', remove('nbs/index.ipynb'), 'index.ipynb is missing'),
    (checks.find_stale_readme, 'dead link', remove('nbs/tutorials/lab.ipynb'), 'does not exist'),
    (checks.find_layer_breaks, 'exported cell looks up', edit('00_words', None, 'from dataclasses import dataclass',
        f'from {PKG}.cli import tiny_count'), 'an exported cell imports cli'),
    (checks.find_layer_breaks, 'relative import', edit('00_words', None, 'from dataclasses import dataclass', 'from .cli import tiny_count'), 'cli'),
    (checks.find_layer_breaks, 'plain import', edit('00_words', None, 'from dataclasses import dataclass', f'import {PKG}.cli as c'), 'cli'),
    (checks.find_layer_breaks, 'import of a module', edit('00_words', None, 'from dataclasses import dataclass', f'from {PKG} import cli'), 'cli'),
    (checks.find_layer_breaks, 'import inside a function', edit('00_words', None, 'return sum(', f'from {PKG}.cli import x; return sum('), 'cli'),
    (checks.find_layer_breaks, 'own module', edit('00_words', None, 'from dataclasses import dataclass', 'from .words import Line'), 'words'),
    (checks.find_layer_breaks, 'example looks up', add_cell('00_words', f'from {PKG}.cli import tiny_count'), 'an example cell imports cli'),
    (checks.find_layer_breaks, 'one module of two notebooks', edit('00_words', None, '#| default_exp words', '#| default_exp cli'), 'exports cli too'),
    (checks.find_layer_breaks, 'module of no notebook', add_cell('00_words', f'import {PKG}.nowhere'), 'no notebook exports'),
    (checks.find_borrowed_names, 'import in an exported cell', add_cell('90_cli', f'#| export\nfrom {PKG}.words import _shortest'), '90_cli.ipynb: it takes _shortest of words'),
    (checks.find_borrowed_names, 'import in an example', add_cell('90_cli', f'from {PKG}.words import Line, _shortest as short'), 'it takes _shortest'),
    (checks.find_borrowed_names, 'import inside a function', edit('90_cli', None, 'print(count_words(', f'from {PKG}.words import _x; print(count_words('), 'it takes _x'),
    (checks.find_borrowed_names, 'attribute of a module', both(add_cell('90_cli', f'from {PKG} import words'), add_cell('90_cli', 'words._shortest()')), 'it takes _shortest'),
    (checks.find_borrowed_names, 'attribute of a module by its whole name', add_cell('90_cli', f'import {PKG}.words\n{PKG}.words._shortest'), 'it takes _shortest'),
    (checks.find_borrowed_names, 'import in a tutorial', add_cell('tutorials/lab', f'from {PKG}.words import _shortest'), 'lab.ipynb: it takes _shortest'),
    (checks.find_pyflakes, 'unused import', edit('00_words', 'words', 'from dataclasses import dataclass', 'from dataclasses import dataclass, field'), 'field'),
    (checks.find_pyflakes, 'undefined name', edit('00_words', 'words', 'sum(', 'summ('), 'summ'),
    (checks.find_type_errors, 'wrong type', edit('90_cli', 'cli', 'least=least)', 'least=str(least))'), 'arg-type'),
    (checks.find_type_errors, 'no annotations', edit('00_words', 'words', 'def words(self) -> list[str]', 'def words(self)'), 'words.py'),
    (checks.find_type_errors, 'wrong argument of a patched method', edit('00_words', 'words', 'line.longest(least)', 'line.longest(str(least))'), 'arg-type'),
    (checks.find_type_errors, 'too many arguments of a patched method', edit('00_words', 'words', 'line.longest(least)', 'line.longest(least, 2)'), 'call-arg'),
    (checks.find_type_errors, 'result of a patched method', edit('00_words', 'words', 'if line.longest(least) else 0', 'if line.longest(least) > 0 else 0'), 'operator'),
    (checks.find_type_errors, 'no type arguments', edit('00_words', 'words', 'def words(self) -> list[str]', 'def words(self) -> list'), 'type-arg'),
    (checks.find_type_errors, 'no such method', edit('00_words', 'words', 'line.longest(', 'line.longst('), 'longst'),
    (checks.find_undocumented, 'function without docstring', edit('00_words', 'words', '"Count the words of `text`."', 'pass'), 'count_words has no docstring'),
    (checks.find_undocumented, 'class without docstring', edit('00_words', 'words', '"One line of a page."', 'pass'), 'Line has no docstring'),
    (checks.find_undocumented, 'method without docstring', edit('00_words', 'words', '"The words of this line."', 'pass'), 'Line.words has no docstring'),
    (checks.find_undocumented, 'patched method without docstring', edit('00_words', 'words', '"The longest word of this line."', 'pass'), 'Line.longest has no docstring'),
    (checks.find_undocumented, 'parameter of a patched method', edit('00_words', 'words', '# words of this many letters or more', ''), 'parameter least'),
    (checks.find_undocumented, 'parameter', edit('00_words', 'words', '# the transcript of a line', ''), 'parameter text'),
    (checks.find_undocumented, 'field', edit('00_words', 'words', '# its place on the page', ''), 'field number'),
    (checks.find_undocumented, 'return', edit('00_words', 'words', '# how many words', ''), 'returns'),
    (checks.find_undocumented, 'return of a method', edit('00_words', 'words', '# the words', ''), 'returns'),
    (checks.find_undocumented, 'shared function without docstring', lambda tiny: write(tiny/PKG/'words.py', (tiny/PKG/'words.py').read_text() + '\ndef shared(): pass\n'),
        'words.shared has no docstring'),
    (checks.find_undocumented, 'command', edit('90_cli', 'cli', '# the transcript of a line', ''), 'parameter text'),
    (checks.find_unshown_commands, 'help not shown', edit('index', None, '!tiny_count --help', '!tiny_count'), 'index.ipynb has no'),
    (checks.find_unshown_commands, 'no such function', change('settings.ini', 'cli:tiny_count', 'cli:tiny_sum'), 'no tiny_sum'),
    (checks.find_unshown_commands, 'no such module', change('settings.ini', 'cli:tiny_count', 'shell:tiny_count'), 'shell.py'),
    (checks.find_empty_cells, 'a cell with nothing but a space', add_cell('00_words', ' '), 'is empty'),
    (checks.find_long_cells, 'a cell of 31 lines', add_cell('00_words', lines(31)), '31 lines'),
    (checks.find_long_cells, 'short cells everywhere', lambda tiny: [add_cell('00_words', lines(1))(tiny) for _ in range(9)], 'median'),
    (checks.find_long_cells, 'too many long cells', lambda tiny: [add_cell('00_words', lines(25))(tiny) for _ in range(2)], 'a tenth'),
    (checks.find_dense, 'a line of 121', add_cell('00_words', LONG('x'*112)), '1 lines over 120 characters'),
    (checks.find_dense, 'a line of 141', add_cell('00_words', LONG('x'*132)), '1 lines over 140 characters'),
    (checks.find_dense, 'a cell of 1,501 characters', add_cell('00_words', '#| export\n' + 'x = 1\n'*248 + 'xy=1'), '1 cells over 1,500 characters'),
    (checks.find_dense, 'a function of complexity 13', add_cell('00_words', branches(12)), 'f has a complexity of 13'),
    (checks.find_dense, 'one more than the table allows', both(add_cell('00_words', branches(12)), add_cell('00_words', branches(13)), allow('00_words.ipynb 0 0 0 1')), 'allows 1'),
    (checks.find_dense, 'a table that is too large', allow('00_words.ipynb 0 0 0 1'), 'fewer than the 1'),
    (checks.find_dense, 'a notebook that is gone', allow('gone.ipynb 0 2 0 0'), 'fewer than the 2'),
    (checks.find_bad_openings, 'no directive first', add_cell('00_words', 'x = 1', at=0), 'cell 1'),
    (checks.find_bad_openings, 'no promise', edit('00_words', None, '> Count', 'Count'), 'cell 2'),
    (checks.find_bad_openings, 'imports with other code', edit('00_words', None, 'from dataclasses import dataclass', 'x = 1'), 'cell 3'),
    (checks.find_bad_openings, 'no test imports', edit('00_words', None, 'from fastcore.test import test_eq', 'x = 1'), 'cell 4'),
    (checks.find_bad_openings, 'tutorial without a title', drop_title, 'lab.ipynb'),
    (checks.find_mixed_imports, 'import and a call', add_cell('00_words', 'import os\nos.getcwd()'), "'import os' imports and does more"),
    (checks.find_parsed_messages, 'an error by its words', add_file(f'{PKG}/extra.py', "def f(g):\n    try: g()\n    except OSError as e:\n        if 'not here' in str(e): raise"), "'not here' in str(e)"),
    (checks.find_parsed_messages, 'a finding by its beginning', add_file(f'{PKG}/extra.py', "def f(o): return o.message.startswith('the pin of')"), 'the pin of'),
    (checks.find_parsed_messages, 'a reason by its words', add_file(f'{PKG}/extra.py', "def f(o): return (o.reason or '').lower() == 'hidden'"), 'hidden'),
    (checks.find_parsed_messages, 'a pattern', add_file(f'{PKG}/extra.py', "import re\ndef f(o): return re.match('not an', o.message)"), 'not an'),
    (checks.find_unused_names, 'name without example', edit('00_words', None, "test_eq(count_words('to be or not', least=3), 1)", '1'), 'uses count_words'),
    (checks.find_forbidden_words, 'folder of one machine', add_file('notes.md', 'see ' + '/wo' + 'rk/data\n'), 'notes.md:1'),
    (checks.find_forbidden_words, 'host of an index', add_file('notes.md', 'from pypi' + '.org\n'), 'notes.md:1'),
]


@pytest.mark.parametrize('find', RULES, ids=lambda o: o.__name__)
def test_small_project_keeps_the_rule(find, tiny): assert find(tiny) == []


@pytest.mark.parametrize('find,plant,word', [pytest.param(f, p, w, id=f'{f.__name__}: {what}') for f, what, p, w in FAULTS])
def test_planted_fault_is_found(find, plant, word, tiny):
    plant(tiny)
    found = find(tiny)
    assert any(word in o for o in found), f'nothing with {word!r} in {found}'


def test_every_rule_has_a_planted_fault(): assert {o[0] for o in FAULTS} == set(RULES)
