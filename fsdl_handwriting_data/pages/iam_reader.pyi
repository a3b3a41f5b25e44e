# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['IamDataset', 'NoLists']
import os
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any
from PIL import Image, ImageOps
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.files import MetadataError, below, has_file, read_below
from ..core.annotations import Page, Problems
from ..core.pictures import page_size
from ..fetching.report import DownloadFailed, DownloadReport
from ..fetching.workers import shows_bars
from .reader import HandwritingDataset
from .iam_files import ARCHIVES, LISTS, MISSING, REGISTER, IamFiles, iam_files, unpack_iam
from .iam_forms import IamForm, IamLine, parse_form, parse_ids, parse_lines
from .iam_forms import parse_words, parse_writers
from .iam_lines import IamProblem, Placed, Size, place_form
from .iam_lists import IamSplit, ids_in, on_two_sides, only_of, rest_trains, sides_of
_PADDING = {'2019': 0, '2022': 8}
_SPLITS = ('course', 'official', 'aachen')

def _check(name: str, value: str, good: Collection[str]) -> None:
    """An `InputError` if `value` is none of those."""
    ...

class IamDataset(HandwritingDataset):
    """The IAM Handwriting Database."""
    progress: bool
    padding: str
    split_name: str
    lists: str | os.PathLike[str] | None

    def __init__(self, path_or_name: str | os.PathLike[str]='iam', data_dir: str | os.PathLike[str] | None=None, padding: str='2019', split: str='course', lists: str | os.PathLike[str] | None=None, progress: bool=True):
        ...

    @cached_property
    def files(self) -> IamFiles:
        """IAM's files, unpacked."""
        ...

    @cached_property
    def forms(self) -> dict[str, IamForm]:
        """The forms by id."""
        ...

    @cached_property
    def placed(self) -> dict[str, Placed]:
        """The forms as pages."""
        ...

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The pages by id."""
        ...

    @cached_property
    def own_split(self) -> IamSplit:
        """The split that counts."""
        ...

    @cached_property
    def problems(self) -> Problems:
        """What is odd."""
        ...

    def image_name(self, id_: str) -> str:
        """The image of a form; where it would be, if it is not there."""
        ...

    @property
    def line_ids_by_id(self) -> dict[str, list[str]]:
        """The ids of the lines of each form, such as 'a01-000u-00'."""
        ...

    @property
    def segmentation_by_id(self) -> dict[str, list[str]]:
        """For each line 'ok', or 'err' where its words were not told apart well; the text is right in both."""
        ...

    @property
    def left_out(self) -> dict[str, list[IamLine]]:
        """The lines that have no place on their form, so that they are no regions."""
        ...

    @property
    def writers(self) -> dict[str, str]:
        """Who wrote each form."""
        ...

    @property
    def prompt_by_id(self) -> dict[str, str]:
        """The printed text that was copied on each form, with its line breaks."""
        ...

    @property
    def all_ids(self) -> list[str]:
        """The ids of all forms."""
        ...

    @property
    def xml_filenames_by_id(self) -> dict[str, Path]:
        """The XML file of each form."""
        ...

    @property
    def xml_filenames(self) -> list[Path]:
        """The XML files."""
        ...

    @property
    def form_filenames_by_id(self) -> dict[str, Path]:
        """The images."""
        ...

    @property
    def form_filenames(self) -> list[Path]:
        """The images of the forms."""
        ...

    @property
    def paragraph_string_by_id(self) -> dict[str, str]:
        """The text of each form."""
        ...

    @property
    def paragraph_region_by_id(self) -> dict[str, dict[str, int]]:
        """The box around all lines of each form."""
        ...

    def load_image(self, id: str) -> Image.Image:
        """The image of a form, inverted as in the course of 2022; `open_page` gives it as it is."""
        ...

    @property
    def metadata(self) -> dict[str, str]:
        """What `metadata.toml` says of the course's archive."""
        ...

    def split(self, name: str='') -> IamSplit:
        """A split of the forms; a `MetadataError` if its lists are not here."""
        ...

    @property
    def split_by_id(self) -> dict[str, str]:
        """The side of each form, in the split that was asked for when the dataset was opened."""
        ...

    @property
    def ids_by_split(self) -> dict[str, list[str]]:
        """The forms of each side."""
        ...

    @property
    def train_ids(self) -> list[str]:
        """The forms to train with."""
        ...

    @property
    def validation_ids(self) -> list[str]:
        """The forms to tune with."""
        ...

    @property
    def test_ids(self) -> list[str]:
        """The forms to test with."""
        ...

    @property
    def given_split(self) -> dict[str, str]:
        """How IAM divides its forms, of which some may be on no side; none if the lists are not here."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that IAM is there and unpacked, and tell which images are not."""
        ...

    @property
    def needs_data_file(self) -> bool:
        """Is the course's archive to be fetched: is nothing of IAM here?"""
        ...

    def prepare_data(self) -> None:
        """As `load_or_generate_data`, by its name in the course of 2022."""
        ...

def _files_of(ds: IamDataset) -> IamFiles:
    """The files of IAM in the folder of `ds`; a `MetadataError` that says what should be there if they are not."""
    ...

def _table(ds: IamDataset, name: str) -> tuple[str, str]:
    """The text of a table or a list, '' if it is not there, and its place, for messages."""
    ...

def _forms_of(ds: IamDataset) -> dict[str, IamForm]:
    """The forms of `ds`: of the XML, and those that have none of the tables."""
    ...

def _size_of(ds: IamDataset, id_: str) -> Size:
    """The size of the image of a form; None if it is not there, or is none."""
    ...

def _placed_of(ds: IamDataset) -> dict[str, Placed]:
    """The forms of `ds` as pages."""
    ...

def _problems_of(ds: IamDataset) -> Problems:
    """What is odd in `ds`."""
    ...

def _counted(ds: IamDataset, by_id: Mapping[str, str], by_line: Mapping[str, str]) -> list[dict[str, Any]]:
    """How much is on each side."""
    ...
_NO_LISTS = '{}: the lists of the split {!r} are not here: {}'

class NoLists(MetadataError):
    """The lists of a split are not here; the message says which."""

def _lists_of(ds: IamDataset, name: str) -> dict[str, list[str]]:
    """The ids of each side of the split `name`."""
    ...
