# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = []
import hashlib, os, shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any
from uuid import uuid4
import tomlkit
from PIL import Image
from fastcore.basics import patch
from ..core.shown import without_secrets
from ..core.names import file_name, name_key, safe_name
from ..core.files import MetadataError, below, sha256_of
from ..core.metadata import Metadata
from ..core.verify import verify
from ..core.writing import edit_metadata, read_steady, write_dataset
from ..core.places import sources
from ..core.annotations import Page, PageIds, _address_parts, _longer_names, _own_id, page_id
from ..core.exports import Pages, export_bytes, read_export
from ..core.checks import IMAGE_FORMATS
from ..fetching.download import download
from ..versioning.git import GitError
from ..versioning.history import keep_content
from ..versioning.image_list import PINS
from ..versioning.pins import image_pin, more_pins, read_dataset
from .scans import NewPage, _HERE, _Upright, _check_pixels, _formats, _upright, page_name
from .sources import _Several, _Source, _image_suffix, _listing, _why

def _has_grown(path: Path, sha256: str) -> bool:
    """Whether the export at `path` is the one with the hash `sha256` and then only pages that are not labelled."""
    ...
_NOTHING = hashlib.sha256().hexdigest()
_METADATA = "# {name}: made by fsdl_new. `url` is empty until the labels are published.\n# When the pages have a web address, say it here, and fsdl_download finds them; the export stays as it is:\n# [mirrors]\n# 'pages/' = 'https://…/'\n"

@dataclass
class _Folder:
    """A dataset while pages are added to it."""
    folder: Path
    meta: Metadata
    sha256: str = _NOTHING
    pages: Pages = field(default_factory=Pages)
    new: list[Page] = field(default_factory=list)
    ids: dict[str, Page] = field(default_factory=dict)
    given: PageIds = field(default_factory=PageIds)
    urls: dict[str, str] = field(default_factory=dict)
    known: dict[tuple[str, int], str] = field(default_factory=dict)
    opened: _Several = field(default_factory=_Several)
    token: str = field(default_factory=lambda: uuid4().hex)

    @property
    def page_dir(self) -> Path:
        ...

    @property
    def fetched(self) -> Path:
        ...

    @property
    def waiting(self) -> Path:
        """Where the images of new pages wait until the pages count."""
        ...

    def image(self, id_: str) -> Path:
        """Where the image of a page is, or would be."""
        ...

    def note(self, page: Page) -> None:
        """Remember that `page` is here."""
        ...

    def is_here(self, src: _Source) -> str:
        """The id of the page that was made of `src` before; '' if there is none."""
        ...

    def conflict(self, id_: str, data: bytes) -> str:
        """The id if the page `id_` is here with `data`, '' if there is none; a `ValueError` if it is another page."""
        ...

    def check_bytes(self, src: _Source, id_: str) -> None:
        """A `ValueError` if the file of `src` is the page `id_`, and was changed since it became that."""
        ...

    def url_id(self, src: _Source, suffix: str) -> str:
        """The id of the page at the address of `src`, whose image's name should end with `suffix`."""
        ...

    def same_address(self, src: _Source) -> NewPage:
        """What becomes of `src`, whose address a page has already."""
        ...

    def _added(self, src: _Source, url: str, link: bool) -> NewPage:
        """Add the page of `src`; an exception if that can't be."""
        ...

    def add(self, src: _Source, url: str='pages/', link: bool=False) -> NewPage:
        """Add the page of `src`, whose address is `url` and its id if it has none."""
        ...

    def to_fetch(self, src: _Source, wanted: dict[str, _Source]) -> NewPage | None:
        """Put `src` among the `wanted`, by its address; else, why not."""
        ...

    def fetch(self, found: Sequence[_Source | NewPage], progress: bool) -> list[_Source | NewPage]:
        """`found`, with each address fetched to a file, or what became of it."""
        ...

    def description(self, sha256: str, in_place: bool=False) -> bytes | None:
        """The first description of the export, which has the hash `sha256`; None if there is one. `in_place`: the images lie beside it."""
        ...

    def files(self) -> dict[str, bytes]:
        """What there is to write: a readme if there is none, the export with the new pages behind the old ones, and the list of images if they are pinned."""
        ...

    def save(self, in_place: bool=False) -> None:
        """Write the new pages, with their images and the description: all of it counts, or nothing."""
        ...

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Leave no images in the end that wait for nothing."""
        ...

def _description(folder: Path) -> Metadata:
    """The description of the dataset in `folder`, as it is or will be; an error if its export is not as described."""
    ...

def _as_described(meta: Metadata) -> Metadata:
    """`meta`; an error if the export is not as it describes."""
    ...

def _begin(folder: Path) -> _Folder:
    """The dataset in `folder`, which may not be there yet."""
    ...

def _same_file(a: Path, b: Path) -> bool:
    ...

def _put(data: bytes, path: Path, waiting: Path, original: Path | None=None) -> None:
    """Make sure that the file `path` holds `data`, or put it into the folder `waiting`, as a link to `original` if there is one and that can be."""
    ...

def _source_id(src: _Source, suffix: str='') -> str:
    """The id of the page that the file of `src` becomes; `suffix` is that of a page of a larger file."""
    ...
_SUFFIXES = dict(JPEG='.jpg', MPO='.jpg', PNG='.png', TIFF='.tif', WEBP='.webp', BMP='.bmp', GIF='.gif', JPEG2000='.jp2')

def _suffix_of(data: bytes) -> str:
    """How the name of the image file `data` should end."""
    ...

def _with_suffix(name: str, suffix: str) -> str:
    ...

def _plain_name(url: str) -> str:
    """What ends `url`, if that is a good name; '' otherwise."""
    ...

def _made_name(url: str, suffix: str) -> str:
    """A name for the page at `url`, whose end is none; its image's name should end with `suffix`."""
    ...

@lru_cache(64)
def _hash_as_of(path: Path, size: int, changed: int) -> str:
    ...

def _hash(path: Path) -> str:
    """The SHA-256 of the file at `path`, which is read once for all of its pages."""
    ...

def _check_bytes(path: Path, formats: tuple[str, ...]) -> None:
    """A `ValueError` if the file at `path` is much larger than its picture can be."""
    ...

def _read(src: _Source, opened: _Several) -> _Upright:
    """The page that `src` means; the last file with several pages is `opened`."""
    ...

def _record(address: str, id_: str, src: _Source, up: _Upright, sha256: str) -> Page:
    """The record of a page that is not labelled; what is known of its image is in `extras`."""
    ...

def _part_name(url: str) -> str:
    ...
_README = "# {name}\n\nPages of handwriting, to be labelled.\n\n- `pages/`: the page images, upright. Each has the name that ends its address in the export, or that `page_id` in its `extras` says.\n- `{file}`: one JSON record to a page and a line. `annotation` is null until the page is labelled; `extras` says the\n  image's width and height in pixels and the SHA-256 of the file that it was made of.\n- `metadata.toml`: the export's name and SHA-256.\n\nSay here where the pages come from, who wrote them, and who may use them.\n"
