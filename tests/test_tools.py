"""The project's own tools: README.md from the index, notebooks run in place, the `need` fixture."""
import ast, base64, json, subprocess, sys, textwrap

import pytest

import project_checks as checks
from project_checks import REPO, load_tool
from tiny_project import WORDS, mk_notebook, mk_tiny_project, write


def mk_index(path, *cells):
    "A notebook at `path` with (source, outputs) cells; markdown where outputs are None, raw where they are 'raw'."
    nb = json.loads(mk_notebook(['x']*len(cells)))
    for raw, (source, outputs) in zip(nb['cells'], cells):
        raw['source'] = source
        if outputs is None or outputs == 'raw':
            raw['cell_type'] = 'markdown' if outputs is None else 'raw'
            del raw['outputs'], raw['execution_count']
        else: raw['outputs'] = outputs
    write(path, json.dumps(nb))
    return path


def text(s): return {'output_type': 'stream', 'name': 'stdout', 'text': s}
def result(**data): return {'output_type': 'display_data', 'metadata': {}, 'data': {k.replace('_', '/'): v for k, v in data.items()}}


@pytest.fixture
def readme(tmp_path):
    def make(*cells): return load_tool('readme').readme(mk_index(tmp_path/'nbs'/'index.ipynb', *cells)).partition('-->\n\n')[2]
    return make


def test_readme_has_prose_code_and_text_outputs(readme):
    assert readme(('# T\n\n> A promise.', None), ('1+1', [result(text_plain='2')])) == '# T\n\n> A promise.\n\n```python\n1+1\n```\n\n    2\n'


def test_readme_leaves_out_what_is_hidden(readme):
    made = readme(('---\nskip: 1\n---', 'raw'), ('#| hide\nsecret()', [text('secret')]), ('#| echo: false\nsecret()', [text('shown')]),
                  ('#| output: false\nquiet()', [text('secret')]))
    assert 'secret' not in made and 'skip' not in made and '#|' not in made
    assert 'shown' in made and 'quiet()' in made


def test_readme_has_no_pictures_of_outputs_nor_warnings(readme):
    picture = base64.b64encode(b'x').decode()
    made = readme(('plot()', [result(image_png=picture, text_plain='<Figure size 1x1>'), {**text('a warning'), 'name': 'stderr'}]))
    assert made == '```python\nplot()\n```\n'


def test_readme_prefers_markdown_over_html(readme):
    made = readme(('page', [result(text_html='<b>no</b>', text_markdown='**yes**', text_plain='plain')]))
    assert '**yes**' in made and '<b>' not in made and 'plain' not in made


def test_readme_links_are_seen_from_the_root(readme):
    made = readme(('![p](images/p.png) [t](tutorials/t.ipynb) [d](../data/raw) [w](https://example.org/x) [a](#part) `[c](code.md)`\n'
                   '<img src="images/q.png">', None))
    assert '](nbs/images/p.png)' in made and '](nbs/tutorials/t.ipynb)' in made and '](data/raw)' in made and 'src="nbs/images/q.png"' in made
    assert '](https://example.org/x)' in made and '](#part)' in made and '`[c](code.md)`' in made


def test_readme_shows_commands_as_shell_with_plain_line_ends(readme):
    assert readme(('!fsdl_demo --help', [text('usage:\r\n\r\nmore\r\n')])) == '```sh\n$ fsdl_demo --help\n```\n\n    usage:\n\n    more\n'


def test_outputs_stores_a_widget_as_text_without_its_program():
    import nbformat
    view = {'application/vnd.jupyter.widget-view+json': {'model_id': '1'}}
    nb = nbformat.from_dict(json.loads(mk_notebook(['widget', 'bar'])))
    nb.metadata.widgets = {'application/vnd.jupyter.widget-state+json': {'state': {}}}
    for cell, words in zip(nb.cells, ('Labeller: 3 pages', '100%|##| 7/7 [00:01, 7.00it/s]')):
        cell.outputs = [nbformat.from_dict({'output_type': 'display_data', 'metadata': {}, 'data': {'text/plain': words, **view}})]
    got = load_tool('outputs').without_widgets(nb)
    assert 'widgets' not in got.metadata and [[o.data for o in c.outputs] for c in got.cells] == [[{'text/plain': 'Labeller: 3 pages'}], []]


def run_outputs(root): return subprocess.run([sys.executable, REPO/'tools'/'outputs.py'], cwd=root, capture_output=True, text=True)


@pytest.mark.long
def test_outputs_runs_what_the_tests_run_and_keeps_what_has_an_error(tiny):
    lab, bad = tiny/'nbs'/'tutorials'/'lab.ipynb', tiny/'nbs'/'bad.ipynb'
    mk_index(lab, ('print(6*7)', []), ('#| network\nprint(6*7)', [text('kept')]), ('#| eval: false\n1/0', []),
             ('import nbdev; nbdev.nbdev_export()  # or 1/0', []))
    mk_index(bad, ('1/0', []))
    before = bad.read_bytes()
    run = run_outputs(tiny)
    first, network, *_ = json.loads(lab.read_text())['cells']
    assert ''.join(first['outputs'][0]['text']) == '42\n' and ''.join(network['outputs'][0]['text']) == 'kept' and 'tags' not in network['metadata']
    assert run.returncode == 1 and 'bad.ipynb' in run.stderr and 'ZeroDivisionError' in run.stderr
    assert bad.read_bytes() == before


def test_missing_component_is_skipped_or_required(need, monkeypatch):
    assert need('/usr/bin/git', 'git', 'install it') == '/usr/bin/git'
    monkeypatch.delenv('FSDL_TEST_REQUIRE', raising=False)
    with pytest.raises(pytest.skip.Exception, match='this test needs git-lfs: install it'): need(None, 'git-lfs', 'install it')
    monkeypatch.setenv('FSDL_TEST_REQUIRE', '1')
    with pytest.raises(pytest.fail.Exception, match='this test needs git-lfs: install it'): need(None, 'git-lfs', 'install it')


BRANCHES = [  # a body, and the complexity that radon 6.0.1 gives its function
    ('pass', 1), ('if a: b', 2), ('if a: b\nelif c: d\nelse: e', 3), ('return a if b else c', 2), ('return a and b and c or d', 4),
    ('for a in b: c', 2), ('for a in b: c\nelse: d', 3), ('while a: b', 2), ('try: a\nexcept b: c\nexcept d: e\nelse: f\nfinally: g', 4), ('with a: b', 1), ('assert a and b', 2),
    ('return [a for b in c if d if e]', 4), ('return {a: b for c in d for e in f}', 3), ('return lambda a: a if b else c', 2),
    ('match a:\n case 1: b\n case 2 if c: d\n case _: e', 3), ('match a:\n case 1: b\n case 2: c', 3),
    ('def inner(a=b if c else d):\n if a: b\nreturn a', 1), ('class Inner:\n a = b if c else d\n def f(self): return a or b', 1), ('@a if b else c\ndef g(): pass', 1)]


@pytest.mark.parametrize('body,n', BRANCHES, ids=lambda o: repr(o))
def test_complexity_is_that_of_radon(body, n):
    tree = ast.parse('def f():\n' + textwrap.indent(body, '    '))
    assert load_tool('measure').complexity(tree.body[0]) == n


def test_the_table_of_density_gets_smaller_only(tmp_path):
    tiny, table = mk_tiny_project(tmp_path), tmp_path/'tests'/'density.txt'
    table.parent.mkdir()
    plant = lambda *cells: write(tmp_path/'nbs'/'00_words.ipynb', mk_notebook([*WORDS, *cells]))
    complex_ = lambda name: f'#| export\ndef {name}(x):\n' + '\n'.join(f'    if x == {i}: return {i}' for i in range(12))
    rows = lambda: [o.split() for o in table.read_text().splitlines() if o and o[0] != '#']
    plant(complex_('f'), complex_('g'))
    checks.lower(tiny)
    assert rows() == [['00_words.ipynb', '0', '0', '0', '2']] and checks.find_dense(tiny) == []
    plant(complex_('f'))
    assert 'fewer than the 2' in checks.find_dense(tiny)[0]
    checks.lower(tiny)
    assert rows() == [['00_words.ipynb', '0', '0', '0', '1']] and checks.find_dense(tiny) == []
    plant(complex_('f'), complex_('g'))
    checks.lower(tiny)
    assert rows() == [['00_words.ipynb', '0', '0', '0', '1']] and 'allows 1' in checks.find_dense(tiny)[0]
    write(table, table.read_text() + '00_words.ipynb 0 0 0 3\n')  # two sides of a merge
    plant(complex_('f'))
    assert checks.find_dense(tiny) == []
    plant()
    checks.lower(tiny)
    assert rows() == [] and checks.find_dense(tiny) == []
