# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['read_idx', 'idx_bytes', 'read_mat', 'mat_bytes']
import math, zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import RawIOBase
from typing import Any, BinaryIO
from zipfile import BadZipFile
import numpy as np
from fastcore.basics import patch
from ..core.files import MetadataError
DAMAGE = (zlib.error, EOFError, BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError)
_CHUNK: Any
_PROMISE = '{}, byte {:,}: {:,} bytes are promised there, and no more than {:,} can follow: is the file whole?'
_CUT = '{}, byte {:,}: the file ends there, {:,} bytes early: fetch it again'

@dataclass
class _Stream:
    """Bytes read in order, of which no more than `most` can follow."""
    file: BinaryIO | RawIOBase
    name: str
    most: int
    at: int = 0
    order: str = '>'

    def check(self, n: int) -> None:
        """A `MetadataError` if `n` bytes can't follow."""
        ...

    def take(self, n: int) -> np.ndarray:
        """The next `n` bytes."""
        ...

    def skip(self, n: int) -> None:
        """Go on by `n` bytes."""
        ...

    def part(self, n: int) -> _Stream:
        """The next `n` bytes as a stream of their own, which has to be read to its end."""
        ...
_NO_IDX = '{}: an idx file of bytes begins with 00 00 08 and a number of dimensions from 1 to 4, and this one with {}'
_LONGER = '{}, byte {:,}: the file goes on behind its {} numbers: it is not what its head says'

def read_idx(file: BinaryIO, name: str, most: int=1 << 30) -> np.ndarray:
    """Read an idx file of bytes, as MNIST's are."""
    ...

def idx_bytes(array: np.ndarray) -> bytes:
    """An array as an idx file."""
    ...

class _Inflated(RawIOBase):
    """What `left` compressed bytes of `file` make."""
    packed: bytes
    file: Any
    left: int
    inflate: Any

    def __init__(self, file: Any, left: int):
        ...

    def readinto(self, buffer: Any) -> int:
        ...
_TYPES = {1: 'i1', 2: 'u1', 3: 'i2', 4: 'u2', 5: 'i4', 6: 'u4', 7: 'f4', 9: 'f8', 12: 'i8', 13: 'u8'}
_MATRIX, _COMPRESSED, _STRUCT = (14, 15, 2)
_CLASSES = range(6, 16)

def _tag(s: _Stream) -> tuple[int, int, bytes | None]:
    """The kind and the number of bytes of the next element, and the bytes if they stand in the tag."""
    ...
_ODD_KIND = '{}, byte {:,}: numbers of the kind {} in {} bytes: no kind that is known, or not a whole number of them'

def _numbers(s: _Stream, most: int=1 << 12) -> np.ndarray:
    """The numbers of the next element, if that has no more than `most` bytes."""
    ...

def _struct(s: _Stream, depth: int) -> dict[str, Any]:
    """The fields of a single struct."""
    ...
_WRONG_COUNT = '{}, byte {:,}: {} numbers, and its dimensions are {}: the file is damaged'

def _matrix(s: _Stream, depth: int=0) -> tuple[str, Any]:
    """The name and the value of a matrix, of which `s` has the bytes."""
    ...

def _element(s: _Stream, depth: int=0) -> tuple[str, Any]:
    """The name and the value of the next element; ('', None) if that is no matrix."""
    ...

def _unpacked(s: _Stream, most: int) -> tuple[tuple[str, Any], int]:
    """The name and the value of the compressed element that `s` holds, and how many bytes it made, `most` at most."""
    ...
_NEWER = "{}: this is a file of MATLAB 7.3 (HDF5), which is not read here: save it with save(…, '-v7')"
_NO_MAT = '{}: this is no file of MATLAB 5 to 7.2: its head ends with {!r}'

def read_mat(file: BinaryIO, name: str, size: int, most: int=1 << 30) -> dict[str, Any]:
    """Read a `.mat` file of version 5: its numbers and single structs."""
    ...

def _element_bytes(kind: int, data: bytes) -> bytes:
    ...

def _matrix_bytes(name: str, value: Any) -> bytes:
    """A variable or a field, an array or a dict of such, as an element."""
    ...

def mat_bytes(variables: Mapping[str, Any], packed: bool=True) -> bytes:
    """Variables as a `.mat` file of version 5."""
    ...
