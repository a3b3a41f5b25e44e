# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['is_private', 'Limits', 'DownloadError']
import ipaddress, random, re, socket, threading, time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from fastcore.basics import patch
from ..core.shown import HandwritingError, InputError, error_text, hide_secrets, plain_text
from ..core.checks import MAX_PIXELS, storage_error
_INNER = (ipaddress.ip_network('64:ff9b::/96'), ipaddress.ip_network('::/96'))

def is_private(address: str) -> bool:
    """Whether the IP `address` is not one of the public internet."""
    ...
_LEAST = dict(connect=0.001, read=0.001, total=0.001, min_speed=0, max_bytes=1)
_SEVERAL = "schemes is {0!r}, and should be several, as ('http', {0!r})"

@dataclass(frozen=True)
class Limits:
    """How long a download may take, how large it may get, how often it is tried, and where it may lead."""
    connect: float = 10
    read: float = 30
    total: float = 300
    min_speed: int = 1000
    max_bytes: int = 500000000
    max_pixels: int = MAX_PIXELS
    tries: int = 4
    pause: float = 0.5
    retry_after: float = 60
    redirects: int = 5
    schemes: tuple[str, ...] = ('http', 'https')
    private: Callable[[str], bool] = is_private
    ask_private: bool = True

    def __post_init__(self) -> None:
        ...

class DownloadError(HandwritingError, RuntimeError):
    """Why a file could not be fetched."""
    cause: str
    may_pass: bool
    wait: float | None

    def __init__(self, reason: str, cause: str='error', may_pass: bool=False, wait: float | None=None):
        ...
_SIMPLE = re.compile("(https?://[A-Za-z0-9.-]+(?::\\d{1,5})?)(/[\\w.~!$&'()*+,;=:@%/?-]*)", re.ASCII)

def split_address(url: str) -> tuple[str, str]:
    """The part of `url` that names the server, and the rest as it is put into a request."""
    ...

def _retry_after(value: str | None) -> float | None:
    """Seconds to wait, by the header Retry-After (RFC 9110, 10.2.3); None if it says nothing."""
    ...

def status_error(r: Any) -> DownloadError:
    """What a status that does not mean the file means."""
    ...

def last_cause(e: BaseException) -> str:
    """The innermost error of `e`, in a line."""
    ...

def as_error(e: Exception, limits: Limits) -> DownloadError:
    """The error `e` as a `DownloadError`."""
    ...

class Transfer:
    """One file on its way, as the watchman sees it."""
    fault: DownloadError | None
    sock: socket.socket | None
    since: Any
    mark: int
    body: bool
    end: Any
    limits: Limits
    last: float
    attempts: int
    tries: int
    bytes: int
    private: bool
    kept: bool

    def __init__(self, limits: Limits, last: float=float('inf')):
        ...

    def begin(self) -> None:
        """Its time begins now."""
        ...

    def turn(self, body: bool) -> None:
        """Begin to wait for an answer, or for its `body`."""
        ...

    def rest(self) -> None:
        """Wait for nothing."""
        ...

    def look(self, now: float) -> DownloadError | None:
        """What is wrong with it `now`."""
        ...

    def late(self) -> DownloadError:
        """The error of a transfer whose time is over."""
        ...

    def cut(self, why: DownloadError) -> None:
        """End it: a thread that waits for it gets the end of the connection."""
        ...
this_thread = threading.local()

def watched_connection(base: Any, public: bool, private: Callable[[str], bool]) -> Any:
    """A class of connections like `base`; `public`: only to public addresses."""
    ...

class Host:
    """What one host has asked for, shared by all who ask it."""
    closed: Any
    open_at: float
    slots: Any
    dead: int

    def __init__(self, at_once: int | None):
        ...

    def slow_down(self, seconds: float) -> None:
        """Nobody is to ask for `seconds`."""
        ...

    def wait(self, stop: threading.Event, end: float) -> None:
        """Wait until the host may be asked; a `DownloadError` if that is after `end`, or if it asked for too long a wait."""
        ...

    def failed(self, e: DownloadError, n: int, limits: Limits) -> float:
        """Note the failure `e` of try `n`; gives the seconds to wait before the next."""
        ...
_TOO_BUSY = 'the server is busy, and asks to wait {:.1f} s: that is after the time for this file'
