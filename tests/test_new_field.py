"""A new field of the export is one row: in a copy of the package with one more line in `Region`, it goes through everything that handles fields."""
import json, os, re, shutil, subprocess, sys

import pytest

ROW = "    ink: Annotated[str | None, Field('inkColour', 'ink colour', optional=True)] = None # the colour of the ink; None if nobody said\n"
LINE = dict(label=['line'], shape='rectangle', points=[[.1, .2], [.8, .2], [.8, .25], [.1, .25]], notes='Dear Ann,', imageWidth=1000, imageHeight=1400)


@pytest.fixture(scope='module')
def later(root, tmp_path_factory):
    "Run a program with the package as it is with one row more; what it prints is JSON."
    top = tmp_path_factory.mktemp('later')
    shutil.copytree(root/'fsdl_handwriting_data', top/'fsdl_handwriting_data', ignore=shutil.ignore_patterns('__pycache__'))
    file = top/'fsdl_handwriting_data'/'core'/'annotations.py'
    text, n = re.subn(r'(?m)^    paragraph: Annotated\[.*\n', lambda m: m[0] + ROW, file.read_text(encoding='utf-8'))
    assert n == 1
    file.write_text(text, encoding='utf-8')
    def run(code, *args):
        env = dict(os.environ, PYTHONPATH=str(top))
        code = 'import json, sys\nimport fsdl_handwriting_data\nassert fsdl_handwriting_data.__file__.startswith(sys.argv[1])\n' + code
        done = subprocess.run([sys.executable, '-c', code, str(top), *map(str, args)], env=env, cwd=top, capture_output=True, encoding='utf-8')
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


def record(*lines, status='done'): return json.dumps(dict(content='http://host/p1.jpg', annotation=lines, extras=None, metadata=dict(status=status)))


READ = """
from fsdl_handwriting_data.core.exports import page_bytes, parse_export
from fsdl_handwriting_data.core.records import strict_page
from fsdl_handwriting_data.core.annotations import KINDS
res = {}
for name, raw in json.loads(sys.argv[2]).items():
    page, = (export := parse_export(raw.encode())).pages
    res[name] = [page.regions[0].ink, [o.kind for o in export.problems], page_bytes(page) == raw.encode()]
res['strict'] = strict_page(json.loads(sys.argv[2])['blue'].encode(), 1)[0].regions[0].ink
region = page.regions[0]
for name, ink in ('red', 'red'), ('gone', None):
    raw = page_bytes(page.replace(regions=(region.replace(ink=ink),)))
    res['now ' + name] = [json.loads(raw)['annotation'][0], parse_export(raw).pages[0].regions[0].ink]
res['new'] = json.loads(page_bytes(page.replace(regions=(region.replace(index=None, ink='red'), region.replace(index=None, ink=None)))))['annotation']
res['kind'] = KINDS['inkColour']
print(json.dumps(res))
"""


def test_it_is_read_and_written(later):
    blue, n = LINE | dict(inkColour='blue'), 'degenerate'
    raws = {'none': record(LINE), 'null': record(LINE | dict(inkColour=None)), 'odd': record(LINE | dict(inkColour=3)), 'half': record(LINE | dict(inkColour='\ud800x')),
            'twice': record(blue).replace('"inkColour"', '"inkColour": "red", "inkColour"'), 'blue': record(blue)}
    got = later(READ, json.dumps(raws))
    assert {k: got[k] for k in raws} == {'none': [None, [], True], 'null': [None, [], True], 'odd': [None, ['inkColour'], True], 'half': ['\ufffdx', ['encoding'], True],
                                         'twice': ['blue', ['duplicate-key'], True], 'blue': ['blue', [], True]}
    assert got['strict'] == 'blue' and got['now red'] == [LINE | dict(inkColour='red'), 'red'] and got['now gone'] == [LINE, None]
    assert got['new'] == [LINE | dict(inkColour='red'), LINE] and got['kind'] == ['warning', 'ink colour is not right']


DIFF = """
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.named import textconv
from fsdl_handwriting_data.versioning.page_diff import LINE_KINDS
old, new = (o.encode() for o in sys.argv[2:])
diff = diff_exports(old, new)
print(json.dumps([diff.pages[0].lines[0].kinds, diff.pages[0].keys, diff.summary(), str(diff), textconv(new).decode() if isinstance(textconv(new), bytes) else textconv(new), LINE_KINDS['relabelled']]))
"""


def test_a_diff_tells_of_it(later):
    kinds, keys, summary, text, shown, what = later(DIFF, record(LINE), record(LINE | dict(inkColour='blue')))
    assert (kinds, keys, summary) == (['relabelled'], [], '1 line relabelled') and 'ink colour None → blue' in text
    assert '[rectangle line ink colour blue ' in shown and what.endswith(', paragraph, ink colour')


STORE = """
from pathlib import Path
from fsdl_handwriting_data.core.exports import read_export
from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.labelling.conversation import as_suggestion
folder, page = Path(sys.argv[2]), 'p1.jpg'
store, res = LabelStore(folder, 'Ann'), {}
inks = lambda labels: {o.id: o.ink for o in labels.regions}
res['began'] = inks(store.page(page))
seen = {page: store.seen(page)}
store.append(dict(op='put', page=page, region=dict(id='a', points=[[.1, .4], [.8, .4], [.8, .45], [.1, .45]], text='by a widget of before')))
store.append([dict(op='set', page=page, id='e0', to=dict(text='Dear Anna,'), was=dict(text='Dear Ann,')), dict(op='set', page=page, id='a', to=dict(ink='red'), was=dict(ink=None))])
store.append(dict(op='set', page=page, id='e0', to=dict(ink='green'), was=dict(ink='blue'), session='one', n=0))
store.append(dict(op='set', page=page, id='e0', to=dict(ink='grey'), was=dict(ink='blue'), session='two', n=0))
res['now'], res['aside'] = inks(store.page(page)), [(o.field, o.to.ink) for o in store.page(page).others]
res['history'] = [o.what for o in store.line_history(page, 'e0')]
store.append(dict(op='suggest', page=page, by='finder', regions=[as_suggestion(Region(((.1, .6), (.8, .6), (.8, .65)), shape='polygon', ink='black'), 's')]))
res['offered'] = [o.ink for o in store.page(page).suggestions]
changes = export_labels(folder)
res['report'] = {k: n for k, n in changes.total().items() if n}
res['export'] = [r.ink for r in read_export(folder/'lines.jsonl').pages[0].regions]
res['again'] = inks(LabelStore(folder, 'Ann').page(page)) == res['now']
res['problems'] = list(map(str, LabelStore(folder, 'Ann').problems))
print(json.dumps(res))
"""


def test_it_goes_through_the_journal_into_the_export(later, tmp_path):
    (tmp_path/'lines.jsonl').write_text(record(LINE | dict(inkColour='blue')) + '\n', encoding='utf-8')
    (tmp_path/'metadata.toml').write_text("url = ''\nfilename = 'lines.jsonl'\nsha256 = ''\n", encoding='utf-8')
    got = later(STORE, tmp_path)
    assert got['began'] == {'e0': 'blue'} and got['now'] == {'e0': 'green', 'a': 'red'} and got['aside'] == [['ink', 'grey']]
    assert got['history'] == ['export', 'changed', 'changed', 'kept'] and got['offered'] == ['black']
    assert got['export'] == ['green', 'red'] and got['again'] and got['problems'] == []
    assert got['report'] == dict(added=1, retyped=1, relabelled=1, undone=1, begun=1)


BEFORE = """
from fsdl_handwriting_data.labelling.store import LabelStore
store = LabelStore(sys.argv[2])
print(json.dumps([[[k, o.id, o.text, o.mark, o.paragraph] for a in store.annotators() for k in store.pages for o in store.page(k, a).regions], list(map(str, store.problems))]))
"""


def test_journals_of_before_are_read_as_before(later, root, tmp_path):
    from fsdl_handwriting_data.labelling.store import LabelStore
    folders = [o.parent for o in sorted((root/'tests'/'fixtures'/'made_at_80d442f').rglob('metadata.toml'))]
    assert folders
    for i, folder in enumerate(folders):
        copy = shutil.copytree(folder, tmp_path/str(i))
        store = LabelStore(copy)
        want = [[k, o.id, o.text, o.mark, o.paragraph] for a in store.annotators() for k in store.pages for o in store.page(k, a).regions]
        assert later(BEFORE, copy) == [want, list(map(str, store.problems))] and want
