# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['REGISTER', 'IamFiles', 'iam_files', 'IamProblem', 'IamSplit', 'IamDataset', 'NoLists']
import os, re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple
from PIL import Image, ImageOps
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.files import MetadataError, below, has_file, read_below, text_below
from ..core.metadata import read_metadata
from ..core.verify import verify
from ..core.annotations import Page, Problem, Problems
from ..core.pictures import page_size
from ..core.archives import extract_archive
from ..fetching.report import DownloadFailed, DownloadReport
from ..fetching.workers import shows_bars
from .reader import HandwritingDataset, box_region
from .iam_forms import Box, IamForm, IamLine, form_id, parse_form, parse_ids, parse_lines
from .iam_forms import parse_words, parse_writers
_FORM = re.compile('[a-z]\\d{2}-\\d{3}[a-z]?')
_IMAGES = ('.png', '.jpg', '.jpeg', '.tif', '.tiff')
_LISTS = {'train': ('trainset.txt',), 'val': ('validationset1.txt', 'validationset2.txt'), 'test': ('testset.txt',)}
_TABLES = ('lines.txt', 'words.txt', 'forms.txt')
_ASIDE = ('lines', 'words', 'sentences', 'labels', 'pages')

class IamFiles(NamedTuple):
    """The files of IAM in a folder, as places below it."""
    course: bool
    xml: dict[str, str]
    images: dict[str, str]
    others: dict[str, str]
    twice: list[str]

def _places(folder: Path, top: str) -> Iterator[str]:
    """The files below the folder `top` in `folder` that may be IAM's, sorted; links and hidden folders are not followed."""
    ...

def iam_files(folder: str | os.PathLike[str]) -> IamFiles:
    """Find IAM's files in a folder, in whichever way they were unpacked."""
    ...
REGISTER = 'https://fki.tic.heia-fr.ch/databases/iam-handwriting-database'
_MISSING = '{}: the IAM database is not here. It is free for research after registration, and nobody may pass it on:\nregister at {}, then put into this folder either\n  iamdb.zip                                           the archive of the course (forms at half their size), or its\n  iamdb/forms/a01-000u.jpg, iamdb/xml/a01-000u.xml, iamdb/task/testset.txt\nor, of the original release, these archives or what is in them:\n  formsA-D.tgz, formsE-H.tgz, formsI-Z.tgz            formsA-D/a01-000u.png\n  xml.tgz                                             xml/a01-000u.xml\n  ascii.tgz                                           ascii/lines.txt, ascii/forms.txt, ascii/words.txt\n  largeWriterIndependentTextLineRecognitionTask.zip   task/trainset.txt, task/testset.txt'
_ARCHIVES = {**{f'forms{o}.tgz': f'forms{o}' for o in ('A-D', 'E-H', 'I-Z')}, 'xml.tgz': 'xml', 'ascii.tgz': 'ascii', 'largeWriterIndependentTextLineRecognitionTask.zip': 'task'}
_KINDS = ('*.png', '*.jpg', '*.xml', '*.txt')

def _extract(folder: Path, archive: str, to: str, top: str, progress: bool) -> bool:
    """Unpack an archive in `folder`, if it is there and that was not done; was it?"""
    ...

def _unpack(folder: Path, progress: bool) -> None:
    """Unpack the archives of IAM in `folder`: the course's if it is the one described, else those of the release."""
    ...
_Size = tuple[int, int] | None

def _scale(scan: _Size, image: _Size, course: bool) -> tuple[int, _Size, bool]:
    """How much smaller than the scan the `image` is (1 or 2), the page's size, and whether these fit each other."""
    ...

def _padded(boxes: Sequence[Box], pad: int) -> list[Box]:
    """The boxes of a page's lines with up to `pad` pixels of paper around each."""
    ...

def _inside(box: Box, size: tuple[int, int]) -> Box:
    """The part of a box that is on a page of `size`."""
    ...

class IamProblem(Problem, frozen=True):
    """Something odd in the IAM database, and where."""
    kinds = {**Problem.kinds, 'no-place': ('warning', 'a line has no components, or none on the image: it is left out, see `left_out`'), 'cut': ('warning', 'a line lies partly outside the image: it is cut there'), 'form-size': ('warning', 'an image is neither as large as the scan nor half as large'), 'form-id': ('warning', 'a form calls itself otherwise than its file is called'), 'no-xml': ('warning', 'an image, of which no file says the lines'), 'twice': ('warning', 'a second file for a form, which is not read'), 'spaced': ('note', 'lines of a table, where a space is before punctuation too'), 'segmentation': ('note', 'lines whose words were not told apart well (err): their texts are as good as others')}
    line: int = 0

def _halved(box: Box, n: int) -> Box:
    ...

def _line_boxes(form: IamForm, n: int, pad: int, size: tuple[int, int]) -> dict[int, Box]:
    """The boxes on a page of `size`, 1/`n` of the scan, of those lines of `form` that have one, by their place in it."""
    ...

def _odd(form: IamForm, n: int, size: _Size, placed: Mapping[int, Box]) -> Iterator[IamProblem]:
    """What is odd about the lines of a form on a page of `size`, of which some are `placed`."""
    ...

class _Placed(NamedTuple):
    """A form as a page."""
    page: Page
    kept: list[IamLine]
    left: list[IamLine]
    odd: list[IamProblem]

def _placed(form: IamForm, image: str, size: _Size, course: bool, pad: int) -> _Placed:
    """A `form` as the page that `image` shows; `size` is the image's, if it is there."""
    ...

class IamSplit(NamedTuple):
    """A split of IAM."""
    name: str
    by_id: dict[str, str]
    by_line: dict[str, str]
    rows: list[dict[str, Any]]
    shared: list[str]
    unknown: list[str]

    def __repr__(self) -> str:
        ...
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
    def placed(self) -> dict[str, _Placed]:
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

def _size_of(ds: IamDataset, id_: str) -> _Size:
    """The size of the image of a form; None if it is not there, or is none."""
    ...

def _placed_of(ds: IamDataset) -> dict[str, _Placed]:
    """The forms of `ds` as pages."""
    ...

def _problems_of(ds: IamDataset) -> Problems:
    """What is odd in `ds`."""
    ...

def _counted(ds: IamDataset, by_id: Mapping[str, str], by_line: Mapping[str, str]) -> list[dict[str, Any]]:
    """How much is on each side."""
    ...
_SIDES = {k: side for side, names in dict(train='train tr trainset training', test='test te testset', val='val va valid validation validationset validationset1 validationset2').items() for k in names.split()}
_NO_LISTS = '{}: the lists of the split {!r} are not here: {}'

class NoLists(MetadataError):
    """The lists of a split are not here; the message says which."""

def _ids_in(folder: Path) -> dict[str, list[str]]:
    """The ids of each side, of the lists in `folder`: train.txt, tr.lst, validation.uttlist, …"""
    ...

def _lists_of(ds: IamDataset, name: str) -> dict[str, list[str]]:
    """The ids of each side of the split `name`."""
    ...

def _sides(lists: Mapping[str, Sequence[str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The side of each form and of each line that `lists` name; a `MetadataError` if a form is on two."""
    ...

def _only(sides: Mapping[str, str], ids: Collection[str]) -> dict[str, str]:
    """The sides of those that are among `ids`."""
    ...

def _rest_trains(ids: Collection[str], sides: Mapping[str, str]) -> dict[str, str]:
    """The course's rule: what is for neither validation nor test is to train with."""
    ...

def _on_two_sides(sides: Mapping[str, str], writers: Mapping[str, str]) -> list[str]:
    """The writers with forms on two sides."""
    ...
