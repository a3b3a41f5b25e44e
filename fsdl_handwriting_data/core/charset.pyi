# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['SPECIAL', 'Charset']
import json, os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from fastcore.basics import patch
from .shown import InputError
from .files import MetadataError, read_below, write_atomic
from .folding import STEPS, Prepared, char_name, fold_text, prepare_text
from .char_counts import CharCount, CharCounts, UnknownCharacters
if TYPE_CHECKING:
    import numpy as np
SPECIAL = {'<B>': 'the blank of CTC: always the number 0', '<S>': 'the start of a text', '<E>': 'the end of a text', '<P>': 'fills up short texts', '<U>': 'stands for characters that are unknown'}
_NOT_ONE = '{!r} is not one character: a letter and a mark that stays beside it are two'
_SHORT = '{!r} could stand in a text: a name of what is no character has two characters at least, such as <B>'

def _check_symbols(symbols: Sequence[str], n_special: int) -> None:
    """An `InputError` if a text could mean two things with these `symbols`, of which the first are special."""
    ...

@dataclass(frozen=True, repr=False)
class Charset:
    """Which number is which character, and what is done to a text before it becomes numbers."""
    chars: Sequence[str]
    special: Sequence[str] = ('<B>', '<S>', '<E>', '<P>')
    steps: Sequence[str] = tuple(STEPS)
    pad: str = ''

    def __post_init__(self) -> None:
        ...

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """All symbols, in the order of their numbers."""
        ...

    def __len__(self) -> int:
        ...

    @property
    def mapping(self) -> dict[int, str]:
        """What each number stands for."""
        ...

    @property
    def inverse_mapping(self) -> dict[str, int]:
        """The number of each symbol."""
        ...

    def __repr__(self) -> str:
        ...

    def prepare(self, text: str) -> Prepared:
        """Do the charset's steps to a text."""
        ...

    @classmethod
    def course_2019(cls) -> Charset:
        """The symbols of the course of 2019."""
        ...

    @classmethod
    def course_2022(cls, newline: bool=False) -> Charset:
        """The symbols of the course of 2022."""
        ...

    @classmethod
    def from_texts(cls, texts: Iterable[str], special: Sequence[str]=('<B>', '<S>', '<E>', '<P>'), steps: Sequence[str]=tuple(STEPS), ctc: bool=False) -> Charset:
        """The charset of all characters in `texts`, after `steps`."""
        ...

    def unknown(self, texts: str | Iterable[str]) -> Counter[str]:
        """The characters of `texts` that the charset has not."""
        ...

    @property
    def padding(self) -> int:
        """The number that fills up short texts."""
        ...

    def _stand_in(self, unknown: str) -> list[int]:
        """What stands in the place of an unknown character: one number, or nothing."""
        ...

    @property
    def has_ends(self) -> bool:
        """Has it a start and an end of texts?"""
        ...

    def _numbers(self, texts: Sequence[str], unknown: str, ends: bool) -> list[list[int]]:
        """The numbers of each of `texts`."""
        ...

    def encode(self, texts: str | Sequence[str], length: int | None=None, unknown: str='raise', ends: bool=True) -> 'np.ndarray':
        """Text to numbers, after the charset's steps."""
        ...

    def _checked(self, numbers: Any) -> 'np.ndarray':
        """`numbers` as an array; an `InputError` if they are no numbers of symbols, in one or two dimensions."""
        ...

    def decode(self, numbers: Any, ctc: bool=False) -> Any:
        """Numbers to text."""
        ...

    def count(self, texts: Iterable[str] | Mapping[str, Iterable[str]]) -> CharCounts:
        """Count the characters of `texts`, after the charset's steps."""
        ...

    def to_json(self) -> str:
        """The charset as JSON."""
        ...

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the charset to a file."""
        ...

    @classmethod
    def from_json(cls, text: str | bytes, source: str='charset') -> Charset:
        """The charset of its JSON."""
        ...

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Charset:
        """Read the charset in a file."""
        ...
_ALNUM = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
_SIGNS = ' !"#&\'()*+,-./:;?'
_EASY = ('nfc', 'quotes', 'dashes')
_NO_FILL = "this charset has nothing to fill up short texts with: '<P>' among special does it"
_TOO_LONG = '{!r:.100} needs {} numbers, and length is {}'
_NO_ROWS = 'whole numbers in one or two dimensions become text, not {} of the shape {}'
_NO_CHARSET = '{}: this is no charset as `Charset.save` writes it: {}'
_NEWER = '{}: a charset of version {!r:.50}, and this library reads version 1: update it'

def _read_json(text: str | bytes, source: str) -> dict[str, Any]:
    """What a charset's JSON says, with the right types; `source` is for messages."""
    ...
