# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['Transform', 'stacked', 'WidthBatches', 'Example', 'Batch', 'joined', 'TorchPictures', 'PictureFacts', 'Pictures']
import operator
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple
import numpy as np
from fastcore.basics import patch
from ..core.shown import InputError, NotInstalled
from ..core.charset import Charset
from ..core.char_counts import UnknownCharacters

def stacked(pictures: Sequence[np.ndarray]) -> np.ndarray:
    """Pictures in one array, each filled up with the colour of its paper, on the right and below."""
    ...

class WidthBatches:
    """Batches of pictures of like width, each picture once an epoch: a `batch_sampler` of torch."""
    widths: Any
    size: int
    shuffle: bool
    seed: int
    pool: int
    epoch: int

    def __init__(self, widths: Sequence[int] | np.ndarray, size: int=32, shuffle: bool=True, seed: int=1, pool: int=50):
        ...

    def __len__(self) -> int:
        ...

    def __iter__(self) -> Iterator[list[int]]:
        ...

    def batches(self, epoch: int) -> list[list[int]]:
        """The batches of an epoch."""
        ...

def need_torch() -> Any:
    """Import torch, or say how to get it."""
    ...

class Example(NamedTuple):
    """A picture and its text, as torch takes them."""
    image: Any
    target: Any
    text: str
    id: str

class Batch(NamedTuple):
    """Some pictures and their texts; all but the last two are tensors."""
    images: Any
    targets: Any
    input_lengths: Any
    target_lengths: Any
    heights: Any
    texts: list[str]
    ids: list[str]

def joined(examples: Sequence[Example], padding: int) -> Batch:
    """Examples as a batch: a `collate_fn` of torch."""
    ...
Transform = Callable[[np.ndarray], np.ndarray]

class TorchPictures:
    """Pictures with texts as a `torch.utils.data.Dataset`: what `as_torch` gives."""
    data: Any
    ids: Sequence[str]
    charset: Charset
    ends: bool
    transform: Transform | None
    padding: Any

    def __init__(self, data: Any, ids: Sequence[str], charset: Charset, ends: bool=False, transform: Transform | None=None):
        ...

    def __len__(self) -> int:
        ...

    def __reduce__(self) -> tuple[Any, ...]:
        ...

    def __getitem__(self, i: Any) -> Example:
        """A picture and its text."""
        ...

    def loader(self, size: int=32, shuffle: bool=True, seed: int=1, **how: Any) -> Any:
        """Batches of pictures of like width, each picture once an epoch."""
        ...

@cache
def _torch_class() -> Any:
    ...

def torch_pictures(*args: Any) -> TorchPictures:
    """A `TorchPictures` that is a `Dataset` of torch, too."""
    ...

class PictureFacts(NamedTuple):
    """What is known of pictures with texts."""
    ids: Sequence[str]
    texts: Sequence[str]
    charset: Charset

class Pictures:
    """What has pictures with texts, to train with."""

    def __len__(self) -> int:
        ...

    def __getitem__(self, i: Any) -> Any:
        ...

    def picture_facts(self) -> PictureFacts:
        """What is known of them."""
        ...

    def picture_widths(self) -> np.ndarray:
        """How wide each picture is."""
        ...

    def as_torch(self, charset: Charset | None=None, ends: bool=False, transform: Transform | None=None) -> TorchPictures:
        """The pictures and their texts for torch."""
        ...
