# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['record_hash', 'Unavailable']
import hashlib, json, os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any
import msgspec
from fastcore.basics import patch
from ..core.shown import InputError
from ..core.shown import HandwritingError, called, error_text, hide_secrets, without_secrets
from ..core.names import name_key
from ..core.files import MetadataError
from ..core.metadata import check_labels, read_metadata
from ..core.annotations import Page, Region
from ..core.exports import Pages, read_export
from ..core.done import Status, true_status
from ..core.labels import Line, PageLabels, page_labels
from ..core.events import ExportEvent, SeedEvent, SetEvent, SuggestEvent, add_event
from ..core.replay import PageState
from ..core.journal import Journal, JournalProblem, check_annotator, id_of_key, page_key
from ..core.journal import address_path
from .pins import given_ids
from .matching import Named, as_named, pair_renamed
from .journals import EXPORT_LOG, why_misfit, exported_name

def record_hash(page: Page) -> str:
    """The SHA-256 of the page's record without its line end, which may change when git rewrites line ends."""
    ...
_Labels = Callable[[str], PageLabels]

class Replay:
    """The states of all pages in one journal, kept as the journal grows."""
    generation: int
    states: dict[str, PageState]
    by_page: dict[str, list[Any]]
    problems: list[JournalProblem]
    journal: Journal
    start: _Labels
    recorded: Any
    renamed: dict[str, str]
    by_address: set[str]
    followed: tuple[Any, ...]
    unclear: list[tuple[str, ...]]

    def __init__(self, journal: Journal, start: _Labels, recorded: _Labels | None=None):
        ...

    def _clear(self, generation: int) -> None:
        ...

    def say(self, kind: str, message: str) -> None:
        ...

    def state(self, id_: str) -> PageState:
        """The state of a page; for one that has no event, the export's."""
        ...

    def origin(self, id_: str) -> PageLabels:
        """What a page's events are applied to."""
        ...

    def seen(self, id_: str) -> PageState:
        """A copy of a page's state, with the lines that it begins with."""
        ...

    def labels(self, id_: str) -> PageLabels:
        """The labels of a page; their version counts its events under all names."""
        ...

    def here(self, e: Any) -> Any:
        """The event `e` with the id that its page has in the export."""
        ...

    def is_elsewhere(self, id_: str, begun: bool=False) -> bool:
        """Would an event of `id_` count for another page, by the journal's last address, or for none that was `begun`?"""
        ...

    def take(self, e: Any) -> None:
        """Apply the event `e` to its page."""
        ...

    def refresh(self) -> set[str]:
        """Read what was added to the journal; the ids of the pages that it changes."""
        ...

    def unclear_problems(self) -> list[JournalProblem]:
        """Pages that may have got another name, where it can't be told which."""
        ...

    def _known_by(self, id_: str, begun: bool=False) -> Named:
        """What a page of the journal is known by: its lines as they are, or as they were when it was `begun`."""
        ...
_NO_SEED = "the labels of {!r} do not say what they began as; the export's are taken"
_APART = "the labels of {} were begun on {}, which the export does not have now, and that id is another page's: they stay in the journal"
_UNCLEAR = 'these pages may be the same under another name, and can not be told apart, so the labels stay under the old name: {}'
_NO_EXPORT = '{}: no such file; a dataset to label is a folder with a metadata.toml and an export'

def _read_pages(path: Path, given: Mapping[str, str]={}) -> Pages:
    """The pages of the export at `path`, with the ids that they were `given` once; a `MetadataError` if there is none."""
    ...

def file_stat(path: Path) -> tuple[int, ...]:
    """What tells one file from the next at the same place."""
    ...

class Unavailable(HandwritingError, OSError):
    """What is needed is not there now, or cut short; nothing was saved, and the same may be asked again."""

class ExportPages:
    """The pages of a dataset's export, read again when the file is another."""
    start_from: str | None
    _ends: Counter[str]
    away: str
    _stat: tuple[int, ...]
    _all_pages: Pages
    pages: dict[str, Page]
    doubled: Any
    _at: dict[str, str]
    _records: dict[str, PageLabels]
    _starts: dict[tuple[str, str], PageLabels]
    meta: Any
    folder: Any
    labels_folder: Any
    annotator: str | None
    blind: bool
    _replays: dict[str, Replay]
    _exports: Journal
    _ever: set[str]

    def __init__(self, folder: str | os.PathLike[str]):
        ...

    def _set_pages(self, found: Pages, stat: tuple[int, ...]) -> None:
        ...

    def _recorded(self, id_: str) -> PageLabels:
        """The labels of a page in the export; none if it is not there."""
        ...

    def _read_export(self) -> None:
        """Read the export if it is not the file that was read; what was read stays while the file is not whole."""
        ...

    def _place_of(self, url: str, strict: bool=False) -> str:
        """The id of the page at `url`, on any host, and in any spelling unless `strict`; '' if there is none, or several."""
        ...

    def _is_alike(self, page: Page) -> bool:
        """Do the addresses of other pages end as that of `page`, and its record says no id?"""
        ...

    def _is_here(self, id_: str, seed: SeedEvent) -> bool:
        """Is the page `id_` of the export the one that the `seed` was for, by its address or its image?"""
        ...

    def _by_address(self, r: Replay) -> dict[str, str]:
        """Names in a journal that are other pages' ids now, or were → id of the page at that address, or a name of no page."""
        ...

    def _by_seeds(self, r: Replay, groups: Mapping[frozenset[str], list[str]]) -> dict[str, str]:
        """Names in a journal that are one page, of which the export has one: by what seeds say, or as it was found before."""
        ...

    def _by_likeness(self, r: Replay, groups: list[list[str]], names: dict[str, str]) -> list[tuple[str, ...]]:
        """Add the pages to `names` that are like one without labels; gives those that can't be told apart."""
        ...

    def _new_names(self, r: Replay) -> tuple[dict[str, str], list[tuple[str, ...]]]:
        """The pages of a journal that the export has under other ids: old id → new; and those that can't be told apart."""
        ...

    def _follow(self, r: Replay) -> set[str]:
        """Let the labels in a journal follow pages that got other names; the ids of the pages that this changes."""
        ...

    def _wrote(self, id_: str, record: str) -> ExportEvent | None:
        """The last export that wrote this record of a page."""
        ...

    def _touched(self, id_: str, name: str) -> PageState | None:
        """The state of a page that `name` has begun; None if they have not."""
        ...

    def _owner(self, id_: str) -> str:
        """The annotator whose labels the record of a page has; '' if they came with the data."""
        ...

    def _came(self, id_: str, owner: str) -> tuple[tuple[Line, ...], Status]:
        """The lines and the status that came with the data, before `owner` and others here worked on the page."""
        ...

    def _placed_in(self, id_: str, name: str, lines: tuple[Line, ...], status: Status) -> PageLabels:
        """`lines` that `name` had, with the places that they have in the record now."""
        ...

    def _start(self, id_: str, name: str | None=None) -> PageLabels:
        """The labels that an annotator (default: this store's) begins a page with."""
        ...

    def _begin(self, id_: str, name: str) -> PageLabels:
        ...

    def _check_start(self) -> None:
        """A `ValueError` if there is nothing by the annotator to start from."""
        ...

    def others_on(self, id_: str) -> list[str]:
        """Who else has labelled a page."""
        ...

def _same_pages(ids: Iterable[str], events: Iterable[Any]) -> dict[frozenset[str], list[str]]:
    """All ids of one page, as seeds among the `events` say → those of them that are in `ids`."""
    ...
_WAYS: tuple[Callable[[str], str], ...] = (lambda o: f'0 {o}', lambda o: f"1 {o.partition('://')[2].partition('/')[2]}", lambda o: f'2 {address_path(o)}')
_BLIND = "{} is to see nobody's labels, and {} is to begin with somebody's: give one of them"

def record_hashes(page: Page, s: PageState) -> set[str]:
    """The hash of the page's record, and the one it had under the name with which its labels were begun."""
    ...

def line_places(page: Page, labels: PageLabels, s: PageState, annotator: str, exports: list[ExportEvent]) -> dict[str, int]:
    """The place of each line in the record of `page`, as far as it has one."""
    ...
