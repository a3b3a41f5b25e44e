# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['MAX_POINTS', 'KINDS', 'Region', 'region_box', 'has_area', 'page_id', 'PageIds', 'Page', 'page_secrets', 'page_without_secrets', 'Problem', 'Problems']
import hashlib, re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any
from urllib.parse import unquote, urlsplit
import msgspec
from fastcore.basics import patch
from .shown import InputError
from .shown import address_secrets, hide_secrets, is_blank, plain_text, without_secrets
from .findings import Finding, Findings
from .names import file_name, name_key, safe_name

class Region(msgspec.Struct, frozen=True, gc=False):
    """One labelled line of handwriting on a page."""
    points: tuple[tuple[float, float], ...]
    text: str = ''
    shape: str = 'rectangle'
    image_width: int | None = None
    image_height: int | None = None
    label: tuple[str, ...] = ()
    index: int | None = None
    paragraph: int | None = None

    def replace(self, **changes: Any) -> 'Region':
        """A copy with `changes`."""
        ...

def region_box(region: Region, size: tuple[int, int] | None=None) -> dict[str, int]:
    """The box around `region`, in pixels of a page of `size`."""
    ...
_MIN_SIDE, _MIN_AREA = (0.0001, 1e-08)
_Ring = Sequence[tuple[float, float]]

def _ring_area(ring: _Ring) -> float:
    """The area inside `ring`; what is walked the other way round counts against the rest."""
    ...

def _hull(points: _Ring) -> list[tuple[float, float]]:
    """The smallest convex ring around `points`, by Andrew's monotone chain."""
    ...

def has_area(region: Any) -> bool:
    """Three different points, sides of 1/10000 of the page, an area of 1/100000000; a rectangle's corners in any order."""
    ...
_PLAIN_URL = re.compile('https?://[\\w.:/~%()+,=@!-]*/([\\w~%(+,=@!-][\\w.~%()+,=@!-]{0,254})', re.ASCII)

def page_id(url: str) -> str:
    """The last segment of `url`, undecoded; a `ValueError` if that is no safe file name."""
    ...

def _address_parts(url: str) -> tuple[str, list[str], list[str]]:
    """The host of `url`, what stands before its last part, and what is asked for behind `?`, all decoded; secrets are left out."""
    ...

def _longer_names(last: str, url: str, other: str) -> Iterator[str]:
    """Names for the page at `url`, of which the page at `other` has the name `last`: the likeliest first."""
    ...

def _own_id(extras: Any) -> str:
    """The id that a record with `extras` says, if that is a good name; '' otherwise."""
    ...

def _says_id(extras: Any) -> bool:
    ...

class PageIds:
    """Ids for the pages of an export, one by one in the order of the file; no two files have one name on any system."""
    _kept: Any
    _given: Any
    _urls: dict[str, str]
    _longer: dict[tuple[str, str], str]

    def __init__(self, kept: Iterable[str]=(), given: Mapping[str, str]={}):
        ...

    def __len__(self) -> int:
        ...

    def _free(self, names: Iterable[str], url: str) -> str:
        """The first of `names` that no page has, which is now that of the page at `url`."""
        ...

    def give(self, url: str, own: str='') -> str:
        """The id of the page at `url`."""
        ...

    def url(self, id_: str) -> str:
        """Whose id is this?"""
        ...

class Page(msgspec.Struct, frozen=True):
    """One page and its labelled lines."""
    url: str
    regions: tuple[Region, ...] = ()
    annotated: bool = True
    metadata: dict[str, Any] | None = None
    extras: Any = None
    raw: bytes = b''
    line: int | None = None
    name: str = ''

    @property
    def id(self) -> str:
        """The page's id, which is the name of its file: what its record says, or the last segment of its address."""
        ...

    @property
    def size(self) -> tuple[int, int] | None:
        """(width, height) in pixels of the image that was labelled; None if no region says it."""
        ...

    def replace(self, **changes: Any) -> 'Page':
        """A copy with `changes`."""
        ...

    def __repr__(self) -> str:
        ...

def page_secrets(page: Page) -> tuple[str, ...]:
    """The secrets that the address of `page` has, or had before it was written down."""
    ...

def _clean(o: Any, depth: int=50) -> Any:
    """`o`, a part of a record, with addresses without their secrets."""
    ...

def page_without_secrets(page: Page) -> Page:
    """`page` with the addresses in its record without their secrets; those of its image's are named in the record, as `withheld`."""
    ...

def _has_more(page: Page) -> bool:
    """Has the record of `page` addresses beside that of its image?"""
    ...
MAX_POINTS = 1000
KINDS = {'empty-file': ('error', 'the file has no record'), 'array': ('error', 'the file is one JSON value, not a record to a line'), 'pointer': ('error', 'the file is a git-lfs pointer'), 'json': ('error', 'the line is not JSON'), 'not-a-page': ('error', 'the record is not a page with an address'), 'unsafe-id': ('error', "the address's last part is no safe file name"), 'annotation': ('error', 'the regions are not a list'), 'region': ('error', 'a region whose points could not be read'), 'duplicate-id': ('warning', 'an earlier page has the same address'), 'page-id': ('warning', "an id of its own that is no good name, or another page's"), 'longer-id': ('note', 'an earlier page has the name that ends its address: it has a longer one'), 'same-line': ('warning', 'records on one line'), 'not-a-number': ('warning', 'NaN or Infinity, which JSON does not have'), 'encoding': ('warning', 'text that is not valid UTF-8'), 'duplicate-key': ('warning', 'a key twice in one object: the last one counts'), 'size': ('warning', "a region does not say its page's size, or another than the page's first"), 'metadata': ('warning', 'metadata is not an object'), 'no-text': ('warning', 'a region with no transcript, not even an empty one'), 'label': ('warning', 'classes are not a list of texts'), 'paragraph': ('warning', 'a paragraph is not a whole number from 1'), 'no-image': ('warning', 'the image is not there, or not readable'), 'not-an-image': ('warning', 'what is there in place of the image is no image, or a damaged one'), 'image-size': ('warning', 'the image has another size than was labelled'), 'other-image': ('warning', 'the image is another file than the record says'), 'turn': ('warning', 'the image asks to be turned, and its labels may be on it as it is'), 'degenerate': ('warning', 'fewer than three different points, or no area'), 'outside': ('warning', 'points outside the page'), 'self-crossing': ('warning', 'the outline crosses itself'), 'many-points': ('warning', f'more than {MAX_POINTS:,} points: nobody looked whether the outline crosses itself'), 'not-a-rectangle': ('warning', 'called a rectangle, and is none'), 'null-annotation': ('note', 'the page was not annotated'), 'empty-annotation': ('note', 'the page was annotated with no region'), 'page-not-done': ('note', 'the page is begun, and not done'), 'empty-text': ('note', 'an empty transcript'), 'edge-space': ('note', 'a transcript that begins or ends with a space'), 'reading-order': ('note', 'regions are not listed from top to bottom'), 'corner-order': ('note', 'a rectangle not drawn from its top left'), 'secret-address': ('warning', 'the address has secrets, such as a password, a token or a signature, which are published with the export'), 'percent-encoded': ('note', "the page's id is percent-encoded"), 'e-mail': ('note', 'an e-mail address among the metadata'), 'classification': ('note', 'regions inside a classification result'), 'points-as-dicts': ('note', 'points as {"x", "y"}'), 'no-shape': ('note', 'a region that does not say its shape'), 'no-label': ('note', 'a region with no class'), 'byte-order-mark': ('note', 'the file begins with a byte order mark'), 'crlf': ('note', 'lines end with CR LF')}

class Problem(Finding, frozen=True):
    """Something odd in an export, and where."""
    kinds = KINDS
    line: int = 1

    def __str__(self) -> str:
        ...

class Problems(Findings[Problem]):
    """A list of `Problem`s that can be counted, picked from, and shown."""
