"""How fast and how lean versions are compared, verified and read, measured on this machine: `make bench-versions`. Figures, not verdicts.

`python tests/bench_versions.py [diff verify parse] [--pages 1000 10000] [--turns 3] [--out FILE]` prints a table for each benchmark; FILE gets each turn as JSON,
and nbs/figures/versions.json (or another file: `--figures FILE`) what the notebooks show: medians and ratios (figures.py).
Contenders take turns, each time in a process of its own, so that what slows the machine down for a while slows all of them down."""
import argparse, json, os, platform, random, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path

import figures as shown

WORDS = 'the quick brown fox jumps over a lazy dog and then writes some words by hand on old paper with black ink'.split()


# ---------------------------------------------------------------------------------------------- exports

def mk_page(rng, i, lines=10):
    "The record of a page with `lines` lines; every second one is a polygon of five corners."
    regions = []
    for k in range(lines):
        y, x, x2 = .05 + k*.09, rng.uniform(.05, .1), rng.uniform(.8, .95)
        points = [[x, y], [x2, y + .001], [x2, y + .07], [.5, y + .072], [x, y + .07]] if k % 2 else [[x, y], [x2, y], [x2, y + .07], [x, y + .07]]
        regions.append(dict(label=['line'], shape='polygon' if k % 2 else 'rectangle', points=points,
                            notes=' '.join(rng.choices(WORDS, k=8)), imageWidth=1240, imageHeight=1754))
    times = dict(first_done_at=1551735000000 + i, last_updated_at=1551735000000, sec_taken=0, last_updated_by='abc',
                 status='done', evaluation='NONE')
    return dict(content=f'https://host.example/pages/page_{i:06d}.jpg', annotation=regions, extras=None, metadata=times)


def edited(rng, page):
    "`page` with one edit: a text, an outline, a line more or less, or a text that is gone."
    line = rng.choice(page['annotation'])
    kind = rng.choice(['text', 'shape', 'add', 'remove', 'lose'])
    if kind == 'text': line['notes'] = line['notes'].replace('e', 'ee', 1) + '.'
    elif kind == 'shape': line['points'][1][0] -= .02
    elif kind == 'add': page['annotation'].append(line | dict(points=[[.1, .96], [.9, .96], [.9, .99], [.1, .99]]))
    elif kind == 'remove': page['annotation'].remove(line)
    else: line['notes'] = ''
    return page


def write_versions(folder, pages, part):
    "Write `old.jsonl` and `new.jsonl` of `pages` pages, of which `part` are edited; how many those are."
    rng = random.Random(1)
    chosen = set(random.Random(2).sample(range(pages), round(pages*part)))
    with (folder/'old.jsonl').open('w') as old, (folder/'new.jsonl').open('w') as new:
        for i in range(pages):
            page = mk_page(rng, i)
            old.write(json.dumps(page) + '\n')
            if i in chosen: page = edited(rng, page)
            new.write(json.dumps(page) + '\n')
    return len(chosen)


# ---------------------------------------------------------------------------------------------- contenders: each
# returns how many pages it found changed

def diff_ours(folder):
    "`diff_exports` and its text: lines paired by outline and text, characters compared, losses named"
    from fsdl_handwriting_data.versioning.compare import diff_exports
    res = diff_exports(folder/'old.jsonl', folder/'new.jsonl')
    str(res)
    return len(res.pages)


def diff_json(folder):
    "`json.loads` of both, pages in dictionaries by address, and which of them are unequal: no lines are paired"
    old, new = ({d['content']: d for d in map(json.loads, (folder/name).open())} for name in ('old.jsonl', 'new.jsonl'))
    return sum(old.get(k) != new.get(k) for k in old | new)


def diff_git(folder):
    "`git diff` of the two files: lines of text"
    res = subprocess.run(['git', 'diff', '--no-index', '--numstat', 'old.jsonl', 'new.jsonl'], cwd=folder, capture_output=True, text=True)
    return int(res.stdout.split()[0])


def diff_textconv(folder):
    "`git diff` through `textconv`: a line for each region; both files are converted in full"
    (folder/'show.py').write_text('import sys\nfrom fsdl_handwriting_data.versioning.named import textconv\nprint(textconv(open(sys.argv[1], "rb").read()), end="")\n')
    (folder/'attributes').write_text('*.jsonl diff=fsdl\n')
    settings = ['-c', f'diff.fsdl.textconv="{sys.executable}" "{folder}/show.py"', '-c', f'core.attributesFile={folder}/attributes']
    res = subprocess.run(['git', *settings, 'diff', '--no-index', 'old.jsonl', 'new.jsonl'], cwd=folder, capture_output=True)
    return res.stdout.count(b'\n+page_')


def verify_ours(folder):
    "`verify_dataset`: description, export, list of images, and each image by its hash and as one of the export's pages"
    from fsdl_handwriting_data.versioning.verified import verify_dataset
    return sum(1 for _ in (folder/'pages').iterdir()) - len(verify_dataset(folder, progress=False))


def verify_command(folder):
    "`fsdl_verify`, the same as a command, with its start"
    res = subprocess.run([Path(sys.executable).with_name('fsdl_verify'), '--quiet', folder], capture_output=True, text=True, check=True)
    return int(res.stdout.split('pages ')[1].split(', each with its image')[0].replace(',', ''))


def verify_sha256sum(folder):
    "`sha256sum -c`: the hashes of the same files"
    res = subprocess.run(['sha256sum', '-c', 'sums'], cwd=folder, capture_output=True, text=True, check=True)
    return sum(o.startswith('pages/') and o.endswith('OK') for o in res.stdout.splitlines())


def parse_ours(folder):
    "`read_export`: pages with their regions, and every problem that an export can have"
    from fsdl_handwriting_data.core.exports import read_export
    return len(read_export(folder/'new.jsonl').pages)


def parse_msgspec_typed(folder):
    "msgspec into types of its own, and nothing else: the fastest decoder found"
    import msgspec
    class Region(msgspec.Struct, gc=False):
        label: tuple[str, ...]
        shape: str
        points: tuple[tuple[float, float], ...]
        notes: str
        imageWidth: int
        imageHeight: int
    class Page(msgspec.Struct, gc=False):
        content: str
        annotation: list[Region] | None
        extras: object = None
        metadata: dict | None = None
    decode = msgspec.json.Decoder(Page).decode
    return len([decode(o) for o in (folder/'new.jsonl').read_bytes().splitlines()])


def parse_msgspec(folder):
    "msgspec into dictionaries and lists"
    import msgspec
    return len([msgspec.json.decode(o) for o in (folder/'new.jsonl').read_bytes().splitlines()])


def parse_orjson(folder):
    "orjson into dictionaries and lists"
    import orjson
    return len([orjson.loads(o) for o in (folder/'new.jsonl').read_bytes().splitlines()])


def parse_ujson(folder):
    "ujson into dictionaries and lists"
    import ujson
    return len([ujson.loads(o) for o in (folder/'new.jsonl').read_bytes().splitlines()])


def parse_json(folder):
    "json of the standard library"
    return len([json.loads(o) for o in (folder/'new.jsonl').read_bytes().splitlines()])


# ---------------------------------------------------------------------------------------------- running and telling

def run(name, folder):
    "Run a contender in a process of its own: seconds, peak memory of it or of the largest program it started, and what it found."
    start = time.perf_counter()
    res = subprocess.run([sys.executable, __file__, '--contender', name, str(folder)], capture_output=True, text=True)
    if res.returncode: raise SystemExit(f'{name} fails:\n{res.stderr}')
    return dict(json.loads(res.stdout.splitlines()[-1]), whole=time.perf_counter() - start)


def contend(name, folder):
    "What `run` runs."
    start = time.perf_counter()
    found = globals()[name](Path(folder))
    peak = max(resource.getrusage(o).ru_maxrss for o in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))*1024  # bytes on Linux it is in KB
    print(json.dumps(dict(seconds=time.perf_counter() - start, peak=peak, found=found)))


def turns(names, folder, n):
    "The runs of each contender, in turns."
    res = {name: [] for name in names}
    for _ in range(n):
        for name in names: res[name].append(run(name, folder))
    return res


def spread(values, form='{:.2f}'):
    "The median of `values`, and the lowest and the highest."
    return f'{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})'


def keep(args, key, title, n, runs):
    "Write the medians and ratios of `runs` that the notebooks show."
    contenders = {name: {'seconds': shown.figure(r['seconds'] for r in rs), 'whole seconds': shown.figure(r['whole'] for r in rs),
                         'MB at most': shown.figure(r['peak']/1e6 for r in rs), 'found': shown.figure(r['found'] for r in rs)}
                  for name, rs in runs.items()}
    ours, *others = runs
    times = {o: [b['seconds']/a['seconds'] for a, b in zip(runs[ours], runs[o])] for o in others}
    shown.keep(args.figures, key, title, n, len(runs[ours]), contenders, [shown.ratio(ours, o, v) for o, v in times.items()],
               ('msgspec', 'orjson', 'ujson', 'pillow'))


def bench_diff(args, figures):
    "Two versions of an export, 10 lines to a page, 1 % of the pages edited."
    names = ['diff_ours', 'diff_json', 'diff_git', 'diff_textconv']
    print('\n## Compare two versions: 10 lines to a page, 1 % of the pages edited\n')
    for name in names: print(f'- {name}: {globals()[name].__doc__}')
    print('\n| pages | file, MB | contender | seconds | whole process, s | peak memory, MB | found |\n|--:|--:|---|---|---|--:|--:|')
    for pages in args.pages or PAGES:
        with tempfile.TemporaryDirectory(prefix='fsdl_bench_') as tmp:
            planted = write_versions(Path(tmp), pages, .01)
            size = os.path.getsize(Path(tmp)/'new.jsonl')/1e6
            runs = turns(names, Path(tmp), args.turns)
        figures.append(dict(benchmark='diff', pages=pages, planted=planted, megabytes=size, runs=runs))
        keep(args, f'diff {pages}', f'{pages:,} pages, {size:.0f} MB, {planted:,} edited', pages, runs)
        for name, rs in runs.items():
            of = lambda k: [r[k] for r in rs]
            print(f"| {pages:,} | {size:.1f} | {name} | {spread(of('seconds'))} | {spread(of('whole'))} | {max(of('peak'))/1e6:.0f} | {rs[0]['found']:,} of {planted:,} |", flush=True)


def tell(runs, of='seconds'):
    "A table of `runs`, with how many times as fast the first contender is as each, turn by turn."
    first = [r[of] for r in next(iter(runs.values()))]
    print('\n| contender | seconds | peak memory, MB | the first is as fast, times | found |\n|---|---|--:|---|--:|')
    for name, rs in runs.items():
        times = [r[of]/a for r, a in zip(rs, first)]
        print(f"| {name} | {spread([r[of] for r in rs], '{:.3f}')} | {max(r['peak'] for r in rs)/1e6:.0f} | {spread(times)} | {rs[0]['found']:,} |", flush=True)


def bench_verify(args, figures):
    "A dataset of images of about 300 KB: 1,000 if no number of pages is given."
    n = (args.pages or [1000])[0]
    import numpy as np
    from PIL import Image
    from fsdl_handwriting_data.core.annotations import Page
    from fsdl_handwriting_data.core.exports import write_export
    from fsdl_handwriting_data.versioning.lists import sha256sums
    from fsdl_handwriting_data.core.writing import update_metadata
    from fsdl_handwriting_data.versioning.pins import pin_images
    names = ['verify_ours', 'verify_command', 'verify_sha256sum']
    print(f'\n## Verify {n:,} images of about 300 KB\n')
    for name in names: print(f'- {name}: {globals()[name].__doc__}')
    with tempfile.TemporaryDirectory(prefix='fsdl_bench_') as tmp:
        folder, noise = Path(tmp), np.random.default_rng(0).integers(0, 256, (520, 640), dtype=np.uint8)
        (folder/'pages').mkdir()
        for i in range(n): Image.fromarray(np.roll(noise, i, axis=1)).save(folder/'pages'/f'p{i:04d}.jpg', quality=93)
        write_export([Page(f'pages/p{i:04d}.jpg') for i in range(n)], folder/'letters.jsonl')
        (folder/'metadata.toml').write_text("url = ''\nfilename = 'letters.jsonl'\nsha256 = ''\n")
        update_metadata(folder)
        pin_images(folder, progress=False)
        (folder/'sums').write_text(sha256sums(folder))
        size = sum(p.stat().st_size for p in (folder/'pages').iterdir())/1e6
        print(f'\n{size:.0f} MB')
        runs = turns(names, folder, max(args.turns, 5))
    figures.append(dict(benchmark='verify', runs=runs))
    keep(args, 'verify', f'{n:,} images, {size:.0f} MB', n, runs)
    tell(runs)


def bench_parse(args, figures):
    "Read an export, 10 lines to a page."
    names = ['parse_ours', 'parse_msgspec_typed', 'parse_msgspec', 'parse_orjson', 'parse_ujson', 'parse_json']
    print('\n## Read an export, 10 lines to a page\n')
    for name in names: print(f'- {name}: {globals()[name].__doc__}')
    for pages in args.pages or PAGES:
        with tempfile.TemporaryDirectory(prefix='fsdl_bench_') as tmp:
            write_versions(Path(tmp), pages, 0)
            size = os.path.getsize(Path(tmp)/'new.jsonl')/1e6
            print(f'\n{pages:,} pages, {size:.0f} MB')
            runs = turns(names, Path(tmp), max(args.turns, 5))
        figures.append(dict(benchmark='parse', pages=pages, runs=runs))
        keep(args, f'parse {pages}', f'{pages:,} pages, {size:.0f} MB', pages, runs)
        tell(runs)


PAGES = 1000, 10_000, 100_000
BENCHMARKS = dict(diff=bench_diff, verify=bench_verify, parse=bench_parse)


def main():
    parser = argparse.ArgumentParser(description='How fast and how lean versions are compared, verified and read.')
    parser.add_argument('benchmarks', nargs='*', help='which: ' + ', '.join(f'{k}: {v.__doc__}' for k, v in BENCHMARKS.items()))
    parser.add_argument('--pages', type=int, nargs='+', help='how many pages (1000 10000 100000); verify takes the first')
    parser.add_argument('--turns', type=int, default=3, help='how often each contender takes its turn (3)')
    parser.add_argument('--out', type=Path, help='a file for each turn, as JSON')
    parser.add_argument('--figures', type=Path, default=shown.FOLDER/'versions.json', help='the file the notebooks read (nbs/figures/versions.json)')
    args = parser.parse_args()
    if wrong := set(args.benchmarks) - set(BENCHMARKS): parser.error(f"no such benchmark: {', '.join(sorted(wrong))}")
    print(f'# Benchmarks of versions\n\n{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.2f}; median (lowest to highest) of {args.turns} turns')
    figures = []
    for name in args.benchmarks or BENCHMARKS: BENCHMARKS[name](args, figures)
    if args.out: args.out.write_text(json.dumps(figures, indent=1) + '\n')


if __name__ == '__main__':
    if sys.argv[1:2] == ['--contender']: contend(*sys.argv[2:4])
    else: main()
