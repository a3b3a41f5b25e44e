# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
from typing import Any
__all__ = ['STAMP', 'Fault', 'Verified', 'verify_dataset', 'Fingerprint', 'fingerprint', 'StaleError', 'write_stamp', 'check_stamp']
import json, os, re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, error_text, plain_text, without_secrets
from ..core.findings import Finding, Findings
from ..core.names import TABLE, file_name, name_key
from ..core.files import MetadataError, OutsideError, below, drop_parts, has_file, read_below
from ..core.files import sha256_of, write_atomic
from ..core.metadata import Metadata, read_metadata
from ..core.verify import FileState, lfs_conflict, lfs_pointer, seal_of, verify
from ..core.writing import read_steady
from ..core.annotations import Page, Problem, Problems
from ..core.checks import describe_bytes, image_problem
from ..core.pictures import picture_problems
from .git import GitError, git_state
from .image_list import PINS, is_list_lost, parse_pins, pins_file
from .pins import in_threads, listed_pins, beside, read_dataset

class Fault(Finding, frozen=True):
    """What is wrong with one file of a dataset."""
    kinds = {'missing': ('error', 'the file is not here'), 'pointer': ('error', 'a git-lfs pointer in place of the file'), 'mismatch': ('error', 'another file than the one described'), 'wrong-name': ('error', 'the file has another name here'), "nobody's": ('error', 'a file that belongs to no page'), 'not-pinned': ('error', 'a file, or a page, without a hash')}

    def __str__(self) -> str:
        ...

def _other(path: Path, sha256: str, size: int, image: bool) -> tuple[str, str]:
    """The kind of fault, and what is there, of the file at `path`, which has another hash: should it be an `image`?"""
    ...

def _compare(meta: Metadata, name: str, sha256: str, size: int=-1) -> Fault | None:
    """What is wrong with the file `name` of the dataset that should have a hash, and a size if that is known."""
    ...

def _description_faults(meta: Metadata, state: FileState) -> Iterator[Fault]:
    """What is wrong with `metadata.toml` and the files it names; `state` is that of the data file."""
    ...

def _image_faults(meta: Metadata, pages: Iterable[str] | None, progress: bool) -> Iterator[Fault]:
    """What is wrong with the images of a dataset with these `pages`, here and not here; None: nobody's are not told."""
    ...

def _strangers(meta: Metadata, ids: Iterable[str]) -> Iterator[Fault]:
    """The files among the images of a dataset that are of none of `ids`; hidden files aside."""
    ...

def _pages_faults(meta: Metadata, pages: Mapping[str, str]) -> Iterator[Fault]:
    """Where the list of images and the `pages` of the export, id → address, disagree."""
    ...

def _beside_faults(meta: Metadata) -> Iterator[Fault]:
    """The files beside the export that have no hash, though others have."""
    ...

class Verified(Findings[Fault]):
    """What is wrong with a dataset: nothing, if it is empty."""
    state: str = ''

    @property
    def ok(self) -> bool:
        """Is everything right?"""
        ...

    def __str__(self) -> str:
        ...

    def compare_pictures(self, meta: Metadata, progress: bool=True) -> None:
        """Compare the images that are here with the records of their pages."""
        ...

def _verify_once(meta: Metadata, images: bool, progress: bool) -> Verified:
    """What is wrong, as the description `meta` says."""
    ...

def verify_dataset(path: str | os.PathLike[str], images: bool=True, progress: bool=True) -> Verified:
    """Compare every file of a dataset with its hash: description, export, list of images, files beside them, and images."""
    ...

@dataclass(frozen=True)
class Fingerprint:
    """Which data this is, and with which code."""
    commit: str
    export: str
    pins: str

    def __str__(self) -> str:
        ...

    @classmethod
    def parse(cls, text: str) -> 'Fingerprint':
        """Read a fingerprint."""
        ...

def fingerprint(path: str | os.PathLike[str] | Metadata) -> Fingerprint:
    """The fingerprint of a dataset."""
    ...

class StaleError(HandwritingError, ValueError):
    """Something was made from other data than is here."""
STAMP = 'fingerprint.json'

def write_stamp(folder: str | os.PathLike[str], of: Fingerprint, **notes: str | int | float | bool) -> None:
    """Say in `folder` from which data its files were made."""
    ...

def check_stamp(folder: str | os.PathLike[str], now: Fingerprint, **notes: str | int | float | bool) -> Fingerprint:
    """Make sure that what is in `folder` was made from this data; a `StaleError` says what differs."""
    ...
