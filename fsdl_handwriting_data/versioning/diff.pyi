# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['line_counts', 'Diff', 'change_words']
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any
import msgspec
from fastcore.basics import patch
from ..core.shown import hide_secrets, markdown_text as _md, plain_text as _shown, without_secrets
from ..core.annotations import FIELDS, Problems
from ..core.text import Edits, Piece
from .page_diff import LINE_KINDS, LineDiff, Loss, PAGE_KINDS, PageDiff, LABEL_FIELDS
from .page_diff import page_content, counted, in_numbers, find_losses, loss_rows
from .page_diff import loss_total

def _pieces_text(pieces: Iterable[Piece], most: int=24) -> str:
    """`pieces` as text; what is equal is cut in its middle."""
    ...

def _shift(o: LineDiff) -> str:
    """How far the line was moved, in words."""
    ...

def _label_changes(o: LineDiff) -> str:
    """What was relabelled, in words."""
    ...
_SAME_FORM = 'the same characters in another form of Unicode'

def _retyped(o: LineDiff) -> str:
    """What became of the text of a line, in words."""
    ...

def _changes_text(o: LineDiff) -> str:
    """What happened to a line that is in both versions, in words."""
    ...

def _line_text(o: LineDiff) -> str:
    """What happened to a line, and which it is."""
    ...
_SIGNS = {'added': '+', 'removed': '-'}

def _page_notes(d: PageDiff) -> list[str]:
    """What happened to the page itself, in words."""
    ...

def _n_details(pages: Iterable[PageDiff]) -> int:
    """How many rows there are below those of the `pages` themselves."""
    ...

def _page_text(d: PageDiff) -> Iterator[str]:
    """What happened to a page, line by line."""
    ...

def line_counts(pages: Iterable[PageDiff]) -> Counter[str]:
    """How many lines changed in each way."""
    ...

class Diff(msgspec.Struct, frozen=True, dict=True):
    """What changed between two versions of an export."""
    pages: tuple[PageDiff, ...] = ()
    reordered: int = 0
    reformatted: int = 0
    counts: tuple[int, int] = (0, 0)
    problems: tuple[Problems, Problems] = msgspec.field(default_factory=lambda: (Problems(), Problems()))
    unread: tuple[int, int] = (0, 0)
    others: tuple[Loss, ...] = ()
    titles: tuple[str, str] = ('old', 'new')
    meant: tuple[Loss, ...] = ()
    unclear: tuple[tuple[str, ...], ...] = ()

    @cached_property
    def losses(self) -> list[Loss]:
        """All that was lost."""
        ...

    @property
    def edits(self) -> Edits:
        """The edits of all texts that were typed anew."""
        ...

    def __bool__(self) -> bool:
        ...

    @property
    def totals(self) -> dict[str, int]:
        """How many pages, lines and other things changed in each way."""
        ...

    def summary(self) -> str:
        """What changed, on one line."""
        ...

    def text(self, most: int=200) -> str:
        """What changed, in words: the totals, losses, what could not be read, and then page by page."""
        ...

    def __str__(self) -> str:
        ...

    def markdown(self, most: int=50) -> str:
        """What changed, for a pull request or a notebook."""
        ...

    def _repr_markdown_(self) -> str:
        ...

    def to_json(self) -> str:
        """All that changed, as JSON."""
        ...
_WORDS = dict(pages_added='+{} page', pages_removed='-{} page', lines_added='+{} line', lines_removed='-{} line', lines_typed='{} text*typed', lines_retyped='{} text*changed', lines_lost='{} text*lost', lines_moved='{} line*moved', lines_reshaped='{} line*reshaped', lines_relabelled='{} line*relabelled', lines_reordered='{} line*reordered', pages_unannotated='{} annotation*lost', pages_emptied='{} page*emptied', pages_annotated='{} page*annotated', pages_readdressed='{} page*readdressed', pages_renamed='{} page*renamed', pages_reordered='{} page*reordered', keys_changed='{} other key*changed', unread_old='-{} unreadable record', unread_new='+{} unreadable record')

def change_words(totals: Mapping[str, int]) -> str:
    """What changed, in words: the same for a diff and for the report of an export."""
    ...

def _capped(items: Iterable[str], most: int, total: int) -> list[str]:
    """The first `most` of `total` `items`, and how many there are beside."""
    ...

def _unread(side: str, problems: Problems) -> list[str]:
    """What was not read of one `side`, under a heading."""
    ...
_UNCLEAR = 'may be one page under another name, and was not guessed: {}'

def _pieces_md(pieces: Iterable[Piece]) -> str:
    """`pieces` in Markdown."""
    ...

def _line_md(o: LineDiff) -> str:
    """What happened to a line, as the end of a row of a table."""
    ...

def _page_md(d: PageDiff) -> Iterator[str]:
    """The rows of a page in a table."""
    ...

def _line_json(o: LineDiff) -> dict[str, Any]:
    """A line's change as JSON values."""
    ...

def _page_json(d: PageDiff) -> dict[str, Any]:
    """A page's change as JSON values."""
    ...
