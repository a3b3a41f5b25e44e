"""Training sets, read back by the programs that they are made for, each in an environment of its own: `make test-peers`.

`python tests/peers.py [NAME …] [--venvs .venv-peers] [--figures nbs/figures/peers.json]`: environments are made once, by pip. What was read is compared with
the dataset itself: as many rows, the same ids, texts byte for byte, equal pictures. Exit 1 if one differs. Programs that need torch are not among them yet."""
import argparse, hashlib, json, os, subprocess, sys, tempfile, venv
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
import figures

ROOT = Path(__file__).resolve().parent.parent
START = '''
import hashlib, json, sys
import numpy as np
from PIL import Image
folder, rows = sys.argv[1], []
def add(id_, text, im, *more): rows.append([id_, text, hashlib.sha256(np.asarray(im).tobytes()).hexdigest(), *more])
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
import glob, webdataset as wds
for path in sorted(glob.glob(folder + '/*.tar')):
    for im, text, o in wds.WebDataset(path, shardshuffle=False).decode('pil').to_tuple('png', 'txt', 'json'):
        add(o['line_id'], text, im.convert('L'))
'''
COCO = '''
import glob
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
PEERS = {  # name → what pip installs, the target and the level, how it reads
    'datasets parquet': ('datasets pyarrow pillow', 'parquet', 'line', DATASETS),
    'datasets imagefolder': ('datasets pyarrow pillow', 'imagefolder', 'line', DATASETS),
    'webdataset': ('webdataset pillow', 'webdataset', 'line', WEBDATASET),
    'pycocotools': ('pycocotools pillow', 'coco', 'page', COCO)}


def python_of(folder, packages):
    "The Python of an environment that has `packages`; it is made if it is not there."
    folder = Path(folder)/packages.split()[0]
    python = folder/('Scripts/python.exe' if os.name == 'nt' else 'bin/python')
    if not python.exists(): venv.create(folder, with_pip=True)
    subprocess.run([python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', *packages.split()], check=True)
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
    from fsdl_handwriting_data.training.trainset import make_trainset
    packages, target, level, code = PEERS[name]
    made = make_trainset(ds, top/f'{target} {level}', target, level, progress=False)
    env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'} | {'HF_HUB_OFFLINE': '1'}
    python = python_of(venvs, packages)
    run = subprocess.run([python, '-c', START + code + END, made.folder, *packages.split()], capture_output=True, text=True, env=env, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    said = json.loads(run.stdout.splitlines()[-1])
    assert same(sorted(said['rows']), wanted(ds, level)), f'{name} reads something else'
    return len(said['rows']), said['versions']


def main():
    from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
    from fsdl_handwriting_data.pages.sample import make_sample
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument('names', nargs='*', default=[*PEERS], help=', '.join(PEERS))
    args.add_argument('--venvs', default=ROOT/'.venv-peers')
    args.add_argument('--figures', default=figures.FOLDER/'peers.json')
    args, read, versions = args.parse_args(), {}, {}
    with tempfile.TemporaryDirectory() as tmp:
        ds = FsdlHandwritingDataset(make_sample(Path(tmp)/'letters', n_pages=12, seed=5, progress=False))
        for name in args.names:
            n, found = read_back(name, Path(tmp), ds, args.venvs)
            print(f'{name}: {n} rows, all as they should be; ' + ', '.join(f'{k} {v}' for k, v in found.items()))
            read[name], versions = {'rows': figures.figure([n])}, versions | found
        n = sum(len(p.regions) for p in ds.pages.values())
    figures.keep(args.figures, 'read back', 'rows that other programs read of a training set', n, 1, read, versions=versions)


if __name__ == '__main__': main()
