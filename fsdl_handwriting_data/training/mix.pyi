# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['weights_of', 'Mix', 'combine', 'ink_share']
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
import numpy as np
from fastcore.basics import patch
from numpy.random import default_rng
from ..core.shown import InputError, markdown_text
from ..pages.reader import HandwritingDataset
from .alike import Known, writer_key
from .sides import ASIDE, SIDES, side_of
from .sources import AnyData, datasets_by_name
from .splits import split_pages
from .line_list import Left, LeftOut, TextLine
from .lines import Found, LinesDataset
from .paragraphs import ParagraphsDataset
_NO_WEIGHT = 'the weight of {!r:.80} is {!r:.80}: give a number from 0 up to 1,000, for how often a line is drawn in an epoch'
_WHOSE = 'weights are given for {!r:.80}, which is none of the datasets: {}'
_NO_LIST = '`weights` is {!r:.80}, and should be name → number, or a list in the order of the datasets'
_HOW_MANY = '{} weights for {} datasets'

def _by_name(sources: Sequence[str], weights: Any) -> Mapping[str, Any]:
    """Weights by the names of datasets."""
    ...

def weights_of(sources: Sequence[str], weights: Mapping[str, float] | Sequence[float] | None=None) -> dict[str, float]:
    """How often lines are drawn; an `InputError` if that can't be."""
    ...

def _unweighted(sources: Mapping[str, HandwritingDataset]) -> Iterator[Left]:
    """The lines of datasets of the weight 0."""
    ...
_SEED = '`seed` is {!r:.80}, and should be a whole number from 0'

def _mixed(data: AnyData, seed: int) -> dict[str, HandwritingDataset]:
    """The datasets of a mix by name, if there can be one."""
    ...

class Mix(LinesDataset):
    """The lines of several datasets, each once; what is drawn by weight is `mix.epoch(0)`, such as for `as_torch`."""
    sides: Any
    weights: Any
    wanted: Any
    seed: int
    unused: Any

    def __init__(self, data: AnyData, weights: Mapping[str, float] | Sequence[float] | None=None, split: Any='group', seed: int=1, drop_copies: bool=True, **how: Any):
        ...

    @property
    def found(self) -> Found:
        """What the set has."""
        ...

    def places(self, side: str='train') -> dict[str, list[int]]:
        """The lines on a side, by dataset; to train on are all lines, where nobody divided them."""
        ...

    def draws(self) -> dict[str, int]:
        """How many lines of each dataset are drawn in an epoch."""
        ...

    def order(self, epoch: int=0, side: str='train') -> np.ndarray:
        """The lines of an epoch: those to train on are drawn by weight and shuffled, others come once, as they stand."""
        ...

    def epoch(self, n: int=0) -> LinesDataset:
        """The lines of an epoch as a set."""
        ...

    def table(self) -> list[dict[str, Any]]:
        """Pages, lines, characters and hands by dataset and side; of lines to train on how many are drawn in an epoch."""
        ...

    @property
    def copies(self) -> list[str]:
        """What is there twice, and what stays of it."""
        ...

    def report(self) -> str:
        """What the mix has, by dataset and side, and what is left out: together all that came in."""
        ...

    def _repr_markdown_(self) -> str:
        ...

    def measures(self, n: int=200) -> list[dict[str, Any]]:
        """How high lines are, how wide their characters, and how much of their pictures is ink."""
        ...

    def show_sources(self, n: int=200) -> list[Any]:
        """Draw how the datasets differ."""
        ...

    def paragraphs(self, **how: Any) -> ParagraphsDataset:
        """The paragraphs of the mix."""
        ...

def combine(*data: AnyData, weights: Mapping[str, float] | Sequence[float] | None=None, split: Any='group', seed: int=1, **how: Any) -> Mix:
    """Several datasets to train on together."""
    ...

def _drawn(n: int, m: int, epoch: int, seed: Sequence[int]) -> np.ndarray:
    """The `m` of `n` lines that are drawn in an epoch: a piece of shuffled decks that lie one behind the other."""
    ...
_NO_LINE = 'there is no line on the side {!r}; left out: {}'

def _brought(source: str, side: str, lines: Sequence[TextLine]) -> dict[str, Any]:
    """What `lines` of a dataset on a side are."""
    ...
_HEADS = ('source', 'side', 'pages', 'lines', 'characters', 'hands', 'weight', 'drawn an epoch', '% of an epoch')

def _cells(row: Mapping[str, Any]) -> list[str]:
    """A row of the table in words."""
    ...

def ink_share(picture: np.ndarray) -> float:
    """How much of a picture is darker than the middle between its paper and its darkest hundredth."""
    ...
