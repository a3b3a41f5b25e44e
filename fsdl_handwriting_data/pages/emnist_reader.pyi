# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['SUBSETS', 'FORMS', 'Glyphs', 'Emnist', 'read_emnist', 'balanced_places', 'EmnistDataset', 'emnist_files', 'draw_emnist']
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial
from gzip import GzipFile, compress
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo
import numpy as np
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.files import MetadataError, has_file, open_below, sha256_of, write_atomic
from ..core.metadata import Metadata, read_metadata
from ..core.annotations import Page, Problem, Problems, Region
from ..core.charset import Charset
from ..fetching.limits import Limits
from ..fetching.report import DownloadReport
from ..fetching.download import fetch_data_file
from .sample import HANDS, draw_glyph
from .reader import HandwritingDataset, box_region
from .array_files import DAMAGE, idx_bytes, mat_bytes, read_idx, read_mat
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
_MOST: Any

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

def _files(meta: Metadata, stack: ExitStack) -> dict[str, _File]:
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

def _opened(files: Mapping[str, _File], subset: str) -> Emnist:
    """What the files of `subset` have."""
    ...
_OTHER_FILE = '{}: not the file that metadata.toml describes: fetch it again; fsdl_update_metadata takes its hash'

def read_emnist(folder: str | os.PathLike[str], subset: str='byclass', verify: bool=True) -> Emnist:
    """Read EMNIST as it was published: from `.mat`, or from the form of MNIST, packed or not."""
    ...

def balanced_places(numbers: np.ndarray, seed: int=42, course: bool=False) -> np.ndarray:
    """At most as many examples of each class as there are of a class on average."""
    ...

class _Sheet(NamedTuple):
    """Up to 100 characters of one part, and of one writer where that is known."""
    part: str
    places: np.ndarray
    writer: str = ''

def _put_aside(sheets: Mapping[str, _Sheet], val: float, seed: int) -> list[str]:
    """The ids of the training's sheets, of whole writers, that have the fraction `val` of its characters."""
    ...

def _groups(glyphs: Glyphs) -> dict[str, np.ndarray]:
    """Writer → the places of what that writer wrote; all under '' where nobody knows."""
    ...

def _sheets(data: Emnist, subset: str, val: float, seed: int) -> dict[str, _Sheet]:
    """Sheet by id, in the order of the parts and writers."""
    ...

class CourseArrays:
    """What the course's code asks a dataset of examples for."""
    charset: Charset
    one_hot: np.dtype[Any] = np.dtype(np.float32)

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        ...

    def hot(self, part: str) -> np.ndarray:
        ...

    @property
    def mapping(self) -> dict[int, str]:
        """Number → symbol."""
        ...

    @property
    def inverse_mapping(self) -> dict[str, int]:
        """Symbol → number."""
        ...

    @property
    def num_classes(self) -> int:
        """How many symbols there are."""
        ...

    @property
    def x_train(self) -> np.ndarray:
        """Images to learn from, uint8."""
        ...

    @property
    def x_val(self) -> np.ndarray:
        """Images to choose a model with, uint8."""
        ...

    @property
    def x_test(self) -> np.ndarray:
        """Images to be examined with, uint8."""
        ...

    @property
    def y_train_int(self) -> np.ndarray:
        """The numbers of what `x_train` shows."""
        ...

    @property
    def y_val_int(self) -> np.ndarray:
        """The numbers of what `x_val` shows."""
        ...

    @property
    def y_test_int(self) -> np.ndarray:
        """The numbers of what `x_test` shows."""
        ...

    @property
    def y_train(self) -> np.ndarray:
        """`y_train_int` as rows with a single 1."""
        ...

    @property
    def y_val(self) -> np.ndarray:
        """`y_val_int` as rows with a single 1."""
        ...

    @property
    def y_test(self) -> np.ndarray:
        """`y_test_int` as rows with a single 1."""
        ...
_CELL, _SIDE = (40, 412)

def _corner(i: int) -> tuple[int, int]:
    ...

def _sheet_pages(data: Emnist, sheets: Mapping[str, _Sheet]) -> dict[str, Page]:
    """The sheets as pages; regions that are alike are one object, since there are 800,000."""
    ...

class _EmnistPages(HandwritingDataset):
    """What is read, and divided, once."""
    draws_pages: ClassVar[bool] = True
    subset, val, seed, verify = ('byclass', 0.2, 42, True)

    @cached_property
    def published(self) -> Emnist:
        """As it was published."""
        ...

    @cached_property
    def _sheets(self) -> dict[str, _Sheet]:
        ...

    @cached_property
    def _arrays(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        ...

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The sheets by id."""
        ...

class EmnistDataset(CourseArrays, _EmnistPages):
    """EMNIST: arrays of characters, and sheets of them as pages."""
    subset: str
    charset: Any
    val: Any
    balance: bool
    course: bool
    seed: int
    verify: bool
    subsample_fraction: float | None
    input_shape: Any
    output_shape: Any

    def __init__(self, path_or_name: str | os.PathLike[str]='emnist', data_dir: str | os.PathLike[str] | None=None, subset: str='byclass', charset: Charset | None=None, val: float=0.2, balance: bool=True, course: bool=False, subsample_fraction: float | None=None, seed: int=42, verify: bool=True):
        ...

    def __getstate__(self) -> dict[str, Any]:
        """What another process needs: it reads the files again."""
        ...

    def draw_page(self, id_: str) -> Image.Image:
        """A sheet of characters, dark on white."""
        ...

    @property
    def writers(self) -> dict[str, str]:
        """Who wrote each sheet."""
        ...

    @property
    def given_split(self) -> dict[str, str]:
        """The sides as NIST made them; `val` is what was put aside of its training."""
        ...

    def glyphs(self, part: str) -> Glyphs:
        """All characters of a side, in the order of the file."""
        ...

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        """The characters of a side that are taken, see `balance`, and their numbers; made once."""
        ...

    @property
    def proof(self) -> str:
        """What each side has, and whether another side has it too, counted."""
        ...

    def summary(self, images: Sequence[Problem] | None=None) -> str:
        """What is in the dataset; as `repr`."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that the data is there and can be read."""
        ...
_READ = ('published', '_sheets', '_arrays', '_hot', 'pages')

def _side(ds: EmnistDataset, part: str) -> tuple[Glyphs, np.ndarray]:
    """The published characters, and which of them are of the side `part`."""
    ...
_NO_NUMBER = '{}: the charset has no number for {}: give one that has, or another of {}'
FORMS = ('matlab.zip', 'gzip.zip', 'mat', 'gz')

def _drawn(chars: Mapping[int, str], writers: range, each: int, rng: np.random.Generator) -> Glyphs:
    """Characters that each of the `writers` draws, in an order of chance."""
    ...

def emnist_files(data: Emnist, subset: str) -> dict[str, bytes]:
    """Characters in the files that NIST publishes."""
    ...

def _zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive that is the same whenever it is made."""
    ...
_DESCRIBED = 'reader = "emnist"\nurl = "https://sample.invalid/{0}"\nfilename = "{0}"\nsha256 = "{1}"\n'

def _write_emnist(folder: Path, files: Mapping[str, bytes], form: str) -> None:
    """Write what `form` is of `files`, and a description."""
    ...

def draw_emnist(path: str | os.PathLike[str], subset: str='byclass', n_writers: int=5, each: int=1, form: str='matlab.zip', seed: int=2019) -> Path:
    """Make a small dataset in EMNIST's form, of characters that are drawn."""
    ...
