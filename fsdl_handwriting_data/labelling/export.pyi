# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['export_labels']
import errno, hashlib, os, time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
import msgspec
from fastcore.basics import patch
from ..core.shown import InputError, called, hide_secrets
from ..core.names import file_name
from ..core.files import MetadataError, has_file, sha256_of
from ..core.metadata import read_metadata
from ..core.verify import verify
from ..core.writing import dataset_lock, read_steady, update_metadata, write_dataset
from ..core.annotations import Page
from ..core.records import parse_page
from ..core.exports import Pages, export_bytes, page_bytes
from ..core.pictures import labelled_size
from ..core.labels import _plural, count_texts
from ..core.events import _Export, _Seed
from ..core.replay import _State
from ..core.journal import Journal, JournalProblem, _check_name, _way
from ..versioning.git import GitError
from ..versioning.history import keep_content
from ..versioning.matching import as_named
from ..versioning.replays import _EXPORTS, _Replay, _file_stat, _hashes, _places, record_hash
from ..versioning.page_diff import _diff_read
from .store import LabelStore
from .changes import Changes, Conflict, PageChange, _labelled, _new_states
from .changes import _page_metadata

class _Merge(msgspec.Struct, frozen=True):
    """What is asked of an export."""
    store: LabelStore
    exports: list[_Export]
    order: tuple[str, ...]
    mine: frozenset[str]
    theirs: frozenset[str] = frozenset()
    odd: tuple[JournalProblem, ...] = ()
    sha256: str = ''
    done_only: bool = False

    def owner(self, id_: str) -> tuple[str, tuple[str, ...]]:
        """Whose labels of a page are to be exported ('' if nobody's, or nobody can say), and who has some."""
        ...

    def is_ours(self, page: Page, s: _State) -> bool:
        """Is the record what the labels began with, or what an export of ours wrote?"""
        ...

    def is_another(self, page: Page, s: _State) -> bool:
        """Were the labels begun on a page of another address? One that has another host or spelling only, or the same image, is no other."""
        ...

    def is_theirs(self, page: Page, s: _State) -> bool:
        """Was it asked that the file's record counts? '*' is for records that another program changed."""
        ...

    def is_as_it_was(self, page: Page, s: _State) -> bool:
        """Are the labels what they began as, and no export has had others?"""
        ...

    def unseen(self, page: Page, s: _State) -> str:
        """Who made the lines of a record with which the labels did not begin; '' if they began with it, or it has none."""
        ...

    def new_page(self, page: Page, name: str) -> tuple[Page, PageChange]:
        """`page` with the labels of the annotator `name`, and what is new."""
        ...

    def merged(self, page: Page) -> tuple[Page, PageChange | None, Conflict | None]:
        """A page as it is to be exported, what changed on it, and what stood in the way."""
        ...

    def touched(self) -> dict[str, list[str]]:
        """Who has labels, by page."""
        ...

    def doubled(self) -> list[Conflict]:
        """Labels of pages that the export has several times."""
        ...

    def begun_anew(self) -> dict[str, list[str]]:
        """The pages whose record in the file counts, by annotator."""
        ...

    def doubts(self) -> list[str]:
        """What is not done, or not as done as it was called, on the pages that are exported."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What stays out, and rightly."""
        ...

    def plan(self) -> _Plan:
        """The next export, and how it differs."""
        ...

    def seeds_anew(self, r: _Replay, id_: str) -> list[_Seed]:
        """The events with which labels of a page begin anew, of which the first says its address if its id was another page's."""
        ...

    def begin_anew(self) -> None:
        """Write the events with which labels begin anew with the file's record."""
        ...

    def write(self, plan: _Plan, journal: Journal) -> None:
        """Write the event, the export and its hash."""
        ...

def _changed(store: LabelStore) -> MetadataError:
    ...

def _check_file(store: LabelStore, exports: list[_Export]) -> str:
    """The SHA-256 of the export; a `MetadataError` if it is not the one described, nor one that an unfinished export wrote."""
    ...

def _few(ids: Iterable[str]) -> str:
    ...

class _Plan(NamedTuple):
    """The next export."""
    data: bytes
    changes: Changes
    event: dict[str, Any]

def _names(given: str | Iterable[str]) -> tuple[str, ...]:
    ...

def _merge(folder: Any, journal: Journal, annotators: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...], done_only: bool=False) -> _Merge:
    """What is asked, checked."""
    ...

def export_labels(folder: str | os.PathLike[str], annotators: str | Iterable[str]=(), mine: str | Iterable[str]=(), dry: bool=False, theirs: str | Iterable[str]=(), done_only: bool=False) -> Changes:
    """Write all labels into the dataset's export, and its hash into `metadata.toml`."""
    ...
