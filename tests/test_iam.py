"""The IAM reader on files of the real forms: the values of the course's loader, every trap of the real files, archives that do harm, a program that is killed."""
import os, subprocess, sys, tarfile, time, zipfile
from xml.etree import ElementTree

import pytest
from PIL import Image

import commands
from iam_fixture import FORMS, LISTS, PROMPT, TEXTS, archives, files, write_iam

from fsdl_handwriting_data import IamDataset, open_dataset, validate_dataset
from fsdl_handwriting_data.core.exports import parse_export
from fsdl_handwriting_data.core.files import MetadataError, sha256_of
from fsdl_handwriting_data.pages.iam_forms import form_xml


@pytest.fixture(scope='module')
def course(tmp_path_factory): return write_iam(tmp_path_factory.mktemp('course')/'iam')


@pytest.fixture(scope='module')
def original(tmp_path_factory): return write_iam(tmp_path_factory.mktemp('original')/'iam', 'original')


def course_lines(path, padding):
    "The texts and boxes of a form as the course's loaders of 2019 and 2022 have them, in other words; None for a line without components, at which they stop."
    boxes, texts = [], []
    for line in ElementTree.parse(path).getroot().findall('handwritten-part/line'):
        texts.append(line.attrib['text'].replace('&quot;', '"'))
        cmp = [[int(o.attrib[k]) for k in ('x', 'y', 'width', 'height')] for o in line.findall('word/cmp')]
        boxes.append([min(o[0] for o in cmp)//2, min(o[1] for o in cmp)//2, max(o[0] + o[2] for o in cmp)//2, max(o[1] + o[3] for o in cmp)//2] if cmp else None)
    if padding == '2022' and None not in boxes:
        gaps = [max(b[1] - a[3], 0) for a, b in zip(boxes, boxes[1:])]
        boxes = [[b[0] - 8, b[1] - min(8, up//2), b[2] + 8, b[3] + min(8, down//2)] for b, up, down in zip(boxes, [16, *gaps], [*gaps, 16])]
    return texts, boxes


@pytest.mark.parametrize('padding', ['2019', '2022'])
def test_the_values_are_those_of_the_courses_loader(course, padding):
    ds = IamDataset(course, padding=padding)
    assert ds.all_ids == list(ds.pages) == list(FORMS) and [p.stem for p in ds.xml_filenames] == list(FORMS)
    n = 0
    for id_, path in ds.xml_filenames_by_id.items():
        texts, boxes = course_lines(path, padding)
        w, h = Image.open(ds.form_filenames_by_id[id_]).size
        keep = [i for i, b in enumerate(boxes) if b]
        if id_ != 'b02-003': assert ds.line_strings_by_id[id_] == texts  # of whose quotation marks some were escaped once more
        assert ds.line_strings_by_id[id_] == [TEXTS[id_][3][i] for i in keep]
        if None in boxes and padding == '2022': continue
        for i, ours in zip(keep, ds.line_regions_by_id[id_]):
            x1, y1, x2, y2 = boxes[i]
            assert tuple(ours.values()) == (max(x1, 0), max(y1, 0), min(x2, w), min(y2, h)) and list(ours) == ['x1', 'y1', 'x2', 'y2']
            n += tuple(ours.values()) == (x1, y1, x2, y2)
    assert n >= (12 if padding == '2019' else 6)


def test_the_original_release_has_pixels_of_its_own_forms(course, original):
    ds, half = IamDataset(original), IamDataset(course)
    assert ds.line_strings_by_id == half.line_strings_by_id and ds.writers == half.writers and ds.split_by_id == half.split_by_id
    for id_, form in FORMS.items():
        w, h = form.size
        assert ds.pages[id_].size == form.size == ds.open_page(id_).size
        want = [(x1, y1, min(x2, w), min(y2, h)) for x1, y1, x2, y2 in (o.box for o in form.lines if o.box)]
        assert [tuple(o.values()) for o in ds.line_regions_by_id[id_]] == want
    assert IamDataset(original, padding='2022').line_regions_by_id['a01-000u'][0]['x1'] == FORMS['a01-000u'].lines[0].box[0] - 16


@pytest.mark.parametrize('layout', ['course', 'original'])
@pytest.mark.parametrize('packed', [False, True])
def test_both_are_valid_packed_or_not(tmp_path, layout, packed):
    folder = write_iam(tmp_path/'iam', layout, packed)
    assert sum(len(o) for o in files(layout).values()) < 50_000
    ds = open_dataset(folder, progress=False)
    assert validate_dataset(ds, other_process=False) == []
    assert {k: o._replace(lines=()) for k, o in ds.forms.items()} == {k: o._replace(lines=()) for k, o in FORMS.items()} and ds.forms == FORMS
    assert len(ds.page_filenames) == 5 and ds.load_or_generate_data(progress=False).counts == {'skipped': 5}
    assert 'IamDataset: iam\n  pages: 5' in repr(ds)


def test_what_is_odd_is_named_and_kept(course):
    ds = IamDataset(course)
    assert ds.problems.counts() == {'no-place': 1, 'segmentation': 1, 'cut': 1}, ds.problems._repr_markdown_()
    assert [(k, [o.text for o in v]) for k, v in ds.left_out.items()] == [('b02-003', ['went & came'])]
    assert ds.line_ids_by_id['b02-003'] == ['b02-003-00', 'b02-003-01', 'b02-003-03'] and ds.segmentation_by_id['b02-003'] == ['ok', 'err', 'ok']
    assert ds.prompt_by_id['a01-000x'] == PROMPT and ds.pages['c03-000a'].metadata == {'writer': '150'}
    back = {p.id: p for p in parse_export(ds.as_export()).pages}
    assert list(back) == list(FORMS) and back['m01-049'].metadata == {'writer': '100'}


def test_odd_files_are_named(tmp_path):
    folder = write_iam(tmp_path/'iam')
    (folder/'iamdb/xml/m01-049.xml').rename(folder/'iamdb/xml/a02-000.xml')  # a form that calls itself otherwise, an image with no XML, one with no image
    Image.new('L', (300, 444)).save(folder/'iamdb/forms/c03-000a.jpg')
    (folder/'iamdb/more').mkdir()
    (folder/'iamdb/more/b02-003.png').write_bytes(b'<html>')
    ds = IamDataset(folder)
    counts = ds.problems.counts()
    assert {k: counts[k] for k in ('no-xml', 'form-id', 'form-size', 'twice')} == {'no-xml': 1, 'form-id': 1, 'form-size': 1, 'twice': 1}
    assert all(0 <= b['x1'] < b['x2'] <= 300 and 0 <= b['y1'] < b['y2'] <= 444 for b in ds.line_regions_by_id['c03-000a'])
    assert ds.image_problems().counts() == {'no-image': 1} and list(ds.page_filenames_by_id) == ['a01-000u', 'a01-000x', 'b02-003', 'c03-000a']
    with pytest.warns(UserWarning, match='1 of 5 pages'): ds.load_or_generate_data(progress=False)
    (folder/'iamdb/xml/a01-000u.xml').write_bytes(b'<form id="a01-000u"><handwritten-part><line id="1" text="x"')
    with pytest.raises(MetadataError, match=r'a01-000u\.xml, line 1: no XML'): IamDataset(folder).pages
    assert 'a01-000u.xml, line 1: no XML' in repr(IamDataset(folder))


def test_tables_alone_are_enough(tmp_path):
    for name, spaced in ('lines.txt', 'M Ps and peers'), ('words.txt', 'M Ps and peers'):
        folder = tmp_path/name
        (folder/'ascii').mkdir(parents=True)
        (folder/'metadata.toml').write_text('reader = "iam"\n')
        found = files('original')
        for k in (f'ascii/{name}', 'ascii/forms.txt', *(o for o in found if o.endswith('.png'))):
            (folder/k).parent.mkdir(exist_ok=True)
            (folder/k).write_bytes(found[k])
        ds = IamDataset(folder)
        assert ds.line_strings_by_id['b02-003'] == ['He said: "Stop!"', spaced, 'at once.'] and ds.writers == {k: o.writer for k, o in FORMS.items()}
        assert ds.problems.counts() == {'spaced': 1, 'no-place': 1, 'segmentation': 1, 'cut': 1} and validate_dataset(ds, other_process=False) == []


def test_splits_by_name_with_counts(course, tmp_path):
    ds = IamDataset(course)
    split = ds.split()
    assert split.by_id == {'a01-000u': 'train', 'a01-000x': 'train', 'b02-003': 'val', 'c03-000a': 'val', 'm01-049': 'test'} == ds.given_split
    assert ds.ids_by_split == {'train': ds.train_ids, 'val': ds.validation_ids, 'test': ds.test_ids} and ds.test_ids == ['m01-049']
    assert 'test 1 forms 2 lines 1 writers' in ' '.join(repr(split).split()) and 'no writer is on two sides' in repr(split)
    official = ds.split('official')
    assert official.by_line == {o: side for k, side in dict(trainset='train', validationset1='val', validationset2='val', testset='test').items() for o in LISTS[k]}
    assert [(o['side'], o['forms'], o['lines']) for o in official.rows] == [('train', 1, 2), ('val', 2, 3), ('test', 1, 2), ('', 1, 6)]
    with pytest.raises(MetadataError, match="the lists of the split 'aachen' are not here: train.txt"): ds.split('aachen')
    lists = tmp_path/'lists'
    lists.mkdir()
    for k, ids in dict(train='a01-000u\na01-000x\n', validation='b02-003\n', test='m01-049\nz99-999\n').items(): (lists/f'{k}.uttlist').write_text(ids)
    aachen = IamDataset(course, split='aachen', lists=lists)
    assert aachen.split_by_id == {'a01-000u': 'train', 'a01-000x': 'train', 'b02-003': 'val', 'm01-049': 'test'} and aachen.split().unknown == ['z99-999']
    (lists/'test.uttlist').write_text('a01-000u-03\n')
    with pytest.raises(MetadataError, match='a01-000u on two sides, train and test'): IamDataset(course, split='aachen', lists=lists).split_by_id
    (lists/'test.uttlist').unlink()
    assert IamDataset(course, split='aachen', lists=lists).given_split == {}


def test_fsdl_look_works_with_the_file_and_says_what_is_missing_without(tmp_path):
    env = {**os.environ, 'FSDL_HANDWRITING_DATA': str(tmp_path/'home')}
    res = commands.run('fsdl_look', 'iam', '--out', tmp_path/'out', env=env)
    assert res.returncode == 1 and 'Traceback' not in res.stderr
    for said in 'register at https://fki', 'iamdb.zip', 'iamdb/xml/a01-000u.xml', 'formsA-D.tgz', str(tmp_path/'home'/'iam'): assert said in res.stderr, res.stderr
    (tmp_path/'home/iam/iamdb.zip').write_bytes(archives('course')['iamdb.zip'])
    res = commands.run('fsdl_look', 'iam', '--out', tmp_path/'out', env=env)
    assert res.returncode == 1 and 'this is another file than the one described' in res.stderr and not (tmp_path/'home/iam/iamdb').exists()
    toml = tmp_path/'home/iam/metadata.toml'
    toml.write_text(toml.read_text().replace('f3c9e87a88a313e557c6d3548ed8a2a1af2dc3c4a678c5f3fc6f972ba4a50c55', sha256_of(tmp_path/'home/iam/iamdb.zip')))
    res = commands.run('fsdl_look', 'iam', '--out', tmp_path/'out', env=env)
    assert res.returncode == 0 and 'lines: 13, of which 13 transcribed' in res.stdout, res.stderr
    assert sorted(p.name for p in (tmp_path/'out').iterdir()) == ['iam_lines.png', 'iam_pages.png']


# ---------------------------------------------------------------------------------------------- harm

LAUGHS = b'<?xml version="1.0"?><!DOCTYPE form [<!ENTITY a0 "ha">' + b''.join(b'<!ENTITY a%d "%s">' % (i, b'&a%d;' % (i - 1)*10) for i in range(1, 10)) + b']><form id="a01-000u"><x y="&a9;"/></form>'
SECRET = b'<!DOCTYPE form [<!ENTITY s SYSTEM "file:///etc/passwd">]><form id="a01-000u">&s;</form>'


def harm(name, top):
    "An archive that does harm: a zip of the course, or a tar of the release."
    if name.endswith('.zip'):
        with zipfile.ZipFile(top/'iamdb.zip', 'w', zipfile.ZIP_DEFLATED) as z:
            z.writestr('iamdb/xml/a01-000u.xml', files('course')['iamdb/xml/a01-000u.xml'])
            if name == 'out.zip': z.writestr('iamdb/../../../outside.xml', 'x')
            if name == 'bomb.zip': z.writestr('iamdb/xml/a01-000x.xml', bytes(60_000_000))
            if name == 'link.zip':
                info = zipfile.ZipInfo('iamdb/forms/a01-000u.png')
                info.external_attr = 0o120777 << 16
                z.writestr(info, '/etc/passwd')
        return
    with tarfile.open(top/'xml.tgz', 'w:gz') as tar:
        m = tarfile.TarInfo('xml.xml' if name == 'link.tgz' else '/outside.xml')
        m.type, m.linkname = (tarfile.SYMTYPE, '/etc') if name == 'link.tgz' else (tarfile.REGTYPE, '')
        tar.addfile(m)


@pytest.mark.parametrize('name', ['out.zip', 'bomb.zip', 'link.zip', 'link.tgz', 'out.tgz'])
def test_of_an_archive_that_does_harm_nothing_is_there(tmp_path, name):
    folder = tmp_path/'a/b/iam'
    folder.mkdir(parents=True)
    (folder/'metadata.toml').write_text('reader = "iam"\n')
    harm(name, folder)
    before = sorted(tmp_path.rglob('*'))
    with pytest.raises(MetadataError): open_dataset(folder, progress=False).pages
    assert sorted(tmp_path.rglob('*')) == before
    res = commands.run('fsdl_look', folder, '--out', tmp_path)
    assert res.returncode == 1 and 'Traceback' not in res.stderr


@pytest.mark.parametrize('data', [LAUGHS, SECRET])
def test_xml_with_entities_is_refused(tmp_path, data):
    folder = write_iam(tmp_path/'iam')
    (folder/'iamdb/xml/a01-000u.xml').write_bytes(data)
    start = time.process_time()
    with pytest.raises(MetadataError, match=r'a01-000u\.xml, line 1: it defines a document type'): IamDataset(folder).pages
    assert time.process_time() - start < 1


def test_links_in_the_folder_lead_nowhere(tmp_path):
    folder = write_iam(tmp_path/'iam')
    secret = tmp_path/'secret'
    secret.mkdir()
    (secret/'a09-000.xml').write_bytes(form_xml(FORMS['a01-000u']))
    if os.name != 'posix': pytest.skip('links')
    (folder/'iamdb/xml/a08-000.xml').symlink_to(secret/'a09-000.xml')
    with pytest.raises(MetadataError, match='leads to'): IamDataset(folder).pages
    (folder/'iamdb/xml/a08-000.xml').unlink()
    (folder/'iamdb/others').symlink_to(secret)
    assert list(IamDataset(folder).pages) == list(FORMS)


# ---------------------------------------------------------------------------------------------- killed, and fast

KILLED = '''import os, sys
from pathlib import Path
from fsdl_handwriting_data import open_dataset
left, real = int(sys.argv[2]), os.fsync
def fsync(fd):
    global left
    left -= 1
    if not left: os._exit(9)
os.fsync = fsync
print(len(open_dataset(sys.argv[1], progress=False).pages))'''


@pytest.mark.long
def test_killed_while_unpacking_there_is_nothing_or_all_of_it(tmp_path):
    folder, want = write_iam(tmp_path/'iam', packed=True), {k.removeprefix('iamdb/') for k in files('course')}
    for moment in range(1, 22):
        run = subprocess.run([sys.executable, '-c', KILLED, folder, str(moment)], capture_output=True, text=True)
        there = {p.relative_to(folder/'iamdb').as_posix() for p in (folder/'iamdb').rglob('*') if p.is_file()}
        assert there in (set(), want) and (run.returncode, run.stdout) in ((9, ''), (0, '5\n')), (moment, run)
        assert len([*folder.glob('.iamdb.*.part')]) == (not there)
        if not run.returncode: break
    assert there and moment > 12 and not [*folder.glob('.iamdb.*')]


@pytest.mark.long
def test_all_of_iam_is_parsed_in_seconds(tmp_path, note):
    "As many forms, lines, words and components as the real one."
    folder = tmp_path/'iam'
    (folder/'iamdb/xml').mkdir(parents=True)
    (folder/'metadata.toml').write_text('reader = "iam"\n')
    lines = FORMS['a01-000u'].lines[0]
    form = FORMS['a01-000u']._replace(lines=tuple(lines._replace(text='nine words are in every line of this form') for _ in range(9)))
    xml = form_xml(form).replace(b'/></word>', b'/><cmp x="1" y="2" width="3" height="4"/><cmp x="5" y="2" width="3" height="4"/></word>')
    for i in range(1539): (folder/f'iamdb/xml/{chr(97 + i//100)}{i % 100:02}-{i % 1000:03}.xml').write_bytes(xml)
    ds, start = IamDataset(folder), time.process_time()
    assert len(ds.pages) == 1539 and sum(map(len, ds.line_regions_by_id.values())) == 1539*9
    took = time.process_time() - start
    note(f'IAM: 1,539 forms with {1539*9*9*3:,} components parsed in {took:.1f} s')
    assert took < 12
