# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
from typing import Any
__all__ = ['LfsPointer', 'lfs_pointer', 'content_hash', 'lfs_conflict', 'FileState', 'verify', 'seal_of']
import hashlib, os, re, shlex
from dataclasses import dataclass
from pathlib import Path
from fastcore.basics import patch
from .files import MetadataError, has_file, sha256_of
from .metadata import Metadata, is_export_name, read_metadata

@dataclass(frozen=True)
class LfsPointer:
    """What a git-lfs pointer says of the file it stands for."""
    oid: str
    size: int
_POINTER = re.compile(b'\n    ^version [ ] https?://\\S*(?:git-lfs|hawser|git-media)\\S*\\n (?:.*\\n)*?\n    oid [ ] sha256:([0-9a-f]{64})\\n (?:.*\\n)*?\n    size [ ] (\\d+)', re.VERBOSE | re.MULTILINE)

def lfs_pointer(file: str | os.PathLike[str] | bytes) -> LfsPointer | None:
    """Read `file` as a git-lfs pointer."""
    ...

def content_hash(file: str | os.PathLike[str]) -> str:
    """The SHA-256 of what `file` holds, or stands for."""
    ...
_CONFLICT = 'git has put the git-lfs pointers of two sides of a merge into it: `git checkout --ours -- {}` or `--theirs` takes one, and what only the other side has goes. After `git lfs fetch --all`, `fsdl_diff HEAD MERGE_HEAD` (in a rebase REBASE_HEAD) shows what that is'

def lfs_conflict(file: str | os.PathLike[str]) -> str:
    """What to do about the `file`, if it is two pointers of git-lfs with git's marks of a merge between them."""
    ...

@dataclass(frozen=True)
class FileState:
    """How the file on disk compares with the one described."""
    status: str
    file: Path
    expected: str
    got: str = ''
    size: int = 0
    found: Path | None = None
    head: bytes = b''

    @property
    def ok(self) -> bool:
        """Is the file the one described?"""
        ...

    def __str__(self) -> str:
        ...

    def _advice(self) -> list[str]:
        """What to do about it, a line each."""
        ...
_RENAMED = '{0} beside it has this hash: rename it, or write filename = "{0}" into metadata.toml'
_ANOTHER = 'this is another file than the one described; if it is the one you want: fsdl_update_metadata'
_MISSING = 'the file is not there: fsdl_download fetches it, if its address still answers'
_PULL = 'this is a git-lfs pointer, not the file: run `git lfs pull`'

def _elsewhere(meta: Metadata) -> Path | None:
    """A file beside the missing data file that has its hash: it was renamed, or its name is wrong in `metadata.toml`."""
    ...

def verify(path: str | os.PathLike[str] | Metadata) -> FileState:
    """Compare the data file with the SHA-256 in `metadata.toml`."""
    ...
SEAL = re.compile(b'^[ \\t]*["\']metadata\\.toml["\'][ \\t]*=[ \\t]*["\']([0-9a-fA-F]{64})["\']', re.MULTILINE)

def seal_of(data: bytes) -> str:
    """The hash of a `metadata.toml`, with 64 zeros in place of itself."""
    ...
