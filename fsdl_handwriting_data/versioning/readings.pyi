# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['LabelReader', 'LineChange', 'note_records']
import os, time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, SupportsIndex
import msgspec
from fastcore.basics import patch
from ..core.shown import InputError, UnknownId
from ..core.findings import Findings
from ..core.annotations import Page
from ..core.labels import Line, PageLabels, LINE_FIELDS, LineFields, fields_of, value_of
from ..core.labels import count_texts
from ..core.events import BeginsEvent, ExportEvent, SeedEvent, SuggestEvent
from ..core.replay import PageState, events_until
from ..core.journal import Journal, JournalProblem, check_annotator, journal_name
from .journals import EXPORT_LOG, check_case, journal_files
from .replays import Unavailable, ExportPages, Replay, record_hash

class LabelReader(ExportPages):
    """The labels of a dataset's pages as they are made, by any number of annotators."""
    _starts: Any
    start_from: str | None
    blind: bool
    annotator: Any

    def __init__(self, folder: str | os.PathLike[str], annotator: str | None=None, start_from: str | None=None, blind: bool=False):
        ...

    def annotators(self) -> list[str]:
        """Who has labels here."""
        ...

    def refresh(self) -> set[str]:
        """Read what other programs added, and the export if it was replaced."""
        ...

    def _refresh(self, but: Replay | None=None) -> set[str]:
        """Read what was added to all journals, `but` to this one."""
        ...

    def __repr__(self) -> str:
        ...

    def _of(self, annotator: str | None) -> Replay:
        """The replay of an annotator; None: of this store's."""
        ...

    @property
    def problems(self) -> Findings[JournalProblem]:
        """What stands in the journals and is not an event, and an export that can't be read now (kind 'export')."""
        ...

    def _known(self, id_: str) -> None:
        """An `UnknownId` if `id_` is no page; `Unavailable` if that can't be said now."""
        ...

    def _unavailable(self, id_: str) -> Unavailable:
        """The error for a page that nobody began, and that the export does not have now."""
        ...

    def page(self, id_: str, annotator: str | None=None, n_events: SupportsIndex | None=None, when: float | None=None) -> PageLabels:
        """The labels of a page."""
        ...

    def history(self, id_: str, annotator: str | None=None) -> list[dict[str, Any]]:
        """All that an annotator did on a page; of typing that was not confirmed only the last."""
        ...

    def _export_here(self, e: ExportEvent) -> ExportEvent:
        """The event `e` of an export with the ids that pages have now."""
        ...

    def line_history(self, id_: str, line: str, annotator: str | None=None) -> list[LineChange]:
        """All that an annotator did to a line, in any window."""
        ...

    def seen(self, id_: str, nothing: bool=False) -> Any:
        """A page's state as a window has it that was sent the page now."""
        ...

    def versions(self) -> Mapping[str, int]:
        """The number of this annotator's events on each page."""
        ...

    def written(self, session: str) -> int:
        """The number of the last event of a window that is on the disk."""
        ...

    def last_page(self, annotator: str | None=None) -> str | None:
        """The page that an annotator worked on last."""
        ...
_DOUBLED = 'several pages of the export have the id {!r}, so that their labels can not be told apart'
_AWAY = '{}; the page {!r} can not be begun without it, and nothing was saved: put the file back, or wait until git is done'

class LineChange(msgspec.Struct, frozen=True):
    """What one edit did to a line."""
    at: float
    session: str
    what: str
    to: LineFields = LineFields()
    was: LineFields = LineFields()
_STEPS = {'line': dict(offer='accepted', gone='back'), 'offer': dict(gone='offered'), 'gone': dict(line='deleted', offer='deleted')}

def _stands_elsewhere(line: str, a: PageState, b: PageState) -> bool:
    """Does `line` follow another line in `b` than in `a`?"""
    ...

def _own_changes(line: str, a: PageState, b: PageState, e: Any) -> Iterator[tuple[str, LineFields, LineFields]]:
    """What the event `e` did to `line` itself: what, and its fields now and before."""
    ...

def _other_changes(line: str, new: Line, a: PageState, b: PageState, e: Any) -> Iterator[tuple[str, LineFields, LineFields]]:
    """What the event `e` did to the other values of `line`, which is `new` now: what, the value, and what the line says."""
    ...

def _line_changes(line: str, a: PageState, b: PageState, e: Any) -> Iterator[LineChange]:
    """What the event `e`, which made `b` of `a`, did to `line`."""
    ...

def _last_export(store: LabelReader, id_: str, record: str) -> ExportEvent | None:
    """The last export that holds the page `id_` with that `record`."""
    ...

def _is_begun(store: LabelReader, id_: str, record: str) -> bool:
    """Has anybody labels of the page `id_` that began with that `record`?"""
    ...

def note_records(folder: str | os.PathLike[str], pages: Iterable[Page], file: str='') -> None:
    """Note that pages are written anew with the labels that they had, so that the labels in journals go on with them."""
    ...
