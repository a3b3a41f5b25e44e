"""Training sets: every target read back, odd names, sums that add up, all or nothing, no names of people."""
import csv, errno, hashlib, io, json, os, shutil, sys, tarfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import commands

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.core.journal import Journal, journal_name
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.training import set_files
from fsdl_handwriting_data.training.shards import ArraySet
from fsdl_handwriting_data.training.targets import TARGETS, form_of, levels_of
from fsdl_handwriting_data.training.trainset import make_trainset

ODD = 'a.b.png', 'a.c.png', 'ä ö.png', 'Vv_(Name)_001.png', 'x'*246 + '.png', 'twin.png', 'con_.png', '#1.png', 'a-b.png', '名前.png'
TEXTS = 'Dear Ann', ' two  blanks ', '„Zwölf“ & <b>', '#no comment', 'null', '0001', 'naïve', 'a,b\t"c"', "it's", '=1+1'


def made_dataset(folder, ids=ODD, texts=TEXTS, metadata=None):
    "Pages of grey noise with lines of boxes, one of them without a text on every second page."
    (folder/'pages').mkdir(parents=True)
    box = lambda i: tuple((x, y) for x, y in ((.1, .1 + i*.2), (.9, .1 + i*.2), (.9, .25 + i*.2), (.1, .25 + i*.2)))
    pages = []
    for n, id_ in enumerate(ids):
        a = np.random.default_rng(n).integers(0, 255, (120, 160), np.uint8)
        Image.fromarray(a).save(folder/'pages'/id_)
        lines = [f'{texts[n % len(texts)]} {n}', f'line {n} of words that nobody else has', '' if n % 2 else 'x']
        regions = [Region(box(i), o, image_width=160, image_height=120) for i, o in enumerate(lines)]
        pages.append(Page(f'https://sample.invalid/{n}.png', tuple(regions), metadata=metadata, extras={'page_id': id_}))
    write_export(pages, folder/'data.jsonl')
    (folder/'metadata.toml').write_text('url = "https://sample.invalid/data.jsonl"\nfilename = "data.jsonl"\nsha256 = ""\n')
    update_metadata(folder)
    return FsdlHandwritingDataset(folder)


@pytest.fixture(scope='module')
def odd(tmp_path_factory): return made_dataset(tmp_path_factory.mktemp('odd')/'odd')


def files_of(folder): return {o.relative_to(folder).as_posix(): o.read_bytes() for o in sorted(folder.rglob('*')) if o.is_file()}


def rows_of(folder): return [json.loads(o) for o in (folder/'rows.jsonl').read_text().split('\n') if o]


HOW = dict(split='page:60/20/20', progress=False)


def expected(ds):
    "line id → text, and picture, as the dataset itself gives them."
    res = {}
    for id_, page in ds.pages.items():
        for i, crop in enumerate(ds.line_crops(id_, mode='L')):
            if page.regions[i].text.strip(): res[f'{id_}-{i:02d}'] = ' '.join(page.regions[i].text.split()), np.asarray(crop.image)
    return res


def pictures(target, folder):
    "(file or key, text, picture) of each line of a set, read without the library as far as that goes."
    if target == 'imagefolder':
        for o in folder.glob('*/metadata.jsonl'):
            for row in map(json.loads, o.read_text().splitlines()): yield row.get('line_id', row.get('id')), row['text'], Image.open(o.parent/row['file_name'])
    elif target == 'npz':
        for o in folder.glob('*.npz'):
            rows = [json.loads(k) for k in (folder/f'{o.stem}.jsonl').read_text().splitlines()]
            for row, (im, text) in zip(rows, map(ArraySet(folder, o.stem).__getitem__, range(len(rows))), strict=True): yield row.get('line_id', row.get('id')), text, im
    elif target == 'webdataset':
        for o in folder.glob('*.tar'):
            with tarfile.open(o) as f:
                for k in f.getnames():
                    assert k.count('.') == 1
                    if k.endswith('.png'):
                        stem = k.removesuffix('.png')
                        row = json.loads(f.extractfile(f'{stem}.json').read())
                        yield row.get('line_id', row.get('id')), f.extractfile(f'{stem}.txt').read().decode(), Image.open(io.BytesIO(f.extractfile(k).read()))
    else:
        ids = {o['file_name']: o['line_id'] for o in rows_of(folder)}
        texts = {}
        if target == 'kraken': texts = {o.relative_to(folder).as_posix().replace('.gt.txt', '.png'): o.read_bytes().decode() for o in folder.rglob('*.gt.txt')}
        if target == 'doctr':
            for o in folder.glob('*/labels.json'): texts |= {f'{o.parent.name}/images/{k}': v for k, v in json.loads(o.read_text()).items()}
        if target == 'pylaia':
            known = {o.rsplit(' ', 1)[0] for o in (folder/'syms.txt').read_text(encoding='utf-8').splitlines()}
            for side in 'train', 'val', 'test':
                for row in (folder/f'{side}.txt').read_text(encoding='utf-8').split('\n')[:-1]:
                    id_, *tokens = row.split(' ')
                    assert known.issuperset(tokens)
                    texts[f'images/{id_}.png'] = ''.join(tokens).replace('<space>', ' ')
        for k, v in texts.items(): yield ids[k], v, Image.open(folder/k)


@pytest.mark.parametrize('target', ['imagefolder', 'kraken', 'pylaia', 'doctr', 'webdataset', 'npz'])
def test_lines_come_back_as_they_are(target, odd, tmp_path):
    report, want = make_trainset(odd, tmp_path/'set', target, **HOW), expected(odd)
    found = list(pictures(target, tmp_path/'set'))
    assert len(found) == len(want) == sum(report.rows.values()) and {o[0] for o in found} == {*want}
    for id_, text, im in found:
        assert text == want[id_][0]
        assert (np.asarray(im) == want[id_][1]).all()
    assert sum(report.lines.values()) + len(report.left) == report.total == 30
    names = [Path(o['file_name']).name.casefold() for o in rows_of(tmp_path/'set') if o['file_name']]
    assert len({*names}) == len(names) and all(o.isascii() and len(o) < 110 and o.count('.') == 1 for o in names)


@pytest.mark.parametrize('target', ['imagefolder', 'webdataset', 'npz'])
@pytest.mark.parametrize('level, n', [('paragraph', 5), ('window:2', 10), ('window:9', 5)])
def test_paragraphs_and_windows_come_back_as_they_are(level, n, target, odd, tmp_path):
    "Text, picture, place on the page, and the place of each line in the picture; each line is in a row or left out, once."
    report = make_trainset(odd, tmp_path/'set', target, level, **HOW)
    assert sum(report.rows.values()) == n and sum(report.lines.values()) == 15 and report.left.counts() == {'no-text': 5, 'incomplete': 10}
    rows = {o['id']: o for o in rows_of(tmp_path/'set')}
    found = list(pictures(target, tmp_path/'set'))
    assert len(found) == n and {o[0] for o in found} == {*rows}
    for id_, text, im in found:
        row, im = rows[id_], np.asarray(im)
        page = np.asarray(odd.open_page(row['page_id'], 'L'))
        cut = lambda a, box: a[box[1]:box[3], box[0]:box[2]]
        assert row['line_ids'] == [o['line_id'] for o in row['lines']] and text == row['text'] == '\n'.join(o['text'] for o in row['lines'])
        assert text.split('\n') == [' '.join(odd.pages[row['page_id']].regions[o['order']].text.split()) for o in row['lines']]
        assert (im == cut(page, row['bbox'])).all() and len(row['boxes']) == len(row['lines'])
        for box, line in zip(row['boxes'], row['lines']): assert (cut(im, box) == cut(page, line['bbox'])).all()


def kraken_lines(path):
    "The lines of a page by the rules of kraken 7 (`lib/xml/page.py`, `lib/segmentation.py`): id, text, split, outline, baseline, and the picture's path."
    page = ElementTree.parse(path).getroot().find('.//{*}Page')
    image = path.parent/page.get('imageFilename')
    with Image.open(image) as im: assert im.size == (int(page.get('imageWidth')), int(page.get('imageHeight')))
    points = lambda el: [tuple(map(int, o.split(','))) for o in el.get('points').split(' ')]
    for region in page.iterfind('./{*}TextRegion'):
        assert len(points(region.find('./{*}Coords'))) > 2
        for line in region.iterfind('./{*}TextLine'):
            custom = {}
            for chunk in line.get('custom').strip().split('}'):
                if chunk.strip():
                    tag, values = chunk.split('{')
                    custom[tag.strip()] = dict(o.strip().split(':') for o in values.split(';') if o.strip())
            text = ''.join(o.text for o in line.find('./{*}TextEquiv').findall('.//{*}Unicode'))
            outline, base = (points(line.find('./{*}' + o)) for o in ('Coords', 'Baseline'))
            assert (np.array(outline + base) >= 0).all() and (np.array(outline + base) < im.size).all()
            assert np.hypot(*np.subtract(base[-1], base[0])) >= 5 and len(outline) > 2
            yield line.get('id'), text, custom['split']['type'], outline, base, image


def test_pages_for_kraken_are_read_by_its_rules(odd, tmp_path):
    "Text, side, outline, a baseline inside it; ids that XML takes, and a table of whose they are. Of a page, the lines without a transcript are left out alone."
    folder = tmp_path/'set'
    report = make_trainset(odd, folder, 'kraken-page', **HOW)
    assert report.level == 'page' and sum(report.rows.values()) == 10 and sum(report.lines.values()) == 25 and report.left.counts() == {'no-text': 5}
    with open(folder/'lines.csv', newline='', encoding='utf-8') as f: whose = {(o['file'], o['id']): o for o in csv.DictReader(f)}
    rows, found, want = {o['file_name']: o for o in rows_of(folder)}, [], expected(odd)
    for side, name in ('train', 'train'), ('val', 'validation'), ('test', 'test'):
        for file in (folder/f'{side}.txt').read_text().splitlines():
            for id_, text, split, outline, base, image in kraken_lines(folder/file):
                row, line_id = rows[image.relative_to(folder).as_posix()], whose.pop((file, id_))['line_id']
                (line,) = (o for o in row['lines'] if o['line_id'] == line_id)
                assert split == name and row['split'] == side and text == want[line_id][0] and ElementTree.fromstring(f'<a id="{id_}"/>').get('id') == id_
                assert np.allclose(np.array(outline), np.array(line['polygon'])*(160, 120), atol=1) and id_[0].isalpha()
                x1, y1, x2, y2 = line['bbox']
                assert all(x1 - 1 <= x <= x2 and (y1 + y2)/2 < y <= y2 for x, y in base)
                found.append(line_id)
    assert not whose and sorted(found) == sorted(want)


def test_arrow_files_for_kraken_are_what_it_reads(odd, tmp_path, need):
    "By the rules of kraken 7 (`lib/dataset/recognition.py`): the key `lines` of the schema, counts by side, no empty row, the same columns in all files."
    try: import pyarrow as pa
    except ImportError: pa = None
    need(pa, 'pyarrow', 'pip install "fsdl_handwriting_data[sets]"')
    for o in 'a', 'b': make_trainset(odd, tmp_path/o, 'kraken-arrow', **HOW)
    assert files_of(tmp_path/'a') == files_of(tmp_path/'b') and not [*(tmp_path/'a').glob('*.part')]
    with open(tmp_path/'a/lines.csv', newline='', encoding='utf-8') as f: whose = {(o['file'], int(o['row'])): o['line_id'] for o in csv.DictReader(f)}
    want, schemas = expected(odd), []
    for side, name in ('train', 'train'), ('val', 'validation'), ('test', 'test'):
        (file,) = (tmp_path/'a'/f'{side}.txt').read_text().splitlines()
        with (tmp_path/'a'/file).open('rb') as f: table = pa.ipc.open_file(f).read_all()
        said = json.loads(table.schema.metadata[b'lines'])
        schemas.append(table.schema.remove_metadata())
        assert said['type'] == 'kraken_recognition_bbox' and said['image_type'] == 'raw' and said['im_mode'] == 'L' and said['legacy_polygons'] is False
        assert said['counts'] == {'all': len(table), 'train': 0, 'validation': 0, 'test': 0} | {name: len(table)}
        rows = table.filter(table.column(name)).column('lines').to_pylist()
        assert len(rows) == len(table) and said['alphabet'] == Counter(''.join(o['text'] for o in rows))
        for i, o in enumerate(rows):
            text, im = want.pop(whose.pop((file, i)))
            assert o['text'] == text and o['language'] is None and (np.asarray(Image.open(io.BytesIO(o['im']))) == im).all()
    assert not want and not whose and schemas[0] == schemas[1] == schemas[2]


@pytest.mark.parametrize('target', [o for o in TARGETS if o not in ('parquet', 'kraken-arrow')])
def test_the_same_call_gives_the_same_bytes_which_their_list_proves(target, odd, tmp_path):
    for o in 'a', 'b': make_trainset(odd, tmp_path/o, target, **HOW)
    files = files_of(tmp_path/'a')
    assert files == files_of(tmp_path/'b')
    sums = dict(reversed(o.split('  ', 1)) for o in files['SHA256SUMS'].decode().splitlines())
    assert {k: hashlib.sha256(v).hexdigest() for k, v in files.items() if k not in ('SHA256SUMS', 'trainset.json')} == sums


def test_names_csv_says_whose_each_picture_is(odd, tmp_path):
    make_trainset(odd, tmp_path/'set', 'kraken', **HOW)
    with open(tmp_path/'set/names.csv', newline='', encoding='utf-8') as f: rows = list(csv.DictReader(f))
    assert {o['id'] for o in rows} == {*expected(odd)} and all((tmp_path/'set'/o['file']).is_file() for o in rows)


@pytest.mark.parametrize('target', ['yolo', 'coco', 'doctr'])
def test_outlines_come_back_as_they_are(target, odd, tmp_path):
    "Also those of lines without a transcript."
    folder = tmp_path/'set'
    report = make_trainset(odd, folder, target, 'page', **HOW)
    assert sum(report.lines.values()) == report.total == 30 and not report.left
    lines = {Path(o['file_name']).stem: [k['polygon'] for k in o['lines']] for o in rows_of(folder)}
    found = {}
    if target == 'yolo':
        for o in folder.glob('labels/*/*.txt'): found[o.stem] = [np.array([*map(float, row.split()[1:])]).reshape(-1, 2).tolist() for row in o.read_text().splitlines()]
    if target == 'coco':
        for o in folder.glob('annotations/*.json'):
            said = json.loads(o.read_text())
            names = {im['id']: Path(im['file_name']).stem for im in said['images']}
            for a in said['annotations']: found.setdefault(names[a['image_id']], []).append((np.array(a['segmentation'][0]).reshape(-1, 2)/(160, 120)).tolist())
    if target == 'doctr':
        for o in folder.glob('*/labels.json'):
            for k, v in json.loads(o.read_text()).items():
                found[Path(k).stem] = [sorted(map(tuple, p)) for p in (np.array(v['polygons'])/(160, 120)).tolist()]
                assert hashlib.sha256((o.parent/'images'/k).read_bytes()).hexdigest() == v['img_hash']
        lines = {k: [sorted(map(tuple, p)) for p in v] for k, v in lines.items()}
    assert found.keys() == lines.keys()
    for k, v in found.items(): assert np.allclose(np.array(v), np.array(lines[k]), atol=2e-4)


def test_parquet_is_read_back_by_pyarrow(odd, tmp_path, need):
    try: import pyarrow.parquet as pq
    except ImportError: pq = None
    need(pq, 'pyarrow', 'pip install "fsdl_handwriting_data[sets]"')
    for o in 'a', 'b': make_trainset(odd, tmp_path/o, 'parquet', **HOW)
    assert files_of(tmp_path/'a') == files_of(tmp_path/'b')
    rows = [row for o in (tmp_path/'a/data').glob('*.parquet') for row in pq.read_table(o).to_pylist()]
    want = expected(odd)
    assert {o['line_id']: o['text'] for o in rows} == {k: v[0] for k, v in want.items()} and len(rows) == len(want)
    assert all((np.asarray(Image.open(io.BytesIO(o['image']['bytes']))) == want[o['line_id']][1]).all() for o in rows)
    assert json.loads(pq.read_schema(tmp_path/'a/data/train.parquet').metadata[b'huggingface'])['info']['features']['image'] == {'_type': 'Image'}
    few = make_trainset(odd, tmp_path/'few', 'parquet', 'window:2', **HOW)
    found = {row['id']: {k: row[k] for k in ('text', 'bbox', 'boxes', 'line_ids')} for o in (tmp_path/'few/data').glob('*.parquet') for row in pq.read_table(o).to_pylist()}
    assert found == {o['id']: {k: o[k] for k in ('text', 'bbox', 'boxes', 'line_ids')} for o in rows_of(tmp_path/'few')} and len(found) == sum(few.rows.values()) == 10
    pages = make_trainset(odd, tmp_path/'pages', 'parquet', 'page', **HOW)
    assert sum(pages.rows.values()) == 5 and sum(pages.lines.values()) + len(pages.left) == 30 and pages.left.counts() == {'no-text': 5, 'incomplete': 10}


def test_without_pyarrow_it_is_said_how_to_get_it(odd, tmp_path, monkeypatch):
    for o in 'pyarrow', 'pyarrow.parquet': monkeypatch.setitem(sys.modules, o, None)
    with pytest.raises(RuntimeError, match=r'fsdl_handwriting_data\[sets\]'): make_trainset(odd, tmp_path/'set', 'parquet', **HOW)
    assert not [*tmp_path.iterdir()]


@pytest.mark.parametrize('target, level', [('kraken', 'line'), ('imagefolder', 'window:2'), ('coco', 'page')])
def test_croissant_is_read_by_the_reference_program(target, level, odd, tmp_path):
    "Ten records of each record set: rows with their boxes and outlines, and the sides; what it says of how the data was made."
    import mlcroissant as mlc
    report = make_trainset(odd, tmp_path/'set', target, level, **HOW)
    ds = mlc.Dataset(jsonld=str(tmp_path/'set/croissant.json'))
    found = {o.id: [row for row, _ in zip(ds.records(o.id), range(10))] for o in ds.metadata.record_sets}
    key = 'line_id' if level == 'line' else 'id'
    want = {o[key]: o for o in rows_of(tmp_path/'set')}
    assert {*found} == {'rows', 'splits'} and len(found['rows']) == min(10, sum(report.rows.values()))
    for o in found['rows']:
        row = want[o[f'rows/{key}'].decode()]
        assert o['rows/text'].decode() == row['text'] and o['rows/split'].decode() == row['split']
        if level != 'page': assert [*o['rows/bbox']] == row['bbox']
        if level == 'line': assert np.allclose(o['rows/polygon'], row['polygon'])
        else:
            assert np.allclose([*map(np.array, o['rows/polygons'])], [k['polygon'] for k in row['lines']]) and [k.decode() for k in o['rows/line_ids']] == row['line_ids']
            assert np.array_equal(o['rows/boxes'], row['boxes'] if level == 'window:2' else [k['bbox'] for k in row['lines']])
    assert {o['splits/name'] for o in found['splits']} == {o['split'] for o in want.values()}
    assert {o['splits/url'] for o in found['splits']} <= {f'http://mlcommons.org/croissant/{o}Split' for o in ('Training', 'Validation', 'Test')}
    doc = json.loads((tmp_path/'set/croissant.json').read_text())
    outline = next(o for o in doc['recordSet'][1]['field'] if o['name'].startswith('polygon'))
    assert {'cr:SegmentationMask', 'sc:GeoShape'} <= {*outline['dataType']} and doc['recordSet'][0]['dataType'] == 'cr:Split'
    assert ('5 of 30 lines have no transcript' in doc['rai:dataLimitations']) and not [k for k in doc if k == 'rai:annotationsPerItem']


def test_how_labels_were_made_is_said_and_makes_another_set(tmp_path):
    "What journals say is in the description, without anybody's name; a set that was made before they said it is another one."
    ds = made_dataset(tmp_path/'d', ('p1.png', 'p2.png', 'p3.png'))
    first = make_trainset(ds, tmp_path/'a', 'npz', **HOW)
    (tmp_path/'d/labels').mkdir()
    line = dict(id='n1', points=[[.1, .1], [.5, .1], [.5, .2]], text='Dear')
    for who in 'Ann Smith', 'Bob': Journal(tmp_path/'d/labels'/journal_name(who), who).add([dict(op='put', page='p1.png', region=line), dict(op='suggest', page='p2.png', by='find_lines', regions=[line])])
    second = make_trainset(FsdlHandwritingDataset(tmp_path/'d'), tmp_path/'b', 'npz', **HOW)
    doc = json.loads((tmp_path/'b/croissant.json').read_text())
    assert first.fingerprint != second.fingerprint and doc['conformsTo'][1].endswith('/RAI/1.0')
    assert doc['rai:annotationsPerItem'] == ['1 page: 2 annotators'] and doc['rai:machineAnnotationTools'] == ['find_lines: suggested lines on 1 page']
    assert b'Ann Smith' not in b''.join(files_of(tmp_path/'b').values())


def test_all_or_nothing(odd, tmp_path, monkeypatch):
    "Ctrl-C and a full disk leave nothing behind, and the error says where."
    real, n = set_files.image_bytes, [0]
    def fails(error):
        def image_bytes(row):
            n[0] += 1
            if n[0] % 7 == 6: raise error
            return real(row)
        return image_bytes
    for error in KeyboardInterrupt(), OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)):
        monkeypatch.setattr(set_files, 'image_bytes', fails(error))
        with pytest.raises(type(error)) as e: make_trainset(odd, tmp_path/'set', 'imagefolder', **HOW)
        assert not [*tmp_path.iterdir()]
    assert e.value.filename == str(tmp_path/'set')


@pytest.mark.long
@pytest.mark.skipif(sys.platform != 'linux', reason='forks, and looks into /proc')
@pytest.mark.parametrize('end', ['killed', 'the disk is full'])
def test_killed_at_every_step(end, odd, tmp_path, note):
    "The set is there, whole, or it is not; the next call makes it, and nothing else is left."
    import test_kills
    few = made_dataset(tmp_path/'few', ('p1.png', 'p2.png', 'p3.png'))
    out, states = tmp_path/'top'/'set', []
    def make(folder): make_trainset(few, folder, 'kraken', **HOW)
    out.parent.mkdir()
    how, n = test_kills.run(make, out)
    assert how == 'done'
    whole = files_of(out)
    for at in range(1, n + 1):
        shutil.rmtree(out, ignore_errors=True)
        how, _ = test_kills.run(make, out, at, test_kills.kill if end == 'killed' else test_kills.fail(errno.ENOSPC))
        assert not out.exists() or files_of(out) == whole
        if end != 'killed': assert 'No space left' in how and [*out.parent.iterdir()] in ([], [out]), (at, how)
        states.append(out.exists())
        make(out)
        assert files_of(out) == whole and [*out.parent.iterdir()] == [out]
    note(f'a training set, {end} at each of {n} steps: {sum(states)} times it was there already')


def test_no_person_and_no_secret_is_in_a_set(tmp_path):
    "Whoever labelled is a number, also where the same person wrote; addresses have no secrets."
    ds = made_dataset(tmp_path/'d', ('p1.png', 'p2.png', 'p3.png'), metadata={'status': 'done', 'labelled_by': 'ann.smith@example.org', 'token': 'https://u:pw@h/x?token=abc'})
    ds.__dict__['writers'] = dict.fromkeys(ds.pages, 'ann.smith@example.org')
    make_trainset(ds, tmp_path/'set', 'imagefolder', **HOW)
    said = b''.join(files_of(tmp_path/'set').values())
    assert b'ann.smith' not in said and b'token=abc' not in said and b'u:pw' not in said
    assert {o['annotator'] for o in rows_of(tmp_path/'set')} == {'annotator 1'}


def test_other_data_and_other_wishes_are_other_sets(tmp_path):
    "A changed transcript, picture or setting has another fingerprint, and its folder is refused; moving the data changes nothing."
    ds = made_dataset(tmp_path/'d', ('p1.png', 'p2.png', 'p3.png'))
    make = lambda out='set', **how: make_trainset(FsdlHandwritingDataset(tmp_path/'d'), tmp_path/out, 'kraken', **HOW | how)
    first = make()
    assert not make().new
    for how in {'height': 32}, {'seed': 2}, {'mask': False}, {'split': 'none'}:
        with pytest.raises(ValueError, match='another set'): make(**how)
    Image.new('L', (160, 120), 99).save(tmp_path/'d/pages/p1.png')
    os.utime(tmp_path/'d/pages/p1.png', (1, 1))
    with pytest.raises(ValueError, match='another set'): make()
    assert make('other').fingerprint != first.fingerprint


def test_what_a_set_was_tried_with_is_what_peers_wrote(root):
    "`make test-peers` reads sets back; a target names no version that it did not see, and all that read it."
    seen = json.loads((root/'nbs/figures/peers.json').read_text(encoding='utf-8'))['read back']['contenders'].values()
    versions = lambda some: {f'{k} {v}' for o in some for k, v in o['with'].items() if k not in ('pillow', 'torch')}
    told = {(k, level): {o for o in form_of(k, level).tested.split(', ') if ' ' in o} for k in TARGETS for level in {'line', 'page'} & {*levels_of(k)}}
    for (target, level), named in told.items():
        assert named <= versions(o for o in seen if o['target'] == target)
        assert named or not versions(o for o in seen if (o['target'], o['level']) == (target, level))
    assert set().union(*told.values()) == versions(seen)


def test_the_command(odd, tmp_path, need):
    "As a shell runs it; wrong words are exit 2, what can't be done exit 1."
    need(shutil.which('fsdl_trainset', path=str(Path(sys.executable).parent)), 'fsdl_trainset', 'pip install --editable .')
    args = ['fsdl_trainset', odd.folder, '--as', 'kraken', '--split', 'page:60/20/20', '--out', tmp_path/'set', '--quiet']
    first, again = commands.run(*args), commands.run(*args)
    assert first.returncode == 0 and '25 lines are in the set and 5 are left out, of 30 that came in' in first.stdout, first.stderr
    assert 'ketos train' in first.stdout and 'stands on two sides' in first.stdout
    assert again.returncode == 0 and 'nothing to do' in again.stdout
    assert commands.run(*args, '--seed', 9).returncode == 1
    assert commands.run('fsdl_trainset', odd.folder, '--as', 'yolo', '--level', 'line').returncode == 2
    assert 'inside the folder' in commands.run('fsdl_trainset', odd.folder, '--as', 'kraken', '--out', odd.folder/'set').stderr
