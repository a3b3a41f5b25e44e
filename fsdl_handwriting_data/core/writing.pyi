# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['edit_metadata', 'ChangedError', 'write_dataset', 'read_steady', 'update_metadata', 'file_lock', 'dataset_lock']
import errno, hashlib, os, shutil, time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar
import tomlkit
from fastcore.basics import patch
from .files import MetadataError, OutsideError, BUSY, DAY, check_place, has_no_locks
from .files import lock_file, unfinished_in, remove_if_possible, warn_of_no_locks, below
from .files import drop_parts, sha256_of
from .files import sync_folder, write_atomic
from .metadata import Metadata, parse_description, new_images_folder, parse_toml, settle_files
from .metadata import toml_bytes
from .metadata import waiting_path, read_metadata
from .verify import SEAL, lfs_pointer, seal_of

def _set_text(doc: Any, key: str, value: str) -> None:
    """Set `key` of the TOML table `doc`, in the quotes that it has."""
    ...

def _set_pins(doc: Any, pins: Mapping[str, str]) -> None:
    """Make `pins` the table `[pins]` of the TOML document `doc`, with a place for its seal on a line of its own."""
    ...
_TWO_SEALS = '{}: more than one line reads like the seal of [pins] ("metadata.toml" = …): change the others'

def edit_metadata(path: str | os.PathLike[str], sha256: str | None=None, pins: Mapping[str, str] | None=None, reseal: bool=False, change: Callable[[str], str]=str) -> bytes:
    """The text of a `metadata.toml` with other hashes. A seal that was right is renewed, and new `[pins]` get one."""
    ...

class ChangedError(MetadataError):
    """Another program changed the dataset at the same time, so this was not written: it can be done again."""
_CHANGED = '{} was changed by another program meanwhile, so nothing was written: run this again'
_BOTH_WROTE = '{}: another program wrote at the same time, and not all of this is in it: run this again'
_WAITS = 'it is written, and waits as {}; it is put in its place as soon as that can be'

class _Writing:
    """Files of a dataset that are being written, with the description that has their hashes."""
    meta: Metadata
    files: Mapping[str, bytes]
    made: Any
    text: Any
    new: Any
    wait: Any

    def __init__(self, meta: Metadata, files: Mapping[str, bytes], text: bytes | None):
        ...

    def with_hashes(self) -> bytes | None:
        """The text of the description with the hashes of the new files; None if it has no hashes of such files."""
        ...

    def in_place(self, names: Iterable[str]) -> dict[str, str]:
        """The hash of each of the files `names` as it is in its place; '' if there is none."""
        ...

    def said(self) -> dict[str, str]:
        """The hashes in the description as it is in its place; none if there is none."""
        ...

    def put_aside(self, images: Path | None) -> None:
        """Write the files that wait, and name the folder of new `images` so that it waits."""
        ...

    def take_back(self, images: Path | None) -> None:
        """Delete what waits, and the description does not name."""
        ...

    def give_way(self, meta: Metadata, was: Mapping[str, str]) -> ChangedError:
        """Describe the files of another program that are in their places now, and not what `was` there; the error to raise."""
        ...

    def commit(self, text: bytes, was: Mapping[str, str]) -> None:
        """Write the description `text`, if all is as it `was`; from then on the files wait that were made."""
        ...

    def settle(self, was: Mapping[str, str]) -> None:
        """Put what waits in its place, and look whether another program did the same meanwhile."""
        ...

def write_dataset(meta: Metadata, files: Mapping[str, bytes], text: bytes | None=None, was: Mapping[str, str]={}, images: Path | None=None) -> None:
    """Write files and the description that has their hashes, all or nothing; a `ChangedError` if another program wrote too."""
    ...
_T = TypeVar('_T')

def read_steady(path: str | os.PathLike[str], read: Callable[[Metadata], _T], good: Callable[[_T], bool]=lambda o: True, need: tuple[str, ...]=('url', 'filename', 'sha256'), wait: float=10.0) -> _T:
    """Read files of a dataset, again while they are not as described and another program changes the description."""
    ...

def update_metadata(path: str | os.PathLike[str]) -> tuple[str, str] | None:
    """Write the data file's SHA-256 into `metadata.toml`, and leave the rest of it as it is."""
    ...

@contextmanager
def file_lock(fd: int, path: str | os.PathLike[str], wait: float=10.0) -> Iterator[bool]:
    """Hold the lock of the open file `fd`; an `OSError` if another program has it for longer than `wait`."""
    ...

def _is_at(fd: int, path: Path) -> bool:
    """Is the open file `fd` the one at `path`?"""
    ...

@contextmanager
def _dataset_locked(fd: int, path: Path, wait: float) -> Iterator[bool]:
    """Hold the lock of `fd`, and delete the file at `path` in the end."""
    ...

def _waiting_in(folder: Path) -> tuple[set[Path], set[Path]]:
    """What waits for its place in the dataset's `folder` and is described, and the folders in which such may lie."""
    ...

def _tidy(folder: Path, held: bool) -> None:
    """Delete what killed programs left half written or not described in the dataset's `folder`, whose lock is `held`."""
    ...
_LINKED_LOCK = '{}: this is a link to {!r}, and a lock is none: delete it'
_TO_LOCK: Any

@contextmanager
def dataset_lock(folder: str | os.PathLike[str], wait: float=10.0) -> Iterator[bool]:
    """Hold the lock of a dataset while its export and `metadata.toml` are read, changed and written.

What programs that were killed left in the dataset is deleted first. An `OSError` if another program is at work
on it for longer than `wait`. The lock is not for nested use."""
    ...
