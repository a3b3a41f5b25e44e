# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Points', 'Affine', 'LineCrop', 'crop_line']
import math, unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
import numpy as np
from PIL import Image, ImageDraw
from fastcore.basics import patch
from ..core.shown import InputError, is_blank
from ..core.annotations import Region
from .images import as_array, line_box, plain_picture
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

    @property
    def derived(self) -> bool:
        """Was `baseline` made from the outline?"""
        ...

    @property
    def baseline(self) -> np.ndarray:
        """What the line is written on: see `derived`."""
        ...

class _Axis(NamedTuple):
    """Along what the area inside an outline is spread."""
    angle: float
    long: float
    x: float
    y: float
    high: float

def _axis(ring: np.ndarray) -> _Axis | None:
    """The axis of the outline `ring`, (n, 2) of x and y; None if it has none, as where it crosses itself much."""
    ...

def _level(angle: float, long: float, corners: int) -> float:
    """The slope in degrees that is left of `angle`, of an outline `long` times its height, with so many corners."""
    ...

def _corners(x1: float, y1: float, x2: float, y2: float) -> np.ndarray:
    """The corners of a box, in turn."""
    ...

def _outline(region: Region, size: tuple[int, int]) -> np.ndarray:
    """The outline of `region` on a page of `size`, (n, 2) in pixels; what reaches over the page's edge is at it."""
    ...

def _by_shape(ring: np.ndarray, text: str) -> float:
    """The angle of a line by its outline, in degrees: level ones from left to right, upright ones either way."""
    ...

def _kept_baseline(region: Region, size: tuple[int, int]) -> np.ndarray | None:
    """The baseline that the data has of `region`, (n, 2) in pixels, from the beginning of the line; None if it has none."""
    ...

def _ascent(im: Image.Image, keep: Image.Image | None) -> float:
    """Above 0 if the ink in `im`, where `keep` is white, stands as in Latin script; below 0 if it is on its head."""
    ...

def _paper_along(values: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """The tone of the paper in `values` (rows, columns) where `inside`: at the left end, in each piece, at the right."""
    ...

def _paper(im: Image.Image, keep: Image.Image) -> Image.Image:
    """The paper of the line `im`, by what of it `keep` shows."""
    ...

def _taken(im: Image.Image, size: tuple[int, int], to_page: Affine) -> Image.Image:
    """The picture of `size` that `to_page` takes from the page `im`; black where it reaches over the edge."""
    ...
_BACK = {90: Image.Transpose.ROTATE_90, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_270}

def _whole_pixels(region: Region, size: tuple[int, int], box: Sequence[float], pad: int) -> tuple[int, int, int, int]:
    """The `box` around the outline of `region`, cut down to whole pixels as the course does, and `pad` around it."""
    ...

def _unmasked(im: Image.Image, region: Region, ring: np.ndarray, angle: float, height: int | None, pad: int) -> LineCrop:
    """What stands in the upright box around the outline `ring`, turned back by `angle`."""
    ...

def _shown(crop: LineCrop, ring: np.ndarray | None) -> Image.Image | None:
    """What of `crop` is inside the outline `ring`, if there is one, and on the page: white on black; None: all of it."""
    ...

def _runs(region: Region, ring: np.ndarray, size: tuple[int, int], turn: int | None) -> tuple[float, bool]:
    """The angle in which `region` runs, in degrees, and whether an upright one may run the other way."""
    ...

def _boxed(im: Image.Image, region: Region, pad: int) -> LineCrop:
    """The plain box around `region`, as the course cuts it out."""
    ...

def _on_paper(crop: LineCrop, shown: Image.Image | None) -> LineCrop:
    """`crop` with paper where it is not `shown`."""
    ...

def are_pixels(n: Any, least: int=1) -> bool:
    """Is `n` a whole number of pixels, at least so many?"""
    ...

def _check_asked(height: int | None, pad: int, turn: int | None) -> None:
    """An `InputError` if that is no way to cut a line."""
    ...

def crop_line(im: Image.Image, region: Region, height: int | None=None, mask: bool=True, deskew: bool=True, pad: int=0, turn: int | None=None) -> LineCrop:
    """The picture of the line `region` on the page `im`."""
    ...
