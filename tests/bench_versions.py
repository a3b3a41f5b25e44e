"""How fast and how lean versions are compared, measured on this machine: `make bench-versions`. Figures, not verdicts.

`python tests/bench_versions.py [diff …] [--pages 1000 10000] [--turns 3] [--out FILE]` prints a table for each benchmark; FILE gets all figures as JSON.
Contenders take turns, each time in a process of its own, so that what slows the machine down for a while slows all of them down."""
import argparse, json, os, platform, random, resource, statistics, subprocess, sys, tempfile, time
from pathlib import Path

WORDS = 'the quick brown fox jumps over a lazy dog and then writes some words by hand on old paper with black ink'.split()


# ---------------------------------------------------------------------------------------------- exports

def mk_page(rng, i, lines=10):
    "The record of a page with `lines` lines; every second one is a polygon of five corners."
    regions = []
    for k in range(lines):
        y, x, x2 = .05 + k*.09, rng.uniform(.05, .1), rng.uniform(.8, .95)
        points = [[x, y], [x2, y + .001], [x2, y + .07], [.5, y + .072], [x, y + .07]] if k % 2 else [[x, y], [x2, y], [x2, y + .07], [x, y + .07]]
        regions.append(dict(label=['line'], shape='polygon' if k % 2 else 'rectangle', points=points, notes=' '.join(rng.choices(WORDS, k=8)), imageWidth=1240, imageHeight=1754))
    times = dict(first_done_at=1551735000000 + i, last_updated_at=1551735000000, sec_taken=0, last_updated_by='abc', status='done', evaluation='NONE')
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
    rng, n = random.Random(1), 0
    chosen = set(random.Random(2).sample(range(pages), round(pages*part)))
    with (folder/'old.jsonl').open('w') as old, (folder/'new.jsonl').open('w') as new:
        for i in range(pages):
            page = mk_page(rng, i)
            old.write(json.dumps(page) + '\n')
            if i in chosen: page = edited(rng, page)
            new.write(json.dumps(page) + '\n')
    return len(chosen)


# ---------------------------------------------------------------------------------------------- contenders: each returns how many pages it found changed

def diff_ours(folder):
    "`diff_exports` and its text: lines paired by outline and text, characters compared, losses named"
    from fsdl_handwriting_data.diff import diff_exports
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
    (folder/'show.py').write_text('import sys\nfrom fsdl_handwriting_data.diff import textconv\nprint(textconv(open(sys.argv[1], "rb").read()), end="")\n')
    (folder/'attributes').write_text('*.jsonl diff=fsdl\n')
    settings = ['-c', f'diff.fsdl.textconv="{sys.executable}" "{folder}/show.py"', '-c', f'core.attributesFile={folder}/attributes']
    res = subprocess.run(['git', *settings, 'diff', '--no-index', 'old.jsonl', 'new.jsonl'], cwd=folder, capture_output=True)
    return res.stdout.count(b'\n+page_')


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


def bench_diff(args, figures):
    "Two versions of an export, 10 lines to a page, 1 % of the pages edited."
    names = ['diff_ours', 'diff_json', 'diff_git', 'diff_textconv']
    print('\n## Compare two versions: 10 lines to a page, 1 % of the pages edited\n')
    for name in names: print(f'- {name}: {globals()[name].__doc__}')
    print('\n| pages | file, MB | contender | seconds | whole process, s | peak memory, MB | found |\n|--:|--:|---|---|---|--:|--:|')
    for pages in args.pages:
        with tempfile.TemporaryDirectory(prefix='fsdl_bench_') as tmp:
            planted = write_versions(Path(tmp), pages, .01)
            size = os.path.getsize(Path(tmp)/'new.jsonl')/1e6
            runs = turns(names, Path(tmp), args.turns)
        figures.append(dict(benchmark='diff', pages=pages, planted=planted, megabytes=size, runs=runs))
        for name, rs in runs.items():
            of = lambda k: [r[k] for r in rs]
            print(f"| {pages:,} | {size:.1f} | {name} | {spread(of('seconds'))} | {spread(of('whole'))} | {max(of('peak'))/1e6:.0f} | {rs[0]['found']:,} of {planted:,} |", flush=True)


BENCHMARKS = dict(diff=bench_diff)


def main():
    parser = argparse.ArgumentParser(description='How fast and how lean versions are compared.')
    parser.add_argument('benchmarks', nargs='*', help='which: ' + ', '.join(f'{k}: {v.__doc__}' for k, v in BENCHMARKS.items()))
    parser.add_argument('--pages', type=int, nargs='+', default=[1000, 10_000, 100_000], help='how many pages (1000 10000 100000)')
    parser.add_argument('--turns', type=int, default=3, help='how often each contender takes its turn (3)')
    parser.add_argument('--out', type=Path, help='a file for all figures, as JSON')
    args = parser.parse_args()
    if wrong := set(args.benchmarks) - set(BENCHMARKS): parser.error(f"no such benchmark: {', '.join(sorted(wrong))}")
    print(f'# Benchmarks of versions\n\n{os.cpu_count()} cores, {platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.2f}; median (lowest to highest) of {args.turns} turns')
    figures = []
    for name in args.benchmarks or BENCHMARKS: BENCHMARKS[name](args, figures)
    if args.out: args.out.write_text(json.dumps(figures, indent=1) + '\n')


if __name__ == '__main__':
    if sys.argv[1:2] == ['--contender']: contend(*sys.argv[2:4])
    else: main()
