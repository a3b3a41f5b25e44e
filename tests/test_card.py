"""The card of a dataset, read by those it is made for: mlcroissant, and a reader of YAML. Nothing here needs a network, and none is allowed."""
import importlib.util, json, logging, re, shutil, socket, string

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from fsdl_handwriting_data.core.annotations import Page, Region, page_id
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.pages.card_facts import annotator_names, htr_united
from fsdl_handwriting_data.pages.croissant import croissant
from fsdl_handwriting_data.pages.card import readme_card, write_card
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset

CARD = '''
[card]
title = "A title: with a colon"
version = "1.2.3"
published = 2024-01-31
license = {name = "CC0 1.0", url = "https://creativecommons.org/publicdomain/zero/1.0/"}
authors = ["The makers of it"]
language = "eng"
script = "Latn"
script-type = "only-manuscript"
time = [2024, 2024]
cite = "@misc{sample}"
keywords = ["handwriting"]
production-software = "fsdl_handwriting_data"
transcription-guidelines = "Letter by letter."
'''
RECOMMENDED = ('citeAs', 'datePublished', 'license', 'version')


@pytest.fixture(scope='module')
def mlc(need):
    need(importlib.util.find_spec('mlcroissant'), 'mlcroissant', 'pip install mlcroissant')
    import mlcroissant
    return mlcroissant


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    def refuse(*args): raise AssertionError(f'a connection to {args[1:]}')
    monkeypatch.setattr(socket.socket, 'connect', refuse)
    monkeypatch.setattr(socket, 'getaddrinfo', refuse)


@pytest.fixture
def sample(root, tmp_path):
    folder = tmp_path/'sample_handwriting'
    shutil.copytree(root/'data'/'raw'/'sample_handwriting', folder, ignore=shutil.ignore_patterns('card*', 'croissant.json'))
    return folder


def mk_dataset(folder, pages, card=''):
    folder.mkdir(parents=True)
    write_export(pages, folder/'labels.jsonl')
    (folder/'metadata.toml').write_text(f"url = 'https://host.invalid/export'\nfilename = 'labels.jsonl'\nsha256 = ''\n{card}")
    update_metadata(folder)
    return folder


def text_of(value):
    "What the loader gives as bytes, as text."
    if isinstance(value, list): return [text_of(o) for o in value]
    return value.decode() if isinstance(value, bytes) else value


def records(loaded, name):
    return [{k.split('/')[1]: text_of(v) for k, v in o.items()} for o in loaded.records(name)]


def check_same(loaded, ds):
    "The tables that were loaded hold what `ds` does, in its order."
    pins, pages = ds.pins, list(ds.export.pages)
    want = [dict(id=p.id, url=p.url) for p in pages]
    if pins:
        known = [pins.get(p.id) for p in pages]
        want = [o | {k: getattr(pin, k) if pin else None for k in ('sha256', 'bytes', 'width', 'height')} for o, pin in zip(want, known)]
    assert records(loaded, 'pages') == want
    lines = records(loaded, 'lines')
    assert [o['page'] for o in lines] == [p.id for p in pages]
    for got, p in zip(lines, pages):
        if not p.annotated:
            assert {k: v for k, v in got.items() if v is not None} == {'page': p.id}
            continue
        assert got['text'] == [r.text for r in p.regions] and got['shape'] == [r.shape for r in p.regions]
        assert [tuple(o or ()) for o in got['label']] == [r.label for r in p.regions]
        assert got['width'] == [r.image_width for r in p.regions] and got['height'] == [r.image_height for r in p.regions]
        assert [len(o) for o in got['points']] == [len(r.points) for r in p.regions]
        flat = [v for o in got['points'] for xy in o for v in xy]
        assert flat == pytest.approx([v for r in p.regions for xy in r.points for v in xy], rel=0, abs=1e-14)  # pandas reads the last digit loosely


def load(mlc, folder):
    "The dataset as the loader reads it; what it warns of."
    loaded = mlc.Dataset(folder/'croissant.json')
    assert not loaded.metadata.ctx.issues.errors
    return loaded, loaded.metadata.ctx.issues.warnings


def test_the_loader_reads_the_sample_without_a_warning(mlc, sample, caplog):
    (sample/'metadata.toml').write_text((sample/'metadata.toml').read_text() + CARD)
    pin_images(sample, progress=False)
    write_card(sample)
    with caplog.at_level(logging.WARNING): loaded, warned = load(mlc, sample)
    assert not warned and not caplog.records
    ds = FsdlHandwritingDataset(sample)
    check_same(loaded, ds)
    assert sum(len(o['text']) for o in records(loaded, 'lines')) == 211
    assert (loaded.metadata.name, loaded.metadata.version) == ('A title: with a colon', '1.2.3')
    assert verify_dataset(sample, progress=False) == []


@pytest.mark.long
def test_without_a_card_only_what_nobody_said_is_warned_of(mlc, sample):
    write_card(sample)
    loaded, warned = load(mlc, sample)
    check_same(loaded, FsdlHandwritingDataset(sample))
    told = {k for k in RECOMMENDED for o in warned if k in o}
    assert len(warned) == 3 and told == {'citeAs', 'datePublished', 'license'}


BOX = ((.125, .1), (.875, .1), (.875, .2), (.125, .2))


def odd_pages():
    line = lambda text, **kw: Region(BOX, text, image_width=100, image_height=200, **({'label': ('line',)} | kw))
    texts = ['', ' ', 'NA', 'None', 'null', 'nan', '0012', '1e5', 'true', 'a "quote", a \'comma\'', 'one\ntwo\r\nthree', 'tab\there', 'né e\u0301 漢字 🖋', '\u2028\x85\ufeff', 'two\u2028lines\x85and \ufeffmore', '\\',
             '{"a":1}', '2024-01-31', '@id', 'x'*5000]
    return [Page('http://host.invalid/a/null%20one.jpg', annotated=False), Page('https://host.invalid/b/empty.jpg?v=/1#x'), Page('http://host.invalid/a/1.jpg', tuple(line(o) for o in texts)),
            Page('s3://bucket/é 漢.png', (line('a', label=()), line('b', label=('line', 'b,c')), line('c', shape='polygon'))),
            Page('https://host.invalid/-%28x%29.jpg', (Region(((1/3, 2/3),), 'dot', 'polygon'), Region(((0, 0), (1, 1)), '', 'polygon', 3, 4)), metadata=dict(last_updated_by='bo@example.org')),
            Page('folder/7', (line('1'),), extras={'width': 3})]


def test_odd_records_are_read_as_they_are(mlc, tmp_path):
    folder = mk_dataset(tmp_path/'odd', odd_pages(), CARD)
    write_card(folder)
    check_same(load(mlc, folder)[0], FsdlHandwritingDataset(folder))


def test_pages_without_a_pin_have_no_hash_and_are_there(mlc, tmp_path):
    folder = mk_dataset(tmp_path/'odd', odd_pages(), CARD)
    (folder/'pages').mkdir()
    Image.new('L', (100, 200)).save(folder/'pages'/'1.jpg')
    assert [o.id for o in pin_images(folder, progress=False).of('added')] == ['1.jpg']
    write_card(folder)
    loaded, warned = load(mlc, folder)
    check_same(loaded, FsdlHandwritingDataset(folder))
    assert not warned


SEGMENT = st.text(string.ascii_letters + string.digits + ' %-_.()é漢,;\'"&=', min_size=1, max_size=12).filter(lambda s: s.strip('. ') == s and not re.fullmatch(r'[\d.eE]+', s))


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(SEGMENT, st.none() | st.lists(st.text(st.characters(exclude_categories=['Cs']), max_size=20), max_size=3)), min_size=1, max_size=4))
def test_any_text_comes_back(mlc, tmp_path_factory, made):
    pages = [Page(f'http://host.invalid/{i}/{name}', tuple(Region(BOX, t, image_width=10, image_height=20) for t in texts or ()), texts is not None)
             for i, (name, texts) in enumerate(made)]
    folder = mk_dataset(tmp_path_factory.mktemp('any')/'d', pages)
    ds = FsdlHandwritingDataset(folder)
    doc = croissant(ds)
    (folder/'croissant.json').write_text(json.dumps(doc, ensure_ascii=False), encoding='utf-8')
    if any(p.id != page_id(p.url) for p in ds.export.pages):  # addresses that end alike: an id that only this library gives
        assert doc['recordSet'] == [] and 'a form that only this library reads' in readme_card(ds)
    else: check_same(load(mlc, folder)[0], ds)


def refusal(mlc, path, table):
    "Why the loader does not read `table`."
    with pytest.raises(Exception, match='Download') as e: list(mlc.Dataset(path).records(table))
    return str(e.value.__cause__)


def with_images(doc, source):
    "`doc` with one more table, of image files."
    field = {'@type': 'cr:Field', '@id': 'look/image', 'name': 'image', 'dataType': 'sc:ImageObject', 'source': source | {'extract': {'fileProperty': 'content'}}}
    return doc | {'recordSet': [{'@type': 'cr:RecordSet', '@id': 'look', 'name': 'look', 'field': [field]}]}


def test_a_pinned_image_is_found_and_its_hash_is_checked(mlc, sample):
    pin_images(sample, progress=False)
    doc = croissant(FsdlHandwritingDataset(sample))
    assert [o['sha256'] for o in doc['distribution'] if o['@id'].startswith('image/')] == [o.sha256 for o in FsdlHandwritingDataset(sample).pins.values()]
    (sample/'look.json').write_text(json.dumps(with_images(doc, {'fileObject': {'@id': 'image/page_001.jpg'}})))
    (image,) = mlc.Dataset(sample/'look.json').records('look')
    assert image['look/image'].size == (1240, 1754)
    Image.new('L', (1240, 1754)).save(sample/'pages'/'page_001.jpg')
    assert 'page_001.jpg is not identical with the reference' in refusal(mlc, sample/'look.json', 'look')


def test_the_split_beside_the_export_is_read_back(mlc, sample):
    "Its sides in the terms of Croissant, and where each page stands."
    ids = [*FsdlHandwritingDataset(sample).pages]
    (sample/'splits.csv').write_text('page_id,split\n' + ''.join(f"{o},{'test' if i % 3 else 'train'}\n" for i, o in enumerate(ids)))
    (sample/'croissant.json').write_text(json.dumps(croissant(FsdlHandwritingDataset(sample))))
    ds = mlc.Dataset(sample/'croissant.json')
    assert [(o['sides/page'].decode(), o['sides/split'].decode()) for o in ds.records('sides')] == [(o, 'test' if i % 3 else 'train') for i, o in enumerate(ids)]
    assert {o['splits/name']: o['splits/url'] for o in ds.records('splits')} == {k: f'http://mlcommons.org/croissant/{v}Split' for k, v in (('train', 'Training'), ('test', 'Test'))}


def test_very_many_images_are_one_set_of_files(mlc, sample):
    pin_images(sample, progress=False)
    doc = croissant(FsdlHandwritingDataset(sample), most_files=11)
    assert [o['@id'] for o in doc['distribution']] == ['export', 'images.csv', 'images']
    (sample/'croissant.json').write_text(json.dumps(doc))
    loaded, _ = load(mlc, sample)
    check_same(loaded, FsdlHandwritingDataset(sample))
    (sample/'look.json').write_text(json.dumps(with_images(doc, {'fileSet': {'@id': 'images'}})))
    assert [o['look/image'].size for o in mlc.Dataset(sample/'look.json').records('look')] == [(1240, 1754)]*12


@pytest.mark.long
def test_a_description_in_another_folder_is_read_from_there(mlc, sample, monkeypatch):
    pin_images(sample, progress=False)
    out = sample.parent/'cards'/'of all'
    write_card(sample, out)
    monkeypatch.chdir('/')  # the addresses are from the folder of the description, not from the current one
    loaded, _ = load(mlc, out)
    check_same(loaded, FsdlHandwritingDataset(sample))
    doc = json.loads((out/'croissant.json').read_text(encoding='utf-8'))
    assert all((out/o['contentUrl']).is_file() for o in doc['distribution'])
    (out/'look.json').write_text(json.dumps(with_images(doc, {'fileObject': {'@id': 'image/page_001.jpg'}})))
    (image,) = mlc.Dataset(out/'look.json').records('look')
    assert image['look/image'].size == (1240, 1754)


@pytest.mark.long
def test_a_changed_export_is_not_read_by_an_old_description(mlc, sample):
    write_card(sample)
    export = sample/'sample_handwriting.jsonl'
    export.write_bytes(export.read_bytes().replace(b'old pump', b'new pump'))
    assert 'sample_handwriting.jsonl is not identical with the reference' in refusal(mlc, sample/'croissant.json', 'lines')


def test_an_export_that_others_cannot_read_still_has_its_files_described(mlc, tmp_path):
    folder = mk_dataset(tmp_path/'odd', odd_pages(), CARD)
    with (folder/'labels.jsonl').open('ab') as f: f.write(b'{oops\n')
    update_metadata(folder)
    assert [o for o in write_card(folder).notes if o.startswith('no tables')]
    loaded, warned = load(mlc, folder)
    assert not warned and not loaded.metadata.record_sets and len(loaded.metadata.distribution) == 2


@pytest.fixture
def shared(root):
    folder = root.parent/'shared'/'data'
    if not folder.is_dir(): pytest.skip('the real data is not here: ../shared/data')
    return folder


def test_the_courses_export(mlc, root, shared, tmp_path, note):
    folder = tmp_path/'fsdl_handwriting'
    shutil.copytree(root/'data'/'raw'/'fsdl_handwriting', folder, ignore=lambda *_: ['pages', 'fsdl_handwriting.json'])
    shutil.copy(shared/'fsdl_handwriting'/'fsdl_handwriting.json', folder)
    report = write_card(folder)
    ds = FsdlHandwritingDataset(folder)
    loaded, _ = load(mlc, folder)
    check_same(loaded, ds)
    assert len(records(loaded, 'pages')) == 85 and sum(len(o['text'] or []) for o in records(loaded, 'lines')) == 455
    names = annotator_names(ds.export.pages)
    assert names
    for p in report.files: assert not [o for o in names if o.encode() in p.read_bytes()]
    note(f'Card of the course\'s export: {len(names)} annotators numbered, 85 pages and 455 lines read back by mlcroissant.')


@pytest.mark.long
def test_real_pages_with_an_export_of_many_points(mlc, shared, tmp_path):
    folder = tmp_path/'testaments'
    folder.mkdir()
    shutil.copy(shared/'testaments'/'testaments.jsonl', folder)
    shutil.copytree(shared/'testaments'/'pages', folder/'pages')
    (folder/'metadata.toml').write_text("url = 'https://doi.org/10.5281/zenodo.10177106'\nfilename = 'testaments.jsonl'\nsha256 = ''\n" + CARD)
    update_metadata(folder)
    pin_images(folder, progress=False)
    report = write_card(folder)
    assert len(report.files) == 4 and not report.notes
    loaded, warned = load(mlc, folder)
    assert not warned
    check_same(loaded, FsdlHandwritingDataset(folder))


def test_the_entry_for_the_catalogue_is_yaml(need, tmp_path):
    need(importlib.util.find_spec('ruamel.yaml'), 'ruamel.yaml', 'pip install ruamel.yaml')
    from ruamel.yaml import YAML
    folder = mk_dataset(tmp_path/'odd', odd_pages(), CARD)
    write_card(folder)
    block = re.search(r'```yaml\n(.*?)```', (folder/'card.md').read_text(encoding='utf-8'), re.DOTALL)[1]
    entry = htr_united(FsdlHandwritingDataset(folder))
    assert json.loads(json.dumps(YAML(typ='safe').load(block))) == json.loads(json.dumps(entry))
    assert {'\n', '\u2028', '\x85', '🖋', '"'} <= set(entry['characters']['members'])


def test_the_package_does_not_need_the_loader(root):
    for path in (root/'fsdl_handwriting_data').glob('*.py'): assert not re.search(r'^\s*(import|from) mlcroissant', path.read_text(encoding='utf-8'), re.MULTILINE)
