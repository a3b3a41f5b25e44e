# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Split', 'LeakError']
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, markdown_text
from .alike import Known, Ties, writer_key
from .sides import ASIDE, SIDES, Joined, share_groups
from .split_list import SplitNotes
from .split_parts import KINDS, Placed, side_row, ties_told, told

@dataclass(frozen=True)
class Split:
    """Which pages are for training, for validation and for the test."""
    rows: tuple[Placed, ...]
    ties: Ties = field(default_factory=Ties, repr=False)
    notes: SplitNotes = field(default_factory=SplitNotes, repr=False)
    shares: tuple[float, float, float] = (80, 10, 10)
    seed: int = 1
    by: str = 'group'
    compared: int = 0
    same_people: bool = False

    @property
    def train(self) -> dict[str, list[str]]:
        """By dataset, the pages to train on."""
        ...

    @property
    def val(self) -> dict[str, list[str]]:
        """By dataset, the pages to validate on."""
        ...

    @property
    def test(self) -> dict[str, list[str]]:
        """By dataset, the pages to test on."""
        ...

    def ids(self, side: str) -> dict[str, list[str]]:
        """The ids of the pages on a side."""
        ...

    def sides(self, source: str='') -> dict[str, str]:
        """The side of each page of a dataset."""
        ...

    def as_rows(self) -> list[dict[str, Any]]:
        """The split as rows of a table."""
        ...

    @property
    def leaks(self) -> Ties:
        """The pairs of pages that belong together and stand on two sides."""
        ...

    def why(self, id_: str, source: str='') -> Ties:
        """Why a page stands where it stands: the ties of the pages that belong together with it."""
        ...

    def _checked(self) -> tuple[list[str], list[str]]:
        """What of the pages was compared, and what there was to compare."""
        ...

    def proof(self, strict: bool=True) -> str:
        """What was checked, in words."""
        ...

    def table(self) -> list[dict[str, Any]]:
        """How much is on each side."""
        ...

    def __repr__(self) -> str:
        ...

    def _repr_markdown_(self) -> str:
        ...

    def _groups(self, rows: Sequence[Placed]) -> list[list[int]]:
        """The groups of some pages, by their numbers."""
        ...

    def _fold(self, fold: Mapping[tuple[str, str], int], n: int, k: int) -> Split:
        """The split whose test set is fold `n` of `k`; `fold`: (dataset, id) → the number of its fold."""
        ...

    def folds(self, k: int=5) -> list[Split]:
        """Splits of the same pages for cross-validation; pages of a test set that was given are in none."""
        ...

class LeakError(HandwritingError, ValueError):
    """What is on one side of a split is known from another."""
    leaks: Ties

    def __init__(self, message: str, leaks: Ties):
        ...
_LEAKS = 'This split leaks: {}; the first: {} ({}). {}'
_OWN = 'Sides were given; with given={} the pages are divided anew'
_BY_GROUP = "With by='group' these pages stay together"
_SIDE = '  {side}: {pages} pages, {lines} lines, {share} % of the characters'
_FEW = '{} folds of {} groups: there are too few'
