# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = []
import hashlib, os, shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path, PurePath
from typing import Any
from uuid import uuid4
import tomlkit
from PIL import Image
from fastcore.basics import patch
from ..core.shown import InputError, without_secrets
from ..core.names import file_name, name_key, safe_name
from ..core.files import MetadataError, below, sha256_of
from ..core.metadata import Metadata
from ..core.verify import verify
from ..core.writing import edit_metadata, read_steady, write_dataset
from ..core.places import sources
from ..core.annotations import Page, PageIds, address_parts, longer_names, own_id, page_id
from ..core.exports import Pages, export_bytes, read_export
from ..core.pictures import hash_now
from ..fetching.download import download
from ..versioning.git import GitError
from ..versioning.history import keep_content
from ..versioning.image_list import PINS
from ..versioning.pins import image_pin, more_pins, read_dataset
from .scans import NewPage, WAS_HERE, UprightImage, check_pixels, formats_of, upright_image
from .scans import page_name
from .sources import SeveralPages, PageSource, has_image_suffix, list_folder, error_words

def _has_grown(path: Path, sha256: str) -> bool:
    """Whether the export at `path` is the one with the hash `sha256` and then only pages that are not labelled."""
    ...
_NOTHING = hashlib.sha256().hexdigest()

@dataclass
class GrowingDataset:
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
    opened: SeveralPages = field(default_factory=SeveralPages)
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

    def put(self, id_: str, data: bytes, original: Path | None=None) -> None:
        """Make sure that the page `id_` has the image `data`, as a link to `original` if there is one and that can be."""
        ...

    def upright(self, src: PageSource) -> UprightImage:
        """The page that `src` means; a `ValueError` if its file is much larger than its picture can be."""
        ...

    def is_here(self, src: PageSource) -> str:
        """The id of the page that was made of `src` before; '' if there is none."""
        ...

    def conflict(self, id_: str, data: bytes) -> str:
        """The id if the page `id_` is here with `data`, '' if there is none; a `ValueError` if it is another page."""
        ...

    def check_bytes(self, src: PageSource, id_: str) -> None:
        """A `ValueError` if the file of `src` is the page `id_`, and was changed since it became that."""
        ...

    def url_id(self, src: PageSource, suffix: str) -> str:
        """The id of the page at the address of `src`, whose image's name should end with `suffix`."""
        ...

    def same_address(self, src: PageSource) -> NewPage:
        """What becomes of `src`, whose address a page has already."""
        ...

    def met_again(self, src: PageSource) -> NewPage | None:
        """What becomes of `src` if its page and the image of that are here; None if it has to be read."""
        ...

    def make_page(self, src: PageSource, url: str, link: bool) -> NewPage:
        """Read `src` and add its page, or the image of one that is here."""
        ...

    def add(self, src: PageSource, url: str='pages/', link: bool=False) -> NewPage:
        """Add the page of `src`, whose address is `url` and its id if it has none."""
        ...

    def to_fetch(self, o: PageSource | NewPage, wanted: dict[str, PageSource]) -> PageSource | NewPage:
        """`o`, put among the `wanted` if it has an address that no page has; else, why not."""
        ...

    def fetch(self, found: Sequence[PageSource | NewPage], progress: bool) -> list[PageSource | NewPage]:
        """`found`, with each address fetched to a file, or what became of it."""
        ...

    def description(self, sha256: str, in_place: bool=False) -> bytes | None:
        """The description to write for an export of hash `sha256`; None if it stays. `in_place`: the images lie beside it."""
        ...

    def files(self) -> dict[str, bytes]:
        """The files to write: a readme if there is none, the export with the new pages, and the list of pinned images."""
        ...

    def save(self, in_place: bool=False) -> None:
        """Write the new pages, with their images and the description: all of it counts, or nothing."""
        ...

    @contextmanager
    def adding(self) -> Iterator[None]:
        """Leave no images in the end that wait for nothing."""
        ...
_UNDESCRIBED = '{} has labels, and there is no metadata.toml that describes it: write one (url, filename), then fsdl_update_metadata'

def _as_described(meta: Metadata) -> Metadata:
    """`meta`; an error if the export is not as it describes."""
    ...

def _description(folder: Path) -> Metadata:
    """The description of the dataset in `folder`, as it is or will be; an error if its export is not as described."""
    ...

def begin_dataset(folder: Path) -> GrowingDataset:
    """The dataset in `folder`, which may not be there yet."""
    ...

def is_same_file(a: Path, b: Path) -> bool:
    """Are `a` and `b` the same file? No if one of them is not there."""
    ...

def _with_suffix(name: str, suffix: str) -> str:
    ...

def _plain_name(url: str) -> str:
    """What ends `url`, if that is a good name; '' otherwise."""
    ...

def _made_name(url: str, suffix: str) -> str:
    """A name for the page at `url`, whose end is none; its image's name should end with `suffix`."""
    ...
_TOO_LARGE = '{:,} bytes, more than a picture of {:,} × {:,} pixels needs: something else is in the file'

def _record(address: str, id_: str, src: PageSource, up: UprightImage) -> Page:
    """The record of a page that is not labelled; what is known of its image is in `extras`."""
    ...
_CHANGED = 'it was changed after it became the page {}: put the old image back, or check that the labels still fit it'
_OTHER_IMAGE = 'without its secrets ({}) its address is that of {}, and this is another image: give it as a file'
_METADATA = "# {name}: made by fsdl_new. `url` is empty until the labels are published.\n# When the pages have a web address, say it here, and fsdl_download finds them; the export stays as it is:\n# [mirrors]\n# 'pages/' = 'https://…/'\nurl = ''\nfilename = {file}\nsha256 = '{sha256}'\n"
_IN_PLACE = "# New images in this folder become pages when it is opened for labelling\nimages = '.'\n"
_README = "# {name}\n\nPages of handwriting, to be labelled.\n\n- `pages/`: the page images, upright. Each has the name that ends its address in the export, or that `page_id` in its `extras` says.\n- `{file}`: one JSON record to a page and a line. `annotation` is null until the page is labelled; `extras` says the\n  image's width and height in pixels and the SHA-256 of the file that it was made of.\n- `metadata.toml`: the export's name and SHA-256.\n\nSay here where the pages come from, who wrote them, and who may use them.\n"
