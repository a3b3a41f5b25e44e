# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['CHARS', 'Labeller']
import os, time, warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from fastcore.basics import patch
from msgspec import to_builtins
from ..core.shown import InputError, NotInstalled, UnknownId
from ..core.files import MetadataError
from ..core.annotations import Page, Region
from ..core.pictures import labelled_size, page_size, picture_problems
from ..core.geometry import iou
from ..core.done import state_of
from ..core.labels import PageLabels, open_work
from ..pages.images import open_page
from ..pages.reader import HandwritingDataset
from .store import LabelStore
from .suggest import Suggest, read_guidelines, as_suggestion, suggester_of, page_picture
from .suggest import widget_files
from .windows import Window, line_changes, shown_state
CHARS = '’“”„–—…ßäöüéèàç£§¶†½'

class Labeller:
    """A dataset being labelled by one annotator: show it in a notebook."""
    _widget: Any
    dataset: HandwritingDataset
    chars: str
    charset: Any
    store: LabelStore
    session: Any
    n: int
    _asked: set[str]
    _windows: dict[str, Window]

    def __init__(self, dataset: HandwritingDataset, annotator: str, suggest: bool | None | Suggest | str | os.PathLike[str] | Iterable[Page]=True, chars: str=CHARS, charset: Iterable[str] | None=None, start_from: str | None=None, blind: bool=False):
        ...

    @property
    def annotator(self) -> str:
        """Who labels."""
        ...

    @property
    def ids(self) -> list[str]:
        """The pages that can be labelled, as the export has them now."""
        ...

    def _window(self, session: str, most: int=100) -> Window:
        """What is known of a window; of the `most` that were used last."""
        ...

    def summary(self, id_: str) -> dict[str, Any]:
        """How far a page is; its state is done, begun or to label."""
        ...

    def __repr__(self) -> str:
        ...

    def _first_page(self) -> str:
        """The page to begin with."""
        ...

    def _hello(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        ...

    def _stamp(self, id_: str) -> str:
        """What tells whether the image of a page is the file that it was; '' if it is not here."""
        ...

    def _shown_size(self, id_: str) -> tuple[int, int]:
        """(width, height) of a page on the screen: as it was labelled, or that of its picture, if that has another shape."""
        ...

    def _picture_note(self, id_: str) -> str:
        """What is odd about a page's picture, in words; '' if nothing is."""
        ...

    def _hint(self, labels: PageLabels) -> str:
        """What the annotator has to know before they begin with a page that others labelled."""
        ...

    def _told(self, id_: str, session: str) -> dict[str, Any]:
        """What the window `session` is told of a page, which it shows from now on."""
        ...

    def _page(self, id_: str, image: bool | str, session: str='') -> tuple[dict[str, Any], list[bytes]]:
        """The message with a page's labels and, if `image`, its picture; a text is the stamp of the one that the window has."""
        ...

    def _event(self, **kw: Any) -> dict[str, Any]:
        """An event of the kernel itself."""
        ...

    def _new_ones(self, id_: str, found: Iterable[Region]) -> tuple[list[dict[str, Any]], int]:
        """Those of `found` that can be offered and lie on no line or suggestion of the page, and how many could not."""
        ...

    def suggest(self, id_: str) -> int:
        """Look for lines on a page, and offer those that are new; a page that was done or skipped is open again with that."""
        ...

    def _suggested(self, id_: str, session: str, none: str='') -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Look for lines on a page, and answer with it if there are new ones; say why not, or `none` if there are none."""
        ...

    def _wants_suggestions(self, id_: str) -> bool:
        """Is the page one that nobody began, nor looked for lines on?"""
        ...

    def _open(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Answer with the page, and then once more if there is something to suggest."""
        ...

    def _find(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        ...

    def _refresh(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Answer with what other windows did: the page if it is another than is shown, and who polls gets all summaries."""
        ...

    def _history(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Answer with what was done to a line, in any window."""
        ...

    def _seen(self, session: str, edits: list[dict[str, Any]]) -> dict[str, Any]:
        """What the window of `session` has of the pages that `edits` are about."""
        ...

    def _save(self, session: str, edits: list[dict[str, Any]], shown: bool=True) -> list[tuple[int, str]]:
        """Write `edits` down; if one of them is refused, the others all the same."""
        ...

    def _otherwise(self, session: str, id_: str, edits: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the disk has otherwise than the window, of the lines that `edits` are about: 'kept' (not deleted),
'deleted', a field of which both values are kept, or 'also' for fields that only others changed."""
        ...

    def _edits(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Write edits down. A window that shows something else than is on the disk then gets the page."""
        ...

    def _brought_back(self, session: str, edits: list[dict[str, Any]]) -> set[str]:
        """Where `edits` are about a line that is gone, as the window of `session` has it."""
        ...

    def _saved(self, session: str, edits: list[dict[str, Any]], ids: list[str], back: set[str]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Say that `edits` are on the disk, and how that is otherwise than the window shows."""
        ...

    def _recover(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """Write down what a browser had kept, the oldest first; a batch that fails keeps the later ones waiting too."""
        ...

    def answer(self, message: dict[str, Any]) -> Iterator[tuple[dict[str, Any], list[bytes]]]:
        """What the kernel says to a message of the widget."""
        ...

    def widget(self) -> Any:
        """The widget, for a notebook or an ipywidgets layout."""
        ...

    def _repr_mimebundle_(self, **kw: Any) -> Any:
        ...
_TOLD = ('regions', 'suggestions', 'status', 'version', 'others', 'drafts')
_NO_LINES = 'Lines could not be suggested on this page: {why}. It can be labelled without.'
_ANSWERS = dict(hello='_hello', open='_open', suggest='_find', refresh='_refresh', history='_history', edits='_edits', recover='_recover')
_NO_WIDGET = "the labelling widget needs anywidget: pip install 'fsdl_handwriting_data[label]'"

def _anywidget() -> Any:
    ...
