# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['HANDS', 'TEXT', 'Hand', 'DrawnPage', 'draw_page', 'draw_glyph', 'random_hand', 'make_sample']
import json, math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
import numpy as np
from HersheyFonts import HersheyFonts
from PIL import Image
from fastcore.basics import patch
from numpy.random import Generator, default_rng
from ..core.shown import InputError
from ..core.files import sha256_of, write_atomic
from ..core.metadata import read_metadata
from ..core.verify import verify
from ..core.annotations import Page, Region
from ..core.exports import read_export, write_export
_SIGNS: dict[str, tuple[float, str]] = {'.': (7, '3,.8 3.8,0'), ',': (7, '4,1 3.7,-1.5 1.8,-4.5'), ':': (7, '3.2,8.5 3.9,7.7|2.9,.8 3.7,0'), ';': (7, '3.4,8.5 4.1,7.7|4,1 3.7,-1.5 1.8,-4.5'), '!': (8, '4.6,20 4.2,13 3.4,6|3,.8 3.7,0'), "'": (5, '3.4,20.5 2.4,15.5'), '"': (9, '3.4,20.5 2.6,15.5|6.8,20.7 5.9,15.8'), '`': (6, '2,21 4,17'), '-': (12, '2,6.8 10,7.4'), '_': (15, '0,-3 14,-3'), '/': (13, '11.5,21 2,-2'), '4': (15, '5.5,20.5 2.2,7.6 13.5,8.4|10.5,14.5 9.3,-.5')}
_PLAIN: dict[str, tuple[float, str]] = {'a': (13, '8.5,8.5 6,10.3 2.5,9.5 .3,5.5 1,1 3.5,-.5 6.5,2.5 9,9.8 8.3,4 9,.3 10.5,-.2 13,4'), 'b': (11, '3,20.5 2,10 1.5,3 2,.2 5,-.4 8.5,2.5 9,7 7,10.3 4,9.3 1.8,5'), 'c': (10, '8,8 6,10.3 2.5,9.3 .3,5.5 1,1 4,-.5 7,.8 10,4'), 'd': (13, '8.5,8.5 6,10.3 2.5,9.5 .3,5.5 1,1 3.5,-.5 6.5,2.5 8.8,9 10.2,20.5 8.6,6 9,.3 10.5,-.2 13,4'), 'e': (10, '.8,4.2 5,5.5 8,8 6.5,10.3 3,9.8 .6,6 1,1.5 4,-.5 7,.7 10,4'), 'f': (8, '9,19 7,20.8 5,18 3.8,9 3,0 2.2,-6 0,-8|0,9.5 7,10'), 'g': (11, '8.5,8.5 6,10.3 2.5,9.5 .3,5.5 1,1.5 3.5,.2 6.5,3 8.8,9.5 8.4,1 7.6,-6 5,-9 1,-7.5'), 'h': (12, '2.8,20.5 1.8,9 1.2,0 2.5,6 5.5,10 8,9.3 8,5 7.8,1 9,-.3 12,4')}
_X_HEIGHT = {'cursive': 9.0, 'plain': 10.0, 'futural': 14.0}
_LEAN = {'cursive': 0.32, 'plain': 0.08, 'futural': 0.0}
_PRINTABLE = ''.join(map(chr, range(33, 127)))

@cache
def _hershey(font: str) -> dict[str, Any]:
    """The package's glyphs of `font`."""
    ...

def _parsed(text: str) -> list[np.ndarray]:
    """The strokes that `text` describes, each (n, 2)."""
    ...

def _divided(stroke: np.ndarray, longest: float=3) -> np.ndarray:
    """`stroke` with points added until none of its pieces is longer than `longest`."""
    ...

def _strokes(font: str, char: str) -> tuple[float, list[np.ndarray]]:
    """The advance and the strokes of `char` in `font`."""
    ...

def _merged(strokes: list[np.ndarray], near: float, turn: bool) -> list[np.ndarray]:
    """`strokes`, with those that go on within `near` of the end of the one before added to it; `turn` may reverse them."""
    ...

def _print_strokes(char: str, strokes: list[np.ndarray]) -> list[np.ndarray]:
    """The `strokes` of the print letter `char`, as a hand connects them."""
    ...

@dataclass(frozen=True)
class _Glyph:
    """One letter or sign, in units of its alphabet: baseline at 0, y up."""
    strokes: tuple[np.ndarray, ...]
    advance: float
    enter: int = -1
    leave: int = -1
    touch: int = 0

    @classmethod
    def joining(cls, strokes: list[np.ndarray], advance: float) -> '_Glyph':
        """A letter of `strokes` that joins its neighbours where it can."""
        ...

    def joined(self, path: np.ndarray, char: str, stroke: np.ndarray) -> np.ndarray:
        """`path` continued by `stroke`, which is how this letter, a `char`, is entered."""
        ...

@cache
def _glyph(font: str, char: str) -> _Glyph:
    """The letter `char` of `font`, with its joins."""
    ...

@dataclass(frozen=True)
class Hand:
    """A writer's habits, pen and paper."""
    name: str
    font: str = 'cursive'
    caps: str = 'cursive'
    slant: float = 15
    size: float = 20
    width: float = 1
    ascender: float = 0.8
    descender: float = 0.9
    haste: float = 0.08
    pen: float = 2.6
    contrast: float = 0.4
    taper: float = 0.4
    wobble: float = 0.03
    jitter: float = 0.05
    letter_space: float = 0
    word_space: float = 1.4
    leading: float = 4.0
    slope: float = 0
    drift: float = 0.1
    ink: tuple[int, int, int] = (28, 34, 74)
    darkness: float = 0.92
    grain: float = 0
    paper: tuple[int, int, int] = (246, 243, 234)
    rules: tuple[tuple[int, int, int], ...] = ()
    margins: tuple[int, int, int, int] = (150, 160, 100, 120)

@dataclass(frozen=True)
class _Writer:
    """A hand at work."""
    hand: Hand
    rng: Generator
    size: tuple[int, int] = (1240, 1754)
    degrees: float = 0

    @property
    def x_height(self) -> float:
        """Of the hand's alphabet, in its units."""
        ...

    def heights(self, char: str, pts: np.ndarray) -> np.ndarray:
        """`pts` of `char`, with the writer's ascenders and descenders."""
        ...

    def varied(self, pts: np.ndarray, middle: float, k: np.ndarray) -> np.ndarray:
        """`pts` turned, stretched and bent around `middle` as the 10 numbers `k` say."""
        ...

    def letter(self, char: str, x: float) -> tuple[_Glyph, list[np.ndarray], float]:
        """The glyph of `char`, its strokes in pixels from `x` on the baseline (y down), and its advance in pixels."""
        ...

    def paths(self, word: str) -> tuple[list[np.ndarray], float]:
        """The pen's paths of `word`, in pixels from its start on the baseline, and the end of its last letter."""
        ...

    def word(self, text: str) -> tuple[list[np.ndarray], float]:
        """The pen's paths of one word, in pixels from its start on the baseline, and its width."""
        ...

    def dabs(self, path: np.ndarray) -> np.ndarray:
        """The pen's dabs along `path`: (n, 4) of x, y, radius (pixels) and ink (0-1)."""
        ...

    def rules(self) -> Iterator[np.ndarray]:
        """How far each pixel of the page is from the ruled lines, then from the margin line: (height, width), pixels."""
        ...

    def sheet(self) -> np.ndarray:
        """An empty sheet of the hand's paper: (height, width, 3), 0-255."""
        ...

    def wander(self) -> Callable[[np.ndarray], np.ndarray]:
        """How far a new line is below its baseline at x (both pixels)."""
        ...

    def line(self, words: list[str], start: tuple[float, float], end: float) -> _Line:
        """Take words off `words` and write them from `start` (x, y) until x is `end`."""
        ...

    def indent(self, words: list[str], first: bool, width: float) -> float:
        """How far from the margin a line that begins with `words` starts, in pixels of a column of `width`."""
        ...

    def lines(self, paragraphs: list[list[str]]) -> Iterator[_Line]:
        """Take words off `paragraphs` and write them down a page that is not turned: its lines, top to bottom."""
        ...

    def inked(self, sheet: np.ndarray, lines: list[_Line]) -> Image.Image:
        """The `sheet` with the `lines` drawn on it."""
        ...

    def check(self, shape: str) -> None:
        """Raise a `ValueError` if the hand can't write on the sheet, or there is no such `shape`."""
        ...

    def written(self, todo: list[list[str]]) -> list[_Line]:
        """The lines that fit, taken off `todo`, on the turned sheet."""
        ...

def _rounded(path: np.ndarray, times: int=3) -> np.ndarray:
    """`path` with its corners cut `times` times (Chaikin's way); its ends stay."""
    ...

def _walk(path: np.ndarray, blur: float, step: float=0.5) -> tuple[np.ndarray, np.ndarray]:
    """Points along the rounded `path`, about `step` apart and smoothed over `blur` (both pixels); how far along each is."""
    ...

def _waves(s: np.ndarray, rng: Generator, shortest: float, rows: int) -> np.ndarray:
    """`rows` slow random curves along `s`, each (len(s),), around 0 and mostly within 1."""
    ...

@dataclass(frozen=True)
class _Line:
    """A line of handwriting before it is drawn."""
    dabs: np.ndarray
    text: str = ''

    def box(self, pad: float) -> tuple[float, float, float, float]:
        """The box around the line and `pad` pixels: x1, y1, x2, y2."""
        ...

    def ink(self, box: tuple[int, int, int, int]) -> np.ndarray:
        """The ink of the line in `box` (x1, y1, x2, y2): (height, width), 0 for none to 1."""
        ...

    def turned(self, degrees: float, size: tuple[int, int]) -> _Line:
        """The line turned clockwise by `degrees` around the centre of a page of `size` (width, height)."""
        ...

    def spans(self, n: int, pad: float) -> tuple[np.ndarray, np.ndarray]:
        """The top and the bottom of the line and `pad` pixels in each of `n` pieces from left to right."""
        ...

    def outline(self, pad: float=4) -> list[tuple[float, float]]:
        """A ring of 8 to 16 points around the line: along the upper edge to the right, and back along the lower edge."""
        ...

    def region(self, shape: str, size: tuple[int, int]) -> Region:
        """The `Region` of `shape` around the line on a page of `size` (width, height)."""
        ...

def _covered(dabs: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The ink of `dabs`, all well inside a grid of `shape` (height, width): the darkest dab counts."""
    ...

def _clouds(size: tuple[int, int], cells: tuple[int, int], rng: Generator) -> np.ndarray:
    """Smooth noise for a page of `size` (width, height) from a grid of `cells` (across, down): (height, width)."""
    ...

@dataclass(frozen=True)
class DrawnPage:
    """A page of handwriting, and what is on it."""
    im: Image.Image
    regions: tuple[Region, ...]
    rest: tuple[str, ...]

    def __repr__(self) -> str:
        ...

    def _repr_jpeg_(self) -> bytes:
        ...
_TOO_FEW = '{}×{} pixels are too few for the margins and the size of hand {!r}'

def draw_page(hand: Hand, paragraphs: Sequence[str], rng: Generator, size: tuple[int, int]=(1240, 1754), shape: str='polygon') -> DrawnPage:
    """Write as much of `paragraphs` as fits on a page, in the given hand."""
    ...

def draw_glyph(hand: Hand, char: str, rng: Generator, fit: bool=True) -> np.ndarray:
    """One character alone, in a frame of 28 pixels."""
    ...
_JOINED = Hand('joined script')
_QUICK = Hand('quick slanted', caps='futural', slant=36, size=14.5, width=1.05, ascender=0.62, descender=1.0, haste=0.17, pen=2.1, contrast=0.5, jitter=0.08, letter_space=0.08, word_space=1.7, leading=5.2, slope=1.2, drift=0.2, ink=(52, 36, 24), paper=(240, 229, 204), margins=(120, 150, 80, 110))
_LOOSE = Hand('large loose', slant=24, size=28, width=1.12, ascender=0.72, haste=0.13, pen=3.4, contrast=0.55, wobble=0.06, jitter=0.09, letter_space=0.12, leading=3.9, slope=-0.6, drift=0.25, ink=(84, 40, 128), paper=(250, 248, 243), margins=(130, 170, 90, 120))
_BACK = Hand('backhand', slant=-11, size=19, width=0.86, ascender=0.66, descender=0.8, haste=0.1, pen=2.4, contrast=0.15, taper=0.3, jitter=0.06, leading=4.1, ink=(16, 92, 84), paper=(247, 247, 240), rules=((200, 200, 205),), margins=(170, 190, 110, 120))
_ROUND = Hand('round print', 'futural', 'futural', slant=-2, size=21, width=0.92, ascender=1.25, descender=1.1, haste=0.1, pen=2.5, contrast=0.1, taper=0.1, wobble=0.04, jitter=0.06, word_space=1.0, leading=2.9, ink=(34, 62, 160), paper=(251, 251, 249), rules=((168, 190, 222), (230, 160, 165)), margins=(190, 200, 90, 120))
_SMALL = Hand('small upright', 'plain', 'futural', slant=2, size=13, width=0.95, ascender=0.85, pen=1.9, contrast=0.2, taper=0.2, leading=4.2, ink=(24, 24, 28), paper=(248, 245, 238), margins=(180, 180, 150, 200))
_BALLPOINT = Hand('ballpoint', 'plain', 'futural', slant=13, size=18, width=1.08, haste=0.13, pen=2.3, contrast=0.2, taper=0.15, wobble=0.05, jitter=0.09, letter_space=0.04, leading=3.8, drift=0.15, ink=(22, 50, 150), darkness=0.85, grain=0.12, rules=((168, 190, 222),), paper=(250, 250, 250), margins=(140, 190, 80, 110))
_PENCIL = Hand('pencil', 'plain', 'cursive', slant=20, size=19, width=0.98, haste=0.1, pen=2.9, contrast=0.35, taper=0.3, wobble=0.04, jitter=0.07, leading=3.9, slope=0.5, drift=0.2, ink=(70, 70, 74), darkness=0.74, grain=0.4, paper=(243, 239, 226))
_FELT = Hand('felt-tip', 'futural', 'futural', slant=8, size=26, width=0.9, ascender=1.05, descender=1.0, haste=0.09, pen=4.7, contrast=0.15, taper=0.05, wobble=0.045, jitter=0.075, letter_space=0.05, word_space=1.1, leading=2.9, drift=0.2, ink=(18, 18, 20), darkness=0.96, paper=(252, 251, 247), margins=(120, 150, 80, 110))
HANDS: tuple[Hand, ...] = (_JOINED, _ROUND, _QUICK, _SMALL, _LOOSE, _BALLPOINT, _BACK, _PENCIL, _FELT)

def random_hand(rng: Generator) -> Hand:
    """A new writer, near to one of `HANDS`."""
    ...
_LETTER = '\nHollow Lane 7, 14 March\n\nDear Anna,\n\nThe parcel came on Tuesday and nothing in it was broken: six jars of plum jam, the blue scarf and your long letter. I\nread it twice, once at the window and once aloud to the cat, who has no opinion about trains.\n\nWe have had rain for nine days. The lower path is under water, and the hens refuse to leave their house before noon.\nMr. Quill says it will clear by Friday; but he said so last week (and the week before), and he keeps his boots by the\ndoor all the same.\n'
_RECIPE = '\nThin pancakes (for 4)\n\nBeat 3 eggs with 250 g of flour, a pinch of salt and a little of the milk until no lumps are left. Then add the rest,\n1/2 litre in all, and let the bowl stand for 20 minutes under a cloth.\n\nHeat a small knob of butter until it stops hissing. Pour in a ladle of batter, tilt the pan quickly, and wait: when\nthe edge turns brown and lifts by itself, turn the cake. The first one is always for the cook.\n\nServe with sugar + lemon, or with jam. Cold ones are cut into strips & put into soup.\n'
_KITCHEN = '\nHow to light the stove\n\n1. Open the flap at the back, all the way.\n\n2. Two sheets of paper, five thin sticks, one split log. No more!\n\n3. Light it from the top. When it crackles, close the door to a finger\'s width.\n\n4. If the room fills with smoke, the flap is shut: see no. 1.\n\nHouse rules: shoes off in the hall; the last one up puts out the lamp; whoever finishes the jam writes "jam" on the\nlist.\n\nShopping: oats, yeast, 2 quinces, lamp oil, a box of matches (#4), ink - the black, not the blue - and stamps.\n'
_GARDEN = "\nGarden book\n\n2 April: sowed peas along the south wall, 2 rows, and radishes between them. Ground still cold. A blackbird watched\nall of it.\n\n9 April: frost at dawn, -2 degrees. Covered half a dozen frames with sacks; lost one tray of lettuce. The peas don't\nmind.\n\n21 April: first green! Tied up the raspberries, mended the water butt, quarrelled with the hose. Young Felix from next\ndoor dug a bed for 50 pence and two apples, and found a spoon, a marble and half a horseshoe.\n\n6 May: everything at once. Weeds as high as the beans. If I go away for one more weekend, I shall need a map to find\nthe shed.\n\n30 June: picked 4 kg of strawberries before breakfast, gave away 3. Just a few jays and wasps, and quite a dry week:\nevery evening twenty cans of water, ten for the roses and ten for the rest.\n"
_LEDGER = "\nAccounts, October\n\nOct. 1: coal, 2 sacks: 9.60\n\nOct. 4: paid to J. Yates for the roof: 37.50 (still owing: 12.25)\n\nOct. 11: from the market - eggs 6.40, honey 18.00, jam 7.75\n\nOct. 28: new wick & glass for the lamp: 3.85\n\nIn hand on the 31st: 68.05. Better than last year, when it was 41 and a goose.\n\nKit & Ruth's game: 3 * 3 = 9 squares; black > white; a draw costs 50% of the stake [less for Xavier, who is six].\n"
_WEATHER = '\nNotes on the weather\n\nThe wind went round to the north in the night and blew the clouds into long grey ropes. By eight the hills were clear;\nby nine you could count the sheep on them, which I did, and came to sixty, fifty-eight and sixty-one.\n\nPeople here say that fog in a valley means a fine day on the ridge. It is true about one time in three. The other two\ntimes they say, "Well, what did you expect?"\n\nWhy does rain sound different on each roof? Slate ticks, tin drums, thatch only breathes. I lay awake in the attic and\nlistened to all three at once, and to the gutter that Hugo was going to fix in 1987.\n'
_TEXTS = (_LETTER, _RECIPE, _KITCHEN, _GARDEN, _LEDGER, _WEATHER)
TEXT: tuple[str, ...] = tuple((' '.join(p.split()) for s in _TEXTS for p in s.strip().split('\n\n')))
_HOME = 'https://sample.invalid/sample_handwriting/'
_SIZE = (1240, 1754)

def _page_hand(seed: int, i: int) -> Hand:
    """The writer of the page at place `i` (from 0)."""
    ...

def _sample_page(seed: int, i: int) -> tuple[Hand, DrawnPage]:
    """The page at place `i` (from 0) of the sample of `seed`; it does not depend on how many pages there are."""
    ...
_NOT_FREE = '{} has {}, and not from an unchanged sample: give another folder, or overwrite=True to replace them'

def _check_free(folder: Path) -> set[str]:
    """The page ids of the unchanged sample in `folder`, if there is one; an error if something else is there."""
    ...

def _contents(pages: Sequence[Page], hands: Sequence[Hand]) -> str:
    """What `pages` by `hands` hold, as a list in Markdown."""
    ...
_README = "# Sample handwriting\n\nDrawn, not scanned: `fsdl_handwriting_data.pages.sample` wrote these pages with the habits of made-up writers, so every line's place\nand text is known exactly. The words were written for it; no person's handwriting and no other work is in it.\n\n{contents}\n\nThe addresses in the export are not on the internet (`.invalid` is reserved for that); `[mirrors]` in `metadata.toml` says\nwhere the pages are.\n\nMade with seed {seed}. To make it again:\n\n```python\nfrom fsdl_handwriting_data import make_sample\nmake_sample('sample_handwriting', n_pages={n_pages}, seed={seed})\n```\n\nLicence: [CC0 1.0](https://creativecommons.org/publicdomain/zero/1.0/), no rights reserved.\n"

def _write_pages(folder: Path, n_pages: int, seed: int, progress: bool=False) -> tuple[list[Page], list[Hand]]:
    """Draw `n_pages` into `folder`: their records and their writers."""
    ...
_METADATA = f"url = '{_HOME}sample_handwriting.jsonl'\nfilename = {{name}}\nsha256 = '{{sha256}}'\n\n[mirrors]\n'{_HOME}pages/' = 'pages'\n"

def make_sample(path: str | Path, n_pages: int=12, seed: int=2024, overwrite: bool=False, progress: bool=True) -> Path:
    """Make a dataset of handwriting pages with exact labels in the folder `path`."""
    ...
