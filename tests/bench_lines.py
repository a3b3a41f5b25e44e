"""How fast lines are cut out of pages, measured on this machine: `make bench-lines`. Figures, not verdicts.

`python tests/bench_lines.py [sample wills copiste] [--pages 1000] [--turns 5]` prints a table for each set of pages: the sample that comes with the library, and real pages
where they lie beside the project (../shared/data). nbs/figures/lines.json (or another file: `--figures FILE`) gets what the notebooks show: medians and ratios (figures.py).
Contenders take turns on one core, each time in a process of its own. Bare decode is `open_page` of the same pages, in full size and grey: what no way to lines can do without."""
import argparse, json, os, resource, statistics, subprocess, sys, time
from pathlib import Path

import figures as shown

ROOT = Path(__file__).resolve().parent.parent
REAL = ROOT.parent/'shared'/'data'
SETS = {'sample': '12 drawn pages of 1240×1754, in colour', 'wills': 'real wills of 2,000 pixels, in grey', 'copiste': "real copyists' pages of 2,000 pixels, in grey"}


def pages_of(name, n):
    "`n` pages of a set, each again as often as it takes: (file, `Page`)."
    from fsdl_handwriting_data.core.exports import read_export
    from fsdl_handwriting_data.core.metadata import read_metadata
    from fsdl_handwriting_data.core.places import find_dataset
    folder = find_dataset('sample_handwriting') if name == 'sample' else REAL/dict(wills='testaments_more').get(name, name)
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
    from fsdl_handwriting_data.pages.crops import crop_line
    from fsdl_handwriting_data.pages.images import NoAreaError, open_page
    n = 0
    for path, page in rows:
        im = open_page(path, page.size, 'L')
        for r in page.regions:
            try: crop_line(im, r, **how)
            except NoAreaError: continue
            n += 1
    return n


def boxes(rows):
    "`crop_line` without mask and deskew: boxes, page by page"
    return cut(rows, mask=False, deskew=False)


def lines_32(rows):
    "`crop_line`: masked and level, 32 pixels high, page by page"
    return cut(rows, height=32)


def lines_40(rows):
    "`crop_line`: masked and level, 40 pixels high, page by page"
    return cut(rows, height=40)


def lines_64(rows):
    "`crop_line`: masked and level, 64 pixels high, page by page"
    return cut(rows, height=64)


def lines(rows):
    "`crop_line`: masked and level, as high as on the page, page by page"
    return cut(rows)


def course(rows):
    "The course's way: the page is opened and made grey by Pillow for each line, and a box is cut"
    from PIL import Image
    from fsdl_handwriting_data.core.annotations import region_box
    n = 0
    for path, page in rows:
        for r in page.regions:
            with Image.open(path) as im: n += im.convert('L').crop(tuple(region_box(r, im.size).values())).width >= 0
    return n


CONTENDERS = 'decode', 'boxes', 'lines_40', 'lines_32', 'lines_64', 'lines', 'course'
AIMS = {('boxes', 'decode'): .9, ('lines_40', 'decode'): .7, ('lines_40', 'course'): 8}


# ---------------------------------------------------------------------------------------------- running and telling

def contend(name, of, n):
    "What `run` runs: a few pages first, so that modules are loaded."
    rows = pages_of(of, n)
    globals()[name](rows[:2])
    start = time.process_time()
    made = globals()[name](rows)
    print(json.dumps(dict(seconds=time.process_time() - start, made=made, peak=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss*1024)))


def run(name, of, n):
    "Run a contender on one core in a process of its own: seconds of the processor, peak memory, and what it made."
    one = ['taskset', '-c', '0'] if sys.platform == 'linux' else []
    got = subprocess.run([*one, sys.executable, __file__, '--contender', name, of, str(n)], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS='1'))
    if got.returncode: raise SystemExit(f'{name} fails:\n{got.stderr}')
    return json.loads(got.stdout)


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
    contenders = {name: {'ms a page': shown.figure(each[name]), 'made': shown.figure(o['made'] for o in rs), 'MB at most': shown.figure(o['peak']/1e6 for o in rs)} for name, rs in runs.items()}
    pairs = [(o, 'decode') for o in CONTENDERS[1:]] + [('lines_40', 'course')]
    ratios = [shown.ratio(a, b, [y/x for x, y in zip(each[a], each[b])], 'ms a page', aim=AIMS.get((a, b))) for a, b in pairs]
    shown.keep(args.figures, of, SETS[of], args.pages, args.turns, contenders, ratios, ('pillow', 'numpy'))


def main():
    if sys.argv[1:2] == ['--contender']: return contend(sys.argv[2], sys.argv[3], int(sys.argv[4]))
    here = [o for o in SETS if o == 'sample' or (REAL/dict(wills='testaments_more').get(o, o)).is_dir()]
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('sets', nargs='*', choices=[*SETS, []], help='default: all that are here')
    parser.add_argument('--pages', type=int, default=1000)
    parser.add_argument('--turns', type=int, default=5)
    parser.add_argument('--figures', type=Path, default=shown.FOLDER/'lines.json')
    args = parser.parse_args()
    for of in args.sets or here: bench(of, args)


if __name__ == '__main__': main()
