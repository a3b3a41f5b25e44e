"""What other programs take without files: batches of torch from workers in processes of their own, and rows of `datasets`."""
import pickle, subprocess, sys

import numpy as np
import pytest

from test_trainset import made_dataset

from fsdl_handwriting_data.core.charset import Charset
from fsdl_handwriting_data.pages.emnist_sample import draw_emnist
from fsdl_handwriting_data.training.glyph_lines import EmnistLinesDataset
from fsdl_handwriting_data.training.lines import LinesDataset
from fsdl_handwriting_data.training.line_list import datasets_by_name
from fsdl_handwriting_data.training.paragraphs import ParagraphsDataset, SyntheticParagraphs
from fsdl_handwriting_data.training.set_facts import split_of
from fsdl_handwriting_data.training.trainset import make_trainset

NO_TORCH = 'torch is not installed here; `make test-peers` runs this in an environment that has it'

NO_DATASETS = 'datasets is not installed here; `make test-peers` runs this in an environment that has it'
SPLIT = 'page:60/20/20'


@pytest.fixture(scope='module')
def torch(): return pytest.importorskip('torch', reason=NO_TORCH)


@pytest.fixture(scope='module')
def sample(tmp_path_factory): return made_dataset(tmp_path_factory.mktemp('adaptors')/'letters').folder


@pytest.fixture(scope='module')
def lines(sample, tmp_path_factory):
    return LinesDataset(sample, height=32, split='page', cache=tmp_path_factory.mktemp('cache'), progress=False)


def test_torch_is_not_imported_before_it_is_asked_for(sample):
    code = f'import sys; from fsdl_handwriting_data.training.lines import LinesDataset; LinesDataset({str(sample)!r}, cache=False)[0]; print("torch" in sys.modules)'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True).stdout == 'False\n'


def same(batches, ds):
    "Has each line of `ds` come once, with its picture, its text and their true sizes?"
    ids, _, charset = ds.picture_facts()
    place = {o: i for i, o in enumerate(ids)}
    found = [id_ for b in batches for id_ in b.ids]
    assert sorted(found) == sorted(place)
    for b in batches:
        assert b.images.shape[-1] == b.input_lengths.max() and b.targets.shape[1] == b.target_lengths.max()
        for k, id_ in enumerate(b.ids):
            im, text = ds[place[id_]]
            h, w = int(b.heights[k]), int(b.input_lengths[k])
            light = np.round(b.images[k, 0].numpy()*255).astype(np.uint8)
            assert im.shape == (h, w) and (light[:h, :w] == im).all()
            assert (abs(light[:, w:].astype(int) - int(np.median(im))) <= 1).all()
            assert b.texts[k] == text == charset.decode(b.targets[k][:b.target_lengths[k]].numpy())
            assert (b.targets[k][b.target_lengths[k]:] == charset.padding).all()


@pytest.mark.parametrize('workers', [0, pytest.param(2, marks=pytest.mark.long)])
def test_a_loader_gives_every_line_once_an_epoch(torch, workers, lines):
    how = dict(num_workers=workers, multiprocessing_context='spawn', persistent_workers=True) if workers else {}
    train = lines.side('train')
    loader = train.as_torch().loader(8, seed=3, **how)
    first, second = [*loader], [*loader]
    same(first, train)
    same(second, train)
    again = [*train.as_torch().loader(8, seed=3, **how)]
    assert len(loader) == len(first) and [b.ids for b in first] == [b.ids for b in again] != [b.ids for b in second]


def test_all_sets_become_batches(torch, sample, lines, tmp_path):
    emnist = EmnistLinesDataset(num_train=20, num_val=5, num_test=5, emnist=draw_emnist(tmp_path/'emnist', n_writers=5))
    course = LinesDataset(sample, height=28, charset=Charset.course_2019(), invert=True, cache=False, progress=False)
    for ds in ParagraphsDataset(sample, incomplete=True), SyntheticParagraphs(lines, n=6, most=3), emnist.side('val'), course:
        made = ds.as_torch()
        assert isinstance(made, torch.utils.data.Dataset) and len(made + made) == 2*len(ds)
        same([*made.loader(4)], ds)
        assert pickle.loads(pickle.dumps(made))[0].id == made[0].id


def test_a_model_learns_from_batches(torch, lines):
    "The losses of torch take a batch as it is."
    made = lines.as_torch(Charset.from_texts(lines.picture_facts().texts, ctc=True), transform=lambda im: 255 - im)
    batch = next(iter(made.loader(4)))
    net = torch.nn.Sequential(torch.nn.Conv2d(1, len(made.charset), (32, 4), stride=(32, 4)), torch.nn.Flatten(2))
    scores = net(batch.images).permute(2, 0, 1).log_softmax(2)
    loss = torch.nn.functional.ctc_loss(scores, batch.targets, batch.input_lengths//4, batch.target_lengths)
    loss.backward()
    assert torch.isfinite(loss) and torch.allclose(made[0].image, 1 - lines.as_torch()[0].image)
    ended = lines.as_torch(ends=True)[0].target
    assert ended[0] == lines.charset.inverse_mapping['<S>'] and ended[-1] == lines.charset.inverse_mapping['<E>']


@pytest.mark.parametrize('level', ['line', 'window:2'])
def test_rows_of_datasets_are_those_of_a_parquet_set(level, sample, tmp_path):
    datasets = pytest.importorskip('datasets', reason=NO_DATASETS)
    how = dict(height=32) if level == 'line' else dict(mask=False)
    make_trainset(sample, tmp_path/'set', 'parquet', level, SPLIT, progress=False, **how)
    stored = datasets.load_dataset(str(tmp_path/'set'), cache_dir=str(tmp_path/'cache'))
    more = dict(split=split_of(datasets_by_name(sample), SPLIT, 1), charset=Charset.from_texts(LinesDataset(sample, cache=False).picture_facts().texts, steps=('space',)))
    ds = LinesDataset(sample, height=32, cache=False, progress=False, **more) if level == 'line' else ParagraphsDataset(sample, window=2, **more)
    found = ds.as_hf()
    assert [*found] == [*stored] and found['train'].features == stored['train'].features
    for side in stored:
        assert found[side].num_rows == stored[side].num_rows
        for a, b in zip(found[side], stored[side]):
            ims = a.pop('image'), b.pop('image')
            if level == 'line': assert a == b and (np.asarray(ims[0]) == np.asarray(ims[1])).all()
            else: assert {k for k in a if a[k] != b[k]} <= {'height_px', 'bbox', 'boxes'}
