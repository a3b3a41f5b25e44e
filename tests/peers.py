"""Training sets, read back by the programs that they are made for, each in an environment of its own: `make test-peers`.

`python tests/peers.py [NAME …] [--venvs .venv-peers] [--figures nbs/figures/peers.json]`: environments are made once, by pip; some gigabytes, since most of these programs need torch. What was read is compared
with the dataset itself: as many rows, the same ids, texts byte for byte, equal pictures (of pages with outlines: the box of each line, and the picture of the page). A run of some names leaves the others' rows as
they are. Exit 1 if one differs. The environment of torch also runs `tests/test_adaptors.py`, which is skipped where torch and datasets are not installed."""
import argparse, hashlib, json, os, subprocess, sys, tempfile, venv
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import figures
from project_checks import settings

ROOT = Path(__file__).resolve().parent.parent
START = '''
import csv, glob, hashlib, json, os, sys
import numpy as np
from PIL import Image
folder, rows = sys.argv[1], []
path = folder + '/rows.jsonl'
known = [json.loads(o) for o in open(path, encoding='utf-8')] if os.path.exists(path) else []
ids = {o['file_name']: o.get('line_id') for o in known}
lines = {o['file_name']: o['lines'] for o in known if 'lines' in o}
def sides(): return [o for o in ('train', 'val', 'test') if any(k['split'] == o for k in known)]
def add(id_, text, im, *more): rows.append([id_, text, hashlib.sha256(np.asarray(im).tobytes()).hexdigest(), *more])
def box(points):
    found = np.asarray(points).reshape(-1, 2)
    return [round(float(o)) for o in (*found.min(0), *found.max(0))]
'''
END = '''
from importlib.metadata import version
print(json.dumps({'rows': rows, 'versions': {o: version(o) for o in sys.argv[2:]}}))
'''
DATASETS = '''
import datasets
found = datasets.load_dataset(folder, cache_dir=folder + '/../cache')
for part in found.values():
    for o in part: add(o['line_id'], o['text'], o['image'])
first = next(iter(datasets.load_dataset(folder, split='train', streaming=True)))
assert first['text'] == found['train'][0]['text'] and first['polygon'] == found['train'][0]['polygon']
'''
WEBDATASET = '''
import webdataset as wds
for path in sorted(glob.glob(folder + '/*.tar')):
    for im, text, o in wds.WebDataset(path, shardshuffle=False).decode('pil').to_tuple('png', 'txt', 'json'):
        add(o['line_id'], text, im.convert('L'))
'''
COCO = '''
from pycocotools.coco import COCO
for path in sorted(glob.glob(folder + '/annotations/*.json')):
    coco = COCO(path)
    for a in coco.anns.values():
        im = coco.loadImgs(a['image_id'])[0]
        x, y, w, h = a['bbox']
        mask = coco.annToMask(a)
        assert mask.shape == (im['height'], im['width']) and abs(mask.sum() - a['area']) < .1*a['area'] + 2*(w + h)
        rows.append([a['line_id'], a['text'], [round(x), round(y), round(x + w), round(y + h)]])
'''
PYARROW = '''
import io
import pyarrow.parquet as pq
for path in glob.glob(folder + '/data/*.parquet'):
    for o in pq.read_table(path).to_pylist(): add(o['line_id'], o['text'], Image.open(io.BytesIO(o['image']['bytes'])))
'''
TORCH = '''
from fsdl_handwriting_data.training.lines import LinesDataset
made = LinesDataset(folder, height=None, cache=False, progress=False).as_torch()
for batch in made.loader(16, num_workers=2, multiprocessing_context='spawn'):
    for k, id_ in enumerate(batch.ids):
        im = batch.images[k, 0, :batch.heights[k], :batch.input_lengths[k]]
        text = made.charset.decode(batch.targets[k][:batch.target_lengths[k]].numpy())
        assert text == batch.texts[k]
        add(id_, text, (im*255).round().numpy().astype(np.uint8))
'''
KRAKEN = '''
from torchvision.transforms.v2.functional import pil_to_tensor
from kraken.lib.dataset import GroundTruthDataset
from kraken.lib.util import parse_gt_path
os.chdir(folder)
for side in sides():
    names = open(side + '.txt', encoding='utf-8').read().splitlines()
    ds = GroundTruthDataset(whitespace_normalization=False, reorder=False, im_transforms=pil_to_tensor)
    for o in names: ds.add(line=parse_gt_path(o))
    ds.no_encode()
    for name, o in zip(names, map(ds.__getitem__, range(len(ds)))): add(ids[name], o['target'], o['image'][0])
    assert len(ds) == len(names) and not ds.failed_samples
'''
KRAKEN_ARROW = '''
from torchvision.transforms.v2.functional import pil_to_tensor
from kraken.lib.dataset import ArrowIPCRecognitionDataset
names = {(o['file'], int(o['row'])): o['line_id'] for o in csv.DictReader(open(folder + '/lines.csv', encoding='utf-8', newline=''))}
class Tensor:
    def __call__(self, im): return pil_to_tensor(im)
for side in sides():
    for split in 'train', 'validation', 'test':
        ds = ArrowIPCRecognitionDataset(whitespace_normalization=False, reorder=False, im_transforms=Tensor(), split_filter=split)
        ds.add(f'{folder}/{side}.arrow')
        assert bool(len(ds)) == (split == {'val': 'validation'}.get(side, side))
        for i, o in enumerate(map(ds.__getitem__, range(len(ds)))): add(names[f'{side}.arrow', i], o['target'], o['image'][0])
        assert not ds.failed_samples
'''
KRAKEN_PAGE = '''
from kraken.lib.dataset import PolygonGTDataset
from kraken.lib.xml import XMLPage
os.chdir(folder)
names = {(o['file'], o['id']): o['line_id'] for o in csv.DictReader(open('lines.csv', encoding='utf-8', newline=''))}
for side in sides():
    for path in open(side + '.txt', encoding='utf-8').read().splitlines():
        page, ds = XMLPage(path, filetype='page', linetype='baselines').to_container(), PolygonGTDataset(whitespace_normalization=False, reorder=False)
        ds.add(page=page)
        assert len(ds) == len(page.lines) and os.path.samefile(page.imagename, path.replace('.xml', '.jpg'))
        for o in page.lines:
            assert o.split == {'val': 'validation'}.get(side, side) and len(o.baseline) > 1
            rows.append([names[path, o.id], o.text, box(o.boundary)])
'''
PYLAIA = '''
from unittest.mock import MagicMock  # its models and a decoder ask for these, which are of torch 1.13; what reads data does not
for o in 'torchaudio', 'torchaudio.models', 'torchaudio.models.decoder', 'nnutils_pytorch': sys.modules[o] = MagicMock()
from laia.data import TextImageFromTextTableDataset
from laia.data.transforms.text import ToTensor
from laia.utils import SymbolsTable
symbols = SymbolsTable(folder + '/syms.txt')
assert symbols['<ctc>'] == 0
for side in sides():
    ds = TextImageFromTextTableDataset(f'{folder}/{side}.txt', img_dirs=[folder + '/images'], txt_transform=ToTensor(symbols))
    for o in map(ds.__getitem__, range(len(ds))):
        text = ''.join(' ' if symbols[k] == '<space>' else symbols[k] for k in o['txt'])
        add(ids[f"images/{o['id']}.png"], text, o['img'])
'''
DOCTR = '''
from doctr.datasets import RecognitionDataset
for side in sides():
    ds = RecognitionDataset(f'{folder}/{side}/images', f'{folder}/{side}/labels.json')
    for i, (name, _) in enumerate(ds.data):
        o = ds[i]
        im = (o.image*255).round().numpy().astype(np.uint8)
        assert (im == im[:1]).all()
        add(ids[f'{side}/images/{name}'], o.target, im[0])
'''
DOCTR_PAGES = '''
from doctr.datasets import DetectionDataset
for side in sides():
    ds = DetectionDataset(f'{folder}/{side}/images', f'{folder}/{side}/labels.json', use_polygons=True)
    for i, (name, _) in enumerate(ds.data):
        o, file = ds[i], f'{side}/images/{name}'
        im = (o.image*255).round().numpy().astype(np.uint8)
        assert (im.transpose(1, 2, 0) == np.asarray(Image.open(f'{folder}/{file}'))).all()
        (corners,), own = o.target.values(), lines[file]
        assert corners.shape == (len(own), 4, 2)
        for line, four in zip(own, corners*[im.shape[2], im.shape[1]]):
            centre, points = four.mean(0), np.array(line['polygon'])*[im.shape[2], im.shape[1]]
            for edge in np.roll(four, -1, 0) - four:  # the rectangle is around the outline
                along = lambda p: (p - centre)@(edge/max(1e-9, np.hypot(*edge)))
                assert abs(along(points)).max() <= abs(along(four)).max() + 1
            rows.append([line['line_id'], line['text'], box(points)])
'''
YOLO = '''
import shutil
from ultralytics.data.dataset import YOLODataset
from ultralytics.data.utils import check_det_dataset
shutil.copytree(folder, folder + ' read')  # it writes its cache beside the labels
data = check_det_dataset(folder + ' read/data.yaml', autodownload=False)
for side in sides():
    ds = YOLODataset(img_path=data[side], data=data, task='segment', augment=False, imgsz=1024)
    for o in ds.labels:
        (h, w), own = o['shape'], lines[f"images/{side}/{os.path.basename(o['im_file'])}"]
        assert len(o['segments']) == len(own) and not o['cls'].any()
        for line, points in zip(own, o['segments']): rows.append([line['line_id'], line['text'], box(points*[w, h])])
'''
TORCH_PIN = 'torch==2.13.0 torchvision==0.28.0'


class Peer(NamedTuple):
    "A program, and what it reads."
    packages: str  # what pip installs, and of what the version is told; the first names the environment
    target: str  # of `fsdl_trainset`, or what takes no files
    level: str
    code: str  # puts what it read into `rows`
    more: str = ''  # further packages
    bare: str = ''  # packages that are installed without what they ask for


PEERS = {
    'datasets parquet': Peer('datasets pyarrow pillow', 'parquet', 'line', DATASETS),
    'datasets imagefolder': Peer('datasets pyarrow pillow', 'imagefolder', 'line', DATASETS),
    'pyarrow': Peer('pyarrow pillow', 'parquet', 'line', PYARROW, 'numpy'),
    'webdataset': Peer('webdataset pillow', 'webdataset', 'line', WEBDATASET),
    'pycocotools': Peer('pycocotools pillow', 'coco', 'page', COCO),
    'torch': Peer('torch pillow', 'as_torch()', 'line', TORCH, f'torch==2.13.0 datasets pyarrow pytest hypothesis {settings(ROOT)["requirements"]}'),
    'kraken': Peer('kraken torch pillow', 'kraken', 'line', KRAKEN, TORCH_PIN),
    'kraken page': Peer('kraken torch pillow', 'kraken-page', 'page', KRAKEN_PAGE, TORCH_PIN),
    'kraken arrow': Peer('kraken torch pillow', 'kraken-arrow', 'line', KRAKEN_ARROW, TORCH_PIN),
    'docTR lines': Peer('python-doctr torch pillow', 'doctr', 'line', DOCTR, TORCH_PIN),
    'docTR pages': Peer('python-doctr torch pillow', 'doctr', 'page', DOCTR_PAGES, TORCH_PIN),
    # PyLaia asks for torch 1.13, which wants an old Python: its data classes and its table of symbols are read with the torch of today
    'PyLaia': Peer('pylaia torch pillow', 'pylaia', 'line', PYLAIA, f'{TORCH_PIN} pytorch-lightning natsort scipy matplotlib textdistance jsonargparse[signatures] imagesize setuptools<81', 'pylaia==1.0.7'),
    'ultralytics': Peer('ultralytics torch pillow', 'yolo', 'page', YOLO, TORCH_PIN)}


def python_of(folder, peer):
    "The Python of an environment that has what `peer` needs; it is made if it is not there."
    folder = Path(folder)/peer.packages.split()[0]
    python = folder/('Scripts/python.exe' if os.name == 'nt' else 'bin/python')
    if not python.exists(): venv.create(folder, with_pip=True)
    pip, bare = [python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'], peer.bare.split()
    names = {o.partition('==')[0] for o in (*bare, *peer.more.split())}
    env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'}  # pip takes what lies there for installed
    subprocess.run([*pip, *(o for o in peer.packages.split() if o not in names), *peer.more.split()], check=True, env=env)
    if bare: subprocess.run([*pip, '--no-deps', *bare], check=True, env=env)
    return python


def wanted(ds, level):
    "What is to be read: a row for each line, as the program gives it."
    res = []
    for id_, page in ds.pages.items():
        boxes = ds.line_regions_by_id[id_]
        for i, crop in enumerate(ds.line_crops(id_, mode='L')):
            text = ' '.join(page.regions[i].text.split())
            picture = hashlib.sha256(np.asarray(crop.image).tobytes()).hexdigest()
            res.append([f'{id_}-{i:02d}', text, picture if level == 'line' else list(boxes[i].values())])
    return sorted(res)


def same(found, want):
    "Are these the same rows? A box may be a pixel off, since one is rounded and the other cut."
    close = lambda a, b: a == b or not isinstance(a, str) and max(abs(x - y) for x, y in zip(a, b)) <= 1
    return len(found) == len(want) and all(a[:2] == b[:2] and close(a[2], b[2]) for a, b in zip(found, want))


def read_back(name, top, ds, venvs):
    "How many rows `name` read, if they are right, and its versions."
    from fsdl_handwriting_data.training.targets import TARGETS
    from fsdl_handwriting_data.training.trainset import make_trainset
    peer, folder = PEERS[name], ds.folder
    if peer.target in TARGETS: folder = make_trainset(ds, top/f'{peer.target} {peer.level}', peer.target, peer.level, progress=False).folder
    env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'} | {'HF_HUB_OFFLINE': '1', 'YOLO_OFFLINE': '1', 'HOME': str(top), 'PYTHONUTF8': '1'}
    if name == 'torch': env['PYTHONPATH'] = str(ROOT)
    python = python_of(venvs, peer)
    packages = peer.packages.split()
    run = subprocess.run([python, '-W', 'ignore', '-c', START + peer.code + END, folder, *packages], capture_output=True, text=True, env=env, timeout=900)
    assert run.returncode == 0, run.stdout + run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    assert same(sorted(said['rows']), wanted(ds, peer.level)), f'{name} reads something else'
    if name == 'torch': subprocess.run([python, '-m', 'pytest', '-q', '-m', 'long or not long', ROOT/'tests'/'test_adaptors.py'], check=True, cwd=ROOT, env=env)
    return len(said['rows']), said['versions']


def main():
    from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
    from fsdl_handwriting_data.pages.sample import make_sample
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('names', nargs='*', default=[*PEERS], help=', '.join(PEERS))
    args.add_argument('--venvs', default=ROOT/'.venv-peers')
    args.add_argument('--figures', type=Path, default=figures.FOLDER/'peers.json')
    args = args.parse_args()
    before = json.loads(args.figures.read_text(encoding='utf-8'))['read back'] if args.figures.exists() else {}
    read = {k: v for k, v in before.get('contenders', {}).items() if k in PEERS and 'with' in v}
    wrong = []
    with tempfile.TemporaryDirectory() as tmp:
        ds = FsdlHandwritingDataset(make_sample(Path(tmp)/'letters', n_pages=12, seed=5, progress=False))
        for name in args.names:
            try: n, versions = read_back(name, Path(tmp), ds, args.venvs)
            except (AssertionError, subprocess.SubprocessError) as e:
                print(f'{name}: {str(e)[-2000:]}')
                wrong.append(name)
                read.pop(name, None)
                continue
            print(f'{name}: {n} rows, all as they should be; ' + ', '.join(f'{k} {v}' for k, v in versions.items()), flush=True)
            peer = PEERS[name]
            read[name] = {'rows': figures.figure([n]), 'target': peer.target, 'level': peer.level, 'with': versions}
        n = sum(len(p.regions) for p in ds.pages.values())
    versions = dict(sorted((k, v) for o in read.values() for k, v in o['with'].items()))
    figures.keep(args.figures, 'read back', 'rows that other programs read of a training set', n, 1, {k: read[k] for k in PEERS if k in read}, versions=versions)
    if wrong: sys.exit(f"not read back: {', '.join(wrong)}")


if __name__ == '__main__': main()
