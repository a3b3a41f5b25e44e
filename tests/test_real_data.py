"""The course's own export and real pages with real line labels, where they lie beside the project (they are not in it)."""
import json, shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot as plt

from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.pages.opening import open_dataset
from fsdl_handwriting_data.fetching.serve import serve_folder
from fsdl_handwriting_data.pages.images import as_array
from fsdl_handwriting_data.core.files import sha256_of
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.training.split_proof import LeakError
from fsdl_handwriting_data.training.splits import split_pages, write_split


@pytest.fixture(scope='module')
def shared(root, note):
    folder = root.parent/'shared'/'data'
    if not folder.is_dir():
        note('The real data is not here (../shared/data), so its tests were skipped.')
        pytest.skip('the real data is not here: ../shared/data')
    return folder


@pytest.fixture
def course(shared, root, tmp_path):
    "The course's dataset: its description from this project, and its export."
    folder = tmp_path/'fsdl_handwriting'
    shutil.copytree(root/'data'/'raw'/'fsdl_handwriting', folder, ignore=lambda *_: ['pages', 'fsdl_handwriting.json'])
    shutil.copy(shared/'fsdl_handwriting'/'fsdl_handwriting.json', folder)
    return folder


def as_the_course_loads(record):
    "(id, regions, strings) of a page, computed as the course's loader does: whatever is odd ends the page without a word."
    regions, strings = [], []
    try:
        for o in record['annotation']:
            pts = np.array(o['points'])
            (x1, y1), (x2, y2) = pts.min(0), pts.max(0)
            w, h = o['imageWidth'], o['imageHeight']
            regions.append({'x1': int(x1*w), 'y1': int(y1*h), 'x2': int(x2*w), 'y2': int(y2*h)})
            strings.append(o['notes'])
    except TypeError: pass
    return record['content'].split('/')[-1], regions, strings


def test_the_courses_export_has_the_hash_of_the_courses_metadata(course):
    assert verify(course).ok and read_metadata(course).filename == 'fsdl_handwriting.json'
    assert update_metadata(course) is None


def test_the_courses_pages_regions_and_strings(course):
    ds = FsdlHandwritingDataset(course)
    expected = [as_the_course_loads(json.loads(line)) for line in ds.meta.file.open()]
    assert len(ds.pages) == 85 and sum(map(len, ds.line_regions_by_id.values())) == 455
    assert list(ds.line_regions_by_id) == list(ds.line_strings_by_id) == [id_ for id_, *_ in expected]
    assert ds.line_regions_by_id == {id_: regions for id_, regions, _ in expected}
    assert ds.line_strings_by_id == {id_: strings for id_, _, strings in expected}


COUNTED = {'null-annotation': 12, 'empty-annotation': 4, 'empty-text': 140, 'edge-space': 4, 'reading-order': 9, 'percent-encoded': 2,
           'degenerate': 3, 'not-a-rectangle': 2, 'self-crossing': 3, 'corner-order': 70}  # by hand, with other programs


def test_every_odd_record_of_the_course_is_named_with_its_page(course):
    pages, problems = read_export(course/'fsdl_handwriting.json')
    assert problems.counts() == COUNTED
    assert all(p.page == pages[p.line - 1].id for p in problems)
    by = lambda kind: {p.page for p in problems.of(kind)}
    records = [json.loads(line) for line in (course/'fsdl_handwriting.json').open()]
    ids = lambda test: {r['content'].split('/')[-1] for r in records if test(r)}
    each = lambda test: ids(lambda r: any(map(test, r['annotation'] or [])))
    assert by('null-annotation') == ids(lambda r: r['annotation'] is None)
    assert by('empty-annotation') == ids(lambda r: r['annotation'] == [])
    assert by('empty-text') == each(lambda o: not o['notes'])
    assert by('edge-space') == each(lambda o: o['notes'] != o['notes'].strip())
    assert by('percent-encoded') == ids(lambda r: '%' in r['content'])
    assert sum(len(o['points']) == 1 for r in records for o in r['annotation'] or []) == 2
    assert each(lambda o: len(o['points']) == 1) <= by('degenerate')


def test_the_courses_export_is_written_back_byte_for_byte(course, tmp_path):
    pages, _ = read_export(course/'fsdl_handwriting.json')
    write_export(pages, tmp_path/'again.json')
    assert (tmp_path/'again.json').read_bytes() == (course/'fsdl_handwriting.json').read_bytes()


def test_one_typo_mended_in_the_courses_export_changes_one_place(course, tmp_path):
    pages, _ = read_export(course/'fsdl_handwriting.json')
    first = pages[0].regions[0]
    pages[0] = pages[0].replace(regions=(first.replace(text='MENDED'), *pages[0].regions[1:]))
    write_export(pages, tmp_path/'again.json')
    old = (course/'fsdl_handwriting.json').read_bytes()
    assert (tmp_path/'again.json').read_bytes() == old.replace(first.text.encode(), b'MENDED', 1)


@pytest.fixture
def wills(shared, tmp_path):
    "A dataset of the real pages, with only its description and its export; and the server's folder."
    src, folder = shared/'testaments', tmp_path/'testaments'
    folder.mkdir()
    shutil.copy(src/'testaments.jsonl', folder)
    (folder/'metadata.toml').write_text(f"url = ''\nfilename = 'testaments.jsonl'\nsha256 = '{sha256_of(src/'testaments.jsonl')}'\n")
    return folder, src


def test_real_pages_are_downloaded_and_cut_into_lines(wills, note):
    folder, src = wills
    ds = FsdlHandwritingDataset(folder)
    with serve_folder(src) as url:
        ds.meta = replace(ds.meta, mirrors={'http://127.0.0.1:8000': [url]})
        report = ds.load_or_generate_data(progress=False, private=True)
    assert [o.status for o in report] == ['done']*8 and not ds.image_problems()
    for p in ds.page_filenames: assert p.read_bytes() == (src/'pages'/p.name).read_bytes()
    lines = [(im, r) for id_ in ds.pages for im, r in zip(ds.line_images(id_), ds.pages[id_].regions)]
    assert len(lines) == sum(map(len, ds.line_strings_by_id.values())) == 106
    for im, r in lines:
        plain = as_array(im)
        assert im.size > (20, 10) and np.ptp(plain) > 40, r.text  # there is ink in it
    note(f'real pages: {len(report)} downloaded, {len(lines)} lines cut')


def test_contact_sheets_of_real_pages_show_all_pages_and_the_lines_asked_for(wills):
    folder, src = wills
    shutil.copytree(src/'pages', folder/'pages')
    ds = FsdlHandwritingDataset(folder)
    axes = ds.show_pages()
    assert [len(ax.patches) for ax in axes.flat][:8] == [len(p.regions) for p in ds.pages.values()]
    lines = ds.show_lines(n=30, cols=2)
    assert len(lines) == 30 and all(ax.images for ax in lines)
    plt.close('all')


def texts_of(split): return Counter(Counter(o.group for o in split.rows if o.lines).values())


def test_the_prompts_of_the_course_stand_on_one_side(course):
    ds = FsdlHandwritingDataset(course)
    split = split_pages(ds)
    groups = texts_of(split)  # counted by hand: 16 prompts, of which 12 were copied by 41 of the 45 pages with a text
    assert (groups.total(), groups.total() - groups[1], sum(k*n for k, n in groups.items())) == (16, 12, 45)
    assert sum(o['lines'] for o in split.table()) == 315 and sum(o['pages'] for o in split.table()) == 85
    assert split.proof() and max(abs(o['share'] - want) for o, want in zip(split.table(), split.shares)) < 1
    for fold in split.folds(5): assert fold.proof() and 18 < fold.table()[2]['share'] < 22
    with pytest.raises(LeakError, match='prompt tie'): split_pages(ds, by='page').proof()
    assert not write_split(ds, split) and verify(course).ok
    assert split_pages(FsdlHandwritingDataset(course), seed=7).sides() == split.sides()


def test_a_form_of_iam_in_the_courses_export_never_faces_its_form(course, tmp_path):
    ds = FsdlHandwritingDataset(course)
    first = next(iter(ds.pages.values()))
    folder = tmp_path/'iam'
    folder.mkdir()
    write_export([first.replace(url=f'pages/{o}.jpg', name='', raw=b'') for o in ('a01-000u', 'z99-999z')], folder/'iam.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'iam.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    iam = FsdlHandwritingDataset(folder)
    for side in 'train', 'test':
        split = split_pages({'iam': iam, 'fsdl': ds}, given={'iam': {'a01-000u.jpg': side, 'z99-999z.jpg': side}})
        assert split.sides('fsdl')[first.id] == side and split.ties.of('form')[0].other_source != split.ties.of('form')[0].source
        pages = split_pages({'iam': iam, 'fsdl': ds}, by='page', given={'iam': {'a01-000u.jpg': side, 'z99-999z.jpg': 'val'}})
        assert pages.sides('fsdl')[first.id] == side


def test_copied_encyclopedia_texts_are_split_by_writer_and_the_consent_form_on_them_joins_nobody(shared):
    ds = open_dataset(shared/'copiste')
    split = split_pages(ds, writers=r'wikitexte_(\d+)', images=False)
    assert len({o.writer for o in split.rows}) == 176 and split.proof() and split.notes.of('phrases')
    assert len({o.group for o in split.rows}) == 171  # five pairs of writers copied one text, or two of one pattern
    with pytest.raises(LeakError, match='writer tie'): split_pages(ds, by='page', writers=r'wikitexte_(\d+)', images=False).proof()
    assert max(abs(o['share'] - want) for o, want in zip(split.table(), split.shares)) < 1


def test_letters_that_were_photographed_twice_are_found_by_picture_and_by_text(shared):
    split = split_pages(open_dataset(shared/'stanford'))
    twice = {frozenset(o) for o in (('Lettre69.jpg', 'SC0033B_s4_b01_f14_i087.jpg'), ('Lettre75.jpg', 'SC0033B_s4_b01_f14_i093.jpg'))}
    for kind in 'image', 'prompt': assert {frozenset((o.page, o.other)) for o in split.ties.of(kind)} == twice
    assert split.compared == 41 and split.proof()
