# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Placed', 'Split', 'known_pages', 'LeakError', 'split_pages', 'SplitError', 'write_split']
import os, warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
import msgspec
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, is_blank, markdown_text
from ..core.metadata import Metadata
from ..core.tables import write_sealed
from ..pages.writers import writers_by_name
from ..pages.reader import HandwritingDataset
from ..pages.opening import open_dataset
from .alike import Compared, Known, Pair, Ties, as_tie, find_ties, text_words
from .alike import thumbnails, writer_key
from .sides import ASIDE, SIDES, Joined, place, share_groups, side_of
from .split_list import HELD, SPLITS, SplitNote, SplitNotes, check_split
from .split_list import list_bytes, list_split, read_split

class Placed(NamedTuple):
    """Where a page stands."""
    source: str
    id: str
    side: str
    group: str
    lines: int = 0
    characters: int = 0
    writer: str = ''
    given: bool = False

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
_Data = HandwritingDataset | Sequence[HandwritingDataset] | Mapping[str, HandwritingDataset]
_Given = Mapping[str, Mapping[str, str]]
_NAMES = 'two datasets are called {!r:.80}: give them as {{name: dataset, …}}'

def _by_source(data: _Data) -> dict[str, HandwritingDataset]:
    """The datasets by name."""
    ...

def _writers(sources: Mapping[str, HandwritingDataset], writers: Any) -> dict[str, dict[str, str]]:
    """By dataset, who wrote each page."""
    ...

def _known(source: str, id_: str, texts: Sequence[str], **more: Any) -> Known:
    """What is known of a page with these lines."""
    ...

def known_pages(sources: Mapping[str, HandwritingDataset], writers: Mapping[str, Mapping[str, str]]={}, given: Mapping[str, Mapping[str, str]]={}, images: bool=True) -> list[Known]:
    """What is known of the pages of some datasets."""
    ...

class LeakError(HandwritingError, ValueError):
    """What is on one side of a split is known from another."""
    leaks: Ties

    def __init__(self, message: str, leaks: Ties):
        ...
_WHAT = {'writer': 'writer', 'prompt': 'prompt', 'image': 'image', 'form': 'form of two datasets'}
_LEAKS = 'This split leaks: {}; the first: {} ({}). {}'
_OWN = 'Sides were given; with given={} the pages are divided anew'
_BY_GROUP = "With by='group' these pages stay together"

def _told(n: int, what: str) -> str:
    ...

def _ties_told(counts: Counter[str]) -> str:
    ...

def _row(side: str, rows: Sequence[Placed], total: int, prompts: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    """How much is on a side, which has the pages `rows`."""
    ...
_SIDE = '  {side}: {pages} pages, {lines} lines, {share} % of the characters'
_COPIES = ('image', 'form')
_KINDS = {'group': ('writer', 'prompt', *_COPIES), 'writer': ('writer', *_COPIES), 'prompt': ('prompt', *_COPIES), 'page': _COPIES}
_LARGE = "{:.0%} of the characters belong together: {} pages, joined by {}. The shares can not be met so; with by='page', or 'writer' or 'prompt', they are divided, and what joined them may stand on two sides: the proof names it"
_Tied = Sequence[tuple[str, Pair]]

def _joined(n: int, found: _Tied, by: str) -> Joined:
    """The groups of `n` pages."""
    ...

def _large(pages: Sequence[Known], found: _Tied, by: str) -> Iterator[SplitNote]:
    """What to say of a group that has more than half of the characters."""
    ...
_OFF = '{} has {} % of the characters, and {:g} % are wanted'
_ON_NONE = 'on no side: it would tell something of what is held back'

def _share_notes(split: Split) -> Iterator[SplitNote]:
    """What to say of what the sides have."""
    ...

def _page_notes(pages: Sequence[Known], sides: Sequence[str], compared: Compared, n_seen: int) -> Iterator[SplitNote]:
    """What to say of the pages."""
    ...
_BY = '`by` is {!r:.80}, and should be one of {}'
_SHARES = '`shares` is {!r:.80}, and should be three numbers from 0, for train, val and test, of which one is more'
_NEW = "`new` is {!r:.80}, and should be 'train' or 'shares'"
_NUMBER = {o: i for i, o in enumerate((*SIDES, ASIDE, ''))}
_SHOUT = 'pages that are held back are not what they were: {}; the first: {}'

def _check_how(by: str, shares: Sequence[float], new: str) -> None:
    """An `InputError` if pages can't be divided so."""
    ...
_NO_SOURCE = '`given` names {!r:.80}, which is none of the datasets: {}'
_NOT_HERE = 'this page of the {} set is not in the data'

def _away(ds: HandwritingDataset, sides: Mapping[str, str]) -> Iterator[SplitNote]:
    """What to say of pages that are held back, and are not there."""
    ...

def _given(sources: Mapping[str, HandwritingDataset], given: _Given | None) -> tuple[_Given, SplitNotes]:
    """By dataset the sides that are given, and what became of the pages that are held back."""
    ...

def _group_names(pages: Sequence[Known], joined: Joined) -> Iterator[tuple[Known, str]]:
    """Each page with the name of its group: the first page of it, with its dataset where that is another one."""
    ...

def _after(pages: Sequence[Known], sides: Sequence[str], compared: Compared, plan: Split) -> Split:
    """`plan` with what stands where, and the ties that are between the sides then."""
    ...

def _divided(pages: Sequence[Known], plan: Split, follow: bool) -> Split:
    """`plan` with its pages."""
    ...

def split_pages(data: _Data, by: str='group', shares: tuple[float, float, float]=(80, 10, 10), seed: int=1, writers: Any=None, given: _Given | None=None, new: str='train', images: bool=True, same_people: bool=False) -> Split:
    """Divide pages so that what belongs together stands on one side."""
    ...

class SplitError(HandwritingError, ValueError):
    """A split is not written, since pages that are held back would not be what they were; `notes` has them."""
    notes: SplitNotes

    def __init__(self, message: str, notes: SplitNotes):
        ...
_REFUSED = '{}: not written: {}; the first: {}. If that is meant: accept=True'
_LACKS = 'the split has no side for {} of {} pages, such as {!r:.200}: split the pages as they are'

def write_split(data: HandwritingDataset | str | os.PathLike[str], split: Split, source: str='', accept: bool=False) -> SplitNotes:
    """Write `splits.csv`; where the dataset's files have hashes, it gets one too."""
    ...
_FEW = '{} folds of {} groups: there are too few'
