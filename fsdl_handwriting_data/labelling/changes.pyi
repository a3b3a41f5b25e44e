# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['PageChange', 'Conflict', 'Changes']
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
import msgspec
from fastcore.basics import patch
from ..core.shown import markdown_text, plain_text
from ..core.findings import Finding
from ..core.annotations import Page, Region
from ..core.done import Status, draft_places
from ..core.labels import PageLabels, as_region, plural, is_complete
from ..core.events import StatusEvent, SuggestEvent
from ..core.journal import JournalProblem
from ..versioning.journals import exported_name
from ..versioning.page_diff import LINE_KINDS, PageDiff
from ..versioning.diff import change_words, line_counts

def _status_notes(labels: PageLabels) -> dict[str, Any]:
    """What the notes on a page say of how far it is; `drafts` are the places of lines that are half typed."""
    ...

def page_metadata(page: Page, labels: PageLabels, annotator: str, events: list[Any]) -> dict[str, Any]:
    """The notes on `page`, after `events` by `annotator`."""
    ...

def with_labels(page: Page, labels: PageLabels, places: Mapping[str, int], metadata: Any, size: tuple[Any, Any]) -> Page:
    """`page`, labelled on an image of `size`, with `labels`."""
    ...
_BECAME = dict(done='newly done', undone='no longer done', skipped='newly skipped', blank='newly blank', reopened='reopened', begun='begun and not done')

class PageChange(msgspec.Struct, frozen=True):
    """What an export changed on one page."""
    diff: PageDiff
    annotator: str
    states: tuple[str, ...] = ()

    @property
    def page(self) -> str:
        """The page's id, as it was."""
        ...

    @property
    def counts(self) -> Counter[str]:
        """How many lines changed in each way, by keys of `LINE_KINDS`, and 1 for each of `states`."""
        ...

    def __str__(self) -> str:
        ...

def _line_words(counts: Mapping[str, int]) -> str:
    ...

def _new_status(old: Page, status: Status) -> str:
    """What is new in the `status` of the page that was `old`, apart from being done; '' if nothing."""
    ...

def new_states(old: Page, new: Page, labels: PageLabels) -> Iterator[str]:
    """What is new in how far the page with `labels` is, which was `old`: keys of `_BECAME`."""
    ...

class Conflict(Finding, frozen=True):
    """A page with labels that were not exported, and why; the message says what to do."""
    kinds = {'several annotators': ('', 'who of them counts, nobody said'), 'changed outside': ('', 'another program wrote it'), 'another page': ('', 'its labels were begun on another page'), 'no-seed': ('', 'nothing says what labels began as'), 'several pages': ('', 'the export has its id several times')}
    annotators: tuple[str, ...] = ()

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
        """How many lines changed in each way on all pages together, and how many pages became what."""
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
        """What changed as a table of the pages, and what was left out or is odd below it."""
        ...
