# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch
__all__ = ['IamHandwritingDataset', 'FsdlHandwritingDataset']
import os, time, warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any
from fastcore.basics import patch
from ..core.shown import address_secrets, is_blank, plain_text
from ..core.names import file_name
from ..core.files import MetadataError, sha256_of
from ..core.metadata import Metadata, read_metadata
from ..core.verify import verify as verify_data_file
from ..core.writing import read_steady
from ..core.places import find_dataset, sources
from ..core.annotations import Page, Problem, Problems, page_secrets
from ..core.exports import Export
from ..core.done import not_done_because, page_state, state_words
from ..fetching.limits import Limits
from ..fetching.table import Wanted
from ..fetching.report import DownloadReport
from ..fetching.download import download, fetch_data_file, limits_for
from ..versioning.image_list import Pin, read_pins
from ..versioning.pins import read_dataset
from ..versioning.verified import Fingerprint, fingerprint as _fingerprint
from .reader import HandwritingDataset

def _warn(report: DownloadReport, odd: Problems) -> None:
    """Warn of the failures in `report`, and of images of another size in `odd`."""
    ...

def _withheld_note(pages: Mapping[str, Page], report: DownloadReport) -> str:
    """What to say of failures at addresses that were kept without their secrets."""
    ...

def _read_described(meta: Metadata, check: bool) -> tuple[Export, str]:
    """The export that `meta` describes, and its SHA-256; if `check`, only if that is the one described."""
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
        """The pages by id, in the order of the file; of two with one id the later."""
        ...

    @cached_property
    def problems(self) -> Problems:
        """What is odd in the export, and which pages are begun and not done."""
        ...

    @property
    def fingerprint(self) -> Fingerprint:
        """Which data this is, and at which commit; if the export was read, it is the one that was read."""
        ...

    @property
    def pins(self) -> dict[str, Pin]:
        """The hash and the sizes of each image by id; empty if they are not pinned."""
        ...

    def page_path(self, id_: str) -> Path:
        """The file of a page image, as of every dataset, or where it waits in a folder that is closed; see `read_metadata`."""
        ...

    def load_or_generate_data(self, progress: bool=True, workers: int=32, private: bool=False, **how: Any) -> DownloadReport:
        """Make sure that the export and the page images are there, and fetch what is not."""
        ...

    def summary(self, images: Sequence[Problem] | None=None) -> str:
        """What is in the dataset, and how many problems; as `repr`, which does not look at the images."""
        ...

    def __repr__(self) -> str:
        ...
IamHandwritingDataset = FsdlHandwritingDataset

def _wanted(ds: FsdlHandwritingDataset) -> list[Wanted]:
    """What to fetch: the image of each page, with its hash if it is pinned."""
    ...
