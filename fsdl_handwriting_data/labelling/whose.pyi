# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = []
import hashlib, os
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
import msgspec
from fastcore.basics import patch
from ..core.shown import called, hide_secrets
from ..core.names import file_name
from ..core.files import has_file
from ..core.annotations import Page
from ..core.records import parse_page
from ..core.exports import Pages, export_bytes, page_bytes
from ..core.pictures import labelled_size
from ..core.labels import PageLabels, plural, count_texts
from ..core.events import ExportEvent
from ..core.replay import PageState
from ..core.journal import JournalProblem, address_path
from ..versioning.matching import as_named
from ..versioning.replays import record_hashes, line_places, record_hash
from ..versioning.page_diff import diff_unchanged
from .store import LabelStore
from .changes import Changes, Conflict, PageChange, with_labels, new_states
from .changes import page_metadata

class ExportSpec(msgspec.Struct, frozen=True):
    """What is asked of an export."""
    store: LabelStore
    exports: list[ExportEvent]
    order: tuple[str, ...]
    mine: frozenset[str]
    theirs: frozenset[str] = frozenset()
    odd: tuple[JournalProblem, ...] = ()
    sha256: str = ''
    done_only: bool = False

    def owner(self, id_: str) -> tuple[str, tuple[str, ...]]:
        """Whose labels of a page are to be exported ('' if nobody's, or nobody can say), and who has some."""
        ...

    def is_ours(self, page: Page, s: PageState) -> bool:
        """Is the record what the labels began with, or what an export of ours wrote?"""
        ...

    def is_another(self, page: Page, s: PageState) -> bool:
        """Were the labels begun on a page of another address? Another host or spelling, or the same image, is no other."""
        ...

    def is_theirs(self, page: Page, s: PageState) -> bool:
        """Was it asked that the file's record counts? '*' is for records that another program changed."""
        ...

    def is_as_it_was(self, page: Page, s: PageState) -> bool:
        """Are the labels what they began as, and no export has had others?"""
        ...

    def unseen(self, page: Page, s: PageState) -> str:
        """Who made the lines of a record with which the labels did not begin; '' if they began with it, or it has none."""
        ...

    def new_page(self, page: Page, name: str) -> tuple[Page, PageChange]:
        """`page` with the labels of the annotator `name`, and what is new."""
        ...

    def in_the_way(self, page: Page, s: PageState, name: str) -> tuple[str, str] | None:
        """What keeps the labels `s` of `name` from the record of `page`: its kind, and what to do; None if nothing does."""
        ...

    def merged(self, page: Page) -> tuple[Page, PageChange | None, Conflict | None]:
        """A page as it is to be exported, what changed on it, and what stood in the way."""
        ...

    def touched_by(self, name: str) -> list[str]:
        """The pages on which the annotator `name` has labels."""
        ...

    def touched(self) -> dict[str, list[str]]:
        """Who has labels, by page."""
        ...

    def doubled(self) -> list[Conflict]:
        """Labels of pages that the export has several times."""
        ...

    def begins_anew(self, page: Page, s: PageState) -> bool:
        """Does the record in the file count, and is it another than the labels?"""
        ...

    def begun_anew(self) -> dict[str, list[str]]:
        """The pages whose record in the file counts, by annotator."""
        ...

    def exported(self) -> dict[str, PageLabels]:
        """The labels that are exported, by page."""
        ...

    def doubts(self) -> list[str]:
        """What is not done, or not as done as it was called, on the pages that are exported."""
        ...

    def notes(self) -> tuple[str, ...]:
        """What stays out, and rightly."""
        ...

    def plan(self) -> ExportPlan:
        """The next export, and how it differs."""
        ...
_CHOOSE = 'give its id in {} if the labels here count, or in {} if the file does'
_ANOTHER = "its labels were begun on {}, and this page is {}: give its id in {} if they belong to it all the same ('*' does not take it), or in {} if the file counts"
_UNSEEN = 'it has labels by {} in the file, with which {} did not begin: {}'
_SEVERAL = 'there are labels by {}: give {}, the preferred one first'

def _note(ids: Iterable[str], what: str) -> list[str]:
    """How many pages are `what`, and the first of them; nothing if none is."""
    ...
_GONE = 'with labels not in the export, whose labels stay in the journals'
_NOT_ASKED = 'with labels by {}, who was not asked for'
_UNSETTLED = "by {} with lines that have another text from another window, which nobody settled; the line's own counts"

class ExportPlan(NamedTuple):
    """The next export."""
    data: bytes
    changes: Changes
    event: dict[str, Any]
