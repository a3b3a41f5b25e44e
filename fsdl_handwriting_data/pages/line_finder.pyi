# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
from typing import Any
__all__ = ['find_lines']
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple
import numpy as np
from PIL import Image, ImageFilter
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.annotations import Region
from ..core.geometry import reading_order
from .images import plain_picture

def _small(im: Image.Image, side: int=1200) -> np.ndarray:
    """`im` in grey, its longer side reduced to `side` pixels: uint8, (height, width)."""
    ...

def _paper(grey: np.ndarray) -> np.ndarray:
    """How bright the paper is at each pixel of `grey`: (height, width) of float."""
    ...

def _otsu(dark: np.ndarray) -> float:
    """The threshold that best divides the values `dark` (0 to 1) into two groups."""
    ...

def _ink(grey: np.ndarray) -> np.ndarray:
    """Where there is ink: (height, width) of bool."""
    ...

@dataclass(frozen=True)
class _Runs:
    """Rows of ink pixels."""
    y: np.ndarray
    x1: np.ndarray
    x2: np.ndarray

    def at(self, i: np.ndarray) -> '_Runs':
        """Those at the places, or under the mask, `i`."""
        ...

    @property
    def mid(self) -> np.ndarray:
        """The columns in the middle."""
        ...

    def touching(self, width: int) -> tuple[np.ndarray, np.ndarray]:
        """Places of runs that touch, one in the row above the other; the page is `width` wide."""
        ...

    def density(self, shape: tuple[int, int], h: float) -> np.ndarray:
        """How many runs there are around each pixel, for writing of height `h`: (height, width)."""
        ...

    def rows(self, shape: tuple[int, int], h: float) -> tuple[np.ndarray, np.ndarray, float]:
        """The density on a page of `shape`, its ridges, and the height of writing, by `h` and the distance of the rows."""
        ...

    def nearest(self, paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """For each run the path that is nearest above or below, and how far it is, in pixels."""
        ...

    def pieces(self, width: int, h: float) -> Iterator[tuple[int, int]]:
        """From where to where (x1, x2) there is writing in the runs, those of one path on a page `width` wide."""
        ...

    def reach(self, edges: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The top and the bottom of the runs in each interval between `edges`."""
        ...

    def outline(self, path: np.ndarray, x1: int, x2: int, h: float) -> np.ndarray:
        """The ring around the runs, which lie along `path` from `x1` to `x2`: (n, 2) of x, y in pixels."""
        ...

def _runs(ink: np.ndarray) -> _Runs:
    """The runs of the mask `ink`, row by row."""
    ...

def _groups(n: int, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A number from 0 for each of `n` things, the same for all that the pairs (`a`, `b`) connect."""
    ...

@dataclass(frozen=True)
class _Parts:
    """Runs, and the parts they make."""
    runs: _Runs
    of: np.ndarray
    box: np.ndarray
    area: np.ndarray

    @property
    def high(self) -> np.ndarray:
        """The height of each part."""
        ...

    @property
    def wide(self) -> np.ndarray:
        """The width of each part."""
        ...

    def no_writing(self, shape: tuple[int, int]) -> np.ndarray:
        """Which of the parts can't be writing on a page of `shape` (height, width)."""
        ...

    def height(self) -> float:
        """The height that half of the ink's parts do not pass, in pixels."""
        ...

    def writing(self, shape: tuple[int, int]) -> tuple[_Parts, float]:
        """The parts that may be writing on a page of `shape`, and their usual height; the runs of the others are gone."""
        ...

    def owners(self, paths: np.ndarray, h: float) -> np.ndarray:
        """The path that each run belongs to; -1 for none."""
        ...

def _parts(mask: np.ndarray) -> _Parts:
    """The connected parts of `mask`."""
    ...

def _box_blur(a: np.ndarray, r: int, axis: int) -> np.ndarray:
    """The mean of `a` over 2·`r` + 1 places along `axis`; outside is 0."""
    ...

def _blur(a: np.ndarray, down: float, across: float) -> np.ndarray:
    """`a` (height, width) smoothed with nearly a Gaussian of `down` and `across` pixels."""
    ...

def _ridges(density: np.ndarray, least: float) -> np.ndarray:
    """Where `density`, at least `least`, is greater than just above and below: (height, width) of bool."""
    ...

def _row_gap(ridges: np.ndarray) -> float:
    """The usual distance between ridges, one above the other, in pixels; nan if there are too few."""
    ...
_MOST = 2000

def _paths(density: np.ndarray, ridges: np.ndarray, h: float) -> np.ndarray:
    """The y of each ridge at least `h` long: (n, width), nan where it is not; none if there are too many for a page."""
    ...

def _span(path: np.ndarray) -> tuple[int, int]:
    """The first and the last x of `path`."""
    ...

def _links(paths: np.ndarray, h: float) -> Iterator[tuple[int, int]]:
    """Which of `paths` goes on in which: (left, right) places, the likeliest first."""
    ...

def _joined(paths: np.ndarray, h: float) -> np.ndarray:
    """`paths` with those that go on in another joined to it, without gaps, and drawn out level at both ends."""
    ...

def _majority(part: np.ndarray, of: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """For each run the path `of` that has most `weight` among the runs of its `part`."""
    ...

class _Line(NamedTuple):
    """A line that was found."""
    ring: np.ndarray
    strokes: int
    wide: int

def _busy(lines: Sequence[_Line], h: float) -> list[_Line]:
    """Those of `lines` with about as many strokes for their width as the others, and not just one or two."""
    ...

def _boxes(rings: Sequence[np.ndarray]) -> np.ndarray:
    """The box of each ring: (n, 4) of x1, y1, x2, y2."""
    ...

def _no_snippets(lines: Sequence[_Line], h: float) -> list[_Line]:
    """`lines` without the short ones of which over a third lies in a larger one, and those that are higher than wide."""
    ...

def _found(im: Image.Image) -> tuple[list[_Line], tuple[int, int]]:
    """The lines of `im`, on a small copy of it, and the copy's (width, height)."""
    ...

def find_lines(im: Image.Image, shape: str='polygon') -> list[Region]:
    """Find the lines of handwriting on the page `im`."""
    ...
