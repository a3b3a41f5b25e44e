# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['EmnistDataset']
import os
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar, NamedTuple
import numpy as np
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.metadata import read_metadata
from ..core.annotations import Page, Problem, Problems, Region
from ..core.charset import Charset
from ..fetching.limits import Limits
from ..fetching.report import DownloadReport
from ..fetching.download import fetch_data_file
from .reader import HandwritingDataset, box_region
from .course_arrays import CourseArrays, balanced_places
from .emnist_files import MOST_BYTES, SUBSETS, Emnist, Glyphs, files_here, read_emnist

class _Sheet(NamedTuple):
    """Up to 100 characters of one part, and of one writer where that is known."""
    part: str
    places: np.ndarray
    writer: str = ''

def _put_aside(sheets: Mapping[str, _Sheet], val: float, seed: int) -> list[str]:
    """The ids of the training's sheets, of whole writers, that have the fraction `val` of its characters."""
    ...

def _groups(glyphs: Glyphs) -> dict[str, np.ndarray]:
    """Writer → the places of what that writer wrote; all under '' where nobody knows."""
    ...

def _sheets(data: Emnist, subset: str, val: float, seed: int) -> dict[str, _Sheet]:
    """Sheet by id, in the order of the parts and writers."""
    ...
_CELL, _SIDE = (40, 412)

def _corner(i: int) -> tuple[int, int]:
    ...

def _sheet_pages(data: Emnist, sheets: Mapping[str, _Sheet]) -> dict[str, Page]:
    """The sheets as pages; regions that are alike are one object, since there are 800,000."""
    ...

class _EmnistPages(HandwritingDataset):
    """What is read, and divided, once."""
    draws_pages: ClassVar[bool] = True
    subset, val, seed, verify = ('byclass', 0.2, 42, True)

    @cached_property
    def published(self) -> Emnist:
        """As it was published."""
        ...

    @cached_property
    def _sheets(self) -> dict[str, _Sheet]:
        ...

    @cached_property
    def _arrays(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        ...

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The sheets by id."""
        ...

class EmnistDataset(CourseArrays, _EmnistPages):
    """EMNIST: arrays of characters, and sheets of them as pages."""
    subset: str
    charset: Any
    val: Any
    balance: bool
    course: bool
    seed: int
    verify: bool
    subsample_fraction: float | None
    input_shape: Any
    output_shape: Any

    def __init__(self, path_or_name: str | os.PathLike[str]='emnist', data_dir: str | os.PathLike[str] | None=None, subset: str='byclass', charset: Charset | None=None, val: float=0.2, balance: bool=True, course: bool=False, subsample_fraction: float | None=None, seed: int=42, verify: bool=True):
        ...

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: it reads the files again."""
        ...

    def draw_page(self, id_: str) -> Image.Image:
        """A sheet of characters, dark on white."""
        ...

    @property
    def writers(self) -> dict[str, str]:
        """Who wrote each sheet."""
        ...

    @property
    def given_split(self) -> dict[str, str]:
        """The sides as NIST made them; `val` is what was put aside of its training."""
        ...

    def glyphs(self, part: str) -> Glyphs:
        """All characters of a side, in the order of the file."""
        ...

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """The characters of a side that are taken, see `balance`, and their numbers; made once."""
        ...

    @property
    def proof(self) -> str:
        """What each side has, and whether another side has it too, counted."""
        ...

    def summary(self, images: Sequence[Problem] | None=None) -> str:
        """What is in the dataset; as `repr`."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that the data is there and can be read."""
        ...
_READ = ('published', '_sheets', '_arrays', '_hot', 'pages')

def _side(ds: EmnistDataset, part: str) -> tuple[Glyphs, np.ndarray]:
    """The published characters, and which of them are of the side `part`."""
    ...
_NO_NUMBER = '{}: the charset has no number for {}: give one that has, or another of {}'
