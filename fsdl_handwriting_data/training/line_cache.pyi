# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['code_mark', 'data_key', 'cache_name', 'CacheError', 'cache_places', 'CacheWarning', 'keep_lines']
import hashlib, mmap, os, sys, warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO
import msgspec
import numpy as np
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError, error_text
from ..core.files import MetadataError, OutsideError, below, drop_parts, open_file, write_atomic
from ..core.annotations import Region
from ..fetching.workers import shows_bars
from ..pages.reader import HandwritingDataset
from .line_cutting import Cut, FreshLines, How, Lines, PageJob
from .line_cutting import PictureError, cut_lines, do_job
_VERSION = 1

@cache
def code_mark() -> str:
    """What the code that cuts lines makes of a small drawn page."""
    ...

def _stat_mark(path: Path) -> list[int]:
    """What changes when the file at `path` is another one."""
    ...

def data_key(ds: HandwritingDataset, places: Mapping[str, Sequence[int]]) -> str:
    """What the pictures of these lines are made of."""
    ...

def cache_name(ds: HandwritingDataset, places: Mapping[str, Sequence[int]], how: How) -> str:
    """The name of the file for exactly these pictures."""
    ...
_HEAD = np.dtype([('magic', 'S8'), ('at', '<u8'), ('size', '<u8'), ('hash', 'V32'), ('rest', 'V8')])
_ROW = np.dtype([('start', '<u8'), ('sum', '<u8'), ('height', '<u4'), ('width', '<u4'), ('page_width', '<u4'), ('page_height', '<u4'), ('angle', '<f8'), ('to_page', '<f8', 6)])
_MAGIC = b'FSDLline'

class _Table(msgspec.Struct):
    """What stands at the end of the file."""
    name: str
    lines: list[tuple[str, int]]
    rows: bytes
    lost: dict[str, str]

def _whole(n: Any) -> Any:
    ...

class _Writer:
    """Writes pictures, and the table in the end."""
    f: BinaryIO
    at: Any
    lines: Any
    rows: Any
    lost: Any

    def __init__(self, f: BinaryIO):
        ...

    def add(self, id_: str, place: int, o: Cut) -> None:
        ...

    def end(self, name: str) -> None:
        ...

class CacheError(InputError):
    """A file of kept lines is damaged, or is none; it is made again."""

def _read_table(data: Any, name: str) -> tuple[_Table, np.ndarray]:
    """The table of the file `name`, which holds `data`; a `CacheError` if that is damaged."""
    ...
_BLOCK: Any

def _check_sums(data: Any, rows: np.ndarray, drop: Any) -> None:
    """A `CacheError` if a picture is not the one that was written; `drop` gives memory back."""
    ...

class KeptLines(Lines):
    """The lines of a dataset, as they are in a cache; a `CacheError` if that is damaged."""
    _read: int
    file: Path
    _at: Any
    _places: list[tuple[int, int, int]]
    _map: Any

    def __init__(self, file: Path, check: bool=True):
        ...
    _read = 0

    def _drop(self) -> None:
        ...

    def __reduce__(self) -> tuple[Any, ...]:
        ...

    def __len__(self) -> int:
        ...

    def lost(self) -> dict[str, str]:
        """Those that could not be read."""
        ...

    def width(self, id_: str, place: int) -> int:
        """Of a line."""
        ...

    def picture(self, id_: str, place: int) -> np.ndarray:
        """One line."""
        ...

    def cut(self, id_: str, place: int) -> Cut:
        """One line, and where it is on its page."""
        ...

def _jobs(ds: HandwritingDataset, places: Mapping[str, Sequence[int]], how: How) -> Iterator[tuple[str, PageJob | None]]:
    """Page by page what is to do; None where only the reader opens pages."""
    ...
_AT_ONCE = 8

def _done(executor: Executor, jobs: Iterator[tuple[str, PageJob | None]]) -> Iterator[tuple[str, Any]]:
    """The jobs in their order, done ahead; None where they are to do here."""
    ...

def _own_executor(n: int, executor: Executor | None) -> Any:
    """Who cuts `n` pages: the `executor`, or threads; decoding and cutting leave the others their turn."""
    ...

def _write_lines(f: BinaryIO, fresh: FreshLines, name: str, executor: Executor | None, progress: bool) -> None:
    """Write the cache `name` of the lines in `fresh` to the open file `f`."""
    ...

def cache_places(ds: HandwritingDataset) -> list[Path]:
    """Where a cache of this dataset may lie."""
    ...

def _made(folder: Path) -> None:
    """Make the folder of a cache, and tell git to leave it alone."""
    ...

class CacheWarning(UserWarning):
    """A cache was damaged, or can't be written; the pictures are right all the same."""
_DAMAGED = '{}: this cache is damaged ({}), and is made again'
_NOT_KEPT = '{}: the pictures of lines are not kept ({}), so each is cut when it is asked for'

def _cache_in(file: Path) -> KeptLines | None:
    """The cache in `file`, if it is there and right."""
    ...

def _build(file: Path, fresh: FreshLines, executor: Executor | None, progress: bool) -> KeptLines:
    """Write the cache `file`, and open it."""
    ...

def _forget_others(file: Path) -> None:
    """Delete what the cache `file` replaces, if that can be: on Windows not while somebody reads it."""
    ...

def keep_lines(ds: HandwritingDataset, places: Mapping[str, Sequence[int]], how: How=How(), folder: str | os.PathLike[str] | None=None, executor: Executor | None=None, progress: bool=True) -> Lines:
    """The lines of a dataset from its cache, which is made if there is none of exactly these."""
    ...

def _is_back(kept: KeptLines, fresh: FreshLines) -> bool:
    """Can a page be read now that could not be read when the cache was made?"""
    ...
