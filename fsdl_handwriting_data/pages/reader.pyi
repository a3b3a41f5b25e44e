# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['HandwritingDataset', 'box_region', 'warn_of']
import math, os, warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from PIL import Image
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, UnknownId, is_blank
from ..core.names import file_name
from ..core.files import OutsideError
from ..core.metadata import is_inside, read_metadata
from ..core.places import find_dataset
from ..core.annotations import Page, Problem, Problems, Region, region_box
from ..core.pictures import labelled_size, picture_problems
from ..core.exports import export_bytes
from ..core.done import page_state, state_words
from ..fetching.limits import Limits
from ..fetching.fetch import Fetched
from ..fetching.report import DownloadReport
from ..fetching.download import fetch_data_file
from ..versioning.image_list import Pin
from ..versioning.verified import Fingerprint, fingerprint as _fingerprint
from .faults import ReaderError, reader_error, tell_faults
from .writers import read_writers
from ..core.tables import as_frame
if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes
    from fsdl_handwriting_data.pages.crops import LineCrop

def region_sizes(page: Page, image: Callable[[], Path]) -> list[tuple[int, int] | None]:
    """For each region of `page` (width, height) of it, which its `image` says where its record does not; None: nobody knows."""
    ...

def sized_regions(page: Page, image: Callable[[], Path]) -> list[tuple[Region, tuple[int, int]]]:
    """The regions of `page` of which (width, height) of their page is known, each with that."""
    ...

class HandwritingDataset:
    """Pages of handwriting with labelled lines; a subclass says which `pages` there are."""
    folder: Any
    meta: Any
    draws_pages: ClassVar[bool] = False

    def __init__(self, path_or_name: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None=None):
        ...

    def __init_subclass__(cls, **how: Any) -> None:
        ...

    @property
    def pages(self) -> dict[str, Page]:
        """The pages by id."""
        ...

    @property
    def records(self) -> Sequence[Page]:
        """All that `pages` were taken from."""
        ...

    @property
    def problems(self) -> Problems:
        """What is odd in the data."""
        ...

    @property
    def pins(self) -> dict[str, Pin]:
        """The hash of each image by id; none if they are not pinned."""
        ...

    @property
    def name(self) -> str:
        """The folder's name."""
        ...

    @property
    def page_dir(self) -> Path:
        """The folder of the page images."""
        ...

    @property
    def fingerprint(self) -> Fingerprint:
        """Which data this is, and at which commit."""
        ...

    def image_name(self, id_: str) -> str:
        """The name of a page image: its id in `pages`, if that is a good name everywhere."""
        ...

    def page_path(self, id_: str) -> Path:
        """The file of a page image, or where it waits in a folder that is closed; an `OutsideError` if that is elsewhere."""
        ...

    def _image(self, id_: str) -> Path:
        """As `page_path`; an empty file in place of what leads elsewhere."""
        ...

    @property
    def page_filenames_by_id(self) -> dict[str, Path]:
        """The page images that are there."""
        ...

    @property
    def page_filenames(self) -> list[Path]:
        """The files of the page images that are there."""
        ...

    def data_dirname(self) -> Path:
        """The folder of all data, as the course's notebooks ask for it."""
        ...

    @property
    def pages_here(self) -> list[str]:
        """The ids of the pages that `open_page` opens: their images are there, or are drawn."""
        ...

    @property
    def line_regions_by_id(self) -> dict[str, list[dict[str, int]]]:
        """For each page id, the boxes of its lines in whole pixels of the page as labelled."""
        ...

    @property
    def line_strings_by_id(self) -> dict[str, list[str]]:
        """For each page id, the transcripts of its lines, in the same order and number as the regions."""
        ...

    @property
    def writers(self) -> dict[str, str]:
        """Who wrote each page, as `writers.csv` says; a reader whose data tells it says that."""
        ...

    @property
    def given_split(self) -> dict[str, str]:
        """How the data itself divides its pages, of which some may be on no side; none unless its reader says so."""
        ...

    @property
    def fetches(self) -> bool:
        """Whether `load_or_generate_data` fetches or makes page images that are not here."""
        ...

    @property
    def image_advice(self) -> str:
        """How to get page images that are not here."""
        ...

    def image_problems(self, bytes_too: bool=True) -> Problems:
        """Page images that are missing, unreadable, or not those that were labelled; of pinned ones, `fsdl_verify` tells."""
        ...

    @property
    def done(self) -> list[str]:
        """The ids of pages that are done: nothing on them is open."""
        ...

    @property
    def begun(self) -> list[str]:
        """The ids of pages that have lines and are not done: others may be missing."""
        ...

    def open_page(self, id_: str, mode: str='RGB') -> Image.Image:
        """The image of a page."""
        ...

    def __len__(self) -> int:
        ...

    def __contains__(self, id_: object) -> bool:
        ...

    def __getitem__(self, i: Any) -> Any:
        """A page by its number or its id."""
        ...

    def frame(self, split: Mapping[str, str] | None=None) -> Any:
        """All lines, a row for each, as they stand in the records; `LinesDataset(ds).frame()` has those to learn from."""
        ...

    def draw_page(self, id_: str) -> Image.Image:
        """A page that is no file, where a reader `draws_pages`: that reader says it."""
        ...

    def line_crops(self, id_: str, only: Sequence[int] | None=None, mode: str='RGB', **how: Any) -> 'list[LineCrop | None]':
        """The lines of a page, each with its picture and its place on the page, which is opened once."""
        ...

    def line_images(self, id_: str, mask: bool=True, deskew: bool=True, height: int | None=None) -> list[Image.Image | None]:
        """The pictures of a page's lines, in colour."""
        ...

    def show_page(self, id_: str) -> 'Axes':
        """Draw a page with its regions."""
        ...

    def show_pages(self, n: int=12, cols: int=4) -> 'np.ndarray':
        """Draw the first `n` pages whose images are there, with their regions; what is no image is a grey sheet."""
        ...

    def _cut(self, places: Mapping[str, Sequence[int]], **how: Any) -> dict[str, tuple[str, list[Image.Image | None]]]:
        """For each page id, ' (begun)' if it is that, and of its lines those at `places`, cut as `how` says."""
        ...

    def show_lines(self, ids: Sequence[str]=(), n: int=24, cols: int=1, mask: bool=True, deskew: bool=True) -> 'list[Axes]':
        """Draw lines with their transcripts; only the pages they are on are opened."""
        ...

    @property
    def needs_data_file(self) -> bool:
        """Is the data file that is described fetched where it is not there? A reader may find its data elsewhere."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that the data file is there, and tell which page images are not."""
        ...

    def summary(self, images: Sequence[Problem] | None=None) -> str:
        """What is in the dataset, and how many problems; as `repr`, which does not look at the images."""
        ...

    def __repr__(self) -> str:
        ...

    def as_export(self) -> bytes:
        """The records of the dataset as an export."""
        ...
_NO_RAW = '{}: its folder is not below a folder raw/, as in the course; the images are in page_dir'

def box_region(box: Sequence[int], size: tuple[int, int], text: str='', **fields: Any) -> Region:
    """A rectangle as data in pixels has it."""
    ...
LINE_COLUMNS = ('line_id', 'text', 'paragraph', 'polygon', 'bbox', 'marks', 'page_id', 'page_width', 'page_height')

def line_rows(ds: HandwritingDataset, id_: str) -> list[dict[str, Any]]:
    """What a table says of the lines of a page."""
    ...

def _spread(counts: Mapping[str, int], n: int) -> dict[str, list[int]]:
    """Which of each to take, `n` in all if there are so many: from all over `counts`, as evenly as may be."""
    ...
_NO_LINE = '{}: there is no line to show; pages with regions, and their images, are needed: {}'
_ODD = {'image-size': 'have another size than was labelled', 'turn': 'may be turned in another way than their labels'}

def warn_of(report: DownloadReport, odd: Problems) -> None:
    """Warn of failures, and of images that were not labelled; as from where the function was called that calls this."""
    ...
