# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Rows', 'COLUMNS', 'Wanted']
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from fastcore.basics import patch
from ..core.shown import csv_text, from_csv_text, hide_secrets
from ..core.names import name_key
from .fetch import Fetched

class Wanted(NamedTuple):
    """One file that is wanted."""
    id: str
    places: Sequence[str | Path]
    sha256: str = ''
    bytes: int = -1
Rows = Iterable[Wanted] | Mapping[str, Any]

def _wanted(o: Any) -> Wanted:
    """`o` as a `Wanted`, also if somebody wrote one place without a list, or None for what is not known."""
    ...

def as_wanted(wanted: Rows) -> Iterable[Wanted]:
    """`wanted` as `Wanted`."""
    ...

def _order(keys: 'array[int]') -> Any:
    """The places of `keys` in their order; of equal ones the first is first."""
    ...

def _clashes(wanted: Rows) -> dict[str, str]:
    """For the `name_key` of ids that clash, the first such id. Of a million rows this keeps two numbers each."""
    ...

class Clashes:
    """Tells which of the ids that are `wanted` clash."""
    once: Any
    bad: Any
    seen: dict[int, int]

    def __init__(self, wanted: Rows):
        ...

    def fault(self, row: Wanted) -> str:
        """Why the id of `row` can't be had; nothing if it can."""
        ...
COLUMNS = ('id', 'status', 'cause', 'attempts', 'bytes', 'seconds', 'sha256', 'mark', 'url', 'reason')
HEADER = (','.join(COLUMNS) + '\n').encode()
OUTCOMES = ['done', 'skipped', 'failed']
_PLAIN = re.compile('[!#-+\\--\\[\\]-~]*')
_ODD = re.compile('[\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029\\ud800-\\udfff\\\\]')
_CELL = b'("(?:[^"\\n]|""){0,100000}"|[^,"\\n]{0,100000})'
_LINE = re.compile(_CELL + b',(done|skipped|failed),([A-Za-z0-9-]*),([0-9]{1,9}),([0-9]{1,15}),([0-9]{1,9}\\.[0-9]{3}),([0-9a-f]{64}|),([A-Za-z0-9_.:+-]*),' + _CELL + b',' + _CELL + b'\n')

def _cell(s: str) -> str:
    """`s` as a cell of a CSV file that stays on one line and is no formula; what is odd in it is written as \\uXXXX."""
    ...

def cell_text(cell: bytes) -> str:
    """The text in a `cell`."""
    ...

def table_line(o: Fetched) -> bytes:
    """`o` as a line of the table."""
    ...

def split_cells(line: bytes) -> re.Match[bytes] | None:
    """The cells in a `line` of the table; None if it is damaged."""
    ...

def parse_line(line: bytes) -> Fetched | None:
    """The row in a `line` of the table; None if it is damaged."""
    ...
CELL = re.compile(b'"(?:[^"\\n]|"")*"|[^,"\\n]*')

class Ledger:
    """The rows of the tables `data`, by id; of two rows with one id the later."""
    data: Any
    keys: Any
    starts: Any

    def __init__(self, data: Any=b''):
        ...

    def line(self, id_: str) -> bytes:
        """The line of `id_`; empty if there is none."""
        ...

    def others(self, keys: 'array[int]') -> Iterator[bytes]:
        """The lines of ids whose hashes are not among `keys`, in their order."""
        ...
