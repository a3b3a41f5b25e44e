"""Properties of reading and writing exports, over exports that are generated, damaged and edited."""
import json, os, subprocess, sys

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fsdl_handwriting_data.core.annotations import KINDS, Region, page_id, region_box
from fsdl_handwriting_data.core.records import parse_page
from fsdl_handwriting_data.core.exports import page_bytes, read_export, write_export
from fsdl_handwriting_data.core.names import name_key

RELAXED = settings(deadline=None, max_examples=int(os.environ.get('FSDL_EXAMPLES', 100)),
                   suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=['Cs']), max_size=20)
fractions = st.floats(0, 1) | st.sampled_from([0, 1, .5])
points = st.lists(st.tuples(fractions, fractions).map(list), min_size=1, max_size=8)
regions = st.fixed_dictionaries(
    dict(points=points, notes=texts, shape=st.sampled_from(['rectangle', 'polygon', 'point']), imageWidth=st.integers(1, 5000),
         imageHeight=st.integers(1, 5000), label=st.lists(texts, max_size=2)),
    optional=dict(own=st.none() | st.integers() | texts))
names = st.text('abcdefXYZ0123456789_-.%() ', min_size=1, max_size=12).filter(lambda s: s not in ('.', '..') and not s.endswith(('.', ' ')))
metadata = st.none() | st.dictionaries(texts, st.none() | st.integers() | texts, max_size=3)
pages = st.fixed_dictionaries(
    dict(content=names.map('http://host/bucket/{}'.format), annotation=st.none() | st.lists(regions, max_size=4),
         extras=st.none(), metadata=metadata),
    optional=dict(own=texts))

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts | st.text(max_size=5),
    lambda o: st.lists(o, max_size=4)
    | st.dictionaries(st.sampled_from(['points', 'notes', 'x', 'y', 'annotationResult', 'label']) | texts, o, max_size=4),
    max_leaves=8)
odd_regions = st.builds(lambda r, k, v: r | {k: v}, regions,
                        st.sampled_from(['points', 'notes', 'shape', 'imageWidth', 'label']), anything) | anything
odd_pages = st.builds(
    lambda p, k, v: p | {k: v}, pages, st.sampled_from(['content', 'annotation', 'extras', 'metadata']),
    anything | st.lists(regions | odd_regions, max_size=4)
    | st.fixed_dictionaries({'annotationResult': st.lists(regions, max_size=3)})) | anything

ends = st.sampled_from([b'\n', b'\n', b'\r\n', b'\n\n', b' \n'])
def dumped(value, ascii): return json.dumps(value, ensure_ascii=ascii, separators=(',', ':')).encode('utf-8', 'surrogatepass')
lines = st.builds(lambda v, a, e: dumped(v, a) + e, odd_pages, st.booleans(), ends)


@st.composite
def damaged(draw):
    "A record's line with some bytes replaced, removed or put in."
    line = bytearray(draw(lines | good_lines))
    for _ in range(draw(st.integers(1, 4))):
        i, j = sorted(draw(st.tuples(*[st.integers(0, len(line))]*2)))
        line[i:min(j, i + 12)] = draw(st.binary(max_size=4)
                                      | st.sampled_from([b'NaN', b'1e999', b'-', b'\xff', b'\n', b'"', b'\\', b'{', b'[', b'9'*400]))
    return bytes(line) + b'\n'


good_lines = st.builds(lambda v, a, e: dumped(v, a) + e, pages, st.booleans(), ends)
by_the_service = st.builds(lambda v, a: dumped({'content': v['content']} | v, a), pages, st.booleans())  # the address first, as in every real export
pieces = st.lists(st.tuples(st.just(True), good_lines) | st.tuples(st.just(False), damaged() | lines), max_size=6)
marks = st.sampled_from([b'', b'', b'\xef\xbb\xbf'])


def check_read(path, data):
    "Read `data` from `path`, and check what holds for any bytes."
    path.write_bytes(data)
    export = read_export(path)
    assert all(p.kind in KINDS and str(p) and p.line >= 1 for p in export.problems)
    repr(export.pages), repr(export.problems), export.problems._repr_markdown_()
    write_export(export.pages, path)
    assert path.read_bytes() == data  # read, then write, is the identity
    owner = {}
    for page in export.pages:
        assert '/' not in page.id and owner.setdefault(name_key(page.id), page.url) == page.url  # no two addresses have one file
        assert page.id == page_id(page.url) or owner[name_key(page_id(page.url))] != page.url  # a longer id only where another page has this one
        for r in page.regions:
            r.text.encode()
            box = region_box(r, (1000, 1000))
            assert 0 <= box['x1'] <= box['x2'] <= 1000 and 0 <= box['y1'] <= box['y2'] <= 1000
    return export


def as_read(record):
    "What of `record`, which is in the right form, has to come back from reading it."
    return record['content'], [([tuple(p) for p in r['points']], r['notes'], r['imageWidth'], r['imageHeight'])
                               for r in record['annotation'] or []]


def seen(page): return page.url, [(list(r.points), r.text, r.image_width, r.image_height) for r in page.regions]


@RELAXED
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_and_written_back(tmp_path, data): check_read(tmp_path/'export.jsonl', data)


@pytest.mark.long
@RELAXED
@given(marks, pieces)
def test_no_good_record_is_lost_among_damaged_ones(tmp_path, mark, parts):
    export = check_read(tmp_path/'export.jsonl', mark + b''.join(o for _, o in parts))
    found = [seen(p) for p in export.pages]
    for good, line in parts:
        if good: assert as_read(json.loads(line)) in found


@RELAXED
@given(pieces)
def test_every_line_with_no_page_has_an_error_with_its_number(tmp_path, parts):
    data = b''.join(o for _, o in parts)
    export = check_read(tmp_path/'export.jsonl', data)
    with_page, with_error = {p.line for p in export.pages}, {p.line for p in export.problems.of('error')}
    whole = export.problems.of('array', 'empty-file')  # said once, for the whole file
    for n, line in enumerate(data.split(b'\n'), 1):
        if line.strip() and not whole: assert n in with_page | with_error, line


@RELAXED
@given(st.lists(by_the_service, min_size=2, max_size=4), st.integers(1, 40))
def test_lost_line_ends_and_a_part_of_a_record_hide_nothing(tmp_path, records, cut):
    data = records[0][:-cut] + b''.join(records[1:])
    found = [seen(p) for p in check_read(tmp_path/'export.jsonl', data).pages]
    for r in records[1:]: assert as_read(json.loads(r)) in found


@RELAXED
@given(pieces, st.data())
def test_an_edit_changes_its_page_and_nothing_else(tmp_path, parts, data):
    path = tmp_path/'export.jsonl'
    path.write_bytes(b''.join(o for _, o in parts))
    export = read_export(path)
    able = [i for i, p in enumerate(export.pages) if p.regions]
    if not able: return
    i = data.draw(st.sampled_from(able))
    page = export.pages[i]
    k = data.draw(st.integers(0, len(page.regions) - 1))
    text = data.draw(texts)
    edited = page.replace(regions=(*page.regions[:k], page.regions[k].replace(text=text), *page.regions[k + 1:]))
    export.pages[i] = edited
    write_export(export.pages, path)
    again = read_export(path).pages
    assert [seen(p) for p in again] == [seen(p) for p in export.pages]
    for a, b in zip(again, export.pages): assert a.raw == b.raw or b is edited
    old, new = (read_record(p.raw) for p in (page, again[i]))
    entries = [o['annotation']['annotationResult'] if isinstance(o['annotation'], dict) else o['annotation'] for o in (old, new)]
    del old['annotation'], new['annotation']
    assert repr(old) == repr(new) and len(entries[0]) == len(entries[1])  # unknown keys and unreadable regions stay
    j = page.regions[k].index
    assert repr(entries[0][:j] + entries[0][j + 1:]) == repr(entries[1][:j] + entries[1][j + 1:])
    assert repr(entries[0][j] | {'notes': text}) == repr(entries[1][j] | {'notes': text})


def read_record(raw): return json.loads(raw.decode(errors='surrogateescape'), parse_int=str)


@RELAXED
@given(st.lists(st.builds(Region, st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=6).map(tuple), texts,
                          st.sampled_from(['rectangle', 'polygon']), st.integers(1, 9999), st.integers(1, 9999),
                          st.just(('line',))), max_size=4), metadata)
def test_a_new_page_is_read_as_it_was_written(new, meta):
    from fsdl_handwriting_data.core.annotations import Page
    page, problems = parse_page(page_bytes(Page('http://host/1.jpg', tuple(new), metadata=meta)))
    assert [r.replace(index=None) for r in page.regions] == new and page.metadata == meta
    assert not problems.of('error')


@pytest.mark.long
def test_the_same_with_many_more_examples():
    env = os.environ | {'FSDL_EXAMPLES': '1000'}
    res = subprocess.run([sys.executable, '-m', 'pytest', '-q', '-m', 'not long', __file__], env=env, capture_output=True, text=True)
    assert res.returncode == 0, res.stdout[-4000:] + res.stderr[-2000:]
