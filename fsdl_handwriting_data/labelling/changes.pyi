# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['PageChange', 'Conflict', 'Changes']
from bisect import bisect_left
from collections.abc import Mapping
from typing import Any
import msgspec
from fastcore.basics import patch
from ..core.shown import markdown_text
from ..core.annotations import Page, Region
from ..core.done import Status, draft_places, split_label
from ..core.labels import Line, PageLabels, _plural, is_complete
from ..core.events import _Status, _Suggest
from ..core.journal import JournalProblem
from ..versioning.replays import _who

def _region(line: Line, old: Region | None, size: tuple[Any, Any]) -> Region:
    """The region of an export for `line`, which was `old` there."""
    ...

def _status_notes(labels: PageLabels) -> dict[str, Any]:
    """What the notes on a page say of how far it is; `drafts` are the places of lines that are half typed."""
    ...

def _page_metadata(page: Page, labels: PageLabels, annotator: str, events: list[Any]) -> dict[str, Any]:
    """The notes on `page`, after `events` by `annotator`."""
    ...

def _labelled(page: Page, labels: PageLabels, places: Mapping[str, int], metadata: dict[str, Any], size: tuple[Any, Any]) -> Page:
    """`page` with `labels`."""
    ...
_WORDS = dict(added='+{} line{s}', removed='−{} line{s}', retyped='{} text{s} changed', reshaped='{} line{s} reshaped', marked='{} line{s} marked', reordered='{} line{s} reordered', done='{} page{s} newly done', undone='{} page{s} no longer done', skipped='{} page{s} newly skipped', blank='{} page{s} newly blank', reopened='{} page{s} reopened', begun='{} page{s} begun and not done')

def _words(counts: Mapping[str, int]) -> str:
    """The counts that are not 0, in words."""
    ...

class PageChange(msgspec.Struct, frozen=True):
    """What an export changed on one page."""
    page: str
    annotator: str
    added: int = 0
    removed: int = 0
    retyped: int = 0
    reshaped: int = 0
    marked: int = 0
    reordered: int = 0
    done: bool = False
    undone: bool = False
    status: str = ''
    begun: bool = False

    def __str__(self) -> str:
        ...

def _n_moved(places: list[int]) -> int:
    """How many of `places` have to be moved to sort them."""
    ...

def _new_status(old: Page, status: Status) -> str:
    """What is new in the `status` of the page that was `old`, apart from being done; '' if nothing."""
    ...

def _page_change(old: Page, new: Page, labels: PageLabels, annotator: str) -> PageChange:
    """What differs between `old` and `new`, which has `labels`."""
    ...

class Conflict(msgspec.Struct, frozen=True):
    """A page with labels that were not exported, and why."""
    page: str
    kind: str
    message: str
    annotators: tuple[str, ...]

    def __str__(self) -> str:
        ...

class Changes(msgspec.Struct, frozen=True):
    """What an export changed, and what it could not."""
    pages: tuple[PageChange, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    problems: tuple[JournalProblem, ...] = ()
    notes: tuple[str, ...] = ()
    old: str = ''
    new: str = ''
    written: bool = False

    def total(self) -> dict[str, int]:
        """The changes of all pages together; 'done', 'undone', 'begun', 'skipped', 'blank' and 'reopened' are numbers of pages."""
        ...

    def _head(self) -> str:
        """What changed, in words."""
        ...

    def summary(self, most: int=0) -> str:
        """What changed, and how much was left out or is odd."""
        ...

    def __repr__(self) -> str:
        ...

    def _repr_markdown_(self) -> str:
        ...
