# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['How', 'Cut', 'cut_lines', 'PageJob', 'do_job', 'PictureError']
import os, threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
import numpy as np
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError, error_text
from ..core.files import MetadataError
from ..core.annotations import Region
from ..core.checks import image_problem
from ..pages.images import NoAreaError, as_array, open_page
from ..pages.crops import Affine, are_pixels, crop_lines
from ..pages.faults import ReaderError
from ..pages.reader import HandwritingDataset

class How(NamedTuple):
    """How lines are cut, see `crop_line`."""
    height: int | None = 64
    mask: bool = True
    deskew: bool = True
    pad: int = 0

    def checked(self) -> 'How':
        """An `InputError` if nothing can be cut so."""
        ...

class Cut(NamedTuple):
    """A line, cut from its page."""
    rows: np.ndarray
    to_page: Affine
    angle: float
    page_size: tuple[int, int]

def cut_lines(im: Image.Image, regions: Sequence[Region], how: How=How()) -> list[Cut | None]:
    """Cut lines from a page."""
    ...

class PageJob(NamedTuple):
    """What it takes to cut the lines of a page that is a file."""
    path: str
    size: tuple[int, int] | None
    regions: tuple[Region, ...]
    how: How

def do_job(job: PageJob) -> list[Cut | None] | str:
    """Cut the lines of a page, in whatever process."""
    ...

class Lines:
    """The pictures of the lines of a dataset."""
    file: Path | None = None

    def cut(self, id_: str, place: int) -> Cut:
        """One line, and where it is on its page."""
        ...

    def picture(self, id_: str, place: int) -> np.ndarray:
        """One line."""
        ...

    def width(self, id_: str, place: int) -> int:
        """How wide the picture of a line is."""
        ...

    def lost(self) -> dict[str, str]:
        """The pages of which there are no lines."""
        ...

class PictureError(MetadataError):
    """A page image that is there can not be decoded; the message says what is wrong with it."""
_UNREADABLE = '{}: the picture of page {!r:.200} can not be read: {}'

class FreshLines(Lines):
    """The lines of a dataset, each cut when it is asked for."""
    ds: HandwritingDataset
    places: Mapping[str, Sequence[int]]
    how: How
    keep: int
    _pages: Any
    _lock: Any

    def __init__(self, ds: HandwritingDataset, places: Mapping[str, Sequence[int]], how: How=How(), keep: int=4):
        ...

    def __reduce__(self) -> tuple[Any, ...]:
        ...

    def cut(self, id_: str, place: int) -> Cut:
        """One line, and where it is on its page."""
        ...

    def lost(self) -> dict[str, str]:
        """The pages whose images are not here or no images, by their headers and ends."""
        ...

    def page(self, id_: str) -> Image.Image:
        """The page, decoded; a `PictureError` if that can't be."""
        ...
