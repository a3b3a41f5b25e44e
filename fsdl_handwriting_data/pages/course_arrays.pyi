# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['balanced_places']
from typing import Any
import numpy as np
from fastcore.basics import patch
from ..core.charset import Charset

def balanced_places(numbers: np.ndarray, seed: int=42, course: bool=False) -> np.ndarray:
    """At most as many examples of each class as there are of a class on average."""
    ...

class CourseArrays:
    """What the course's code asks a dataset of examples for."""
    charset: Charset
    one_hot: np.dtype[Any] = np.dtype(np.float32)

    def arrays(self, part: str) -> tuple[np.ndarray, np.ndarray]:
        ...

    def hot(self, part: str) -> np.ndarray:
        ...

    @property
    def mapping(self) -> dict[int, str]:
        """Number → symbol."""
        ...

    @property
    def inverse_mapping(self) -> dict[str, int]:
        """Symbol → number."""
        ...

    @property
    def num_classes(self) -> int:
        """How many symbols there are."""
        ...

    @property
    def x_train(self) -> np.ndarray:
        """Images to learn from, uint8."""
        ...

    @property
    def x_val(self) -> np.ndarray:
        """Images to choose a model with, uint8."""
        ...

    @property
    def x_test(self) -> np.ndarray:
        """Images to be examined with, uint8."""
        ...

    @property
    def y_train_int(self) -> np.ndarray:
        """The numbers of what `x_train` shows."""
        ...

    @property
    def y_val_int(self) -> np.ndarray:
        """The numbers of what `x_val` shows."""
        ...

    @property
    def y_test_int(self) -> np.ndarray:
        """The numbers of what `x_test` shows."""
        ...

    @property
    def y_train(self) -> np.ndarray:
        """`y_train_int` as rows with a single 1."""
        ...

    @property
    def y_val(self) -> np.ndarray:
        """`y_val_int` as rows with a single 1."""
        ...

    @property
    def y_test(self) -> np.ndarray:
        """`y_test_int` as rows with a single 1."""
        ...
