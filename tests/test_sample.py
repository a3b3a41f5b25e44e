"""The sample at its full size, and many hands: what takes too long for its notebook."""
import numpy as np, pytest
from fastcore.test import test_close as check_close
from numpy.random import default_rng
from PIL import Image, ImageDraw

from fsdl_handwriting_data.core.exports import read_export
from fsdl_handwriting_data.pages.sample import _SIZE, TEXT, _page_hand, _Writer, make_sample


def drawn_alone(line, regions, size=_SIZE):
    "The inked pixels of one line drawn alone, and for each of its `regions` the pixels inside, around the line."
    x1, y1, x2, y2 = (int(v) for v in line.box(30))
    masks = [Image.new('1', (x2 - x1, y2 - y1)) for _ in regions]
    for m, r in zip(masks, regions):
        ImageDraw.Draw(m).polygon([(x*size[0] - x1, y*size[1] - y1) for x, y in r.points], fill=1, outline=1)
    return line.ink((x1, y1, x2, y2)) > 0, [np.asarray(m) for m in masks]


def check_line(line):
    "Every inked pixel is in the region, of either shape; the region is tight and has as many points as promised."
    regions = [line.region(shape, _SIZE) for shape in ('polygon', 'rectangle')]
    ink, masks = drawn_alone(line, regions)
    assert ink.any() and not any((ink & ~m).any() for m in masks), line.text
    assert 8 <= len(regions[0].points) <= 16 and len(regions[1].points) == 4
    x1, y1, x2, y2 = line.box(4)
    check_close(regions[1].points, np.array([(x1, y1), (x2, y1), (x2, y2), (x1, y2)])/_SIZE, eps=1e-6)
    check_close(np.array(regions[0].points).min(0), np.array([x1, y1])/_SIZE, eps=1e-6)
    check_close(np.array(regions[0].points).max(0), np.array([x2, y2])/_SIZE, eps=1e-6)


@pytest.mark.parametrize('seeds', [range(5), pytest.param(range(5, 31), marks=pytest.mark.long)])
def test_whoever_writes_on_whatever_turned_page_labels_are_exact(seeds):
    "No line is empty or leaves the page, and what was written, then what is left, is the text."
    for seed in seeds:
        rng, hand = default_rng(seed), _page_hand(seed, seed)
        text = TEXT[seed:] + TEXT[:seed]
        todo, degrees, written = [p.split() for p in text], rng.uniform(-.8, .8), []
        for i, line in enumerate(_Writer(hand, rng, _SIZE, degrees).written(todo)):
            assert line.text and line.text == ' '.join(line.text.split())
            if i % 4 == seed % 4: check_line(line)
            written += line.text.split()
        assert written, seed
        assert written + [w for p in todo for w in p] == ' '.join(text).split()


@pytest.mark.long
def test_the_default_sample_is_small_varied_and_well_formed_and_says_so(tmp_path):
    full = make_sample(tmp_path/'full', progress=False)
    pages, problems = read_export(full/'full.jsonl')
    assert (len(pages), len(problems)) == (12, 0)
    lines = [r for p in pages for r in p.regions]
    assert len(lines) >= 100 and min(len(p.regions) for p in pages) >= 4
    assert len({p.metadata['writer'] for p in pages}) >= 8
    assert {r.shape for r in lines} == {'polygon', 'rectangle'}
    size = sum(p.stat().st_size for p in full.rglob('*') if p.is_file())
    assert 500_000 < size < 2_000_000, size
    text = (full/'readme.md').read_text()
    for s in ('12 pages', f'{len(lines)} lines', 'seed 2024', 'CC0', 'n_pages=12'): assert s in text, s


@pytest.mark.long
def test_a_page_depends_on_the_seed_and_its_number_only(tmp_path):
    "The first three of 12 are the sample of 3, byte by byte; another seed gives other pages."
    full, three = (make_sample(tmp_path/str(n), n_pages=n, progress=False) for n in (12, 3))
    for p in sorted(three.glob('pages/*')): assert p.read_bytes() == (full/'pages'/p.name).read_bytes()
    assert (full/'12.jsonl').read_bytes().splitlines()[:3] == (three/'3.jsonl').read_bytes().splitlines()
    other = make_sample(tmp_path/'other', n_pages=1, seed=1, progress=False)
    assert (other/'pages/page_001.jpg').read_bytes() != (full/'pages/page_001.jpg').read_bytes()
