"""Another picture under the same name, turns that contradict the record, and lines that can't be suggested: what each part of the library says."""
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.pages.card import write_card
from fsdl_handwriting_data.commands.data import fsdl_look
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.labelling.conversation import Labeller
from fsdl_handwriting_data.pages.line_finder import find_lines
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.pages.new_dataset import new_dataset
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset


def draw(path, size, seed=0, **kw):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(150, 255, size[::-1], np.uint8)).save(path, **kw)


@pytest.fixture
def labelled(tmp_path):
    "A dataset made of two scans, with a line on the first page that was labelled and exported."
    for i in range(2): draw(tmp_path/'scans'/f'p{i}.png', (60, 90), i)
    new_dataset(tmp_path/'ds', tmp_path/'scans', progress=False)
    lab = Labeller(FsdlHandwritingDataset(tmp_path/'ds'), 'Ann', suggest=None)
    line = dict(id='r1', points=[[.1, .1], [.9, .1], [.9, .2], [.1, .2]], shape='rectangle', text='Dear Ann,',
                mark='', paragraph=None, label=['line'], index=None)
    (answer, _), *_ = lab.answer(dict(kind='edits', session='s', edits=[dict(op='put', page='p0.png', region=line, n=1)]))
    assert answer['kind'] == 'saved' and export_labels(tmp_path/'ds').written
    return tmp_path/'ds'


def opened(folder, image=True, suggest=None):
    "The answers of a new labeller to a window that opens the first page."
    return list(Labeller(FsdlHandwritingDataset(folder), 'Ann', suggest).answer(dict(kind='open', session='s', page='p0.png', image=image)))


def says(folder): return [o.kind for o in FsdlHandwritingDataset(folder).image_problems()]


REPLACED = {'another shape': (120, 80), 'another size': (120, 180), 'other pixels': (60, 90)}


@pytest.mark.parametrize('how', REPLACED)
def test_another_picture_under_the_same_name_is_told_by_every_part_and_never_stretched(how, labelled):
    (message, (picture,)), *_ = opened(labelled)
    assert not message.get('problem') and says(labelled) == [] and verify_dataset(labelled, progress=False).ok
    stamp, size = message['page']['stamp'], REPLACED[how]
    draw(labelled/'pages'/'p0.png', size, 7)
    assert says(labelled) == ['image-size']*(size != (60, 90)) + ['other-image']
    (fault,) = verify_dataset(labelled, progress=False)
    assert (fault.kind, fault.file) == ('mismatch', 'pages/p0.png') and 'check that its labels fit it' in fault.message
    (message, (now,)), *_ = opened(labelled, stamp)  # the window has the old picture
    page = message['page']
    assert now != picture and page['stamp'] != stamp and 'labels fit it' in message['problem']
    assert abs(page['width']/page['height'] - size[0]/size[1]) < .01 and ('in its own shape' in message['problem']) == (how == 'another shape')
    (message, buffers), *_ = opened(labelled, page['stamp'])
    assert not buffers and 'labels fit it' in message['problem']  # it has it now, and the note stays
    report = pin_images(labelled, progress=False)
    assert [o.status for o in report] == ['changed', 'added'] and not verify_dataset(labelled, progress=False).ok
    assert pin_images(labelled, accept=['p0.png'], progress=False).ok and verify_dataset(labelled, progress=False).ok


def test_an_image_that_was_deleted_is_noted_in_a_window_that_still_has_it(labelled):
    (message, _), *_ = opened(labelled)
    (labelled/'pages'/'p0.png').unlink()
    (message, buffers), *_ = opened(labelled, message['page']['stamp'])
    assert 'the image is not here' in message['problem'] and not buffers
    assert says(labelled) == ['no-image']


def test_a_window_that_looks_again_gets_a_picture_that_changed(labelled):
    lab = Labeller(FsdlHandwritingDataset(labelled), 'Ann', None)
    (message, _), *_ = lab.answer(dict(kind='open', session='s', page='p0.png', image=True))
    ask = dict(kind='refresh', session='s', page='p0.png', version=message['page']['version'], image=message['page']['stamp'])
    assert list(lab.answer(ask)) == []
    draw(labelled/'pages'/'p0.png', (60, 90), 9)
    ((answer, buffers),) = lab.answer(ask)
    assert answer['image'] and buffers and 'labels fit it' in answer['problem']
    assert list(lab.answer({k: v for k, v in ask.items() if k != 'image'})) == []  # yesterday's program does not ask


def test_a_turn_that_contradicts_the_recorded_size_is_said_everywhere(tmp_path, capsys):
    folder, exif = tmp_path/'ds', Image.Exif()
    exif[0x0112] = 6
    draw(folder/'pages'/'p0.png', (60, 90), exif=exif)
    line = Region(((.1, .1), (.7, .1), (.7, .2), (.1, .2)), 'HELLO', image_width=60, image_height=90)
    write_export([Page('https://example.invalid/p0.png', (line,))], folder/'ds.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'ds.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    assert says(folder) == ['turn']
    verified = verify_dataset(folder, progress=False)
    assert verified.ok and 'asks to be turned (EXIF orientation 6)' in verified.state
    (message, _), *_ = opened(folder)
    assert 'look at them' in message['problem']
    fsdl_look(str(folder), out=str(tmp_path))
    assert '1 × warning turn' in capsys.readouterr().out


def broken(im): raise RuntimeError('no model is here')
def half(im):
    yield Region(((.1, .1), (.9, .1), (.9, .2)), 'x')
    raise ZeroDivisionError


@pytest.mark.parametrize('suggest', [broken, half, lambda im: 3, lambda im: ['no region']],
                         ids=['raises', 'raises later', 'no list', 'no regions'])
def test_a_suggestion_that_fails_is_said_and_the_page_can_be_labelled(suggest, tmp_path):
    draw(tmp_path/'scans'/'p0.png', (60, 90))
    new_dataset(tmp_path/'ds', tmp_path/'scans', progress=False)
    (page, (picture,)), (error, _) = opened(tmp_path/'ds', suggest=suggest)
    assert page['kind'] == 'page' and picture and error['error'].startswith('Lines could not be suggested on this page: ') and 'It can be labelled' in error['error']


boxes = st.lists(st.tuples(*[st.floats(0, 1)]*4), min_size=1, max_size=3)


@settings(deadline=None, max_examples=60)
@given(boxes, st.integers(16, 300), st.integers(16, 300), st.integers(0, 255), st.integers(0, 255),
       st.sampled_from(['L', 'RGB', '1', 'P', 'I;16', 'LAB', 'CMYK']))
def test_lines_are_found_or_not_on_any_paper_with_rectangles(rectangles, w, h, paper, ink, mode):
    a = np.full((h, w), paper, np.uint8)
    for x, y, dx, dy in rectangles: a[int(y*h):int(y*h) + 1 + int(dy*h/3), int(x*w):int(x*w) + 1 + int(dx*w)] = ink
    im = Image.fromarray(a)
    im = Image.fromarray(a.astype(np.uint16)*257) if mode == 'I;16' else Image.merge('LAB', [im]*3) if mode == 'LAB' else im.convert(mode)
    for r in find_lines(im): assert np.isfinite(p := np.array(r.points)).all() and p.min() >= 0 and p.max() <= 1


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(1, 200), st.sampled_from([1, 2, 16, 256]))
def test_lines_are_found_or_not_on_any_small_random_picture(seed, w, h, levels):
    for shape in 'polygon', 'rectangle':
        find_lines(Image.fromarray((np.random.default_rng(seed).integers(0, levels, (h, w))*(255//levels)).astype(np.uint8)), shape)


NO_IMAGE = {'a web page': b'<html><title>Not found</title></html>\n', 'empty': b'', 'cut off': None, 'text': b'hello',
            'JSON': b'{"error": 404}'}


@pytest.mark.long
@pytest.mark.parametrize('what', NO_IMAGE)
@pytest.mark.parametrize('hashed', [True, False], ids=['recorded', 'not recorded'])
def test_what_is_no_image_is_told_by_every_part_and_the_other_pages_are_shown(what, hashed, labelled, tmp_path, capsys):
    path = labelled/'pages'/'p0.png'
    if not hashed:
        pages = FsdlHandwritingDataset(labelled).export.pages
        write_export([p.replace(extras=None) for p in pages], labelled/'ds.jsonl')
        update_metadata(labelled)
    path.write_bytes(path.read_bytes()[:2000] if NO_IMAGE[what] is None else NO_IMAGE[what])
    assert says(labelled) == ['not-an-image']
    (fault,) = verify_dataset(labelled, progress=False)
    assert (fault.kind, fault.file) == ('mismatch', 'pages/p0.png') and 'not an image' in fault.message
    assert [o.status for o in pin_images(labelled, progress=False)] == ['failed', 'added']
    (message, buffers), *_ = opened(labelled)
    assert 'not an image' in message['problem'] and not buffers
    assert not FsdlHandwritingDataset(labelled).load_or_generate_data(progress=False, offline=True).of('failed') == []
    fsdl_look(str(labelled), out=str(tmp_path/'look'))
    out = capsys.readouterr().out
    assert '1 × warning not-an-image' in out and 'p0.png' in out and '0 warnings' not in out and (tmp_path/'look'/'ds_pages.png').is_file()
    write_card(labelled)
    assert 'not-an-image' in (labelled/'card.md').read_text() and (labelled/'card_pages.png').is_file()


def test_a_page_whose_image_is_not_here_stays_what_it_was(labelled):
    (labelled/'pages'/'p0.png').unlink()
    assert verify_dataset(labelled, progress=False).ok and says(labelled) == ['no-image']
    (labelled/'pages'/'p0.png').write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a'*64}\nsize 1234\n")
    assert verify_dataset(labelled, progress=False).ok and says(labelled) == ['no-image']


def test_problems_of_pictures_are_counted_with_the_others(labelled, tmp_path, capsys):
    draw(labelled/'pages'/'p0.png', (120, 80), 7)
    ds = FsdlHandwritingDataset(labelled)
    n = len(ds.problems.of('warning'))
    assert f'{n} warnings (' not in repr(ds) or 'images not compared' in repr(ds)
    assert f'{n + 2} warnings' in ds.summary(ds.image_problems())
    fsdl_look(str(labelled), out=str(tmp_path/'look'))
    out = capsys.readouterr().out
    assert f'{n + 2} warnings' in out and '1 × warning image-size' in out and '1 × warning other-image' in out
    write_card(labelled)
    assert all(o in (labelled/'card.md').read_text() for o in ('image-size', 'other-image'))
