# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
from typing import Any
__all__ = ['data_digest', 'told_digest', 'CameIn', 'came_in', 'split_of', 'TrainsetReport', 'report_parts', 'set_card']
import hashlib, shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple
import msgspec
from fastcore.basics import patch
from ..core.shown import InputError, is_blank, markdown_text, plain_text
from ..core.folding import fold_text
from ..core.char_counts import CharCounts
from ..pages.reader import HandwritingDataset
from ..pages.card_facts import License, home_address, read_card, without_emails
from ..pages.how_made import responsible_ai
from .sides import SIDES
from .split_list import image_hashes, read_split
from .split_proof import Split
from .splits import split_pages
from .copies import copies_aside, find_copies, unused_pages
from .line_list import LeftOut
from .rows import LeftOfSet, rows_called

def data_digest(ds: HandwritingDataset) -> str:
    """A hash of all that a training set takes from a dataset."""
    ...

def told_digest(ds: HandwritingDataset) -> str:
    """A hash of what the description of a set tells of a dataset: its card, and how its labels were made."""
    ...

class CameIn(NamedTuple):
    """What a dataset brings."""
    source: str
    pages: int
    lines: int
    transcribed: int
    characters: int
    writers: int
    folded: int
    version: str
    license: str
    home: str

def came_in(source: str, ds: HandwritingDataset, steps: Sequence[str]=('space',)) -> CameIn:
    """What a dataset brings to a training set."""
    ...
_SPLIT = "{!r:.80} says no split: 'group:80/10/10' (or writer, prompt, page in place of group), or 'none'"

def split_of(sources: Mapping[str, HandwritingDataset], text: str='group:80/10/10', seed: int=1) -> Split:
    """The split that a text asks for; what the data says itself is respected, but for 'none'."""
    ...

@dataclass(frozen=True)
class TrainsetReport:
    """What became of the data."""
    folder: Path
    target: str
    level: str
    fingerprint: str
    new: bool = True
    sources: list[CameIn] = field(default_factory=list)
    rows: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    left: LeftOut = field(default_factory=LeftOut)
    split: Split | None = None
    alphabet: CharCounts = field(default_factory=CharCounts)
    use: str = ''
    tested: str = ''
    renamed: int = 0

    @property
    def total(self) -> int:
        """How many lines came in."""
        ...

    def __str__(self) -> str:
        ...

def _came_lines(rep: TrainsetReport) -> Iterator[str]:
    """What came in, and what of it is left out."""
    ...

def _left_lines(rep: TrainsetReport) -> Iterator[str]:
    """Which lines are left out, by their kinds."""
    ...

def _side_lines(rep: TrainsetReport) -> Iterator[str]:
    """How much is on which side, and the proof of the split."""
    ...

def _alphabet_lines(rep: TrainsetReport) -> Iterator[str]:
    """How many characters there are on each side, and which ones training does not show."""
    ...
_NOTHING_IN = '# nothing is in {}: leave out what names it, or ask for another split'

def report_parts(rep: TrainsetReport, out: str='.') -> dict[str, list[str]]:
    """All that is to be told of a set."""
    ...

def _alphabet_rows(rep: TrainsetReport) -> Iterator[str]:
    """A table of how often each character is on each side."""
    ...
_WHERE = 'Each row names its line, its page and the version of the data; `rows.jsonl` has all rows.'

def set_card(rep: TrainsetReport, head: str='') -> str:
    """The card of a training set."""
    ...
