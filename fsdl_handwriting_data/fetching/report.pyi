# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
import builtins
__all__ = ['fetched_ids', 'DownloadReport', 'DownloadFailed']
import os, tempfile, threading, weakref
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, markdown_text, plain_text
from ..core.names import TABLE, file_name
from ..core.files import has_file, open_below
from .fetch import Fetched
from .table import OUTCOMES, HEADER, table_line, parse_line

def fetched_ids(folder: str | os.PathLike[str]) -> dict[str, str]:
    """Which address had which id, as the table of downloads says."""
    ...

class DownloadReport(Sequence[Fetched]):
    """What became of each file, in the order they were asked for."""
    _moved: bool
    _end: int
    folder: str
    counts: Any
    causes: Any
    bytes: int
    changed: int
    problem: str
    note: str
    replaced: int
    _lines: Any
    _lock: Any
    _starts: Any
    _codes: Any

    def __init__(self, rows: Iterable[Fetched]=(), folder: str=''):
        ...

    def reserve(self) -> int:
        """A place for what will become of one more file."""
        ...

    def __reduce__(self) -> Any:
        ...

    def __len__(self) -> int:
        ...

    def __getitem__(self, i: Any) -> Any:
        ...

    def put(self, i: int, line: builtins.bytes, status: str, size: int=0, cause: str='') -> None:
        """Note what became of file number `i`."""
        ...

    def line(self, i: int) -> builtins.bytes:
        """What is known of file number `i`, as a line of the table."""
        ...

    def _row(self, i: int) -> Fetched:
        ...

    def of(self, status: str) -> DownloadReport:
        """Those with one `status`."""
        ...

    def failures(self) -> list[str]:
        """A line for each failure."""
        ...

    def __repr__(self) -> str:
        ...

    def by_cause(self) -> dict[str, DownloadReport]:
        """The failures, the most frequent cause first."""
        ...

    def summary(self) -> str:
        """The counts, and a line for each cause of failures."""
        ...

    def _repr_markdown_(self) -> str:
        ...

    def raise_if_failed(self, allow: int=0) -> None:
        """A `DownloadFailed` if more than `allow` files could not be fetched."""
        ...

def _said(o: Fetched) -> str:
    ...

class DownloadFailed(HandwritingError, RuntimeError):
    """Some files could not be fetched; `report` says which, and why."""
    report: DownloadReport

    def __init__(self, report: DownloadReport):
        ...
