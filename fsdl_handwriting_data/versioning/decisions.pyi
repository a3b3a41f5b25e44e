# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
from typing import Any
__all__ = ['LineHistory', 'exported_texts', 'line_histories', 'Decisions', 'read_decisions', 'expected_pages']
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from fastcore.basics import patch
from ..core.shown import is_blank
from ..core.files import MetadataError
from ..core.annotations import Page, Region
from ..core.labels import Line, as_region
from ..core.events import ExportEvent, SeedEvent
from ..core.replay import PageState
from ..core.journal import Journal
from .journals import EXPORT_LOG, journal_files
from .readings import LabelReader

class LineHistory(NamedTuple):
    """What an annotator did with a line."""
    annotator: str
    id: str
    states: tuple[Line, ...]
    meant: tuple[Line | None, ...]

def _exports(store: LabelReader) -> dict[str, ExportEvent]:
    """The last export of each page."""
    ...

def _counting(store: LabelReader, page: str) -> list[str]:
    """Whose labels of a page count: those that the export has, or all if none were exported."""
    ...

def exported_texts(store: LabelReader, sha256: str) -> int:
    """How many lines with a transcript the export had that has this hash."""
    ...

def _states(store: LabelReader, page: str, annotator: str) -> Iterator[list[Line]]:
    """The lines of a page after each event of an annotator."""
    ...

def line_histories(store: LabelReader, page: str) -> list[LineHistory]:
    """What annotators did with the lines of a page."""
    ...

def _is_at(line: Line, region: Region) -> bool:
    """Do `line` and `region` have the same outline, but for rounding?"""
    ...

def _explains(h: LineHistory, old: Region, new: Region | None, now: Sequence[Region]) -> bool:
    """Did the annotator delete the line `old`, or make of it the line `new`, or another one of the lines `now` of the page?"""
    ...

def _known_as(old: Region, histories: Iterable[LineHistory]) -> list[LineHistory]:
    """Those of the `histories` that are of the line `old`: by its outline, or where none has that by its text."""
    ...

class Decisions:
    """What annotators of a dataset did on purpose, by their journals."""
    store: LabelReader
    _used: Any
    _by_page: Any

    def __init__(self, store: LabelReader):
        ...

    def explains(self, page: str, old: Region, new: Region | None, now: Sequence[Region]=()) -> bool:
        """Whether an annotator deleted that line, or gave it that text, or with the text that it had that outline."""
        ...

    def is_empty(self, page: str) -> bool:
        """Whether somebody who labelled the page has no line on it."""
        ...

def read_decisions(folder: str | os.PathLike[str]) -> Decisions | None:
    """What annotators of the dataset did on purpose."""
    ...

def _as_page(store: LabelReader, id_: str, lines: Iterable[Line]) -> Page:
    """A page of an export with `lines`."""
    ...

def expected_pages(store: LabelReader) -> dict[str, Page]:
    """What the export has to hold by the journals: what was exported last, or else what was there when somebody began."""
    ...
