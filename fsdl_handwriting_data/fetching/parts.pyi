# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Leftover', 'part_prefix', 'find_leftovers', 'drop_leftovers']
import hashlib, json, os, re, threading, time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4
from fastcore.basics import patch
from ..core.shown import without_secrets
from ..core.files import read_below
from .limits import DownloadError
_KEEP: Any
_NEW: Any

class Leftover(NamedTuple):
    """A part of a file that an earlier download left."""
    path: Path
    seen: dict[str, str]

def part_prefix(name: str) -> str:
    """How the names of parts of the file `name` begin."""
    ...

class Part:
    """What is there of `path`, in a temporary file beside it; hashed as it is written."""
    fd: Any
    noted: bool
    tmp: Any
    n: int
    hash: Any
    seen: dict[str, str]
    resumed: bool
    sized: bool
    path: str

    def __init__(self, path: str):
        ...

    def begin(self) -> None:
        """Begin with an empty file."""
        ...

    def write(self, chunk: bytes | memoryview) -> None:
        """Add bytes; an error of the disk is a `DownloadError`."""
        ...

    def create(self) -> int:
        """Create the file, with its folder."""
        ...

    def restart(self) -> None:
        """Begin again, in another file."""
        ...

    def note(self) -> None:
        """Write beside it what it is a part of."""
        ...

    def close(self, keep: bool=False) -> None:
        """Close it; unless `keep`, and it can be resumed, delete it."""
        ...

def facts_to_go_on(r: Any, url: str, sha256: str) -> dict[str, str]:
    """What is needed to go on from a part of the answer `r`; empty if nobody can."""
    ...

def range_headers(part: Part) -> dict[str, str]:
    """Headers that ask for what `part` lacks."""
    ...

def continues_part(r: Any, part: Part) -> bool:
    """Does the answer `r` with status 206 begin where `part` ends, of the same version?"""
    ...
_MARKS = {'url', 'sha256', 'etag', 'modified', 'length'}
_PART = re.compile('(\\..*\\.[0-9a-f]{12}\\.)[0-9a-f]{32}\\.part(\\.json)?', re.DOTALL)

def _read_marks(path: str) -> dict[str, str]:
    """What is kept beside a part at `path`; empty if there is nothing, or it was cut off when it was written."""
    ...

def find_leftovers(folder: str | os.PathLike[str], age: float=7 * 86400) -> dict[str, list[Leftover]]:
    """The parts of files in `folder` that other downloads left, or are at work on."""
    ...

def drop_leftovers(lefts: Sequence[Leftover]) -> None:
    """Delete `lefts`, of a file that is there and right."""
    ...

def take_over(part: Part, left: Leftover, stop: threading.Event) -> None:
    """Let `part` begin with the bytes of `left`, which is deleted unless somebody is at work on it."""
    ...
