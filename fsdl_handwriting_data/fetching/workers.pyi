# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Job']
import mmap, os, queue, re, sys, tempfile, threading, time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4
from fastcore.basics import patch
from ..core.shown import InputError, hide_secrets
from ..core.names import TABLE, file_name
from ..core.files import OutsideError, below, open_below, write_atomic
from .limits import Limits
from .parts import Leftover, find_leftovers, part_prefix
from .http import Web
from .fetch import Check, Fetched, cloud, fetch_file
from .table import Wanted, split_cells, cell_text

class LocalFolder:
    """A folder of this machine for the files and their table; its links lead to nothing outside of the folder `within`."""
    folder: str
    within: Any
    way: Any

    def __init__(self, folder: str, within: str=''):
        ...

    def make(self) -> None:
        ...

    def place(self, name: str='', write: bool=False) -> Path:
        ...

    def mark(self, name: str) -> tuple[bytes, bytes] | None:
        """Size and mark of the file `name`, as they stand in the table; None if there is none."""
        ...

    def fetch(self, name: str, *args: Any, **kwargs: Any) -> Fetched:
        """As `fetch_file`, to `name`."""
        ...

    def journals(self) -> list[Path]:
        """What runs that did not end have left of a table."""
        ...

    def read(self, journals: Sequence[Path]) -> Any:
        """The table, and behind it what unfinished runs left; if it leads elsewhere, `save` says so."""
        ...

    def save(self, lines: Iterable[bytes]) -> None:
        """Write `lines` as the table."""
        ...

def _cloud_mark(info: dict[str, Any]) -> tuple[bytes, bytes]:
    """Size and mark of an object, as they stand in the table."""
    ...
_WHOLE = {'s3', 's3a', 'gs', 'gcs', 'az', 'abfs', 'abfss', 'adl', 'oss', 'oci', 'memory'}

def _put_whole(fs: Any, tmp: str, there: str) -> None:
    """Put the file `tmp` to `there` of the file system `fs`, whole or not at all."""
    ...

class _Cloud:
    """A folder that `fsspec` reaches; a file is fetched and checked on this machine, and then put there."""
    infos: dict[str, Any]
    tmp: Any

    def __init__(self, url: str):
        ...

    def make(self) -> None:
        """Make the folder, and look what is in it."""
        ...

    def mark(self, name: str) -> tuple[bytes, bytes] | None:
        ...

    def journals(self) -> list[Path]:
        ...

    def read(self, journals: Sequence[Path]) -> Any:
        ...

    def save(self, lines: Iterable[bytes]) -> None:
        ...

    def fetch(self, name: str, *args: Any, **kwargs: Any) -> Fetched:
        """As `fetch_file`, to `name`; what is there is looked at here."""
        ...
_ADDRESS = re.compile('[a-z][a-z0-9+.-]+:(//|:)')

def place_of(folder: str | os.PathLike[str]) -> str:
    """`folder` as it is known from any working folder, or an address."""
    ...

def open_place(folder: str, within: str='') -> LocalFolder | _Cloud:
    """What `folder` means: a folder of this machine, or an address."""
    ...

@dataclass(frozen=True)
class Setup:
    """The settings of one run."""
    folder: str
    limits: Limits
    workers: int
    per_host: int | None
    check: Check | None
    end: float
    offline: bool
    run: str
    within: str = ''
Job = tuple[Wanted, str]

class Engine:
    """Connections and threads of this process, for one run."""
    how: Setup
    store: Any
    threads: 'Threads'
    users: int
    web: Web

    def __init__(self, how: Setup, threads: 'Threads'):
        ...

    @cached_property
    def lefts(self) -> dict[str, list[Leftover]]:
        ...

    def fetch(self, job: Job) -> Fetched:
        """Make sure that what `job` wants is there."""
        ...

    def close(self) -> None:
        ...

class Threads(Executor):
    """At most `n` threads, made when they are needed, which do not keep the program from ending."""
    n: int
    jobs: Any
    threads: Any
    idle: Any
    lock: Any

    def __init__(self, n: int):
        ...

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call `fn` in a thread."""
        ...

    def _run(self) -> None:
        ...

    def shutdown(self, wait: bool=True, *, cancel_futures: bool=False, patience: float=60.0) -> None:
        """Let the threads end; `wait` for that for at most `patience` seconds."""
        ...
engines: dict[tuple[str, int], Engine] = {}
_engines_lock = threading.Lock()

@contextmanager
def _engine(how: Setup, threads: Threads | None=None) -> Iterator[Engine]:
    """The engine of the run `how` in this process, with its `threads` if there are any yet, for use in a block."""
    ...

def fetch_batch(how: Setup, jobs: Sequence[Job]) -> list[Fetched]:
    """Fetch a batch of files."""
    ...

def is_there(row: Wanted, line: bytes, mark: tuple[bytes, bytes]) -> bool:
    """Does the table's `line` say that the file with that size and `mark` is what `row` wants?"""
    ...
OTHER_ADDRESS = 'the file of another address'

def _path_of(url: str) -> str:
    ...

def of_another(row: Wanted, line: bytes, everywhere: Callable[[], set[str]]=set) -> bool:
    """Does the table's `line` say that its file came from none of the places of `row`?

`everywhere`: the places of all rows. A host or folder that was renamed is no other place."""
    ...

def shows_bars() -> bool:
    """Is there somebody to see a bar: a terminal or a notebook?"""
    ...

class Bar:
    """A bar of files, with the speed of what arrives."""
    speed: float
    shown: int
    at: Any
    bar: Any
    bytes: int

    def __init__(self, total: int | None, progress: bool):
        ...

    def tick(self, arriving: int) -> None:
        """Say the speed; `arriving`: bytes of files that are on their way."""
        ...
