# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['MOST_PAGES', 'page_name', 'NewPage', 'NewPages']
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any
import numpy as np
from PIL import Image, ImageOps
from fastcore.basics import patch
from ..core.shown import InputError, NotInstalled, markdown_text, plain_text
from ..core.names import safe_name
from ..core.checks import IMAGE_FORMATS, MAX_PIXELS
from ..core.pictures import exif_orientation
from .images import plain_picture

def page_name(path: str | os.PathLike[str]) -> str:
    """The name for a page that is made of the file at `path`."""
    ...
_KEPT = 'its address is kept without its secrets'

@dataclass(frozen=True)
class NewPage:
    """What became of one image, or of a file that may be one."""
    name: str
    id: str = ''
    status: str = 'failed'
    reason: str = ''
    orientation: int = 1
    renamed: bool = False
    withheld: tuple[str, ...] = ()
    cause: str = ''

    def __str__(self) -> str:
        ...
WAS_HERE = 'it was here'

class NewPages(list[NewPage]):
    """What became of each file, in the order they were found."""

    def of(self, *which: str) -> 'NewPages':
        """Those with a status, or whose pixels were turned, or name or address changed, or that have a twin here."""
        ...

    def __repr__(self) -> str:
        ...

    def _repr_markdown_(self) -> str:
        """The counts, and a table of what is not as it was given."""
        ...
_BEST: dict[str, dict[str, Any]] = {'JPEG': dict(quality=95, subsampling=0), 'TIFF': dict(compression='tiff_adobe_deflate'), 'WEBP': dict(lossless=True)}

def _encoded(im: Image.Image, format: str, info: dict[Any, Any], turn: int) -> bytes:
    """`im` as a file of `format`, with the colour profile and resolution of `info`; `turn` is the orientation it had."""
    ...
_SUFFIXES = dict(JPEG='.jpg', MPO='.jpg', PNG='.png', TIFF='.tif', WEBP='.webp', BMP='.bmp', GIF='.gif', JPEG2000='.jp2')

@dataclass(frozen=True)
class UprightImage:
    """An image file whose pixels are upright."""
    data: bytes
    size: tuple[int, int]
    turn: int = 1
    suffix: str = ''
    format: str = ''

    @property
    def as_given(self) -> bool:
        """Is `data` the whole file, byte for byte?"""
        ...

    @property
    def ending(self) -> str:
        """How a name for the file should end."""
        ...
_BOMB = 'a picture of {:,} × {:,} pixels, more than {:,}: a decompression bomb?'

def check_pixels(size: tuple[int, int]) -> None:
    """A `ValueError` if a picture of `size` has too many pixels to be decoded."""
    ...
CONVERTED_FORMATS = {'PPM': ('.pnm', '.pgm', '.pbm', '.ppm', '.pam', '.pfm'), 'PCX': ('.pcx',), 'SGI': ('.sgi', '.rgb', '.bw'), 'TGA': ('.tga', '.icb', '.vda', '.vst')}

def formats_of(path: PurePath) -> tuple[str, ...]:
    """The formats that the file at `path` may have."""
    ...

def _as_png(im: Image.Image) -> bytes:
    """The picture `im` as a PNG file, with all of its bits; one of numbers with fractions, as an eye sees it."""
    ...

def upright_image(data: bytes, formats: tuple[str, ...]=IMAGE_FORMATS) -> UprightImage:
    """The image file `data`, which has one of `formats`, upright."""
    ...
MOST_PAGES = 10000

def tiff_places(path: Path) -> list[int]:
    """The places, from 0, of the pages in the TIFF at `path`; empty if it is one page."""
    ...

@contextmanager
def open_tiff(path: Path) -> Iterator[Any]:
    """The TIFF at `path`."""
    ...

def tiff_page(im: Any, i: int) -> UprightImage:
    """The page at place `i` of the open TIFF `im`."""
    ...

def open_pdf(path: Path) -> Any:
    """The PDF document at `path`."""
    ...

def pdf_places(path: Path) -> range:
    """The places, from 0, of the pages in the PDF at `path`."""
    ...

@dataclass(frozen=True)
class PdfPage:
    """A page of an open PDF."""
    page: Any

    def only_image(self) -> Any:
        """The image of which the page consists; None if it is more than one upright image that fills it."""
        ...

    def extracted(self) -> tuple[bytes, str] | None:
        """The file of the page's only image, and its suffix; None if it has no such image."""
        ...

    def rendered(self) -> tuple[bytes, str]:
        """A picture of the page as a file, and its suffix."""
        ...

    def looks_like(self, data: bytes) -> bool:
        """Whether the page, seen from afar, looks like the image file `data`."""
        ...

def pdf_page(pdf: Any, i: int) -> UprightImage:
    """The page at place `i`, from 0, of the open PDF `pdf`."""
    ...
