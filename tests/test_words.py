"""One word, one rule: whoever asks whether a line has an area, a text or a mark gets the same answer, on the cases that the labelling widget runs too."""
import json
from pathlib import Path

import pytest
from PIL import Image

from fsdl_handwriting_data.core.annotations import Page, Region, has_area
from fsdl_handwriting_data.core.done import not_done_because, split_label
from fsdl_handwriting_data.core.exports import export_bytes, parse_export
from fsdl_handwriting_data.core.labels import count_texts, open_work
from fsdl_handwriting_data.core.shown import is_blank
from fsdl_handwriting_data.pages.crops import crop_line
from fsdl_handwriting_data.pages.images import NoAreaError
from fsdl_handwriting_data.versioning.matching import pair_lines
from fsdl_handwriting_data.versioning.page_diff import diff_pages

CASES = json.loads(Path(__file__).with_name('word_cases.json').read_text(encoding='utf-8'))
LINE = Region(((.1, .4), (.8, .4), (.8, .45), (.1, .45)), 'ink', image_width=1000, image_height=1000, label=('line',))
named = lambda kind: pytest.mark.parametrize('case', CASES[kind], ids=lambda o: o['name'])


def page(*lines): return parse_export(export_bytes([Page('http://host/p.jpg', lines)])).pages[0]


def kinds(*lines, n=1):
    "The kinds of problems of a page, read by itself, and in a file of `n` pages, which are looked at in blocks."
    return [o.kind for o in parse_export(export_bytes([Page(f'http://host/p{i}.jpg', lines) for i in range(n)])).problems if o.line == n]


@named('area')
def test_area(case):
    line, yes = LINE.replace(points=tuple(map(tuple, case['points'])), shape=case['shape']), case['has_area']
    assert has_area(line) == yes
    assert [('degenerate' in kinds(line, n=n)) for n in (1, 600)] == [not yes]*2
    assert ('degenerate' in [o.kind for o in open_work(page(line))]) == ('no area' in not_done_because(page(line))) == (not yes)
    assert [o.kind for o in diff_pages(page(LINE), page(line)).losses] == ['flat']*(not yes)
    for plain in ({}, dict(mask=False, deskew=False)):
        if yes and all(0 <= v <= 1 for p in line.points for v in p): assert min(crop_line(Image.new('L', (1000, 1000)), line, **plain).image.size) > 0
        elif not yes: pytest.raises(NoAreaError, crop_line, Image.new('L', (1000, 1000)), line, **plain)
    at = [line.replace(points=tuple((x, y + d) for x, y in line.points), text=str(d)) for d in (0, .002)]
    if not yes and max(y for _, y in line.points) < 1: assert [(o.old, o.new) for o in pair_lines(*[[o] for o in at])] == [(0, 0)] # found by its box


@named('text')
def test_text(case):
    line, yes = LINE.replace(text=case['text']), case['has_text']
    assert is_blank(case['text']) == (not yes) and count_texts([page(line)]) == yes
    assert [('empty-text' in kinds(line, n=n)) for n in (1, 600)] == [not yes]*2
    assert ('no-text' in [o.kind for o in open_work(page(line))]) == (not yes)
    diff = diff_pages(page(LINE.replace(text='Dear Ann')), page(line))
    assert diff.lines[0].kinds == ('retyped' if yes else 'lost',) and [o.kind for o in diff.losses] == ([o.kind for o in diff.losses] if yes else ['lost'])
    assert f"{int(yes)} transcribed" in repr(page(line)) and ('1 text' in diff_text(line)) == yes


def diff_text(line):
    from fsdl_handwriting_data.versioning.named import textconv
    return textconv(export_bytes([Page('http://host/p.jpg', (line,))])).partition('\n')[0]


@named('mark')
def test_mark(case):
    assert split_label(tuple(case['label'])) == (case['mark'], tuple(case['rest']))
    bare = page(LINE.replace(text='', label=tuple(case['label'])))
    assert bool(open_work(bare)) == (not case['mark'])
