from collections.abc import Callable
from typing import Any, TypeVar, overload

F = TypeVar('F', bound=Callable[..., Any])

@overload
def patch(f: F) -> F: ...
@overload
def patch(*, as_prop: bool = ..., cls_method: bool = ...) -> Callable[[F], F]: ...
