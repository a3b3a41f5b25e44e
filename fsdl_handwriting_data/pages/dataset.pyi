# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['FsdlHandwritingDataset', 'IamHandwritingDataset']
import os, time, warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from fastcore.basics import patch
from ..core.shown import address_secrets, plain_text
from ..core.files import MetadataError, sha256_of
from ..core.metadata import Metadata, read_metadata
from ..core.verify import verify as verify_data_file
from ..core.writing import read_steady
from ..core.places import find_dataset, sources
from ..core.annotations import Page, Problem, Problems, page_secrets
from ..core.exports import Export, Pages
from ..core.done import not_done_because, page_state
from ..fetching.limits import Limits
from ..fetching.table import Wanted
from ..fetching.report import DownloadReport
from ..fetching.download import download, fetch_data_file, limits_for
from ..versioning.image_list import Pin, read_pins
from ..versioning.pins import read_dataset
from ..versioning.verified import Fingerprint, fingerprint as _fingerprint
from .reader import HandwritingDataset, warn_of
_WITHHELD = '{}{}: the address was kept without its secret ({}), so it may not be fetched from there again: put the file into the folder pages, or take it from a bag'

def _withheld_note(pages: Mapping[str, Page], report: DownloadReport) -> str:
    """What to say of failures at addresses that were kept without their secrets."""
    ...

def _read_described(meta: Metadata, check: bool) -> tuple[Export, str]:
    """The export that `meta` describes, and its SHA-256; if `check`, only if that is the one described."""
    ...

def _all_problems(export: Export) -> Problems:
    """What is odd in the `export`, and which pages are begun and not done, in the order of the file."""
    ...

class FsdlHandwritingDataset(HandwritingDataset):
    """A folder with `metadata.toml`, an export and `pages/`."""
    meta: Any
    folder: Any
    verify: bool
    done_only: bool

    def __init__(self, path_or_name: str | os.PathLike[str]='fsdl_handwriting', data_dir: str | os.PathLike[str] | None=None, verify: bool=True, done_only: bool=False):
        ...

    def _renew(self, now: Metadata) -> Metadata:
        ...

    @cached_property
    def export(self) -> Export:
        """The pages and the problems of the export."""
        ...

    @cached_property
    def pages(self) -> dict[str, Page]:
        """The pages by id, in order; of two with one id the later."""
        ...

    @cached_property
    def problems(self) -> Problems:
        """What is odd in it, and which pages are begun."""
        ...

    @property
    def records(self) -> Pages:
        """All pages of the export."""
        ...

    @property
    def fingerprint(self) -> Fingerprint:
        """Which data this is, and at which commit."""
        ...

    @property
    def pins(self) -> dict[str, Pin]:
        """The hash and the sizes of each image by id."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that the export and the page images are there, and fetch what is not."""
        ...
_NOT_IAM = 'IamHandwritingDataset is what the course calls FsdlHandwritingDataset, and not the IAM database, which is IamDataset: write FsdlHandwritingDataset, or open_dataset, which opens any dataset'

class IamHandwritingDataset(FsdlHandwritingDataset):
    """`FsdlHandwritingDataset`, by its name in the course's readme; it is not the IAM database."""

    def __init__(self, path_or_name: str | os.PathLike[str]='fsdl_handwriting', data_dir: str | os.PathLike[str] | None=None, verify: bool=True, done_only: bool=False):
        ...

def _wanted(ds: FsdlHandwritingDataset) -> list[Wanted]:
    """What to fetch: the image of each page, with its hash if it is pinned."""
    ...
