# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['LabelStore']
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
import msgspec
from fastcore.basics import patch
from ..core.shown import InputError, is_blank, without_secrets
from ..core.labels import Line, PageLabels, differing_fields, fields_of, value_of, open_work
from ..core.events import DeleteEvent, PutEvent, SeedEvent, SetEvent, StatusEvent, SuggestEvent
from ..core.events import TypingEvent, format_of_event
from ..core.replay import PageState
from ..core.journal import Journal, as_events, is_of_same_page
from ..versioning.matching import as_named
from ..versioning.journals import check_case, why_misfit
from ..versioning.replays import Unavailable, Replay, file_stat
from ..versioning.replays import record_hash
from ..versioning.readings import LabelReader

class LabelStore(LabelReader):
    """The labels of a dataset, as one annotator reads them and adds to them."""

    def _seed_event(self, id_: str, journal: Journal, again: bool=False, before: PageState | None=None) -> SeedEvent:
        """The event with which work on a page begins, or goes on under another name; `before`: its state under the old one."""
        ...

    def _open_event(self, id_: str, journal: Journal) -> StatusEvent:
        """The event with which a page is open again."""
        ...

    def _can_begin(self, id_: str) -> None:
        """An error if the labels of a page can't begin with the export's: `Unavailable` if that may pass."""
        ...

    def _needs_seed(self, r: Replay, e: Any, s: PageState, written: bool, opens: bool) -> bool:
        """Does a page in the state `s` begin with `e`, or go on at another address? `written`: such an event was before `e`."""
        ...

    def _try_out(self, r: Replay, events: list[Any], seen: Mapping[str, PageState] | None=None) -> list[Any]:
        """`events` with the seeds they need, as edits of the pages that were `seen`; a `ValueError` if one of them can not be."""
        ...

    def _to_write(self) -> Replay:
        """This annotator's labels, to add to; an error if nothing can be added."""
        ...

    def append(self, events: Iterable[dict[str, Any]] | dict[str, Any], seen: Mapping[str, Any] | None=None) -> list[dict[str, Any]]:
        """Save events: they are on the disk when this returns. One bad event is a `ValueError`; then none is saved.

A whole line ('put', 'text', 'delete') that another program changed since becomes an edit of what the sender
changed on it. What may pass is an `OSError`: a full disk, or (`Unavailable`) an export that is not there for a
page that was not begun. A page that was begun needs no export."""
        ...

    def seconds(self, id_: str | None=None, annotator: str | None=None) -> dict[str, float]:
        """Active seconds by line of a page, or by page."""
        ...

    def suggestion_counts(self, annotator: str | None=None) -> dict[str, Counter[str]]:
        """What became of the suggestions of each page that had some."""
        ...

def _check_ids(ids: list[str], taken: set[str]) -> None:
    """A `ValueError` if suggestions can't have `ids` on a page with the lines `taken`."""
    ...

def _check_status(e: StatusEvent, labels: PageLabels) -> None:
    """A `ValueError` if a page with `labels` can not have the status in `e`."""
    ...

def _check_rules(e: Any, s: PageState) -> None:
    """A `ValueError` if the event `e` can not happen to a page in the state `s`."""
    ...

def _opens(e: Any, s: PageState) -> bool:
    """Does the event `e` offer lines on a page that is done or skipped, so that it is open again?"""
    ...
_DOUBLED = 'several pages of the export have the id {!r}, so that their labels can not be told apart'

def _unseen_line(e: Any, line: Line) -> SetEvent:
    """The whole line `e` of a sender of whom nobody knows what it saw, as an edit of `line` that overwrites nothing."""
    ...

def _line_as_seen(e: Any, seen: PageState | None, line: Line, how: str) -> Any:
    """The whole line `e` as an edit of what its sender had `seen`, if it is another `line` now; `how` that is there."""
    ...
_KEPT = '{!r} is not deleted, as it was changed by another window{}{}'

def _check_delete(e: DeleteEvent, seen: PageState | None, now: PageState, line: Line) -> None:
    """A `ValueError` if `e` deletes a `line` that says something its sender had not `seen`."""
    ...

def _still_offered(e: SuggestEvent, seen: PageState | None, now: PageState) -> SuggestEvent:
    """The event `e` without suggestions that have become lines `now`, which its sender had not `seen`."""
    ...

def _as_seen(e: Any, seen: PageState | None, now: PageState) -> Any:
    """The whole line `e`, as an edit of what its sender had `seen` if the line is another `now`."""
    ...
_BAD_EVENT = 'event {} of {} ({}): {}; nothing was saved'

def _id_here(store: LabelStore, r: Replay, id_: str) -> str:
    """The id that a page has in the export which a sender knows as `id_`."""
    ...

def _as_here(store: LabelStore, r: Replay, events: list[Any]) -> list[Any]:
    """`events` with the ids that their pages have in the export; one that the journal has already is as it is there."""
    ...
_AWAY = "the dataset's folder {!r} is not there; nothing was saved: put it back"
