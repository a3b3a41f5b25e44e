# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Points', 'Affine', 'LineCrop', 'crop_line', 'crop_lines']
import math, unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain
from typing import Any, NamedTuple
import numpy as np
from PIL import Image, ImageDraw
from fastcore.basics import patch
from ..core.shown import InputError, is_blank
from ..core.annotations import Region
from .images import NoAreaError, as_array, line_box, plain_picture
Points = Sequence[Sequence[float]] | np.ndarray
Affine = tuple[float, float, float, float, float, float]

@dataclass(frozen=True, eq=False)
class LineCrop:
    """The picture of one line, and where it is on its page."""
    image: Image.Image
    to_page: Affine
    angle: float
    region: Region
    page_size: tuple[int, int]

    @property
    def turn(self) -> int:
        """The quarter turn next to `angle`: 0, 90, 180 or 270."""
        ...

    def on_page(self, points: Points) -> np.ndarray:
        """Where `points` of the picture are on the page."""
        ...

    def on_crop(self, points: Points) -> np.ndarray:
        """Where `points` of the page are in the picture."""
        ...

    def _rings(self) -> tuple[_Rings, np.ndarray]:
        """The outline of the line on the page, and its span."""
        ...

    @property
    def derived(self) -> bool:
        """Was `baseline` made from the outline?"""
        ...

    @property
    def baseline(self) -> np.ndarray:
        """What the line is written on: see `derived`."""
        ...

class _Rings(NamedTuple):
    """The outlines of lines, the corners of all in one row."""
    x: np.ndarray
    y: np.ndarray
    first: np.ndarray
    counts: np.ndarray

    @classmethod
    def of(cls, outlines: Sequence[Points]) -> '_Rings':
        ...

    def each(self, values: Any) -> np.ndarray:
        """A value of each line, for all its corners."""
        ...

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Of the corners of each line."""
        ...

    def spans(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The least x and y of each line, and the greatest: (4, lines)."""
        ...

    def after(self, values: np.ndarray) -> np.ndarray:
        """What the next corner of the outline has, for each."""
        ...

class _Axis(NamedTuple):
    """Along what the area inside an outline is spread."""
    angle: float
    long: float
    x: float
    y: float
    high: float

def _axes(rings: _Rings) -> list[_Axis | None]:
    """The axis of each outline; None if it has none, as where it crosses itself much."""
    ...

def _level(angle: float, long: float, corners: int) -> float:
    """The slope in degrees that is left of `angle`, of an outline `long` times its height, with so many corners."""
    ...

def _corners(x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
    """The corners of a box, in turn."""
    ...

@np.errstate(all='ignore')
def _outlines(regions: Sequence[Region], size: tuple[int, int]) -> tuple[_Rings, dict[int, NoAreaError]]:
    """The outlines on a page of `size`, at its edge where they reach over it; and which of `regions` have no area there."""
    ...

def _by_shape(axis: _Axis | None, corners: int, text: str) -> float:
    """The angle of a line by its outline, in degrees: level ones from left to right, upright ones either way."""
    ...

def _kept_baseline(region: Region, size: tuple[int, int], span: np.ndarray) -> np.ndarray | None:
    """The baseline that the data has, (n, 2) in pixels, from the beginning of the line; `span`: its outline's. Or None."""
    ...

def _ascent(im: Image.Image, keep: Image.Image | None) -> float:
    """Above 0 if the ink in `im`, where `keep` is white, stands as in Latin script; below 0 if it is on its head."""
    ...

class _Strip(NamedTuple):
    """Where lines lie in a strip, and the pieces of each; a few rows and columns are enough to tell their paper."""
    wide: np.ndarray
    high: np.ndarray
    top: np.ndarray
    rows: np.ndarray
    cols: np.ndarray
    counts: np.ndarray
    first: np.ndarray
    line: np.ndarray

    @classmethod
    def of(cls, sizes: Sequence[tuple[int, int]]) -> '_Strip':
        ...

def _places(strip: _Strip, width: int) -> tuple[np.ndarray, np.ndarray]:
    """What is looked at of each piece of a `strip` of a `width`, by its place; and which of it is: pieces differ in size."""
    ...

def _paper_along(strip: _Strip, values: np.ndarray, some: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The tone of the paper in each piece, by `some` of its `values`, those `inside`; by all where a line has none."""
    ...

def _knots(strip: _Strip, level: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Between what the paper of each line goes over evenly: its left end, its pieces, its right end; from `start`, and tones."""
    ...

def _rows_of_paper(sizes: Sequence[tuple[int, int]], values: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """A row of paper for each line of these `sizes` in the strip `values`, by what `keep` shows: (lines, width, …)."""
    ...

def _filled(parts: Sequence[Image.Image], shown: Sequence[Image.Image]) -> list[Image.Image]:
    """The pictures `parts` with paper where they are not `shown`, which is white on black."""
    ...

def _taken(im: Image.Image, size: tuple[int, int], to_page: Affine) -> Image.Image:
    """The picture of `size` that `to_page` takes from the page `im`; black where it reaches over the edge."""
    ...
_BACK = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}

def are_pixels(n: Any, least: int=1) -> bool:
    """Is `n` a whole number of pixels, at least so many?"""
    ...

class _How(NamedTuple):
    """How lines are cut: what `crop_line` is asked for."""
    height: int | None
    mask: bool
    deskew: bool
    pad: int
    turn: int | None

    def checked(self) -> '_How':
        """An `InputError` if that is no way to cut a line."""
        ...

def _whole_pixels(region: Region, size: tuple[int, int], box: Sequence[float], pad: int) -> tuple[int, int, int, int]:
    """The `box` around the outline of `region`, cut down to whole pixels as the course does, and `pad` around it."""
    ...
_Box = tuple[int, int, int, int]

class _Frame(NamedTuple):
    """How the picture of a line lies on its page."""
    size: tuple[int, int]
    to_page: Affine
    angle: float
    box: _Box | None
    left: float
    top: float
    scale: float
    stretch: float

def _frame(span: Sequence[float], angle: float, slope: tuple[float, float], height: int | None, box: _Box | None) -> _Frame:
    """Of what lies in `span`, on the page turned back by an `angle`, whose cosine and sine are `slope`."""
    ...

def _copied(regions: Sequence[Region], rings: _Rings, angles: Sequence[float], size: tuple[int, int], pad: int) -> list[_Box | None]:
    """The pixels of each line on a page of `size` that runs straight, level or upright, to a thirtieth of its height."""
    ...

def _frames(rings: _Rings, angles: Sequence[float], boxes: Sequence[_Box | None], how: _How) -> tuple[list[_Frame], list[list[float]]]:
    """How the pictures of lines lie on their page, or the `boxes` to copy; and the outlines in them: x, y, x, y …"""
    ...

def _picture(im: Image.Image, frame: _Frame) -> Image.Image:
    """What stands in the `frame` on the page `im`."""
    ...

def _shown(crop: LineCrop, polygon: list[float] | None) -> Image.Image | None:
    """What of `crop` is inside the outline `polygon`, if there is one, and on the page: white on black. None: all of it."""
    ...

def _runs(regions: Sequence[Region], rings: _Rings, size: tuple[int, int], how: _How) -> Iterator[tuple[float, bool]]:
    """The angle in which each of `regions` runs, in degrees, and whether an upright one may run the other way."""
    ...

def _boxed(im: Image.Image, regions: Sequence[Region], rings: _Rings, pad: int) -> list[LineCrop]:
    """The plain boxes around `regions`, as the course cuts them out."""
    ...

def _on_paper(crops: Sequence[LineCrop], shown: Sequence[Image.Image | None]) -> list[LineCrop]:
    """`crops` with paper where they are not `shown`; no more of them together than two million pixels, to save memory."""
    ...

def _turned_crops(im: Image.Image, regions: Sequence[Region], rings: _Rings, how: _How) -> list[LineCrop]:
    """The lines `regions` of the page `im`, turned back, and with paper around them."""
    ...

def _crops(im: Image.Image, regions: Sequence[Region], how: _How) -> list[LineCrop | NoAreaError]:
    """The lines `regions` of the page `im`, or why there is no picture of one."""
    ...

def crop_line(im: Image.Image, region: Region, height: int | None=None, mask: bool=True, deskew: bool=True, pad: int=0, turn: int | None=None) -> LineCrop:
    """The picture of the line `region` on the page `im`."""
    ...

def crop_lines(im: Image.Image, regions: Sequence[Region], height: int | None=None, mask: bool=True, deskew: bool=True, pad: int=0, turn: int | None=None) -> list[LineCrop | None]:
    """The pictures of lines of the page `im`, see `crop_line`."""
    ...
