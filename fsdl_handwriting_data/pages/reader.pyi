# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['HandwritingDataset']
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.names import file_name
from ..core.files import OutsideError, below
from ..core.annotations import Page, Problem, Problems, Region, region_box
from ..core.pictures import labelled_size, picture_problems
from ..core.done import page_state, state_words
if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

def _sized_regions(page: Page, path: Path) -> list[tuple[Region, tuple[int, int]]]:
    """The regions of `page`, each with (width, height) of its page; `path` is the page's image."""
    ...

class HandwritingDataset:
    """Pages of handwriting with labelled lines; a subclass says which `pages` there are."""
    folder: Path

    @property
    def pages(self) -> dict[str, Page]:
        """The pages by id."""
        ...

    @property
    def name(self) -> str:
        """The folder's name."""
        ...

    @property
    def page_dir(self) -> Path:
        """The folder of the page images."""
        ...

    def page_path(self, id_: str) -> Path:
        """The file of a page image, named by the id if that is a good name on every system; an `OutsideError` if it is a link that leads elsewhere."""
        ...

    @property
    def page_filenames_by_id(self) -> dict[str, Path]:
        """The page images that are there."""
        ...

    @property
    def page_filenames(self) -> list[Path]:
        """The files of the page images that are there."""
        ...

    @property
    def line_regions_by_id(self) -> dict[str, list[dict[str, int]]]:
        """For each page id, the boxes of its lines: 'x1', 'y1', 'x2', 'y2' in whole pixels of the page as labelled."""
        ...

    @property
    def line_strings_by_id(self) -> dict[str, list[str]]:
        """For each page id, the transcripts of its lines, in the same order and number as the regions."""
        ...

    def _image(self, id_: str) -> Path:
        """As `page_path`; an empty file in place of a link that leads elsewhere."""
        ...

    def image_problems(self, bytes_too: bool=True) -> Problems:
        """Page images that are missing, unreadable, or not those that were labelled; the bytes of pinned ones are compared by `fsdl_verify`."""
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

    def line_images(self, id_: str, mask: bool=True) -> list[Image.Image | None]:
        """The pictures of a page's lines."""
        ...

    def show_page(self, id_: str) -> 'Axes':
        """Draw a page with its regions."""
        ...

    def show_pages(self, n: int=12, cols: int=4) -> 'np.ndarray':
        """Draw the first `n` pages whose images are there, with their regions; what is no image is a grey sheet."""
        ...

    def show_lines(self, ids: Sequence[str]=(), n: int=24, cols: int=1, mask: bool=True) -> 'list[Axes]':
        """Draw lines with their transcripts."""
        ...

def _line_image(im: Image.Image, region: Region, mask: bool) -> Image.Image | None:
    """The picture of `region` on the page `im`; None if it has no area, or lies outside the page."""
    ...

def _spread(counts: Mapping[str, int], n: int) -> dict[str, int]:
    """How many to take of each, `n` in all if there are so many, as evenly as may be."""
    ...
