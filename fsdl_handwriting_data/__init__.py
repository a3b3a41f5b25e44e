"From a pile of handwriting scans to a versioned, labelled, trainable dataset. The names below are the front door; each is loaded when it is first used."
__version__ = "0.1.0"

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .core.charset import Charset
    from .core.exports import read_export, write_export
    from .core.geometry import reading_order
    from .core.places import find_dataset
    from .core.text import cer
    from .fetching.download import download
    from .labelling.export import export_labels
    from .labelling.labeller import label
    from .pages.dataset import FsdlHandwritingDataset
    from .pages.iam_reader import IamDataset
    from .pages.emnist_reader import EmnistDataset
    from .pages.line_finder import find_lines
    from .pages.new_dataset import new_dataset
    from .pages.opening import open_dataset
    from .pages.sample import make_sample
    from .pages.validate import validate_dataset
    from .pages import util
    from .training.glyph_lines import EmnistLinesDataset
    from .training.lines import FsdlHandwritingLinesDataset, IamLinesDataset, LinesDataset
    from .training.mix import combine
    from .training.paragraphs import FsdlHandwritingParagraphsDataset, IamParagraphsDataset, ParagraphsDataset
    from .training.splits import split_pages
    from .training.trainset import make_trainset
    from .versioning.compare import diff_exports
    from .versioning.pins import pin_images
    from .versioning.update import update_dataset
    from .versioning.verified import verify_dataset

_HOMES = {
    'Charset': 'core.charset', 'EmnistDataset': 'pages.emnist_reader', 'EmnistLinesDataset': 'training.glyph_lines',
    'FsdlHandwritingDataset': 'pages.dataset', 'FsdlHandwritingLinesDataset': 'training.lines',
    'FsdlHandwritingParagraphsDataset': 'training.paragraphs', 'IamDataset': 'pages.iam_reader',
    'IamLinesDataset': 'training.lines', 'IamParagraphsDataset': 'training.paragraphs',
    'LinesDataset': 'training.lines', 'ParagraphsDataset': 'training.paragraphs', 'cer': 'core.text',
    'combine': 'training.mix', 'diff_exports': 'versioning.compare', 'download': 'fetching.download',
    'export_labels': 'labelling.export', 'find_dataset': 'core.places', 'find_lines': 'pages.line_finder',
    'label': 'labelling.labeller', 'make_sample': 'pages.sample', 'make_trainset': 'training.trainset',
    'new_dataset': 'pages.new_dataset', 'open_dataset': 'pages.opening', 'pin_images': 'versioning.pins',
    'read_export': 'core.exports', 'reading_order': 'core.geometry', 'split_pages': 'training.splits',
    'update_dataset': 'versioning.update', 'util': 'pages', 'validate_dataset': 'pages.validate',
    'verify_dataset': 'versioning.verified', 'write_export': 'core.exports',
}
__all__ = ['Charset', 'EmnistDataset', 'EmnistLinesDataset', 'FsdlHandwritingDataset', 'FsdlHandwritingLinesDataset',
           'FsdlHandwritingParagraphsDataset', 'IamDataset', 'IamLinesDataset', 'IamParagraphsDataset',
           'LinesDataset', 'ParagraphsDataset', 'cer', 'combine', 'diff_exports', 'download', 'export_labels',
           'find_dataset', 'find_lines', 'label', 'make_sample', 'make_trainset', 'new_dataset', 'open_dataset',
           'pin_images', 'read_export', 'reading_order', 'split_pages', 'update_dataset', 'util', 'validate_dataset',
           'verify_dataset', 'write_export']


def __getattr__(name: str) -> Any:
    if name not in _HOMES: raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    if name == 'util': import_module(f'{__name__}.pages.util') # a module, as in the course
    return globals().setdefault(name, getattr(import_module(f'{__name__}.{_HOMES[name]}'), name))


def __dir__() -> list[str]: return sorted({*globals(), *__all__})
