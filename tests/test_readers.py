"""A reader of other people's data: a toy one, for a folder of `.txt` beside `.jpg`, with one box a line.

As another package it is registered as an entry point; as a notebook of ours it is one file. Every command takes such a dataset, or refuses
it before anything is written; a description picks what is installed, and makes nothing else run."""
import hashlib, importlib, json, re, sys

import pytest
from PIL import Image

import commands
import project_checks as checks
from tiny_project import mk_notebook, write

from fsdl_handwriting_data import FsdlHandwritingDataset, diff_exports, label, new_dataset, open_dataset, validate_dataset
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.core.shown import InputError
from fsdl_handwriting_data.labelling.labeller import labelling_notebook
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.core.annotations import Page
from fsdl_handwriting_data.core.exports import export_bytes
from fsdl_handwriting_data.core.journal import check_annotator
from fsdl_handwriting_data.pages.faults import ReaderError
from fsdl_handwriting_data.pages.opening import READERS, find_reader, known_readers

READER = r'''
from collections.abc import Iterator
from functools import cached_property
from fsdl_handwriting_data.core.files import MetadataError, text_below
from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.pictures import page_size
from fsdl_handwriting_data.pages.reader import HandwritingDataset, box_region

class BoxesDataset(HandwritingDataset):
    "A folder with `page.txt` beside `page.jpg`: one box a line, as `x1 y1 x2 y2 text`."
    def image_name(self,
        id_: str, # the page's id, which is the file's name
    ) -> str: # the same
        "The name of a page image."
        return id_

    def _lines(self, id_: str) -> Iterator[Region]:
        "The regions of a page."
        name, size = id_.removesuffix('.jpg') + '.txt', page_size(self.page_path(id_))
        for n, line in enumerate(text_below(self.folder, name).split('\n'), 1):
            if not line.strip(): continue
            try:
                *box, text = line.rstrip('\r').split(' ', 4)
                x1, y1, x2, y2 = map(int, box)
            except ValueError:
                raise MetadataError(f'{self.folder/name}, line {n}: {line!r} is no box and text') from None
            if not (0 <= x1 <= x2 <= size[0] and 0 <= y1 <= y2 <= size[1]):
                raise MetadataError(f'{self.folder/name}, line {n}: the box is not on the page of {size}')
            yield box_region((x1, y1, x2, y2), size, text)

    @cached_property
    def pages(self) -> dict[str, Page]:
        "The pages, by name."
        names = sorted(p.name for p in self.folder.glob('*.jpg'))
        return {k: Page(k, tuple(self._lines(k))) for k in names}
'''
LINES = {'a1.jpg': ['29 10 290 40 Dear Sir', '29 50 300 81 I have the honour'], 'a2.jpg': ['3 5 7 11 é']}


def describe(folder, text='reader = "boxes"\n'):
    (folder/'metadata.toml').write_text(text)
    return folder


@pytest.fixture
def boxes(tmp_path):
    "A folder as somebody else made it, with the one line more."
    folder = tmp_path/'boxes'
    folder.mkdir()
    for name, lines in LINES.items():
        Image.new('L', (300, 100), 250 - len(name + lines[0])).save(folder/name)
        (folder/name).with_suffix('.txt').write_text('\n'.join(lines), encoding='utf-8')
    return describe(folder)


def install(site, module='toy_boxes', code=READER, **points):
    "What pip leaves of a package with entry points, in the folder `site`."
    info = site/f'{module}-1.0.dist-info'
    info.mkdir(parents=True)
    (info/'METADATA').write_text(f'Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n')
    (info/'entry_points.txt').write_text(f'[{READERS}]\n' + ''.join(f'{k} = {v}\n' for k, v in points.items()))
    (site/f'{module}.py').write_text(code, encoding='utf-8')
    return site


@pytest.fixture
def installed(tmp_path, monkeypatch):
    "The toy reader, installed as another package; commands find it too."
    site = install(tmp_path/'site', boxes='toy_boxes:BoxesDataset')
    monkeypatch.syspath_prepend(str(site))
    yield site
    sys.modules.pop('toy_boxes', None)


def everything(folder):
    files = [p for p in sorted(folder.rglob('*')) if p.is_file() and p.name != '.lock']
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in files}


def run(name, *args):
    res = commands.run(name, *args)
    return res.returncode, res.stdout, res.stderr


def test_a_reader_of_another_package_opens_its_dataset_and_is_valid(boxes, installed):
    ds = open_dataset(boxes)
    assert type(ds).__name__ == 'BoxesDataset' and known_readers()['boxes'] == ['toy_boxes:BoxesDataset']
    assert ds.line_strings_by_id == {'a1.jpg': ['Dear Sir', 'I have the honour'], 'a2.jpg': ['é']}
    assert ds.line_regions_by_id['a1.jpg'][0] == dict(x1=29, y1=10, x2=290, y2=40)
    assert ds.page_filenames == [boxes/'a1.jpg', boxes/'a2.jpg']
    assert validate_dataset(ds) == []
    assert 'BoxesDataset: boxes\n  pages: 2' in repr(ds) and 'lines: 3, of which 3 transcribed' in repr(ds)
    assert [o.size for o in ds.line_images('a1.jpg')] == [(261, 30), (271, 31)]
    assert ds.load_or_generate_data(progress=False).counts == {'skipped': 2}


def test_validate_names_and_counts_what_is_wrong(boxes, installed):
    for said, line in ('line 1: the box is not on the page', '3 5 700 11 beside'), ("'three' is no box and text", 'three'), ('byte 9 is no UTF-8', '3 5 7 11 é'):
        (boxes/'a2.txt').write_text(line, encoding='latin-1')
        with pytest.raises(MetadataError, match=said): open_dataset(boxes).pages
    (boxes/'a2.txt').write_text('\ufeff3 5 300 11 beside\n9 9 9 20 thin\n', encoding='utf-8')
    (boxes/'a1.jpg').write_bytes(b'<html>')
    with pytest.raises(Exception): open_dataset(boxes).pages
    Image.new('L', (300, 100)).save(boxes/'a1.jpg')
    found = validate_dataset(open_dataset(boxes), other_process=False)
    assert found.counts() == {'no-area': 1} and not found.of('error')
    site = installed.parent/'bad'
    bad = READER + '    def __repr__(self): return "boxes"\n    line_strings_by_id = {}\n'
    install(site, 'bad_boxes', bad, bad='bad_boxes:BoxesDataset')
    sys.path.insert(0, str(site))
    try: found = validate_dataset(open_dataset(describe(boxes, 'reader = "bad"')), other_process=False)
    finally: sys.path.remove(str(site))
    assert found.counts() == {'pages': 1, 'pairs': 2, 'repr': 2, 'no-area': 1}, found


def test_what_a_reader_prints_is_no_part_of_what_another_process_sees(boxes, tmp_path, monkeypatch):
    loud = READER + "import os\nprint('loading')\nos.system('echo from a program')\n"
    monkeypatch.syspath_prepend(str(install(tmp_path/'loud', 'loud_boxes', loud, loud='loud_boxes:BoxesDataset')))
    assert validate_dataset(open_dataset(describe(boxes, 'reader = "loud"'))) == []


def test_commands_take_it(boxes, installed, tmp_path):
    rc, out, err = run('fsdl_look', boxes, '--out', tmp_path/'out')
    assert (rc, err) == (0, '') and 'BoxesDataset' in out
    assert sorted(p.name for p in (tmp_path/'out').iterdir()) == ['boxes_lines.png', 'boxes_pages.png']
    rc, out, err = run('fsdl_download', boxes, '--quiet')
    assert (rc, err) == (0, '') and '2 files: 0 done, 2 skipped' in out
    rc, out, err = run('fsdl_download', boxes, '--json')
    assert rc == 0 and json.loads(out)['data_file'] == '' and json.loads(out)['skipped'] == 2
    before = everything(boxes)
    rc, out, err = run('fsdl_card', boxes)
    assert (rc, err) == (0, '') and "the reader 'boxes' reads it" in out
    card, doc = (boxes/'card.md').read_text(encoding='utf-8'), json.loads((boxes/'croissant.json').read_text(encoding='utf-8'))
    assert '| lines transcribed | 3 |' in card and '![Lines](card_lines.png)' in card
    assert [o['includes'] for o in doc['distribution']] == [['*.jpg']] and doc['recordSet'] == []
    assert {k: v for k, v in everything(boxes).items() if k in before} == before


def test_a_data_file_of_another_form_is_fetched_verified_and_described(boxes, installed):
    data = b'PK\3\4 the rest'
    (boxes/'boxes.zip').write_bytes(data)
    describe(boxes, f'reader = "boxes"  # ours\nurl = ""\nfilename = "boxes.zip"\nsha256 = "{"0"*64}"\ncolour = "green"\n')
    assert run('fsdl_verify', boxes)[0] == 1
    rc, out, err = run('fsdl_update_metadata', boxes)
    assert (rc, err) == (0, ''), err
    text = (boxes/'metadata.toml').read_text()
    assert f'sha256 = "{hashlib.sha256(data).hexdigest()}"' in text
    assert text.startswith('reader = "boxes"  # ours\n') and 'colour = "green"' in text
    assert run('fsdl_verify', boxes)[0] == 0 and validate_dataset(open_dataset(boxes), other_process=False) == []
    rc, out, err = run('fsdl_card', boxes)
    assert rc == 0 and [o['@id'] for o in json.loads((boxes/'croissant.json').read_text())['distribution']] == ['data', 'images']
    rc, out, err = run('fsdl_pin', boxes, '--quiet')
    assert rc == 1 and 'no export, so there are no images to pin' in err
    with pytest.raises(MetadataError, match="'boxes' reads it: see open_dataset"): FsdlHandwritingDataset(boxes).pages


def test_diff_compares_it_with_an_export(boxes, installed, tmp_path):
    ds, other = open_dataset(boxes), tmp_path/'other.jsonl'
    other.write_bytes(ds.as_export().replace(b'Dear Sir', b'Dear Sirs'))
    assert not diff_exports(ds.as_export(), ds.as_export())
    rc, out, err = run('fsdl_diff', boxes, other)
    assert (rc, err) == (0, '') and 'text Dear Sir{+s+}' in out
    assert run('fsdl_diff', boxes, boxes)[0] == 0


def test_labelling_refuses_it_before_anything_is_written(boxes, installed, tmp_path):
    before = everything(boxes)
    ways = [lambda: label(boxes), lambda: label(open_dataset(boxes)), lambda: LabelStore(boxes, 'Ann'),
            lambda: labelling_notebook(boxes, 'Ann')]
    said = "read by 'boxes', which writes nothing, and labels are made in an export: start a dataset with"
    for do in ways:
        with pytest.raises(MetadataError, match=said): do()
    for name in 'fsdl_label', 'fsdl_export':
        rc, out, err = run(name, boxes)
        assert rc == 1 and "read by 'boxes', which writes nothing" in err and 'Traceback' not in err, err
    rc, out, err = run('fsdl_new', boxes, '--images', boxes/'a1.jpg', '--quiet')
    assert rc == 1 and 'Traceback' not in err
    assert everything(boxes) == before
    # what the message says to do
    ds = open_dataset(boxes)
    new_dataset(tmp_path/'mine', ds.page_filenames, progress=False)
    lab = label(tmp_path/'mine', 'Ann', suggest=ds.pages.values())
    assert lab.ids == ['a1.jpg', 'a2.jpg']


def test_a_reader_that_is_not_installed_is_named_with_those_that_are(boxes):
    with pytest.raises(MetadataError, match=r"no reader 'boxes' is installed here; there are: export"): open_dataset(boxes)
    for name in 'fsdl_look', 'fsdl_card', 'fsdl_download', 'fsdl_label':
        rc, out, err = run(name, boxes)
        assert rc in (1, 2) and "'boxes'" in err and 'Traceback' not in err, (name, err)


def test_a_reader_of_a_notebook_that_is_not_exported_is_told_so_in_a_clone(boxes, tmp_path, monkeypatch):
    for clone in True, False:
        package = tmp_path/f'{clone}'/'fsdl_handwriting_data'
        package.mkdir(parents=True)
        if clone: write(package.parent/'nbs/pages/14_boxes_reader.ipynb', mk_notebook(['#| default_exp pages.boxes_reader']))
        monkeypatch.setattr(sys.modules['fsdl_handwriting_data'], '__file__', str(package/'__init__.py'))
        with pytest.raises(MetadataError, match="no reader 'boxes'") as e: open_dataset(boxes)
        assert ('; if it is that of nbs/pages/14_boxes_reader.ipynb, run `make export`' in str(e.value)) == clone


FAULTS = {  # what is wrong in its code → what is told, and in which line of it
    'a key': ("Page(k, tuple(self._lines(k)))", "Page(k, tuple(self._lines(k)), extras={}['x'])", "KeyError: 'x'", 'extras='),
    'a type': ("sorted(p.name for p", "sorted(p for p", "Path' object has no attribute 'removesuffix'", 'id_.removesuffix'),
    'a helper': ("    def _lines", "    def _other", "AttributeError: 'BoxesDataset' object has no attribute '_lines'", 'self._lines'),
    'a value': ("*box, text =", "*box, text, more =", "ValueError: not enough values", 'x1, y1, x2, y2 ='),
    'a name': ("return id_", "return ident", "NameError: name 'ident'", 'return ident'),
    'no dict': ("{k: Page(k, tuple(self._lines(k))) for k in names}", "[Page(k, tuple(self._lines(k))) for k in names]", 'its pages are a list, not a dict', ''),
    'no pages': ("{k: Page(k, tuple(self._lines(k))) for k in names}", "{k: k for k in names}", "its pages have 'a1.jpg' → 'a1.jpg', not id → Page", ''),
    'another name': ("def pages(self)", "def paegs(self)", 'NotImplementedError: it has no `pages`', ''),
    'its module': ("class Boxes", "1/0\nclass Boxes", 'ZeroDivisionError: division by zero', '1/0'),
    'its syntax': ("class Boxes", "class class Boxes", 'SyntaxError: invalid syntax', ''),
    'what opens it': ("    def image_name", "    def __init__(self, folder, colour): super().__init__(folder)\n    def image_name", "a reader is opened with a folder, and missing a required argument: 'colour'", ''),
    'its opening': ("    def image_name", "    def __init__(self, folder): super().__init__(folder, **{1: 2})\n    def image_name", 'TypeError: ', '__init__')}


@pytest.mark.parametrize('fault', FAULTS)
def test_a_fault_in_a_readers_code_is_told_as_its_own(boxes, tmp_path, monkeypatch, fault):
    old, new, what, at = FAULTS[fault]
    code = READER.replace(old, new).replace('except ValueError:', 'except ZeroDivisionError:')
    assert code.count(new)
    site = install(tmp_path/'site', 'faulty_boxes', code, boxes='faulty_boxes:BoxesDataset')
    monkeypatch.syspath_prepend(str(site))
    importlib.invalidate_caches()
    try:
        with pytest.raises(ReaderError) as e:
            ds = open_dataset(boxes)
            assert {o.message for o in validate_dataset(ds).of('bug')}, 'no fault is found'
            ds.page_filenames
        said = str(e.value)
        assert what in said and 'faulty_boxes' in said and 'please tell the authors of faulty_boxes' in said and 'fsdl_handwriting_data are not to blame' in said
        if at: assert re.search(at, code.splitlines()[int(re.search(r'in line (\d+) of \S+faulty_boxes.py', said)[1]) - 1]), said
    finally: sys.modules.pop('faulty_boxes', None)
    for name in ('fsdl_look', 'fsdl_card') if fault in ('a key', 'no dict', 'its module') else ():
        rc, out, err = run(name, boxes)
        assert rc == 1 and 'Traceback' not in err and 'Please report' not in err and what in err and 'please tell the authors of faulty_boxes' in err, err
        assert not (boxes/'card.md').exists()


def test_advice_fits_what_the_reader_can_do(boxes, installed, tmp_path):
    ds, far = open_dataset(boxes), tmp_path/'far'
    assert len(ds.pages) == 2 and not ds.fetches and ds.image_advice == 'its reader, BoxesDataset, fetches none, so put them there'
    rc, out, err = run('fsdl_card', boxes, '--out', far)
    assert rc == 0 and 'put it there' in out and 'fsdl_pin' not in out, out
    (boxes/'a1.jpg').write_bytes(b'<html>')
    assert 'fsdl_download' not in f"{ds.image_problems()[0]}" and 'put the right one there' in f'{ds.image_problems()[0]}'
    for o in 'a1.jpg', 'a2.jpg': (boxes/o).unlink()
    for do in lambda: ds.open_page('a1.jpg'), lambda: ds.show_pages(), lambda: ds.show_lines(['a1.jpg']):
        with pytest.raises((InputError, OSError), match='its reader, BoxesDataset, fetches none, so put them there'): do()
    before = everything(boxes)
    rc, out, err = run('fsdl_new', boxes, '--images', tmp_path, '--quiet')
    assert rc == 1 and "its pages are read by 'boxes', which writes nothing, so none can be added: make the new dataset in another folder" in err
    assert everything(boxes) == before
    fetching = type('Fetching', (type(ds),), dict(load_or_generate_data=lambda self: None))(boxes)
    assert fetching.fetches and 'fsdl_download' in fetching.image_advice


BAD_NAMES = ['os', 'os.system', 'evil', './evil', 'evil.py', '../evil', 'toy:Boxes', 'pages.evil', 'fsdl_handwriting_data.pages.dataset',
             'dataset', '_reader', '', 'evil\n']


@pytest.mark.parametrize('name', BAD_NAMES)
def test_a_description_runs_nothing_that_is_not_installed(boxes, name, monkeypatch):
    (boxes/'evil.py').write_text(f'open({str(boxes/"ran")!r}, "w")')
    (boxes/'evil_reader.py').write_text(f'open({str(boxes/"ran")!r}, "w")')
    monkeypatch.chdir(boxes)
    monkeypatch.syspath_prepend('')
    had = set(sys.modules)
    describe(boxes, f'reader = {json.dumps(name)}\n')
    with pytest.raises(MetadataError): open_dataset(boxes)
    assert not (boxes/'ran').exists() and not [o for o in set(sys.modules) - had if 'evil' in o]


def test_entry_points_and_modules_in_the_folder_are_not_run(boxes, monkeypatch, tmp_path):
    harm = f'open({str(boxes/"ran")!r}, "w")'
    install(boxes, 'toy_harm', harm, boxes='toy_harm:Boxes')
    monkeypatch.chdir(boxes)
    monkeypatch.syspath_prepend('')
    importlib.invalidate_caches()
    with pytest.raises(MetadataError, match="lies in the dataset's own folder and is not run"): open_dataset('.')
    # a module in the folder stands before the one of an honest package
    site = install(tmp_path/'site', boxes='toy_boxes:BoxesDataset')
    (boxes/'toy_boxes.py').write_text(harm)
    (boxes/'toy_harm-1.0.dist-info'/'entry_points.txt').unlink()
    sys.path.append(str(site))
    try:
        importlib.invalidate_caches()
        with pytest.raises(MetadataError, match="lies in the dataset's own folder and is not run"): open_dataset('.')
        monkeypatch.chdir(tmp_path)
        assert len(open_dataset('boxes').pages) == 2
    finally:
        sys.path.remove(str(site))
        sys.modules.pop('toy_boxes', None)
    assert not (boxes/'ran').exists()


def test_no_package_takes_the_name_of_ours_and_two_of_one_name_are_told(boxes, installed, tmp_path, monkeypatch):
    points = dict(boxes='toy_two:BoxesDataset', export='toy_two:BoxesDataset', none='toy_two:READ')
    site = install(tmp_path/'two', 'toy_two', 'from toy_boxes import BoxesDataset', **points)
    monkeypatch.syspath_prepend(str(site))
    said = r"two packages have a reader 'boxes' \(toy_\w+:BoxesDataset, toy_\w+:BoxesDataset\)"
    with pytest.raises(MetadataError, match=said): open_dataset(boxes)
    assert known_readers()['export'] == ['fsdl_handwriting_data.pages.dataset']
    with pytest.raises(MetadataError, match='can not be used: AttributeError'): open_dataset(describe(boxes, 'reader = "none"'))


BAD_POINTS = {  # how a package registers its reader → what is said of it ('' depends on the program that asks)
    'not a module!!': 'it should be module:Class', '__main__:Y': '', '.toy:Y': 'it should be module:Class', '': 'it should be module:Class',
    'toy_odd': 'it is no subclass of HandwritingDataset', 'toy_odd:BoxesDataset.nothing': "AttributeError: type object 'BoxesDataset' has no attribute 'nothing'",
    'nowhere_at_all:Y': "ModuleNotFoundError: No module named 'nowhere_at_all'", 'toy_ends:Y': 'SystemExit: 3', 'x'*100_000: 'ModuleNotFoundError: '}


@pytest.mark.parametrize('value', BAD_POINTS, ids=lambda o: f'{o:.30}')
def test_a_reader_that_is_registered_wrongly_is_told_with_its_package(boxes, tmp_path, monkeypatch, value):
    site = install(tmp_path/'site', 'toy_odd', odd=value)
    (site/'toy_ends.py').write_text('raise SystemExit(3)')
    monkeypatch.syspath_prepend(str(site))
    describe(boxes, 'reader = "odd"')
    with pytest.raises(MetadataError) as e: open_dataset(boxes)
    said = f'{e.value}'
    assert f"the reader 'odd', which the package toy_odd registers as {value!r:.80}, can not be used: {BAD_POINTS[value]}" in said and len(said) < 1000, said[:1000]
    rc, out, err = run('fsdl_look', boxes)
    assert rc == 1 and 'can not be used' in err and 'Traceback' not in err, err


@pytest.mark.parametrize('data', [b'x', b'x = \xff'])
def test_a_package_whose_list_of_entry_points_can_not_be_read_is_named(boxes, tmp_path, monkeypatch, data):
    site = install(tmp_path/'site', 'toy_odd', odd='')
    (site/'toy_odd-1.0.dist-info/entry_points.txt').write_bytes(f'[{READERS}]\n'.encode() + data)
    monkeypatch.syspath_prepend(str(site))
    with pytest.raises(MetadataError, match='the package toy_odd in .*site.* lists its entry points in a way that can not be read'): open_dataset(boxes)


@pytest.mark.parametrize('where', ['def pages(self)', 'def image_name(self, id_)'])
def test_a_reader_that_ends_the_program_does_not(boxes, tmp_path, monkeypatch, where):
    monkeypatch.syspath_prepend(str(install(tmp_path/'site', 'toy_ends', READER + f"    {'@property' * ('pages' in where)}\n    {where}: raise SystemExit(3)\n", ends='toy_ends:BoxesDataset')))
    describe(boxes, 'reader = "ends"')
    with pytest.raises(ReaderError, match='toy_ends.* has a fault in line .*: SystemExit: 3'): open_dataset(boxes).page_filenames
    assert {o.kind for o in validate_dataset(open_dataset(boxes), other_process=False)} == {'bug'}
    rc, out, err = run('fsdl_look', boxes)
    assert rc == 1 and 'SystemExit: 3' in err and 'Traceback' not in err, (rc, err)
    sys.modules.pop('toy_ends')


NOTEBOOK = [
    '#| default_exp pages.boxes_reader',
    '# boxes_reader\n\n> A folder with a text beside each picture',
    '#| export\n' + '\n'.join(o for o in READER.splitlines() if o.startswith('from')),
    '#| hide\nimport tempfile\nfrom pathlib import Path\nfrom PIL import Image\nfrom fastcore.test import test_eq\n'
    'from fsdl_handwriting_data.pages.opening import open_dataset\n'
    'from fsdl_handwriting_data.pages.validate import validate_dataset',
    '#| export\n' + READER[READER.index('class'):].rstrip(),
    '''folder = Path(tempfile.mkdtemp())
Image.new('L', (300, 100)).save(folder/'a1.jpg')
_ = (folder/'a1.txt').write_text('29 10 290 40 Dear Sir')
_ = (folder/'metadata.toml').write_text('reader = "boxes"')
test_eq(BoxesDataset(folder).line_strings_by_id, {'a1.jpg': ['Dear Sir']})
test_eq(validate_dataset(open_dataset(folder)), [])''']


@pytest.mark.long
def test_a_reader_of_ours_is_one_notebook(boxes, root, tmp_path):
    "As CONTRIBUTING has it: the notebook, and a line in metadata.toml; nothing else knows of it, and it keeps the rules of the project."
    copy = checks.copy_project(root, tmp_path/'copy')
    had = everything(copy)
    write(copy/'nbs/pages/14_boxes_reader.ipynb', mk_notebook(NOTEBOOK))
    test = 'from nbdev.test import nbdev_test; nbdev_test("nbs/pages/14_boxes_reader.ipynb", n_workers=1)'
    for code in 'from nbdev.doclinks import nbdev_export; nbdev_export()', test:
        run = checks.python(copy, '-c', code)
        assert run.returncode == 0, run.stdout + run.stderr
    code = f'from fsdl_handwriting_data import *; ds = open_dataset({str(boxes)!r}); print(type(ds), validate_dataset(ds))'
    run = checks.python(copy, '-c', code)
    assert run.stdout == "<class 'fsdl_handwriting_data.pages.boxes_reader.BoxesDataset'> Flaws: none\n", run.stderr
    new = {k for k, v in everything(copy).items() if had.get(k) != v and not k.startswith('.git/')}
    assert new == {'nbs/pages/14_boxes_reader.ipynb', 'fsdl_handwriting_data/pages/boxes_reader.py', 'fsdl_handwriting_data/_modidx.py'}
    rules = [checks.find_layer_breaks, checks.find_undocumented, checks.find_long_cells, checks.find_dense, checks.find_bad_openings,
             checks.find_mixed_imports, checks.find_unused_names, checks.find_type_errors]
    for find in rules:
        assert not [o for o in find(copy) if 'boxes_reader' in o], find.__name__


def test_what_others_wrote_is_quoted_in_part(boxes):
    long = 'x'*100_000
    for do in (lambda: open_dataset(describe(boxes, f'reader = "{long}"\n')), lambda: find_reader(long, boxes), lambda: open_dataset(long),
               lambda: check_annotator(long), lambda: export_bytes([Page(long + '/.')])):
        with pytest.raises((MetadataError, InputError)) as e: do()
        assert 'xxx' in f'{e.value}' and len(f'{e.value}') < 1000
