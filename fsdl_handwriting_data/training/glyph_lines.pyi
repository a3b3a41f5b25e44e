# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['text_runs', 'known_text', 'GlyphTable', 'glyph_table', 'drawn_symbols', 'chosen_glyphs', 'set_glyphs', 'EmnistLinesDataset']
import os, re
from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple
import numpy as np
from PIL import Image
from fastcore.basics import patch
from numpy.random import Generator, default_rng
from ..core.shown import InputError
from ..core.tables import as_frame
from ..core.folding import fold_text
from ..core.charset import Charset
from ..pages.sample import HANDS, TEXT, draw_glyph
from ..pages.course_arrays import CourseArrays
from ..pages.emnist_reader import EmnistDataset
from .batches import PictureFacts, Pictures
_NO_WORDS = 'no word of the text fits into {} characters: give a longer max_length, or another text'

def text_runs(text: str, n: int, max_length: int, rng: Generator) -> list[str]:
    """Runs of words from a text, of any length up to `max_length`, each as likely as any other that begins where it does."""
    ...

def known_text(texts: Sequence[str] | None, charset: Charset, rng: Generator) -> str:
    """What lines are made of, in characters that `charset` has."""
    ...

class GlyphTable(NamedTuple):
    """Images of characters, by the numbers of a charset."""
    images: np.ndarray
    first: np.ndarray
    counts: np.ndarray

def glyph_table(images: np.ndarray, numbers: np.ndarray, n_symbols: int) -> GlyphTable:
    """Images by their numbers."""
    ...

def drawn_symbols(chars: str, each: int, seed: Sequence[int]) -> np.ndarray:
    """Characters that EMNIST has not, in their place and size on a line."""
    ...

def chosen_glyphs(numbers: np.ndarray, table: GlyphTable, rng: Generator, once: bool=False) -> np.ndarray:
    """An image for each character of some lines."""
    ...

def set_glyphs(images: np.ndarray, places: np.ndarray, steps: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Lines of images, ink light on black."""
    ...
_PARTS = ('train', 'val', 'test')
_NO_PART = "{!r:.100}: the sides are 'train', 'val' and 'test'"
_BLOCK = 250
_BAD_LINES = "overlaps are 0 <= min_overlap <= max_overlap < 1, max_length is 1 or more, counts are 0 or more, symbols 'blank' or 'drawn'"

def _check(ds: Any) -> None:
    """An `InputError` if lines can't be made as `ds` says."""
    ...

class _Lines(NamedTuple):
    """Some lines."""
    images: np.ndarray
    numbers: np.ndarray
    texts: list[str]
    widths: np.ndarray

class EmnistLinesDataset(CourseArrays, Pictures):
    """Lines set from the characters of EMNIST, of which none is on two sides."""
    max_length: int
    overlap: Any
    counts: Any
    texts: Sequence[str] | None
    symbols: str
    ends: bool
    course: bool
    seed: int
    _made: Any
    emnist: Any
    charset: Any
    one_hot = np.dtype(np.uint8)

    def __init__(self, max_length: int=34, min_overlap: float=0, max_overlap: float=0.33, num_train: int=10000, num_test: int=1000, num_val: int=1000, emnist: EmnistDataset | str | os.PathLike[str]='emnist', texts: Sequence[str] | None=None, symbols: str='blank', with_start_end_tokens: bool=False, course: bool=False, seed: int=42):
        ...

    @property
    def input_shape(self) -> tuple[int, int]:
        """(height, width)."""
        ...

    @property
    def output_shape(self) -> tuple[int, int]:
        """How many characters, and of how many symbols."""
        ...

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """The lines of a side, and the numbers of their characters; made once."""
        ...

    def __len__(self) -> int:
        ...

    def place(self, i: int) -> tuple[str, int]:
        """Where a line is."""
        ...

    def __getitem__(self, i: int) -> tuple[np.ndarray, str]:
        ...

    def frame(self) -> Any:
        """The lines, a row for each, with what they say."""
        ...

    def side(self, name: str) -> EmnistLinesDataset:
        """The lines of a side."""
        ...

    def picture_facts(self) -> PictureFacts:
        """What `as_torch` asks for."""
        ...

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: it sets the lines again."""
        ...

    def __repr__(self) -> str:
        ...

    def load_or_generate_data(self) -> None:
        """Make sure that the characters are there, and set all lines."""
        ...

    def show(self, n: int=8, part: str='train') -> list[Any]:
        """Draw the first lines of a side, dark on white, with what they say."""
        ...
_NO_GLYPHS = '{}: no characters are on the side {!r}: give an EmnistDataset with a larger val, or num_val=0'

def _table(ds: EmnistLinesDataset, part: str) -> GlyphTable:
    """The characters of a side, and what is drawn for those that it has not."""
    ...

def _kept(ds: EmnistLinesDataset, key: Any, make: Any) -> Any:
    """What is made once, and the last two blocks of lines."""
    ...

def _block(ds: EmnistLinesDataset, part: str, b: int) -> _Lines:
    """The lines of block `b` of a side."""
    ...
