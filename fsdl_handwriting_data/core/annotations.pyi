# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['FIELDS', 'MAX_POINTS', 'KINDS', 'Field', 'Region', 'region_box', 'has_area', 'page_id', 'PageIds', 'Page', 'page_secrets', 'page_without_secrets', 'Problem', 'Problems']
import hashlib, re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath, PureWindowsPath
from types import NoneType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints
from urllib.parse import unquote, urlsplit
import msgspec
from fastcore.basics import patch
from .shown import InputError
from .shown import address_secrets, hide_secrets, is_blank, without_secrets
from .findings import Finding, Findings
from .names import file_name, name_key, safe_name
PositiveInt = Annotated[int, msgspec.Meta(ge=1, le=1000000)]
Corners = Annotated[tuple[tuple[float, float], ...], msgspec.Meta(min_length=1)]
_Baseline = Annotated[tuple[tuple[float, float], ...], msgspec.Meta(min_length=2)]

class Field(NamedTuple):
    """A field of `Region`, as the record of a region has it."""
    key: str
    called: str = ''
    kind: str = ''
    optional: bool = False
    type: Any = None
    default: Any = None

    @property
    def is_text(self) -> bool:
        """Is it one text?"""
        ...

    @property
    def is_texts(self) -> bool:
        """Is it a list of texts?"""
        ...

class Region(msgspec.Struct, frozen=True, gc=False):
    """One labelled line of handwriting on a page."""
    points: Annotated[Corners, Field('points', kind='region')]
    text: Annotated[str, Field('notes', 'text', 'no-text')] = ''
    shape: Annotated[str, Field('shape', kind='no-shape')] = 'rectangle'
    image_width: Annotated[PositiveInt | None, Field('imageWidth', 'width', 'size')] = None
    image_height: Annotated[PositiveInt | None, Field('imageHeight', 'height', 'size')] = None
    label: Annotated[tuple[str, ...], Field('label', optional=True)] = ()
    index: int | None = None
    paragraph: Annotated[PositiveInt | None, Field('paragraph', optional=True)] = None
    baseline: Annotated[_Baseline | None, Field('baseline', optional=True)] = None

    def replace(self, **changes: Any) -> 'Region':
        """A copy with `changes`."""
        ...

def _field(hint: Any, default: Any) -> Field:
    """The row beside the type `hint` of a field; null is a right value of what is optional only."""
    ...

def _fields_of(cls: type[msgspec.Struct]) -> dict[str, Field]:
    """The rows that stand beside the fields of `cls`, by name."""
    ...
FIELDS = _fields_of(Region)

def region_box(region: Region, size: tuple[int, int] | None=None) -> dict[str, int]:
    """The box around `region`, in pixels of a page of `size`."""
    ...
MIN_SIDE, MIN_AREA = (0.0001, 1e-08)
_Ring = Sequence[tuple[float, float]]

def _ring_area(ring: _Ring) -> float:
    """The area inside `ring`; what is walked the other way round counts against the rest."""
    ...

def convex_hull(points: _Ring) -> list[tuple[float, float]]:
    """The smallest convex ring around `points`, by Andrew's monotone chain."""
    ...

def has_area(region: Any) -> bool:
    """Three different points, sides of 1/10000 of the page, an area of 1/100000000; a rectangle's corners in any order."""
    ...
_PLAIN_URL = re.compile('https?://[\\w.:/~%()+,=@!-]*/([\\w~%(+,=@!-][\\w.~%()+,=@!-]{0,254})', re.ASCII)

def page_id(url: str) -> str:
    """The last segment of `url`, undecoded; a `ValueError` if that is no safe file name."""
    ...

def address_parts(url: str) -> tuple[str, list[str], list[str]]:
    """The host of `url`, what stands before its last part, and what is asked behind `?`, decoded and without secrets."""
    ...

def longer_names(last: str, url: str, other: str) -> Iterator[str]:
    """Names for the page at `url`, of which the page at `other` has the name `last`: the likeliest first."""
    ...

def own_id(extras: Any) -> str:
    """The id that a record with `extras` says, if that is a good name; '' otherwise."""
    ...

def says_id(extras: Any) -> bool:
    """Do the `extras` of a record say an id?"""
    ...

class PageIds:
    """Ids for the pages of an export, one by one in the order of the file; no two files have one name on any system."""
    _kept: Any
    _given: Any
    _urls: Any
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
    """`page` with the addresses in its record without their secrets; its image's are named in the record, as `withheld`."""
    ...

def has_more_addresses(page: Page) -> bool:
    """Has the record of `page` addresses beside that of its image?"""
    ...
MAX_POINTS = 1000
_ERRORS = {'empty-file': 'the file has no record', 'array': 'the file is one JSON value, not a record to a line', 'pointer': 'the file is a git-lfs pointer', 'json': 'the line is not JSON', 'not-a-page': 'the record is not a page with an address', 'unsafe-id': "the address's last part is no safe file name", 'annotation': 'the regions are not a list', 'region': 'a region whose points could not be read'}
_OF_RECORDS = {'duplicate-id': 'an earlier page has the same address', 'page-id': "an id of its own that is no good name, or another page's", 'same-line': 'records on one line', 'not-a-number': 'NaN or Infinity, which JSON does not have', 'encoding': 'text that is not valid UTF-8', 'duplicate-key': 'a key twice in one object: the last one counts', 'metadata': 'metadata is not an object', 'secret-address': 'the address has secrets, such as a password, a token or a signature, which are published with the export'}
_OF_REGIONS = {'size': "a region does not say its page's size, or another than the page's first", 'no-text': 'a region with no transcript, not even an empty one', 'label': 'classes are not a list of texts', 'paragraph': 'a paragraph is not a whole number from 1', 'baseline': 'a baseline is not a list of two points or more', 'degenerate': 'fewer than three different points, or no area', 'outside': 'points outside the page', 'self-crossing': 'the outline crosses itself', 'many-points': f'more than {MAX_POINTS:,} points: nobody looked whether the outline crosses itself', 'not-a-rectangle': 'called a rectangle, and is none'}
_OF_IMAGES = {'no-image': 'the image is not there, or not readable', 'not-an-image': 'what is there in place of the image is no image, or a damaged one', 'image-size': 'the image has another size than was labelled', 'other-image': 'the image is another file than the record says', 'turn': 'the image asks to be turned, and its labels may be on it as it is'}
_NOTES = {'longer-id': 'an earlier page has the name that ends its address: it has a longer one', 'null-annotation': 'the page was not annotated', 'empty-annotation': 'the page was annotated with no region', 'page-not-done': 'the page is begun, and not done', 'empty-text': 'an empty transcript', 'edge-space': 'a transcript that begins or ends with a space', 'reading-order': 'regions are not listed from top to bottom', 'corner-order': 'a rectangle not drawn from its top left', 'percent-encoded': "the page's id is percent-encoded", 'e-mail': 'an e-mail address among the metadata', 'classification': 'regions inside a classification result', 'points-as-dicts': 'points as {"x", "y"}', 'no-shape': 'a region that does not say its shape', 'no-label': 'a region with no class', 'byte-order-mark': 'the file begins with a byte order mark', 'crlf': 'lines end with CR LF'}
_WARNINGS: Any
_SORTED = {'error': _ERRORS, 'warning': _WARNINGS, 'note': _NOTES}
KINDS = {k: (severity, what) for severity, kinds in _SORTED.items() for k, what in kinds.items()}
_NEW = {o.kind: f'{o.called} is not right' for o in FIELDS.values() if o.kind not in KINDS}

class Problem(Finding, frozen=True):
    """Something odd in an export, and where."""
    kinds = KINDS
    line: int = 1

    def __str__(self) -> str:
        ...

class Problems(Findings[Problem]):
    """A list of `Problem`s that can be counted, picked from, and shown."""
