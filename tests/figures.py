"""What a benchmark measured, as JSON beside the notebooks (nbs/figures), from where notebooks show it: no figure is typed.

A file has the benchmarks by their keys. Each has `title`, `n` (pages or rows), `turns`, `measured` (when and with what), `contenders`: label → name of a
figure → `median`, `low`, `high`; and `ratios` of two contenders, turn by turn, with what was aimed at. A run of some benchmarks leaves the others as they are."""
import importlib.metadata, json, os, platform, statistics, subprocess, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT/'nbs'/'figures'


def commit():
    "The commit that is measured, with `+` if files differ from it; None outside git."
    def git(*args): return subprocess.run(['git', '-C', ROOT, *args], capture_output=True, text=True, check=True).stdout.strip()
    try: return git('rev-parse', '--short', 'HEAD') + '+'*bool(git('status', '--porcelain', '--untracked-files=no', '--', ':!nbs/figures'))
    except (OSError, subprocess.CalledProcessError): return None


def measured(versions=()):
    "When and with what it is measured: `versions` has others' versions, or names of packages that are looked up."
    def version(name):
        try: return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError: return None
    known = dict(versions) if isinstance(versions, dict) else {o: version(o) for o in versions}
    return dict(time=time.strftime('%Y-%m-%d %H:%M'), commit=commit(), cores=os.cpu_count(), system=platform.system(),
                processor=platform.machine(), python=platform.python_version(), load=round(os.getloadavg()[0], 2), versions=known)


def figure(values):
    "The median of `values`, the lowest and the highest, with four digits; None if there are none."
    short = lambda o: float(f'{o:.4g}') if o < 1000 else round(o)
    values = list(values)
    return dict(zip(('median', 'low', 'high'), map(short, (statistics.median(values), min(values), max(values))))) if values else None


def ratio(ours, other, ratios, by='seconds', **more):
    "How many times as good (as fast, as lean) `ours` is as `other`, turn by turn."
    return dict(ours=ours, other=other, by=by) | (figure(ratios) or {}) | dict(turns=len(ratios)) | more


def keep(path, key, title, n, turns, contenders, ratios=(), versions=()):
    "Write one benchmark into the file at `path`; the others in it stay."
    path = Path(path)
    known = json.loads(path.read_text(encoding='utf-8')) if path.exists() else {}
    known[key] = dict(title=title, n=n, turns=turns, measured=measured(versions), contenders=contenders, ratios=list(ratios))
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(path.name + '.tmp')
    new.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + '\n', encoding='utf-8')
    os.replace(new, path)
