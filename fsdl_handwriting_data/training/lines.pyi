# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Found', 'LinesDataset', 'FsdlHandwritingLinesDataset', 'IamLinesDataset']
import operator, os, warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from copy import copy
from importlib import import_module
from typing import Any, NamedTuple
import numpy as np
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.annotations import Page, Region
from ..core.tables import as_frame
from ..core.charset import Charset
from ..pages.crops import LineCrop
from ..pages.reader import LINE_COLUMNS, line_rows
from ..pages.course_arrays import CourseArrays
from .batches import PictureFacts, Pictures
from .sides import ASIDE, SIDES, side_of
from .split_proof import Split
from .copies import LinesSeen
from .sources import AnyData, datasets_by_name
from .line_list import Left, LeftOut, TextLine, Sides, give_sides, lines_of
from .line_cutting import FreshLines, How, Lines
from .line_cache import keep_lines

class Found(NamedTuple):
    """What a set of lines has."""
    lines: list[TextLine]
    dropped: LeftOut
    stores: dict[str, Lines]
    split: Split | None
    n_pages: int

class _Made:
    """What a set of lines has found or made once."""
    arrays: Any
    found: Found | None = None
    charset: Charset | None = None
    widths: np.ndarray | None = None
    widest: int | None = None
    longest: int | None = None

    def __init__(self) -> None:
        ...

class LinesDataset(CourseArrays, Pictures):
    """Lines of handwriting, each a picture and its text."""
    made: Any
    sources: Any
    how: Any
    sides: Any
    own_charset: Charset | None
    cache: bool | str | os.PathLike[str]
    invert: bool
    max_width: int | None
    max_length: int | None
    subsample_fraction: float | None
    executor: Executor | None
    progress: bool
    drop_copies: bool

    def __init__(self, data: AnyData, height: int | None=64, mask: bool=True, deskew: bool=True, pad: int=0, split: Any=None, charset: Charset | None=None, cache: bool | str | os.PathLike[str]=True, invert: bool=False, max_width: int | None=None, max_length: int | None=None, subsample_fraction: float | None=None, executor: Executor | None=None, progress: bool=True, drop_copies: bool=False):
        ...

    def _text_fault(self, text: str) -> tuple[str, str]:
        """Why a line with this text is left out: a kind of `Left`, and words; ('', '') if it is not."""
        ...

    def _all_lines(self, sides: Sides) -> tuple[list[TextLine], LeftOut]:
        """The lines whose text can be learnt, and the others."""
        ...

    def _store(self, source: str, lines: Sequence[TextLine]) -> tuple[Lines, dict[str, str]]:
        """The pictures of `lines` of a dataset; and the pages without one, and why."""
        ...

    def _repeats(self, lines: Sequence[TextLine], stores: Mapping[str, Lines]) -> Iterator[Left]:
        """Those of `lines` that are there already: their pictures are looked at where texts are equal."""
        ...

    @property
    def found(self) -> Found:
        """What the set has."""
        ...

    @property
    def lines(self) -> list[TextLine]:
        """Its lines, page by page, as they are read."""
        ...

    @property
    def dropped(self) -> LeftOut:
        """The lines that are left out, and why."""
        ...

    @property
    def split(self) -> Split | None:
        """Which says the sides; None: the data does."""
        ...

    def __len__(self) -> int:
        ...

    def picture(self, i: int) -> np.ndarray:
        """The picture of a line."""
        ...

    def text(self, i: int) -> str:
        """The text of a line."""
        ...

    def __getitem__(self, i: Any) -> Any:
        """A line: its picture and its text."""
        ...

    def take(self, places: Iterable[int]) -> LinesDataset:
        """Some of the lines."""
        ...

    def side(self, name: str) -> LinesDataset:
        """The lines on a side."""
        ...

    @property
    def charset(self) -> Charset:
        """Which number is which character."""
        ...

    @property
    def widths(self) -> np.ndarray:
        """How wide the pictures are, in pixels."""
        ...

    @property
    def widest(self) -> int:
        """How wide arrays are: `max_width`, or as the widest line of all sides."""
        ...

    @property
    def longest(self) -> int:
        """How many numbers a text has in arrays: `max_length`, or as many as the longest of all sides."""
        ...

    def picture_widths(self) -> np.ndarray:
        """How wide they are."""
        ...

    def picture_facts(self) -> PictureFacts:
        """What `as_torch` asks for."""
        ...

    def as_hf(self) -> Any:
        """As rows of `datasets`, with the columns of a training set; see `training.adaptors`."""
        ...

    def page(self, i: int) -> Page:
        """The page of a line."""
        ...

    def region(self, i: int) -> Region:
        """A line as it is labelled."""
        ...

    def line(self, i: int) -> LineCrop:
        """A line with its place on the page."""
        ...

    def find(self, line_id: str, source: str='') -> int:
        """Where a line is in the set."""
        ...

    def report(self) -> str:
        """What the set has, and what is left out: together all that came in."""
        ...

    def __repr__(self) -> str:
        ...

    def frame(self) -> Any:
        """The lines of the set, a row for each, in its order; a text is what `text` gives."""
        ...

    def show(self, n: int=24, cols: int=1) -> list[Any]:
        """Draw lines with their texts."""
        ...

    def _padded(self, i: int) -> np.ndarray:
        """The picture of line `i`, as wide as all."""
        ...

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """The lines of a side, and their texts as numbers; made once."""
        ...

    @property
    def input_shape(self) -> tuple[int, int]:
        """The shape of a picture in arrays."""
        ...

    @property
    def output_shape(self) -> tuple[int, int]:
        """The shape of a text in arrays."""
        ...

    def load_or_generate_data(self) -> LinesDataset:
        """Have page images that are not here fetched, and the lines cut."""
        ...

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: it reads the same cache."""
        ...
_AWAY = '{:,} of {:,} lines have no picture, and are left out; page {}: {}'

def _without(lines: Sequence[TextLine], gone: Sequence[Left]) -> list[TextLine]:
    """Those of `lines` that are not `gone`."""
    ...
_NO_SIDES = "no split says which lines are for what: LinesDataset(…, split='group') makes one, with what belongs together on one side; see `split_pages`"
_NO_HEIGHT = 'arrays need pictures of one height: LinesDataset(…, height=64)'
_PRESSED = '{:,} of {:,} lines are wider than {} pixels, and are pressed together'
_COURSE: dict[str, Any] = dict(height=28, max_width=952, max_length=97, invert=True)
_PART = '`subsample_fraction` is {!r:.200}, and should be a number above 0, 1 at most; a dataset is given as data=…'

def _as_part(n: Any) -> float | None:
    """`n` as a part of a set, or None for all of it; an `InputError` if it is none, such as a folder that was put first."""
    ...

class FsdlHandwritingLinesDataset(LinesDataset):
    """The lines of FSDL Handwriting, in the course's size and with its symbols, light on dark."""

    def __init__(self, subsample_fraction: float | None=None, data: AnyData='fsdl_handwriting', **how: Any):
        ...

class IamLinesDataset(LinesDataset):
    """The lines of IAM, in the course's size and with its symbols, light on dark; on the sides that IAM gives."""

    def __init__(self, subsample_fraction: float | None=None, data: AnyData='iam', **how: Any):
        ...
