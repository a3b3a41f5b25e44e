# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['journal_name', 'JournalProblem', 'Journal']
import errno, math, os, re, threading, time, unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from uuid import uuid4
import msgspec
from fastcore.basics import patch
from .shown import InputError, error_text, plain_text, without_secrets
from .findings import Finding
from .files import MetadataError, OutsideError, below, open_below, sync_folder
from .writing import file_lock
from .labels import plural
from .events import JournalHead, DeleteEvent, ExportEvent, PutEvent, SeedEvent, SetEvent
from .events import SuggestEvent, TypingEvent
from .events import add_event, check_event, event_decoder, as_event, format_of_event
_BAD_NAME = "an annotator's name is a text of 1 to 100 characters, with no space at its ends, not {!r:.80}"

def check_annotator(name: Any) -> str:
    """The annotator's name in one form of Unicode; a `ValueError` if it can't be a name."""
    ...
_RESERVED = re.compile('(?i)(con|prn|aux|nul|com\\d|lpt\\d)( *\\..*)? *|\\..*')
_LONG_NAME = "the annotator's name {!r} is too long: written as a file's name it has {} characters"

def journal_name(annotator: str) -> str:
    """The name of the file with an annotator's events."""
    ...
_FULL = 'only {} of {} bytes could be written; is the disk full?'

def _append(fd: int, data: bytes, locked: bool) -> None:
    """Add whole lines to the open file `fd`, and wait until they are on the disk."""
    ...

class JournalProblem(Finding, frozen=True):
    """Something in a journal, the `file`, that is not an event, or not as it should be, and where."""
    kinds = {'torn': ('', 'a line that was not finished'), 'foreign': ('', 'a line that is no event, or does not fit'), 'merge': ('', 'marks of a merge of git'), 'repeated': ('', 'events that stand there twice'), 'format': ('', 'it is of a newer version'), 'owner': ('', 'it was begun by somebody else'), 'no-seed': ('', 'nothing says what labels began as'), 'name': ('', 'no name of a journal'), 'renamed': ('', 'a page that has another name now'), 'unreadable': ('', 'it can not be read'), 'gone': ('', 'it was there, and is not now'), 'export': ('', 'the export can not be read now')}

    def __str__(self) -> str:
        ...

class _Numbers:
    """A set of numbers, kept as ranges."""
    starts: list[int]
    ends: list[int]

    def __init__(self) -> None:
        ...

    def __contains__(self, n: int) -> bool:
        ...

    def add(self, n: int) -> None:
        """Add `n`, which is not in it."""
        ...

@lru_cache(100000)
def address_path(url: str) -> str:
    """The address `url` without its host, as a name that is the same however it is spelled."""
    ...

def page_key(id_: str, url: str) -> str:
    """A name for the page at `url` where its id is another page's as well; no page has such an id."""
    ...

def id_of_key(key: str) -> str:
    """The page's id in its name `key`."""
    ...

class _Read:
    """What was read of a journal."""
    events: list[Any]
    counts: Counter[str]
    _fresh: list[Any]
    _problems: list[JournalProblem]
    _numbers: dict[str, _Numbers]
    _kept: dict[tuple[str, int], Any]
    _offset: int
    _lines: int
    _mtime: int
    _file: Any
    _last: bytes
    _tail: bytes
    begun: bool
    _latest: Any
    _unreadable: str
    _gone: bool
    _eras: dict[str, list[tuple[float, str]]]
    begun_on: dict[str, SeedEvent]
    _format: int
    _taken: bool
    name, generation = ('', 0)

    def _reset(self) -> None:
        """Forget what was read."""
        ...

    @property
    def problems(self) -> list[JournalProblem]:
        """What stands in the file and is not an event, or not as it should be."""
        ...

class Journal(_Read):
    """A file of events that is only ever added to, by any number of programs."""
    session: str
    _pid: int
    _count: int
    _tail: Any
    _last: Any
    _latest: Any
    begun: bool
    _format: Any
    _file: Any
    _mtime: Any
    _unreadable: str
    _gone: Any
    path: Path
    annotator: str
    dataset: str
    name: Any
    generation: int
    _mutex: Any

    def __init__(self, path: str | os.PathLike[str], annotator: str='', dataset: str=''):
        ...

    def __repr__(self) -> str:
        ...

    @property
    def _place(self) -> tuple[Path, Path]:
        """The dataset's folder, and the file from there."""
        ...

    def refresh(self) -> int:
        """Read what was added since, or all of a file that was replaced or edited. `problems` names one that can't be read."""
        ...

    def _read(self, f: Any, size: int=1 << 22) -> None:
        """Read the open file `f` from where reading stopped, in pieces of `size` bytes or of a line."""
        ...

    def _problem(self, kind: str, message: str) -> None:
        ...

    def _knows(self, e: Any) -> bool:
        """Is the event `e` in the file?"""
        ...

    def _check_head(self, e: JournalHead) -> None:
        """Name what is odd in the head of a file."""
        ...

    def _check_time(self, e: Any) -> None:
        """Name a place where the time goes back."""
        ...

    def key(self, id_: str, at: float=math.inf) -> str:
        """The name by which events of the page `id_` go that are added now, or were at a time."""
        ...

    def _dated(self, e: Any) -> Any:
        """The event `e`; where the id of its page was that of another address before, with a name of its own for the page."""
        ...

    def _count_event(self, e: Any) -> None:
        """Take in the event `e`, unless it was taken in before."""
        ...

    def _read_line(self, raw: bytes) -> bool:
        """Take in one line; False if it is not an event."""
        ...

    def _take(self, data: bytes) -> None:
        """Read `data`, which follows what was read; the last line only if it is whole."""
        ...

    def _is_other(self, f: Any) -> bool:
        """Is the open file `f` another than was read, or changed in what was read?"""
        ...

    def _open(self) -> int:
        """Open the file to add to it."""
        ...

    def _write(self, fd: int, events: list[Any], locked: bool) -> None:
        """Add `events` to the open file `fd`, with a head before the first of a newer format."""
        ...

    @contextmanager
    def writing(self) -> Iterator[Callable[[list[Any]], None]]:
        """Hold the file's lock, with all that others added read. What is written in the block was read back when it ends."""
        ...

    def _number(self) -> tuple[str, int]:
        """A session and a number for an event that came without."""
        ...

    def _unseen(self, events: list[Any]) -> list[Any]:
        """Those of `events` that the file has not; a `ValueError` if it has another under the same number."""
        ...

    def add(self, events: Iterable[dict[str, Any]] | dict[str, Any]) -> list[dict[str, Any]]:
        """Add `events`: all of them are on the disk when this returns, or it is an error and none are counted as saved."""
        ...
_FORMAT = 'a file of format {}; this version reads formats 1 and 2'
_OWNER = "the labels were begun by {!r:.100}, and count as {!r:.100}'s, as the file was renamed or copied"
_GOES_BACK = 'the time goes back by {:,.0f} s, as where two branches were joined; of two events for a line the later in the file counts'

def _content(e: Any) -> bytes:
    """What the event `e` says, apart from when."""
    ...

def is_of_same_page(old: Any, e: Any) -> bool:
    """Is `e` about the page that `old`, which was read, is about?"""
    ...
_MERGE = re.compile(b'(<{7}|={7}|>{7}|\\|{7})( |$)')
_MARK = 'a mark of a merge by git, {!r}; both sides were read, and where they differ the later in the file counts'
_TO_ADD: Any

def as_events(given: Iterable[dict[str, Any]] | dict[str, Any], number: Callable[[], tuple[str, int]]) -> list[Any]:
    """The events that the dicts `given` describe; a `ValueError` that names the first bad one."""
    ...

def is_same_event(old: Any, e: Any) -> bool:
    """Is `e` the event `old` of a file, or the whole line, or the suggestions, that `old` was made of?"""
    ...
