# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Paragraph', 'paragraphs_of', 'windows_of', 'ParagraphsDataset', 'ParagraphPlace', 'core_band', 'with_break', 'SyntheticParagraphs', 'FsdlHandwritingParagraphsDataset', 'IamParagraphsDataset']
import operator
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import replace
from importlib import import_module
from typing import Any, NamedTuple
import numpy as np
from PIL import Image, ImageDraw
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.tables import as_frame
from ..core.annotations import Page, Region
from ..core.charset import Charset
from ..core.done import left_because
from ..pages.images import as_array, paragraph_box
from ..pages.crops import crop_line
from .batches import PictureFacts, Pictures
from .sides import side_of
from .sources import AnyData, datasets_by_name
from .line_list import Left, LeftOut, TextLine, give_sides, lines_of
from .line_cutting import FreshLines
from .lines import LinesDataset

class Paragraph(NamedTuple):
    """A paragraph, or a few lines of one."""
    paragraph_id: str
    page_id: str
    source: str
    lines: tuple[TextLine, ...]
    complete: bool = True

    @property
    def text(self) -> str:
        """Its lines, with line breaks."""
        ...

    @property
    def line_ids(self) -> list[str]:
        """The ids of its lines."""
        ...

    @property
    def side(self) -> str:
        """Where its page stands."""
        ...
_NOT_DRAWN = ('degenerate', 'not-text')

def paragraphs_of(page: Page, lines: Sequence[TextLine]) -> list[Paragraph]:
    """The paragraphs of a page."""
    ...

def windows_of(paragraph: Paragraph, n: int, overlap: int=0) -> list[Paragraph]:
    """Pieces of a few lines that follow each other."""
    ...

class ParagraphsDataset(Pictures):
    """Paragraphs of handwriting, each a picture and its text."""
    sources: Any
    size: tuple[int, int] | None
    charset: Charset | None
    invert: bool
    window: int | None
    overlap: int
    incomplete: bool
    paragraphs: Any
    dropped: LeftOut
    split: Any
    pages: Any

    def __init__(self, data: AnyData, size: tuple[int, int] | None=None, split: Any=None, charset: Charset | None=None, window: int | None=None, overlap: int=0, incomplete: bool=False, invert: bool=False, drop_copies: bool=False):
        ...

    def __len__(self) -> int:
        ...

    def _fault(self, paragraph: Paragraph) -> str:
        """Why a paragraph is left out: a kind of `Left`; '' if it is not."""
        ...

    def _add(self, source: str, sides: Any) -> None:
        """Take the paragraphs of a dataset."""
        ...

    def _page(self, i: int) -> Image.Image:
        ...

    def place(self, i: int) -> ParagraphPlace:
        """Where the picture of a paragraph is on its page."""
        ...

    def regions(self, i: int) -> list[Region]:
        """The lines of a paragraph, as they are labelled."""
        ...

    def picture(self, i: int) -> np.ndarray:
        """The picture of a paragraph, level with its page."""
        ...

    def line_texts(self, i: int) -> list[str]:
        """The texts of the lines of a paragraph."""
        ...

    def text(self, i: int) -> str:
        """The text of a paragraph."""
        ...

    def __getitem__(self, i: Any) -> Any:
        """A paragraph: its picture and its text."""
        ...

    def take(self, places: Iterable[int]) -> ParagraphsDataset:
        """Some of the paragraphs."""
        ...

    def side(self, name: str) -> ParagraphsDataset:
        """The paragraphs on a side."""
        ...

    def __repr__(self) -> str:
        ...

    def frame(self) -> Any:
        """The paragraphs, a row for each; the lines of a row are those of `LinesDataset.frame` with these ids."""
        ...

    def polygons(self, i: int) -> list[np.ndarray]:
        """The outlines of the lines of a paragraph."""
        ...

    def shape(self, i: int) -> tuple[int, int]:
        """The size of its picture."""
        ...

    def line_target(self, i: int) -> np.ndarray:
        """The course's target: every other line in one colour."""
        ...

    def core_target(self, i: int, share: float=0.4) -> np.ndarray:
        """The middle of each line of a paragraph."""
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

class ParagraphPlace(NamedTuple):
    """Where the picture of a paragraph is on its page, and how it is put into its size."""
    box: tuple[int, int, int, int]
    scale: float
    page_size: tuple[int, int]

def core_band(outline: np.ndarray, shape: tuple[int, int], share: float=0.4, upright: bool=False) -> np.ndarray:
    """The middle of a line, along its outline."""
    ...

def with_break(charset: Charset) -> Charset:
    """A charset with a line break, behind the other characters if it has none yet."""
    ...

class _Stacked:
    """How lines are stacked."""
    lines: Any
    n: int
    seed: int
    least: int
    most: int

    def __init__(self, lines: LinesDataset, n: int=100, seed: int=1, least: int=1, most: int=15):
        ...

class SyntheticParagraphs(_Stacked, Pictures):
    """Paragraphs that are stacked of lines, by chance, the same for the same seed."""

    def __len__(self) -> int:
        ...

    def __getitem__(self, i: int) -> tuple[np.ndarray, str]:
        """A paragraph: its picture and its text."""
        ...

    def picture_widths(self) -> np.ndarray:
        """How wide they are."""
        ...

    def picture_facts(self) -> PictureFacts:
        """What `as_torch` asks for."""
        ...

    def frame(self) -> Any:
        """The paragraphs, a row for each; no picture is made."""
        ...

    def places(self, i: int) -> list[int]:
        """The lines of a paragraph."""
        ...

    def line_ids(self, i: int) -> list[str]:
        """The ids of the lines of a paragraph."""
        ...
_COURSE: dict[str, Any] = dict(size=(256, 256), invert=True)

class FsdlHandwritingParagraphsDataset(ParagraphsDataset):
    """The paragraphs of FSDL Handwriting, in the course's size, light on dark."""

    def __init__(self, data: AnyData='fsdl_handwriting', **how: Any):
        ...

class IamParagraphsDataset(ParagraphsDataset):
    """The paragraphs of IAM, in the course's size, light on dark; on the sides that IAM gives."""

    def __init__(self, data: AnyData='iam', **how: Any):
        ...
