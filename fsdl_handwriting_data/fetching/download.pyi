# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['download', 'limits_for', 'fetch_data_file']
import os, queue, time
from array import array
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4
from fastcore.basics import patch
from ..core.shown import InputError, error_text, hide_secrets, plain_text
from ..core.names import TABLE, file_name
from ..core.checks import data_problem, image_problem
from .limits import Limits
from .parts import Leftover, drop_leftovers, find_leftovers, part_prefix
from .http import Web, is_near
from .fetch import Check, Fetched, fetch_file
from .table import Rows, Wanted, CELL, HEADER, Ledger, Clashes, table_line, parse_line
from .table import as_wanted
from .report import DownloadReport
from .workers import Job, Bar, Engine, LocalFolder, Setup, OTHER_ADDRESS, Threads, engines
from .workers import of_another, place_of, shows_bars, is_there, open_place, fetch_batch

class _Run:
    """One run of `download`."""
    all: Any
    flushed: float
    journal: Any
    journals: list[Path]
    ledger: Ledger
    lefts: dict[str, list[Leftover]]
    wanted: Rows
    how: Setup
    verify: str
    names: Clashes
    store: Any
    own: Any
    executor: Executor
    batch: Any
    window: Any
    report: DownloadReport
    bar: Bar
    results: queue.SimpleQueue[Future[Any]]
    pending: dict[Any, list[tuple[int, Job, bytes]]]
    keys: Any
    others: Any
    engine: Any

    def __init__(self, wanted: Rows, how: Setup, verify: str, executor: Executor | None, batch: int | None, progress: bool):
        ...

    def look(self) -> None:
        """Look at what is there, and at the journals of runs that did not end."""
        ...

    def write_journal(self, line: bytes) -> None:
        """Note a `line` of the table at once, so that a crash does not lose it."""
        ...

    def flush(self) -> None:
        """Hand what is in the journal to the system, twice a second."""
        ...

    def told(self, o: Fetched, old: bytes) -> Fetched:
        """`o` of a file in whose place there was one from another address, as its line `old` in the table says."""
        ...

    def note(self, i: int, o: Fetched, old: bytes=b'') -> None:
        """Row number `i` became `o`; `old`: its line in the table."""
        ...

    def everywhere(self) -> set[str]:
        """The places of all that is wanted."""
        ...

    def place(self, i: int, line: bytes, *what: Any) -> None:
        """Row number `i` has the `line` in the table."""
        ...

    def skip(self, i: int, row: Wanted, line: bytes) -> bool:
        """Is the file of row number `i` there and right, as its `line` in the table says? Then that is noted."""
        ...

    def todo(self) -> Iterator[tuple[int, Job, bytes]]:
        """The rows that need work: number, job, and line in the table."""
        ...

    def hand_out(self, todo: Iterator[tuple[int, Job, bytes]]) -> None:
        """Give batches to the executor until the window is full or nothing is left."""
        ...

    def lose(self, rows: Sequence[tuple[int, Job, bytes]], e: Exception) -> None:
        """Note that `rows` failed by an error `e` of the executor; what a file can do wrong is in its result."""
        ...

    def take_in(self, job: Future[Any]) -> None:
        """Note what became of the batch of `job`."""
        ...

    def ready(self) -> Iterator[Future[Any]]:
        """The batches that are through; waits for the first, and a moment more, for each waking up costs as much as a batch."""
        ...

    def loop(self) -> None:
        """Hand out and take in until nothing is left or the time is over."""
        ...

    def give_up(self, cause: str, why: str) -> None:
        """Let go of what is under way."""
        ...

    def stop(self) -> None:
        """End what is under way, and note what is through."""
        ...

    def write_table(self) -> None:
        """Write the table: the rows of this run in their order, then what else is in it by now."""
        ...

    def save(self) -> None:
        """Write the table, if there is anything new in it, and remove the journals."""
        ...

    def try_save(self) -> None:
        """As `save`; a failure is no reason to lose the report."""
        ...

    def run(self) -> DownloadReport:
        """Do all of it."""
        ...
_STALE = 'the file that is here came from another address, and may be the picture of another page; fetching it again failed: '
_LATE = Fetched('', cause='deadline', reason='the time for the whole download was over before it was its turn')

def _fail_if_odd(verify: str, **numbers: float | None) -> None:
    """An `InputError` for settings of a download that can't be followed."""
    ...

def download(wanted: Rows, folder: str | os.PathLike[str], check: Check | None=image_problem, workers: int=32, per_host: int | None=None, limits: Limits=Limits(), deadline: float | None=None, verify: Literal['ledger', 'hash']='ledger', offline: bool=False, executor: Executor | None=None, batch: int | None=None, progress: bool=True, within: str | os.PathLike[str] | None=None) -> DownloadReport:
    """Fetch what is `wanted` into `folder`, many at a time; what is there and right is left alone."""
    ...
from functools import partial
from urllib.parse import urlsplit
from ..core.files import MetadataError
from ..core.metadata import Metadata
from ..core.verify import verify as verify_data_file
from ..core.places import sources

def limits_for(meta: Metadata, limits: Limits=Limits(), private: bool=False) -> Limits:
    """`limits` for the addresses of a dataset."""
    ...

def fetch_data_file(meta: Metadata, progress: bool=True, limits: Limits=Limits(total=24 * 3600, max_bytes=1 << 40), offline: bool=False, private: bool=False) -> Fetched:
    """Make sure that the data file that `meta` describes is there; it fails with `DownloadFailed` or `MetadataError`."""
    ...
