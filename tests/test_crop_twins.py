"""The labelling widget cuts a line out of its page as `crop_line` does: the same cases for Python and JavaScript, and the picture on the screen beside Python's."""
import json, math, random, unicodedata
from base64 import b64decode
from functools import cache
from io import BytesIO
from pathlib import Path

import numpy as np, pytest
from PIL import Image, ImageDraw

from browser import modules_in
from labelling import Hand, mk_dataset

from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.labelling.conversation import Labeller
from fsdl_handwriting_data.labelling.suggest import widget_files
from fsdl_handwriting_data.pages.crops import _ascent, _knots, _paper_along, _places, _rows_of_paper, _Strip, crop_line
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.pages.images import NoAreaError, open_page

STATIC = Path(__file__).resolve().parent.parent/'fsdl_handwriting_data'/'static'
CASES = json.loads(Path(__file__).with_name('crop_cases.json').read_text(encoding='utf-8'))
FRAMES = """cases.map(({points, shape, text, baseline, page: [w, h], height}) => {
    const line = {points, shape, text, baseline}, frame = m.frameOf(line, w, h)
    if (!frame) return null
    const placed = m.placedAt(frame, height), shown = m.shownPart(frame, placed, shape !== 'rectangle', w, h)
    return {angle: frame.angle, width: placed.width, to_page: placed.toPage, whole: !shown, either: frame.either, over: m.frameOf(line, w, h, true).angle}
})"""


@pytest.fixture(scope='module')
def run(chromium):
    "The value of an expression over the exports `m` of a module."
    with modules_in(STATIC, chromium) as modules:
        yield lambda module, expr, **names: modules.run(f'{module}.js', expr, **names)


def region(case):
    made = lambda points: tuple(map(tuple, points)) if points else None
    return Region(made(case['points']), case['text'], case['shape'], baseline=made(case['baseline']))


@cache
def paper(w, h): return Image.new('L', (w, h), 200)


def cut(case):
    "What Python makes of a case, on empty paper: nothing there says which way an upright line runs."
    try: return crop_line(paper(*case['page']), region(case), case['height'])
    except NoAreaError: return None


def assert_same(found, crop, name=''):
    assert (found is None) == (crop is None), name
    if not found: return
    assert abs(found['angle'] - crop.angle) < 1e-6 and abs(found['over'] - crop.angle - 180) < 1e-6, name
    assert (found['width'] == crop.image.width) and np.allclose(found['to_page'], crop.to_page, atol=1e-6), name


def test_frames_of_the_table_in_python():
    for o in CASES['frames']:
        crop, want = cut(o), o['want']
        assert (crop is None) == (want is None), o['name']
        if want: assert [round(crop.angle, 3), crop.image.width, [round(v, 3) + 0. for v in crop.to_page]] == [want['angle'], want['width'], want['to_page']], o['name']


def test_frames_of_the_table_in_javascript(run):
    for o, found in zip(CASES['frames'], run('cutting', FRAMES, cases=CASES['frames']), strict=True):
        assert_same(found, cut(o), o['name'])
        if o['want']: assert [found[k] for k in ('whole', 'either')] == [o['want'][k] for k in ('whole', 'either')], o['name']


def random_case(rng):
    "A line as hands and programs draw them: boxes, skewed bands, odd rings; some over the edge, some with a baseline, a few thin ones."
    w, h = rng.choice([(1275, 1652), (700, 400), (2536, 3274), (90, 120)])
    x, y, long, high = rng.uniform(-.1, .9), rng.uniform(-.1, .9), rng.choice([.02, .2, .5, .8]), rng.choice([.001, .02, .04, .1, .5])
    turn = math.radians(rng.choice([0, 0, .2, 2, -5, 20, 44, 46, 88, 90, -90, 180]) + rng.uniform(-.5, .5))
    at = lambda u, v: [x + (u*long*math.cos(turn) - v*high*math.sin(turn)), y + (u*long*math.sin(turn) + v*high*math.cos(turn))]
    n, wave = rng.choice([1, 2, 5]), rng.choice([0, .1])
    ring = [at(i/n, wave*rng.random()) for i in range(n + 1)] + [at(i/n, 1 + wave*rng.random()) for i in range(n, -1, -1)]
    shape = rng.choice(['rectangle', 'polygon', 'polygon'])
    if shape == 'rectangle' and rng.random() < .9:
        (x1, y1), (x2, y2) = np.min(ring, 0).tolist(), np.max(ring, 0).tolist()
        ring = [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
    baseline = rng.choice([None, None, [at(0, .8), at(.5, .7), at(1, .8)], [at(1, .8), at(0, .8)], [at(0, 3), at(1, 3)], [at(.5, .8)]])
    text = rng.choice(['', ' ', '12', 'Dear', 'שלום', 'abc שלום'])
    return dict(points=ring, shape=shape, text=text, baseline=baseline, page=[w, h], height=rng.choice([8, 40]))


def test_frames_of_random_lines_are_pythons(run):
    rng = random.Random(1)
    cases = [random_case(rng) for _ in range(250)]
    crops, found = [cut(o) for o in cases], run('cutting', FRAMES, cases=cases)
    for i, (a, b) in enumerate(zip(found, crops, strict=True)): assert_same(a, b, str(cases[i]))
    there = [o for o in crops if o]
    kinds = [len(crops) - len(there), sum(o.turn in (90, 270) for o in there), sum(o.angle % 90 != 0 for o in there), sum(not o.derived for o in there)]
    assert min(kinds) > 15, kinds


def test_letters_that_run_leftwards_are_pythons(run):
    letters = [c for c in map(chr, (*range(0x3400), *range(0xa000, 0xac00), *range(0xd800, 0x20000))) if unicodedata.category(c)[0] == 'L'] # without those of Han and Hangul
    points, line = [[.1, .1], [.9, .1], [.9, .2], [.1, .2]], [[.9, .18], [.1, .18]]
    found = run('cutting', "letters.map(text => m.frameOf({points, shape: 'polygon', text, baseline}, 900, 900).angle === 0)", letters=letters, points=points, baseline=line)
    assert [c for c, o in zip(letters, found, strict=True) if o != (unicodedata.bidirectional(c) in ('R', 'AL'))] == []


# ---------------------------------------------------------------------------------------------- pixels

def rgba(a, keep=None):
    "Pixels as a canvas has them."
    a = np.asarray(a)
    rgb = np.repeat(a[..., None], 3, -1) if a.ndim == 2 else a
    alpha = np.full(a.shape[:2], 255) if keep is None else np.asarray(keep)
    return dict(data=np.dstack([rgb, alpha]).ravel().tolist(), width=a.shape[1], height=a.shape[0])


def drawn(rows):
    "A small picture: `#` is ink, `-` is faint, a space is not shown."
    tones = np.array([[dict(zip('#-. ', (40, 150, 220, 0)))[c] for c in row] for row in rows], np.uint8)
    return tones, np.array([[0 if c == ' ' else 255 for c in row] for row in rows], np.uint8)


@pytest.mark.parametrize('case', CASES['ascent'], ids=lambda o: o['name'])
def test_which_way_up(run, case):
    tones, keep = drawn(case['rows'])
    assert np.sign(_ascent(Image.fromarray(tones), Image.fromarray(keep))) == np.sign(run('ink', 'm.ascent(pixels)', pixels=rgba(tones, keep))) == case['sign']


def test_ascent_of_random_pictures_is_pythons(run):
    rng = np.random.default_rng(1)
    for size in ((2, 9), (7, 40), (32, 151)):
        a, keep = rng.integers(0, 256, (*size, 3), np.uint8), (rng.random(size) < .8).astype(np.uint8)*255
        for k in (None, keep): assert abs(_ascent(Image.fromarray(a), None if k is None else Image.fromarray(k)) - run('ink', 'm.ascent(pixels)', pixels=rgba(a, k))) < 1e-9


def paper_tones(tones):
    "The paper of a line of few rows, all of which are looked at: at its left end, in its pieces, at its right end."
    strip = _Strip.of([tones.shape[::-1]])
    at, some = _places(strip, tones.shape[1])
    return _knots(strip, _paper_along(strip, tones.ravel()[at], some, (tones < 999).ravel()[at]), np.zeros(1))[1]


@pytest.mark.parametrize('case', CASES['paper'], ids=lambda o: o['name'])
def test_paper(run, case):
    assert paper_tones(np.array(case['tones'])).round(6).tolist() == case['want']
    assert np.allclose(run('ink', 'm.paperAlong(tones)', tones=case['tones']), case['want'], atol=1e-6)


def test_paper_of_random_pictures_is_pythons(run):
    "The colours between which a canvas passes evenly are those of Python's picture of the paper."
    rng = np.random.default_rng(2)
    for size in ((5, 4), (20, 121)):
        a = (rng.integers(190, 240, (*size, 3)) - 120*(rng.random((*size, 1)) < .3)).astype(np.uint8)
        for keep in (np.full(size, 255, np.uint8), (rng.random(size) < .6).astype(np.uint8)*255, np.zeros(size, np.uint8)):
            stops = run('ink', 'm.paperOf(pixels)', pixels=rgba(a, keep))
            at, levels = [o['at'] for o in stops], np.array([o['rgb'] for o in stops])
            row = [np.interp((np.arange(size[1]) + .5)/size[1], at, levels[:, c]) for c in range(3)]
            assert np.abs(_rows_of_paper([size[::-1]], a, keep)[0] - np.floor(np.stack(row, -1) + 1e-9)).max() <= 1


# ---------------------------------------------------------------------------------------------- on the screen

@pytest.fixture
def mount(page, fake_widgets, tmp_path):
    "Shows `lines` of a page that is `im`; gives the hand and, for a line's text, the picture above the field."
    def mk(im, lines, **kw):
        folder = mk_dataset(tmp_path/'data', 1)
        meta = FsdlHandwritingDataset(folder).meta
        one = read_export(meta.file).pages[0]
        im.save(folder/'pages'/one.id, quality=95)
        sized = [o.replace(image_width=im.width, image_height=im.height, label=('line',)) for o in lines]
        write_export([one.replace(regions=tuple(sized), annotated=True)], meta.file)
        update_metadata(folder)
        lab = Labeller(FsdlHandwritingDataset(folder), 'Ann', None)
        fake_widgets(**kw).mount(*widget_files(), answer=lambda content, buffers: list(lab.answer(content)))
        return open_page(folder/'pages'/one.id), Hand(page).wait_page()
    return mk


def picture(hand):
    "What is above the field."
    data = hand.find('canvas.crop').evaluate("el => el.hidden ? null : el.toDataURL().split(',')[1]")
    return data and Image.open(BytesIO(b64decode(data))).convert('RGB')


def choose(hand, text):
    "Click at a line in the list."
    hand.find('.row').filter(has_text=text).click()
    hand.wait(lambda: hand.field.input_value() == text, text)


def a_page():
    "Light paper that gets darker; lines with ink, two of them upright: one reads upwards, one downwards."
    w, h = 900, 700
    a = np.linspace(235, 200, w)[None, :].repeat(h, 0)
    im = Image.fromarray(np.dstack([a, a - 5, a - 25]).astype(np.uint8))
    def write(x, y, angle, n=26):
        ink, rng = Image.new('L', (n*14 + 20, 40), 0), random.Random(3)
        d = ImageDraw.Draw(ink)
        for i in range(n): # as Latin letters: of four, one goes up
            d.ellipse((10 + 14*i, 16, 20 + 14*i, 28), outline=255, width=3)
            if rng.random() < .4: d.line((11 + 14*i, 4, 11 + 14*i, 28), fill=255, width=3)
        ink = ink.rotate(-angle, expand=True, resample=Image.Resampling.BICUBIC)
        im.paste((40, 30, 60), (x, y), ink)
        return ink.size
    return im, write


def test_the_picture_of_a_line_is_pythons(mount, page):
    im, write = a_page()
    lines = []
    def add(text, points, shape='polygon', **kw): lines.append(Region(tuple((x/im.width, y/im.height) for x, y in points), text, shape, **kw))
    write(60, 40, 6)
    add('falls', [(60, 42), (440, 80), (436, 122), (56, 84)])
    write(60, 200, 0)
    add('level', [(60, 200), (440, 200), (440, 240), (60, 240)], 'rectangle')
    write(600, 40, -90)
    add('upwards', [(598, 42), (640, 42), (640, 420), (598, 420)])
    write(700, 40, 90)
    add('downwards', [(698, 42), (742, 42), (742, 420), (698, 420)], 'rectangle')
    write(-30, 330, 3)
    add('over the edge', [(-30, 330), (340, 350), (338, 392), (-32, 372)])
    write(60, 500, 4)
    add('by its baseline', [(56, 498), (450, 498), (450, 570), (56, 570)], 'rectangle', baseline=((70/900, 530/700), (430/900, 555/700)))
    python, hand = mount(im, lines)
    turns = {}
    for line in lines:
        choose(hand, line.text)
        shown = picture(hand)
        crop = crop_line(python, line, shown.height)
        turns[line.text] = crop.turn
        assert shown.size == crop.image.size, line.text
        far = np.abs(np.asarray(shown, float) - np.asarray(crop.image, float))
        assert far.mean() < 4 and np.median(far) <= 2, (line.text, far.mean(), np.median(far))
    assert turns == {'falls': 0, 'level': 0, 'upwards': 270, 'downwards': 90, 'over the edge': 0, 'by its baseline': 0}


def test_the_picture_follows_the_hand(mount, page):
    "A new line has its picture at once, a shape that is dragged has the new one before it is let go, and one that encloses nothing has none."
    im, write = a_page()
    write(60, 200, 0)
    flat = Region(((.1, .8), (.2, .8), (.3, .8)), 'flat', 'polygon')
    python, hand = mount(im, [flat])
    choose(hand, 'flat')
    assert picture(hand) is None
    hand.draw(.05, .28, .5, .35)
    hand.press('Escape', 'v')
    first = picture(hand)
    page.mouse.move(*hand.at(.5, .35))
    page.mouse.down()
    page.mouse.move(*hand.at(.55, .4))
    page.mouse.move(*hand.at(.6, .45))
    while_dragged = picture(hand)
    page.mouse.up()
    hand.wait_saved()
    assert len({first.size, while_dragged.size}) == 2 and np.array_equal(np.asarray(while_dragged), np.asarray(picture(hand)))
