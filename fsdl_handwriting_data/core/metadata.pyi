# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['is_export_name', 'Metadata', 'is_inside', 'metadata_path', 'read_metadata', 'reader_name', 'check_labels']
import hashlib, os, re, tomllib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any
from fastcore.basics import patch
from .files import MetadataError, OutsideError, below, read_below, sha256_of

def is_export_name(name: str) -> bool:
    """Whether a file called `name` is an export, which is JSON lines."""
    ...

@dataclass(frozen=True)
class Metadata:
    """What a `metadata.toml` says."""
    path: Path
    url: str = field(default='', repr=False)
    filename: str = ''
    sha256: str = ''
    mirrors: dict[str, list[str]] = field(default_factory=dict, repr=False)
    pins: dict[str, str] = field(default_factory=dict)
    aside: dict[str, Path] = field(default_factory=dict)
    reader: str = 'export'

    @property
    def folder(self) -> Path:
        """The dataset's folder."""
        ...

    @property
    def file(self) -> Path:
        """The data file, as `at` gives it."""
        ...

    @property
    def is_export(self) -> bool:
        """Is it an export?"""
        ...

    def at(self, name: str) -> Path:
        """Where to read a file of the dataset; an `OutsideError` if that is a link that leads elsewhere, see `below`."""
        ...

    @property
    def hashes(self) -> dict[str, str]:
        """The files that the description has a hash of."""
        ...

def is_inside(name: str) -> bool:
    """Whether `name` stays inside the folder it is joined to, on POSIX and on Windows."""
    ...

def _is_place(where: str) -> bool:
    """Is `where` a URL, or a folder beside the file?"""
    ...

def _mirrors(value: Any, path: Path) -> dict[str, list[str]]:
    ...

def _pins(value: Any, path: Path) -> dict[str, str]:
    ...

def _reader(value: Any, path: Path) -> str:
    """The name of a reader."""
    ...

def metadata_path(path: str | os.PathLike[str]) -> Path:
    """The `metadata.toml` that `path` means."""
    ...

def toml_bytes(path: Path) -> bytes:
    """What the description at `path` holds."""
    ...
_DOTTED = re.compile('(?<![\\w.-])(?:(?:[\\w-]+|"[^"\\n]*"|\'[^\'\\n]*\')[ \\t]*\\.[ \\t]*){100}')
_CONFLICT = 'a conflict of git, marked in line {}: keep one of the two sides, delete the marks (<<<<<<<, =======, >>>>>>>), and when the data file is the right one: fsdl_update_metadata'

def parse_toml(data: bytes, path: Path) -> tuple[str, dict[str, Any]]:
    """The text and the keys of the TOML `data`; `path` is for errors."""
    ...

def waiting_path(meta: Metadata, name: str, sha256: str) -> Path:
    """Where the new content of the file `name`, with the hash `sha256`, waits until it is put in its place."""
    ...

def new_images_folder(meta: Metadata) -> Path:
    """The folder in which the images of new pages wait."""
    ...

def _to_settle(meta: Metadata) -> Iterator[tuple[str, Path]]:
    """The files of a dataset that wait, as it is described: name and where they are."""
    ...

def settle_files(meta: Metadata) -> Metadata:
    """`meta`, with the files that wait put in their places."""
    ...
_WRITTEN = ('metadata.toml', 'images.csv', 'card.md', 'croissant.json', '.lock')
_TAKEN = 'filename {!r:.200} is the name of another file of a dataset, which would be written over it: give the data file a name of its own'

def _check_filename(name: str, path: Path) -> None:
    """A `MetadataError` if the data file can't be called `name`."""
    ...
_NO_FILE = ': the reader {!r} may do without, but there is no data file to fetch, to compare or to write then'
_NO_HASH = 'sha256 {!r:.200} is not a SHA-256 (64 hexadecimal digits); fsdl_update_metadata writes the right one'

def parse_description(data: bytes, path: Path, need: tuple[str, ...]) -> Metadata:
    """What the description `data` says, which is or will be the file at `path`."""
    ...

def read_metadata(path: str | os.PathLike[str], need: tuple[str, ...]=('url', 'filename', 'sha256')) -> Metadata:
    """Read a `metadata.toml`, and end a change of the dataset that was cut short; anything wrong is a `MetadataError`."""
    ...

def reader_name(path: str | os.PathLike[str]) -> str:
    """The `reader` that a `metadata.toml` names."""
    ...
_READ_ONLY = '{}: its pages are read by {!r}, which writes nothing, and labels are made in an export: start a dataset with their images (fsdl_new, new_dataset) and label that; suggest= takes their lines'

def check_labels(path: str | os.PathLike[str]) -> None:
    """A `MetadataError` if no labels can be made in this dataset, since it is no export."""
    ...
