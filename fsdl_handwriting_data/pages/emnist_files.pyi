# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['SUBSETS', 'Glyphs', 'Emnist', 'read_emnist']
import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from gzip import GzipFile
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
import numpy as np
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.files import MetadataError, has_file, open_below, sha256_of
from ..core.metadata import Metadata, read_metadata
from .array_files import DAMAGE, read_idx, read_mat
_DIGITS, _CAPITALS = ('0123456789', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')
_OTHER = 'abdefghnqrt'
SUBSETS = {'byclass': _DIGITS + _CAPITALS + _CAPITALS.lower(), 'bymerge': _DIGITS + _CAPITALS + _OTHER, 'balanced': _DIGITS + _CAPITALS + _OTHER, 'letters': _CAPITALS, 'digits': _DIGITS, 'mnist': _DIGITS}

@dataclass(frozen=True, repr=False)
class Glyphs:
    """Characters, each alone in an image."""
    images: np.ndarray
    labels: np.ndarray
    writers: np.ndarray | None = None

    def __len__(self) -> int:
        ...

    def __repr__(self) -> str:
        ...

    def take(self, places: np.ndarray) -> Glyphs:
        """Some of them."""
        ...
_NOT_GLYPHS = '{}: {} should be {}, and {}'

def _said(x: Any) -> str:
    ...

def _whole(x: Any, n: int, name: str, what: str, most: int=255) -> np.ndarray:
    """The `n` whole numbers of the array `x`, up to `most`."""
    ...

def _classes(rows: np.ndarray, name: str) -> dict[int, str]:
    """Label → its characters, as the rows of a mapping say: the label, and code points."""
    ...

@dataclass(frozen=True)
class Emnist:
    """One of the `SUBSETS`, as it was published."""
    train: Glyphs
    test: Glyphs
    classes: dict[int, str]
    source: str = ''

    def check(self) -> None:
        """A `MetadataError` if a label is of no class."""
        ...
_NO_CLASS = '{}: {} has the label {}, and its mapping has only {}: they are not of one set'
MOST_BYTES: Any

def _mat_part(data: Any, name: str) -> Glyphs:
    """The characters of a part, as a struct has them."""
    ...

def _from_mat(file: BinaryIO, name: str, size: int) -> Emnist:
    """What the `.mat` has that is open as `file`."""
    ...

class _File(NamedTuple):
    """A file of EMNIST, in the folder or in an archive there."""
    name: str
    of: str
    size: int
    open: Callable[[], Any]

def _unpacked(z: ZipFile, o: ZipInfo, said: str) -> Any:
    """The file `o` of `z`, open for reading."""
    ...
_LOCKED = '{}: this is packed in a way that is not read here: unpack it, or fetch {} again'

def _packed(folder: Path, name: str, stack: ExitStack) -> dict[str, _File]:
    """The files of EMNIST in the archive `name`, by the last parts of their names."""
    ...

def files_here(meta: Metadata, stack: ExitStack) -> dict[str, _File]:
    """The files of EMNIST that are here, by the last parts of their names: loose ones before packed ones."""
    ...
_NO_PART = '{}: {} is not there, and the other files of {} are'

def _idx_part(files: Mapping[str, _File], subset: str, part: str) -> Glyphs:
    """The characters of a part, in the form of MNIST."""
    ...
_NO_ROWS = '{}: rows of a label and code points are wanted: {}'

def _idx_classes(file: _File | None, subset: str) -> dict[int, str]:
    """Label → its characters, as a file of rows says, or as they are known."""
    ...
_NOT_HERE = "{folder}: EMNIST is not here. `fsdl_download emnist` fetches the course's copy of matlab.zip (700 MB).\nOr put one of these there, packed or unpacked, from https://www.nist.gov/itl/products-and-services/emnist-dataset:\n  matlab.zip  with matlab/emnist-{subset}.mat\n  gzip.zip    with gzip/emnist-{subset}-train-images-idx3-ubyte.gz and emnist-{subset}-train-labels-idx1-ubyte.gz,\n              the same two of `test`, and emnist-{subset}-mapping.txt"

def _read_subset(files: Mapping[str, _File], subset: str) -> Emnist:
    """What the files of `subset` have."""
    ...
_OTHER_FILE = '{}: not the file that metadata.toml describes: fetch it again; fsdl_update_metadata takes its hash'

def read_emnist(folder: str | os.PathLike[str], subset: str='byclass', verify: bool=True) -> Emnist:
    """Read EMNIST as it was published: from `.mat`, or from the form of MNIST, packed or not."""
    ...
