"""How fast lines are cut out of pages, measured on this machine: `make bench-lines`. Figures, not verdicts.

`python tests/bench_lines.py [sample wills copiste training quality] [--pages 150] [--turns 3]` prints a table for each set of pages: the sample that comes with the library, and real pages
where they lie beside the project (../shared/data, or FSDL_REAL); and how well it is done (`quality`), on real pages that nothing was tuned on where it says so. nbs/figures/lines.json (or another file: `--figures FILE`) gets what the notebooks show: medians and ratios (figures.py).
Contenders take turns on one core, each time in a process of its own. Bare decode is `open_page` of the same pages, in full size and grey: what no way to lines can do without."""
import argparse, itertools, json, os, random, re, resource, statistics, subprocess, sys, tempfile, time
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

import figures as shown

ROOT = Path(__file__).resolve().parent.parent
REAL = Path(os.environ.get('FSDL_REAL', ROOT.parent/'shared'/'data'))
SETS = {'sample': '12 drawn pages of 1240×1754, in colour', 'wills': 'real wills of 2,000 pixels, in grey', 'copiste': "real copyists' pages of 2,000 pixels, in grey"}


def folder_of(name):
    "Where a set of pages lies."
    from fsdl_handwriting_data.core.places import find_dataset
    return find_dataset('sample_handwriting') if name == 'sample' else REAL/dict(wills='testaments_more').get(name, name)

ONE_CORE = ['taskset', '-c', '0'] if sys.platform == 'linux' else []


def pages_of(name, n):
    "`n` pages of a set, each again as often as it takes: (file, `Page`)."
    from fsdl_handwriting_data.core.exports import read_export
    from fsdl_handwriting_data.core.metadata import read_metadata
    folder = folder_of(name)
    pages = read_export(read_metadata(folder).file).pages
    rows = [(folder/'pages'/p.id, p) for p in pages if p.regions and (folder/'pages'/p.id).is_file()]
    return [rows[i % len(rows)] for i in range(n)]


# ---------------------------------------------------------------------------------------------- contenders: each
# returns how many pages or lines it has made

def decode(rows):
    "`open_page` of each page, in full size and grey, and nothing else"
    from fsdl_handwriting_data.pages.images import open_page
    return sum(open_page(path, page.size, 'L').width > 0 for path, page in rows)


def cut(rows, **how):
    from fsdl_handwriting_data.pages.crops import crop_lines
    from fsdl_handwriting_data.pages.images import open_page
    n = 0
    for path, page in rows: n += sum(o is not None for o in crop_lines(open_page(path, page.size, 'L'), page.regions, **how))
    return n


def boxes(rows):
    "`crop_lines` without mask and deskew: boxes, page by page"
    return cut(rows, mask=False, deskew=False)


def lines_32(rows):
    "`crop_lines`: masked and level, 32 pixels high, page by page"
    return cut(rows, height=32)


def lines_40(rows):
    "`crop_lines`: masked and level, 40 pixels high, page by page"
    return cut(rows, height=40)


def lines_64(rows):
    "`crop_lines`: masked and level, 64 pixels high, page by page"
    return cut(rows, height=64)


def lines(rows):
    "`crop_lines`: masked and level, as high as on the page, page by page"
    return cut(rows)


def course(rows):
    "The course's way: the page is opened and made grey by Pillow for each line, and a box is cut"
    from fsdl_handwriting_data.core.annotations import region_box
    n = 0
    for path, page in rows:
        for r in page.regions:
            with Image.open(path) as im: n += im.convert('L').crop(tuple(region_box(r, im.size).values())).width >= 0
    return n


CONTENDERS = 'decode', 'boxes', 'lines_40', 'lines_32', 'lines_64', 'lines', 'course'
AIMS = {('boxes', 'decode'): .9, ('lines_40', 'decode'): .7, ('lines_40', 'course'): 8}


# ---------------------------------------------------------------------------------------------- to train on: a dataset
# goes in; seconds by the clock come out, on all cores, and how much was made

def timed(do):
    start = time.perf_counter()
    made = do()
    return time.perf_counter() - start, made


def epoch_cut(ds, tmp):
    "An epoch: every line once, page by page, each cut when it is asked for"
    from fsdl_handwriting_data.training.lines import LinesDataset
    lines = LinesDataset(ds, cache=False, progress=False)
    n = len(lines)
    return timed(lambda: sum(lines[i][0].size > 0 for i in range(n)))


def epoch_kept(ds, tmp):
    "An epoch from the cache"
    from fsdl_handwriting_data.training.lines import LinesDataset
    lines = LinesDataset(ds, cache=tmp, progress=False)
    n = len(lines)
    return timed(lambda: sum(lines[i][0].size > 0 for i in range(n)))


def rows_cut(ds, tmp):
    "Pages decoded and their lines cut as rows of a training set, 64 pixels high, on one core: nothing is written"
    from fsdl_handwriting_data.training.rows import RowOptions, SetRow, page_facts, page_rows
    from fsdl_handwriting_data.training.splits import split_pages
    facts, how = page_facts(ds, {o.id: o for o in split_pages(ds).rows}), RowOptions(height=64)
    return timed(lambda: sum(isinstance(o, SetRow) for k in ds.pages for o in page_rows(ds, k, facts[k], how)))


def parquet(ds, tmp):
    "`make_trainset` to Parquet, with split, card, Croissant and hashes"
    from fsdl_handwriting_data.training.trainset import make_trainset
    return timed(lambda: sum(make_trainset(ds, tmp/'set', 'parquet', height=64, progress=False).rows.values()))


def again(ds, tmp):
    "The same call again, with nothing changed"
    parquet(ds, tmp)
    return parquet(ds, tmp)


TRAINING = 'epoch_cut', 'epoch_kept', 'rows_cut', 'parquet', 'again'
AT_LEAST = {('epoch_kept', 'epoch_cut'): 50, ('parquet', 'rows_cut'): 1/1.2}  # times as fast
MEMORY, AGAIN = 300, 2  # MB over 1,000 pages, seconds


# ---------------------------------------------------------------------------------------------- how well
# Tuned on the other corpora: `stanford`, and the odd texts of `copiste`, were kept for this

def held_out(n):
    "(page in grey, line) of lines with a polygon, at least three times as wide as high, `n` of each corpus."
    from fsdl_handwriting_data.core.annotations import has_area
    from fsdl_handwriting_data.core.exports import read_export
    from fsdl_handwriting_data.pages.images import open_page
    for name in 'stanford', 'copiste':
        pages = [p for p in read_export(REAL/name/f'{name}.jsonl').pages if name == 'stanford' or int(re.search(r'_(\d{4})', p.id)[1]) % 2]
        lines = [(p, r) for p in pages for r in p.regions if has_area(r) and np.ptp(np.multiply(r.points, p.size), axis=0)@(1, -3) > 0 and len(r.text) > 7]
        chosen = sorted(random.Random(1).sample(lines, min(n, len(lines))), key=lambda o: o[0].id)
        for id_, some in itertools.groupby(chosen, key=lambda o: o[0].id):
            some = list(some)
            im = open_page(REAL/name/'pages'/id_, some[0][0].size, 'L')
            yield from ((im, r) for _, r in some)


def paper_off(im, region):
    "How far the paper that fills a line is from the paper just outside its outline, in levels: ours, and the median of the line in its place."
    from fsdl_handwriting_data.pages.crops import _outlines, _rows_of_paper, _shown, crop_line
    crop = crop_line(im, region, 40, mask=False)
    rings, _ = _outlines([region], im.size)
    keep = _shown(crop, (crop.on_crop(np.array([rings.x, rings.y]).T) - .5).ravel().tolist())
    near, page = np.asarray(keep.filter(ImageFilter.MaxFilter(5))) > np.asarray(keep), np.asarray(crop.image).astype(float)
    fills = np.broadcast_to(_rows_of_paper([keep.size], np.asarray(crop.image), np.asarray(keep))[0].astype(float), page.shape), np.full(page.shape, np.median(page[np.asarray(keep) > 0]))
    off = [[abs(f[:, x:x + 40][k].mean() - np.percentile(page[:, x:x + 40][k], 65)) for f in fills] for x in range(0, page.shape[1] - 40, 40) if (k := near[:, x:x + 40]).sum() > 20]
    return np.mean(off, axis=0) if off else None


def baselines():
    "For lines with a baseline of eScriptorium: slant of the derived one against it, its height, and how far the real one bends, each in heights of the line."
    from fsdl_handwriting_data.core.annotations import Region
    from fsdl_handwriting_data.pages.crops import crop_line
    for file in sorted((REAL/'testaments'/'alto').glob('*.xml')):
        for o in ET.parse(file).iter():
            ring = next((x.get('POINTS') for x in o.iter() if x.tag.endswith('Polygon')), None) if o.tag.endswith('TextLine') else None
            if ring is None or not o.get('BASELINE'): continue
            ring, line = (np.array(v.split(), float).reshape(-1, 2) for v in (ring, o.get('BASELINE')))
            size = np.ceil(ring.max(0)).astype(int) + 1
            crop = crop_line(Image.new('L', tuple(size.tolist()), 255), Region(tuple(map(tuple, ring/size)), 'text', 'polygon'))
            if crop.image.width < 2*crop.image.height: continue
            (x1, y1), (x2, y2) = crop.on_crop(line[[0, -1]])
            at = crop.on_crop(line)
            bend = np.abs(at[:, 1] - np.interp(at[:, 0], [x1, x2], [y1, y2])).max()
            yield abs(y2 - y1)/crop.image.height, abs(at[:, 1].mean() - crop.on_crop(crop.baseline)[:, 1].mean())/crop.image.height, bend/crop.image.height


def quality(args):
    "How well lines are cut out of real pages."
    from fsdl_handwriting_data.pages.crops import _ascent, crop_line
    lines = list(held_out(args.lines))
    off = np.array([o for im, r in lines if (o := paper_off(im, r)) is not None])
    keep = lambda key, title, n, contenders: shown.keep(args.figures, key, title, n, 1, contenders, [], ('pillow', 'numpy'))
    keep('paper', 'The paper that fills a line against the paper on the other side of its outline', len(off),
         {k: {'levels of 255': spread(v)} for k, v in zip(('ours', 'the median of the line'), off.T)})
    slant, height, bend = zip(*baselines())
    keep('baselines', 'Baselines derived from outlines against those of eScriptorium', len(slant),
         {'ours': {'slant, in heights': spread(slant), 'height, in heights': spread(height)}, 'the real one': {'bend, in heights': spread(bend)}})
    right = [_ascent(crop_line(im, r, 48).image, None) > 0 for im, r in lines]
    keep('upright', 'Which way up a line stands, by its ink: level lines, for which it is known', len(right), {'ours': {'right of 100': shown.figure([100*statistics.mean(right)])}})
    print(f'\npaper off by {np.median(off, axis=0).round(2)} (ours, median) on {len(off)} lines; slant {np.quantile(slant, [.5, .9])}, height {np.quantile(height, [.5, .9])},'
          f' bend {np.quantile(bend, [.5, .9])} of the height on {len(slant)}; {100*statistics.mean(right):.1f} of 100 upright, {len(right)} lines')


def spread(values):
    "The median, and the values between which nine in ten lie."
    low, mid, high = np.quantile(values, [.05, .5, .95]).tolist()
    return dict(shown.figure([mid]), low=float(f'{low:.3g}'), high=float(f'{high:.3g}'))


# ---------------------------------------------------------------------------------------------- running and telling

def contend(name, of, n):
    "What `run` runs: a few pages first, so that modules are loaded."
    if name in TRAINING:
        from fsdl_handwriting_data.pages.opening import open_dataset
        with tempfile.TemporaryDirectory() as tmp: seconds, made = globals()[name](open_dataset(folder_of(of)), Path(tmp))
        return print(json.dumps(dict(seconds=seconds, made=made, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024)))
    rows = pages_of(of, n)
    globals()[name](rows[:2])
    start = time.process_time()
    made = globals()[name](rows)
    print(json.dumps(dict(seconds=time.process_time() - start, made=made, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024)))


def run(name, of, n):
    "Run a contender on one core in a process of its own: seconds of the processor, peak memory, and what it made."
    one = [] if name in TRAINING else ONE_CORE
    got = subprocess.run([*one, sys.executable, __file__, '--contender', name, of, str(n)], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS='1'))
    if got.returncode: raise SystemExit(f'{name} fails:\n{got.stderr}')
    return json.loads(got.stdout)


def said(ours, other, ratios, aim):
    "A line on one of the aims."
    found = statistics.median(ratios)
    print(f'- {ours}: {found:.3g} times as fast as {other}, {len(ratios)} turns; aim {aim:.3g}: {"met" if found >= aim else "missed"}')


def training(args):
    "What stands on cut lines: a cached epoch, Parquet, and the memory that many pages take."
    of = 'stanford' if (REAL/'stanford').is_dir() else 'sample'
    runs = {name: [] for name in TRAINING}
    for _ in range(args.turns):
        for name in TRAINING: runs[name].append(run(name, of, 0))
    each = {name: [o['seconds'] for o in rs] for name, rs in runs.items()}
    print(f'\n## To train on: {of}, {runs["epoch_cut"][0]["made"]} lines\n\n| | seconds | made | MB at most |\n|---|--:|--:|--:|')
    for name, rs in runs.items(): print(f'| {globals()[name].__doc__} | {statistics.median(each[name]):.4g} | {rs[0]["made"]} | {max(o["peak"] for o in rs)/1e6:.0f} |')
    ratios = {k: [b/a for a, b in zip(each[k[0]], each[k[1]])] for k in AT_LEAST}
    for k, found in ratios.items(): said(*k, found, AT_LEAST[k])
    seconds = statistics.median(each['again'])
    print(f'- the same set again: {seconds:.2f} s, aim {AGAIN} s: {"met" if seconds < AGAIN else "missed"}')
    many = run('lines_40', 'sample', 1000)['peak']/1e6
    print(f'- lines of 1,000 pages, page by page: {many:.0f} MB at most, aim {MEMORY}: {"met" if many <= MEMORY else "missed"}')
    contenders = {name: {'seconds': shown.figure(each[name]), 'made': shown.figure(o['made'] for o in rs), 'MB at most': shown.figure(o['peak']/1e6 for o in rs)} for name, rs in runs.items()}
    contenders['lines_40, 1,000 pages'] = {'MB at most': shown.figure([many])}
    shown.keep(args.figures, 'training', f'What stands on cut lines, on {of}', runs['epoch_cut'][0]['made'], args.turns, contenders,
               [shown.ratio(*k, found, aim=AT_LEAST[k]) for k, found in ratios.items()], ('pillow', 'numpy', 'pyarrow'))


# ---------------------------------------------------------------------------------------------- beside other programs
# Each in its environment of `make test-peers`: an epoch over lines 64 pixels high, after one that loads what is loaded once

EPOCH = """
import json, os, sys, time
folder = sys.argv[1]
{}
def epoch(): return [ds[i] for ds in sets for i in range(len(ds))]
epoch()
start = time.process_time()
n = len(epoch())
print(json.dumps(dict(seconds=time.process_time() - start, made=n)))
"""
PEERS = {  # name: environment, target, level, what is loaded
    'kraken: pairs': ('kraken', 'kraken', 'line', """
from torchvision.transforms.v2.functional import pil_to_tensor
from kraken.lib.dataset import GroundTruthDataset
from kraken.lib.util import parse_gt_path
os.chdir(folder)
sets = [GroundTruthDataset(im_transforms=pil_to_tensor)]
for o in open('train.txt', encoding='utf-8').read().splitlines(): sets[0].add(line=parse_gt_path(o))
sets[0].no_encode()"""),
    'kraken: Arrow': ('kraken', 'kraken-arrow', 'line', """
from torchvision.transforms.v2.functional import pil_to_tensor
from kraken.lib.dataset import ArrowIPCRecognitionDataset
sets = [ArrowIPCRecognitionDataset(im_transforms=pil_to_tensor, split_filter='train')]
sets[0].add(folder + '/train.arrow')
sets[0].no_encode()"""),
    'kraken: lines cut out of pages': ('kraken', 'kraken-page', 'page', """
from torchvision.transforms.v2.functional import pil_to_tensor
from kraken.lib.dataset import PolygonGTDataset
from kraken.lib.xml import XMLPage
os.chdir(folder)
sets = [PolygonGTDataset(im_transforms=pil_to_tensor)]
for o in open('train.txt', encoding='utf-8').read().splitlines(): sets[0].add(page=XMLPage(o, filetype='page', linetype='baselines').to_container())
sets[0].no_encode()"""),
    'docTR': ('python-doctr', 'doctr', 'line', """
from doctr.datasets import RecognitionDataset
sets = [RecognitionDataset(folder + '/train/images', folder + '/train/labels.json')]"""),
    'ours: as_torch, from the cache': ('torch', None, 'line', """
from fsdl_handwriting_data import LinesDataset
sets = [LinesDataset(folder, height=64, cache=os.environ['KEPT'], progress=False).as_torch()]"""),
    'ours: as_torch, cut each time': ('torch', None, 'line', """
from fsdl_handwriting_data import LinesDataset
sets = [LinesDataset(folder, height=64, cache=False, progress=False).as_torch()]""")}


def peers(args):
    "An epoch over lines of other programs, and ours, one core each."
    from fsdl_handwriting_data import make_trainset, open_dataset
    ds, name = (open_dataset(REAL/'stanford'), 'stanford') if (REAL/'stanford').is_dir() else (open_dataset('sample_handwriting'), 'sample')
    runs = {k: [] for k, o in PEERS.items() if (args.venvs/o[0]).is_dir()}
    with tempfile.TemporaryDirectory() as top:
        env = {k: v for k, v in os.environ.items() if k != 'PYTHONPATH'} | dict(OMP_NUM_THREADS='1', HOME=top, KEPT=f'{top}/kept')
        for _ in range(args.turns):
            for k in runs:
                venv, target, level, code = PEERS[k]
                how = dict(height=64) if level == 'line' else {}
                folder = make_trainset(ds, f'{top}/{target}', target, level, split='none', progress=False, **how).folder if target else ds.folder
                python = args.venvs/venv/('Scripts/python.exe' if os.name == 'nt' else 'bin/python')
                own = {} if target else {'PYTHONPATH': str(ROOT)}
                got = subprocess.run([*ONE_CORE, python, '-W', 'ignore', '-c', EPOCH.format(code), folder], capture_output=True, text=True, env=env | own)
                if got.returncode: raise SystemExit(f'{k} fails:\n{got.stderr}')
                runs[k].append(json.loads(got.stdout.splitlines()[-1]))
    print(f'\n## An epoch over lines of {name}, 64 pixels high, {args.turns} turns\n\n| | lines | ms a line |\n|---|--:|--:|')
    each = {k: [1000*o['seconds']/o['made'] for o in rs] for k, rs in runs.items()}
    for k, ms in each.items(): print(f'| {k} | {runs[k][0]["made"]} | {statistics.median(ms):.3f} |')
    contenders = {k: {'ms a line': shown.figure(ms), 'made': shown.figure(o['made'] for o in runs[k])} for k, ms in each.items()}
    shown.keep(args.figures, 'peers', f'An epoch over lines of {name}, 64 pixels high, beside other programs', max(o[0]['made'] for o in runs.values()), args.turns, contenders, [], ('pillow', 'numpy'))


def bench(of, args):
    "All contenders on one set of pages."
    few = max(2, args.pages//20)  # the course's way opens a page for every line
    size = lambda name: few if name == 'course' else args.pages
    runs = {name: [] for name in CONTENDERS}
    for _ in range(args.turns):
        for name in CONTENDERS: runs[name].append(run(name, of, size(name)))
    each = {name: [o['seconds']/size(name)*1000 for o in rs] for name, rs in runs.items()}
    print(f'\n## {SETS[of]}: {args.pages} pages, {runs["lines"][0]["made"]/args.pages:.1f} lines a page\n\n| | ms a page | of bare decode | MB at most |\n|---|--:|--:|--:|')
    for name, ms in each.items():
        part = statistics.median(d/o for d, o in zip(each['decode'], ms))
        print(f'| {globals()[name].__doc__} | {statistics.median(ms):.2f} | {part:.2f} | {max(o["peak"] for o in runs[name])/1e6:.0f} |')
    for (a, b), aim in AIMS.items(): said(a, b, [y/x for x, y in zip(each[a], each[b])], aim)
    contenders = {name: {'ms a page': shown.figure(each[name]), 'made': shown.figure(o['made'] for o in rs), 'MB at most': shown.figure(o['peak']/1e6 for o in rs)} for name, rs in runs.items()}
    pairs = [(o, 'decode') for o in CONTENDERS[1:]] + [('lines_40', 'course')]
    ratios = [shown.ratio(a, b, [y/x for x, y in zip(each[a], each[b])], 'ms a page', aim=AIMS.get((a, b))) for a, b in pairs]
    shown.keep(args.figures, of, SETS[of], args.pages, args.turns, contenders, ratios, ('pillow', 'numpy'))


def main():
    if sys.argv[1:2] == ['--contender']: return contend(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    here = [o for o in SETS if o == 'sample' or (REAL/dict(wills='testaments_more').get(o, o)).is_dir()]
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('sets', nargs='*', choices=[*SETS, 'training', 'quality', 'peers', []], help='default: all that are here')
    parser.add_argument('--pages', type=int, default=150)
    parser.add_argument('--turns', type=int, default=3)
    parser.add_argument('--lines', type=int, default=300, help='of each corpus, for quality')
    parser.add_argument('--figures', type=Path, default=shown.FOLDER/'lines.json')
    parser.add_argument('--venvs', type=Path, default=ROOT/'.venv-peers', help='environments of `make test-peers`, for peers')
    args = parser.parse_args()
    for of in args.sets or [*here, 'training', *['quality']*REAL.is_dir(), *['peers']*args.venvs.is_dir()]:
        if of in ('training', 'quality', 'peers'): globals()[of](args)
        else: bench(of, args)


if __name__ == '__main__': main()
