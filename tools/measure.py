"""How dense the code of the modules is: one table to compare before and after.

    python tools/measure.py            # what the sources tell: a second
    python tools/measure.py --slow     # and mypy --strict, and the time of imports and of `--help`: a minute

The limits that every part keeps, and what is still over them, are in `tests/project_checks.py` and `tests/density.txt`; this adds what no limit is set for.
"""
import ast, configparser, os, statistics, subprocess, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = 'fsdl_handwriting_data'
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
BRANCHES = {  # what each kind of node adds to the complexity of its function, as radon 6 counts
    ast.If: lambda o: 1,
    ast.IfExp: lambda o: 1,
    ast.Assert: lambda o: 1,
    ast.BoolOp: lambda o: len(o.values) - 1,
    ast.Try: lambda o: len(o.handlers) + bool(o.orelse),
    ast.comprehension: lambda o: len(o.ifs) + 1,
    ast.Match: lambda o: len(o.cases) - any(getattr(c.pattern, 'pattern', False) is None for c in o.cases),
    **dict.fromkeys([ast.For, ast.AsyncFor, ast.While], lambda o: bool(o.orelse) + 1)}


def branches(node):
    "The ways that part at `node` and below it, without those of the functions and classes defined there."
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)): return 0
    below = () if isinstance(node, ast.Assert) else ast.iter_child_nodes(node)
    return BRANCHES.get(type(node), lambda o: 0)(node) + sum(map(branches, below))


def complexity(function):
    "The cyclomatic complexity of a function: 1, and 1 for each way that parts in its body."
    return 1 + sum(map(branches, function.body))


def complexities(tree):
    "(complexity, name, line) of every function and method in `tree`, also of those inside others."
    return [(complexity(o), o.name, o.lineno) for o in ast.walk(tree) if isinstance(o, FUNCTIONS)]


def is_patch(node): return any(ast.unparse(o).startswith('patch') for o in node.decorator_list)


class Module:
    "One module of the package."
    def __init__(self, path):
        self.name = path.relative_to(ROOT/PACKAGE).with_suffix('').as_posix()
        self.lines = path.read_text(encoding='utf-8').splitlines()
        # nbdev's own lines, of __all__ and where a cell comes from, are none that somebody wrote
        start = next((i for i, o in enumerate(self.lines) if o.startswith('# %%')), 0)
        self.written = [o for o in self.lines[start:] if not o.startswith('# %%')]
        tree = ast.parse('\n'.join(self.lines))
        self.complexities = complexities(tree)
        self.functions = [o.end_lineno - o.lineno + 1 for o in ast.walk(tree) if isinstance(o, FUNCTIONS)]
        self.names = [o for o in tree.body if isinstance(o, (*FUNCTIONS, ast.ClassDef))]
        self.all = next(ast.literal_eval(o.value) for o in tree.body if isinstance(o, ast.Assign) and ast.unparse(o.targets[0]) == '__all__')

    def count(self, private, patched): return sum(o.name.startswith('_') == private and is_patch(o) == patched for o in self.names)
    def shared(self): return sum(not o.name.startswith('_') and o.name not in self.all and not is_patch(o) for o in self.names)
    def longer(self, n): return sum(len(o) > n for o in self.written)


def modules(): return [Module(p) for p in sorted((ROOT/PACKAGE).rglob('*.py')) if p.name not in ('__init__.py', '_modidx.py')]


def row(what, value): print(f'| {what} | {value} |')


def percent(n, total): return f'{n:,} of {total:,} ({n/max(total, 1):.1%})'


def tell(mods):
    "Print the table of what the sources tell."
    total = lambda private, patched: sum(m.count(private, patched) for m in mods)
    private, public = total(True, False), total(False, False)
    cc = sorted(((c, f'{m.name}.{name}') for m in mods for c, name, _ in m.complexities), reverse=True)
    sizes, written = sorted(len(m.lines) for m in mods), sum(len(m.written) for m in mods)
    functions = sorted(o for m in mods for o in m.functions)
    row('modules; median, largest', f'{len(mods)}; {statistics.median(sizes):g}, {sizes[-1]} lines')
    row('private names at the top of modules', percent(private, private + public))
    row('names that modules share, no promise to users', percent(sum(m.shared() for m in mods), private + public))
    row('private names, methods added by @patch too', percent(private + total(True, True), private + public + total(True, True) + total(False, True)))
    row('lines over 120', percent(sum(m.longer(120) for m in mods), written))
    row('lines over 140; longest', f'{sum(m.longer(140) for m in mods)}; {max(len(o) for m in mods for o in m.written)}')
    row('functions; median, nine in ten, longest', f'{len(functions)}; {statistics.median(functions):g}, {functions[int(len(functions)*.9)]}, {functions[-1]} lines')
    row('complexity: mean; over 10, over 12, over 15', f'{statistics.mean(c for c, _ in cc):.2f}; ' + ', '.join(str(sum(c > n for c, _ in cc)) for n in (10, 12, 15)))
    row('most complex', ', '.join(f'{name} {c}' for c, name in cc[:5]))
    print('\n| module | lines | private : public | over 120 | complexity over 12 |\n|---|---|---|---|---|')
    for m in mods:
        over = ', '.join(f'{name} {c}' for c, name, _ in sorted(m.complexities, reverse=True) if c > 12)
        print(f'| {m.name} | {len(m.lines)} | {m.count(True, False)} : {m.count(False, False)} | {m.longer(120)} | {over} |')


def seconds(*command, repeat=5):
    "The shortest time of `repeat` runs of `command`."
    env, best = {**os.environ, 'PYTHONPATH': str(ROOT)}, float('inf')
    for _ in range(repeat):
        start = time.perf_counter()
        subprocess.run(command, cwd=ROOT, env=env, check=True, stdout=subprocess.DEVNULL)
        best = min(best, time.perf_counter() - start)
    return best


def tell_slow():
    "Print what mypy --strict finds, and how long imports and the help of commands take."
    files = [str(p) for p in (ROOT/PACKAGE).rglob('*.py') if p.name != '_modidx.py']  # and not the stubs beside them
    call = [sys.executable, '-m', 'mypy', '--strict', '--cache-dir', str(Path(tempfile.gettempdir())/'fsdl-measure-mypy'), *files]
    run = subprocess.run(call, cwd=ROOT, capture_output=True, text=True)
    row('mypy --strict', (run.stdout + run.stderr).strip().splitlines()[-1])
    row('python alone', f'{seconds(sys.executable, "-c", "pass"):.2f} s')
    for module in PACKAGE, f'{PACKAGE}.pages.dataset': row(f'import {module}', f'{seconds(sys.executable, "-c", f"import {module}"):.2f} s')
    config = configparser.ConfigParser(delimiters=['='])
    config.read(ROOT/'settings.ini', encoding='utf-8')
    for script in config['DEFAULT']['console_scripts'].split():
        name = script.partition('=')[0]
        row(f'{name} --help', f'{seconds(Path(sys.executable).parent/name, "--help", repeat=3):.2f} s')


if __name__ == '__main__':
    print('| what | here |\n|---|---|')
    if '--slow' in sys.argv: tell_slow()
    tell(modules())
