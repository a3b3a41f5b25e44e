# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['OUTCOMES', 'replay']
import operator
from collections import Counter
from collections.abc import Iterable
from typing import Any, SupportsIndex
import msgspec
from fastcore.basics import patch
from .shown import is_blank
from .done import Status, true_status
from .labels import Line, Other, PageLabels, LINE_FIELDS, says_otherwise, fields_of
from .labels import named_fields, value_of
from .events import AnyEvent, BackEvent, BeginsEvent, DeleteEvent, OrderEvent, PutEvent
from .events import SeedEvent, SetEvent, StatusEvent
from .events import SuggestEvent, TypingEvent

class PageState:
    """The labels of one page while its events are applied."""
    way: tuple[str, ...]
    url: str
    image: str
    lines: dict[str, Line]
    status: Status
    others: tuple[Other, ...]
    drafts: dict[str, bool]
    seeded: tuple[tuple[Line, ...], Status]
    gone: dict[str, tuple[Line, tuple[str, ...]]]
    record: str
    touched: bool
    places: dict[str, int]
    id: str
    start: Any
    version: int
    was: str
    offers: dict[str, tuple[Line, bool]]
    seconds: dict[str, float]

    def __init__(self, id_: str, start: PageLabels | None=None):
        ...

    def copy(self) -> 'PageState':
        ...

    def seed(self, regions: tuple[Line, ...], status: Status, record: str='', again: bool=False, drafts: Iterable[str]=()) -> None:
        """Begin with these labels, if the page was not begun or begins `again`."""
        ...

    def is_as_seeded(self) -> bool:
        """Are the labels again what they began as?"""
        ...

    def is_done(self) -> bool:
        """Is the page done, or is there nothing to label on it?"""
        ...

    def confirm(self, e: Any) -> None:
        """Keep in mind whether the text that the event `e` gives a line is half typed; a page called done has none that is."""
        ...

    def is_half_typed(self, line: Line) -> bool:
        """Has `line` a text that nobody confirmed?"""
        ...

    def labels(self) -> PageLabels:
        """The labels as they are now."""
        ...

    def place(self, line: Line, after: Any) -> None:
        """Put `line` behind the line `after` (None: first), else where it was when it was deleted, where it is, or last."""
        ...

    def begin(self, e: BeginsEvent) -> None:
        """Let a paragraph begin at a line, or no longer, and number them from 1: so those of two windows both stand."""
        ...

    def offer(self, regions: tuple[Line, ...]) -> None:
        """Suggest `regions`; one that was dismissed before is offered again, one that is a line stays as it is."""
        ...

    def typed(self, e: TypingEvent) -> Line | None:
        """The line with the text that was typed; None if there is no such line or suggestion."""
        ...

    def found(self, id_: str) -> tuple[Line | None, str]:
        """The line `id_`, and what it is: a 'line', an 'offer', or 'gone'; None if the page never had it."""
        ...

    def set_beside(self, line: Line, field: str, e: SetEvent) -> None:
        """Keep what the event `e` says of a field beside `line`, in the place of the value that it goes on with."""
        ...

    def change(self, line: Line, field: str, e: SetEvent) -> Line:
        """`line` with the field that the event `e` sets; if it is not as it was seen, `line`, and the value beside it."""
        ...

    def edit(self, e: SetEvent) -> None:
        """Apply an edit of some fields. What was deleted comes back if a text was typed; else what is known of it changes."""
        ...

    def unlike(self, line: Line, e: DeleteEvent) -> bool:
        """Is `line` another than was seen by who deletes it, as accepted or typed in since, or is there something beside it?"""
        ...

    def delete(self, e: DeleteEvent) -> None:
        """Delete a line, if it is the one that was seen."""
        ...

    def bring_back(self, e: BackEvent) -> None:
        """Bring a line back that was deleted, if it is not there."""
        ...

    def act(self, e: Any) -> bool:
        """Do to the lines and the status what the event `e` says; False if it is about a line that was never there."""
        ...

    def apply(self, e: Any) -> None:
        """Apply the event `e`, which is one of this page."""
        ...

    def outcomes(self) -> Counter[str]:
        """How many suggestions there were, by what became of them."""
        ...

def _ordered(lines: dict[str, Line], ids: Iterable[str]) -> dict[str, Line]:
    """`lines` in the order of `ids`."""
    ...

def event_starts(lines: Iterable[Line]) -> set[str]:
    """Where a paragraph begins, but for the first line; a line without a number belongs to the one before."""
    ...
OUTCOMES = ('accepted', 'edited', 'deleted', 'open')

def events_until(events: list[Any], n_events: SupportsIndex | None, when: float | None) -> list[Any]:
    """The first `n_events` of `events`, and none after the last one up to the time `when`, in unix seconds."""
    ...

def replay(id_: str, events: Iterable[dict[str, Any]], start: PageLabels | None=None, n_events: SupportsIndex | None=None, when: float | None=None) -> PageLabels:
    """The labels of a page after `events`; those of other pages are passed over."""
    ...
