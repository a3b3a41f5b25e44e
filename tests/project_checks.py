"""What every part of this project has to keep: each `find_…(root)` returns what is wrong under `root`, one line for each finding.

The functions know nothing of pytest. `test_project.py` calls them on the repository (nothing may be found) and on
small projects with one planted fault (something must be found).

    python tests/project_checks.py --lower    # write tests/density.txt anew, where something became better
"""
import ast, configparser, importlib.util, json, os, re, shutil, statistics, subprocess, sys, tempfile
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

REPO = Path(__file__).resolve().parent.parent
PACKAGE = 'fsdl_handwriting_data'
KERNEL = {'display_name': 'python3', 'language': 'python', 'name': 'python3'}
DEFINITIONS = ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef


# ---------------------------------------------------------------------------------------------- files and commands

def project_files(root):
    "Paths, relative to `root`, of the files git tracks there and of the new ones it does not ignore."
    out = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], cwd=root, check=True,
                         capture_output=True, text=True).stdout
    return sorted(Path(o) for o in set(out.split('\0')) if o and (Path(root)/o).is_file())


def copy_project(root, dest):
    "Copy the `project_files` of `root` to `dest`, which becomes a git repository of its own."
    dest = Path(dest)
    for path in project_files(root):
        (dest/path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(root)/path, dest/path)
    subprocess.run(['git', 'init', '-q'], cwd=dest, check=True)
    return dest


def python(root, *args):
    "Run this Python with `args` in `root`, with the package of `root` first on its path."
    env = {k: v for k, v in os.environ.items() if k != 'IN_TEST'}  # nbdev exports nothing when it thinks it is in a test
    env.update(PYTHONPATH=str(root), PYTHONDONTWRITEBYTECODE='1', PYTHONUTF8='1')
    return subprocess.run([sys.executable, *args], cwd=root, env=env, capture_output=True, text=True, encoding='utf-8')


def settings(root):
    "The settings of `settings.ini`."
    cfg = configparser.ConfigParser(delimiters=['='])
    cfg.read(Path(root)/'settings.ini', encoding='utf-8')
    return cfg['DEFAULT']


def read_all(paths, base): return {p.relative_to(base).as_posix(): p.read_bytes() for p in paths}


# ---------------------------------------------------------------------------------------------- notebooks

class Cell(NamedTuple):
    "One cell of a notebook."
    kind: str         # code, markdown or raw
    source: str       # as it is stored
    directives: list  # words of each directive line, as ['export'] or ['eval:', 'false']

    @property
    def exported(self): return any(o[0] in ('export', 'exporti', 'exports') for o in self.directives)

    @property
    def code_lines(self): return [l for l in self.source.splitlines() if l.strip() and not re.match(r'\s*#\s*\|', l)]


class Notebook(NamedTuple):
    "One notebook, and the module it exports to (None if it exports nothing)."
    path: Path
    name: str    # relative to nbs/
    cells: list
    module: str | None

    @property
    def code(self): return [o for o in self.cells if o.kind == 'code']


def mk_cell(raw):
    "A `Cell` from its JSON."
    source = ''.join(raw['source'])
    directives = re.findall(r'^\s*#\s*\|[ \t]*(\S.*)$', source, re.MULTILINE) if raw['cell_type'] == 'code' else []
    return Cell(raw['cell_type'], source, [o.split() for o in directives])


def notebook_paths(root):
    "The notebooks nbdev sees: those under nbs/ without a leading `_` or `.` in a part of their path."
    nbs = Path(root)/'nbs'
    return [p for p in sorted(nbs.rglob('*.ipynb')) if not any(o[0] in '_.' for o in p.relative_to(nbs).parts)]


def layer_of(name, layers):
    "The place of a notebook, by its path below nbs/: package, and number. What lies in no package comes last."
    package, _, rest = name.rpartition('/')
    return (layers.index(package), rest) if package in layers else (len(layers), name)


def notebooks(root):
    "All notebooks of `root`, package by package in the order of `layers` in settings.ini, and inside one by their numbers."
    res, layers = [], settings(root).get('layers', '').split()
    for path in sorted(notebook_paths(root), key=lambda o: layer_of(o.relative_to(Path(root)/'nbs').as_posix(), layers)):
        cells = [mk_cell(o) for o in json.loads(path.read_text(encoding='utf-8'))['cells']]
        exp = [d[1] for c in cells for d in c.directives if d[0] == 'default_exp' and len(d) > 1]
        res.append(Notebook(path, path.relative_to(Path(root)/'nbs').as_posix(), cells, exp[0] if exp else None))
    return res


@lru_cache(maxsize=None)
def parse(source):
    "The syntax tree of a cell; shell commands and magics become calls of `get_ipython()`."
    return ast.parse(TransformerManager().transform_cell(source))


def module_file(root, module): return (Path(root)/PACKAGE/Path(*module.split('.'))).with_suffix('.py')


# ---------------------------------------------------------------------------------------------- 1, 2, 3: what is generated

def find_unexported(root):
    "Modules that differ from what `nbdev_export` makes of the notebooks, are missing, or come from no notebook."
    with tempfile.TemporaryDirectory() as tmp:
        copy = copy_project(root, tmp)
        for path in (copy/PACKAGE).rglob('*.py'):
            if path.name != '__init__.py': path.unlink()
        run = python(copy, '-c', 'from nbdev.doclinks import nbdev_export; nbdev_export()')
        if run.returncode: return [f'nbdev_export fails:\n{run.stderr}']
        new = read_all((copy/PACKAGE).rglob('*.py'), copy)
    old = read_all([Path(root)/p for p in project_files(root) if p.parts[0] == PACKAGE and p.suffix == '.py'], root)
    words = {(True, False): 'comes from no notebook', (False, True): 'is missing'}
    return [f'{name} {words.get((name in old, name in new), "differs from its notebook")}'
            for name in sorted(old | new) if old.get(name) != new.get(name)]


def find_unclean(root):
    "Notebooks that `nbdev_clean` would change or that name another kernel than python3."
    res = []
    with tempfile.TemporaryDirectory() as tmp:
        copy = copy_project(root, tmp)
        run = python(copy, '-c', 'from nbdev.clean import nbdev_clean; nbdev_clean()')
        if run.returncode: return [f'nbdev_clean fails:\n{run.stderr}']
        for path in notebook_paths(copy):
            name = path.relative_to(copy).as_posix()
            if path.read_bytes() != (Path(root)/name).read_bytes(): res.append(f'{name} is not clean')
            kernel = json.loads(path.read_text(encoding='utf-8'))['metadata'].get('kernelspec')
            if kernel != KERNEL: res.append(f'{name} has the kernelspec {kernel}, not {KERNEL}')
    return res


def find_stored_widgets(root):
    "Notebooks that store the state or the view of a widget: its program goes stale there, and nobody without a kernel sees anything."
    res = []
    for path in notebook_paths(root):
        nb, name = json.loads(path.read_text(encoding='utf-8')), path.relative_to(root).as_posix()
        if 'widgets' in nb['metadata']: res.append(f'{name} stores the state of widgets')
        views = [o for c in nb['cells'] for o in c.get('outputs', []) if 'application/vnd.jupyter.widget-view+json' in o.get('data', {})]
        if views: res.append(f'{name} stores {len(views)} view{"s"*(len(views) > 1)} of a widget')
    return res


def find_typed_figures(root):
    "Measured figures in the prose of notebooks that show a file of figures: the next run of the benchmark makes them wrong."
    res, measure = [], re.compile(r'\b\d[\d,.]*\s?(?:(?:µs|ms|s|MB/s|pages/s|files/s|MB|GB)\b|(?:×|times)(?!\w))')
    for nb in notebooks(root):
        if any('figures/' in c.source and '.json' in c.source for c in nb.code):
            res += [f'{nb.name} says {m[0]!r} in prose' for c in nb.cells if c.kind == 'markdown' for m in measure.finditer(c.source)]
    return res


def load_tool(name):
    "The module `tools/NAME.py`."
    spec = importlib.util.spec_from_file_location(f'{name}_tool', REPO/'tools'/f'{name}.py')
    mod = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(mod)
    return mod


def find_stale_readme(root):
    "README.md, if it is not what `nbs/index.ipynb` gives, and the files it links to that do not exist."
    tool, path, index = load_tool('readme'), Path(root)/'README.md', Path(root)/'nbs'/'index.ipynb'
    if not index.exists(): return ['nbs/index.ipynb is missing']
    new = tool.readme(index)
    if not path.exists(): return ['README.md is missing']
    res = [] if path.read_text(encoding='utf-8') == new else ['README.md is not what nbs/index.ipynb gives']
    links = [o[2].partition('#')[0] for part in tool.CODE.split(new)[::2] for o in tool.LINK.finditer(part)]
    return res + [f'README.md links to {o}, which does not exist' for o in links if not (Path(root)/o).exists()]


# ---------------------------------------------------------------------------------------------- 4: layers

def imported_modules(tree, modules):
    "The modules of the package that `tree` imports; a name that is no module counts for the package itself."
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (o.name.removeprefix(PACKAGE + '.') for o in node.names if o.name.startswith(PACKAGE + '.'))
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ''
            if node.level == 0:
                if base.split('.')[0] != PACKAGE: continue
                base = base.removeprefix(PACKAGE).removeprefix('.')
            if base: yield base
            else: yield from (o.name for o in node.names if o.name in modules)


def find_layer_breaks(root):
    "Imports of a module that belongs to a later package, to a notebook with a higher number, or to none; packages that `layers` does not name."
    nbs, layers = notebooks(root), settings(root).get('layers', '').split()
    order, place = {nb.module: nb.name for nb in nbs if nb.module}, {nb.name: i for i, nb in enumerate(nbs)}
    res = [f'{nb.name}: its folder is not in layers of settings.ini' for nb in nbs if nb.module and '/' in nb.name and nb.name.rpartition('/')[0] not in layers]
    for nb in nbs:
        if not nb.module: continue
        if order[nb.module] != nb.name: res.append(f'{nb.name}: {order[nb.module]} exports {nb.module} too')
        if '/' in nb.name and (want := '.'.join([*nb.name.split('/')[:-1], re.sub(r'^\d+_', '', nb.path.stem)])) != nb.module: res.append(f'{nb.name}: it exports {nb.module}, not {want}')
        for cell in nb.code:
            for mod in imported_modules(parse(cell.source), order):
                kind = 'exported' if cell.exported else 'example'
                if mod not in order: res.append(f'{nb.name}: an {kind} cell imports {mod}, which no notebook exports')
                elif mod == nb.module and not cell.exported: continue
                elif place[order[mod]] >= place[nb.name]: res.append(f'{nb.name}: an {kind} cell imports {mod} of {order[mod]}')
    return res


def private_imports(tree, modules):
    "(module, name) of the names with `_` that `tree` takes from modules of the package, by import or as an attribute of one."
    aliases, starts = {}, lambda o: o.startswith('_') and not o.startswith('__')
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [o for o in node.names if o.name.startswith(PACKAGE + '.')]
            aliases |= {o.asname or o.name: o.name.removeprefix(PACKAGE + '.') for o in found}
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or '').split('.')[0] == PACKAGE:
            base = node.module.removeprefix(PACKAGE).removeprefix('.')
            yield from ((base, o.name) for o in node.names if starts(o.name))
            aliases |= {o.asname or o.name: mod for o in node.names if (mod := f'{base}.{o.name}'.removeprefix('.')) in modules}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and starts(node.attr) and (mod := aliases.get(ast.unparse(node.value))): yield mod, node.attr


def find_borrowed_names(root):
    "Names with `_`, which are for one module alone, that a notebook takes from another one's module."
    nbs = notebooks(root)
    modules, res = {nb.module for nb in nbs if nb.module}, []
    for nb in nbs:
        whole = ast.Module([o for cell in nb.code for o in parse(cell.source).body], []) # an alias counts in later cells too
        res += [f'{nb.name}: it takes {name} of {mod}' for mod, name in private_imports(whole, modules) if mod != nb.module]
    return res


def shared_definitions(root, nb):
    "The functions and classes of the notebook's module that other modules may use, and that are not in its `__all__`."
    tree, public = ast.parse(module_file(root, nb.module).read_text(encoding='utf-8')), all_names(module_file(root, nb.module))
    patched = lambda o: any(ast.unparse(d).startswith('patch') for d in o.decorator_list)
    return [o for o in tree.body if isinstance(o, DEFINITIONS) and not o.name.startswith('_') and o.name not in public and not patched(o)]


# ---------------------------------------------------------------------------------------------- 5: static checks

def module_files(root):
    "The modules of the package, without nbdev's generated index."
    return [p for p in project_files(root) if p.parts[0] == PACKAGE and p.suffix == '.py' and p.name != '_modidx.py']


def find_pyflakes(root):
    "What pyflakes says about the package."
    run = python(root, '-m', 'pyflakes', *map(str, module_files(root)))
    return (run.stdout + run.stderr).splitlines()


def find_type_errors(root):
    "What mypy says about the package."
    cache = Path(sys.prefix)/'.mypy_cache'  # in the virtual environment: a test writes nothing into the repository
    run = python(root, '-m', 'mypy', '--config-file', str(REPO/'mypy.ini'), '--cache-dir', str(cache), '--no-error-summary',
                 *map(str, module_files(root)))
    return (run.stdout + run.stderr).splitlines()


# ---------------------------------------------------------------------------------------------- 6: documented

def find_undocumented(root):
    "Public functions, classes, methods, parameters, fields and returns without a word of documentation; what modules share without a docstring."
    nbs = [nb for nb in notebooks(root) if nb.module]
    run = python(root, str(Path(__file__).with_name('undocumented.py')), PACKAGE, *[nb.module for nb in nbs])
    if run.returncode: return [run.stderr]
    made = [nb for nb in nbs if module_file(root, nb.module).exists()]
    bare = [f'{nb.module}.{o.name} has no docstring' for nb in made for o in shared_definitions(root, nb) if not ast.get_docstring(o)]
    return run.stdout.splitlines() + bare


# ---------------------------------------------------------------------------------------------- 7: commands

def find_unshown_commands(root):
    "Console scripts whose `--help` is not in `index.ipynb`, or that their module does not define."
    index = next((nb for nb in notebooks(root) if nb.name == settings(root)['readme_nb']), None)
    if not index: return ['there is no index.ipynb']
    text, res = '\n'.join(o.source for o in index.code), []
    for script in settings(root)['console_scripts'].split():
        name, target = script.split('=')
        module, function = target.removeprefix(PACKAGE + '.').split(':')
        if not re.search(rf'^!\s*{name} --help\s*$', text, re.MULTILINE): res.append(f'index.ipynb has no `!{name} --help`')
        path = module_file(root, module)
        defined = {o.name for o in ast.parse(path.read_text(encoding='utf-8')).body if isinstance(o, DEFINITIONS)} if path.exists() else set()
        if function not in defined: res.append(f'{path.name} defines no {function} for the command {name}')
    return res


# ---------------------------------------------------------------------------------------------- 8: the shape of notebooks

def cell_sizes(root):
    "Lines (not blank, no directives) of every exported cell, as (lines, notebook, first line)."
    return [(len(c.code_lines), nb.name, c.code_lines[0]) for nb in notebooks(root) for c in nb.code if c.exported and c.code_lines]


def describe_sizes(sizes):
    "Median, 90th percentile and maximum of the exported cells' lines."
    lines = sorted(o[0] for o in sizes) or [0]
    return statistics.median(lines), lines[min(len(lines) - 1, int(len(lines)*0.9))], lines[-1]


def find_long_cells(root):
    "Exported cells over 30 lines; the project's median outside 5 to 9, or nine in ten not under 20."
    sizes = cell_sizes(root)
    median, p90, _ = describe_sizes(sizes)
    res = [f'{nb}: {n} lines in the cell that starts {first!r}' for n, nb, first in sizes if n > 30]
    if not 5 <= median <= 9: res.append(f'the median exported cell has {median} lines, not 5 to 9')
    if p90 >= 20: res.append(f'a tenth of the exported cells have {p90} lines or more, not under 20')
    return res


def find_empty_cells(root):
    "Cells with nothing in them."
    return [f'{nb.name}: cell {i} is empty' for nb in notebooks(root) for i, c in enumerate(nb.cells, 1) if not c.source.strip()]


def only_imports(cell):
    "Is `cell` code with imports alone (also under `if TYPE_CHECKING`, beside magics)?"
    def ok(o):
        if isinstance(o, ast.If): return ast.unparse(o.test).endswith('TYPE_CHECKING') and all(map(ok, o.body + o.orelse))
        return isinstance(o, (ast.Import, ast.ImportFrom)) or ast.unparse(o).startswith('get_ipython()')
    return cell.kind == 'code' and bool(cell.code_lines) and all(map(ok, parse(cell.source).body))


def has_title(cell): return cell.kind == 'markdown' and bool(re.match(r'# \S.*\n\s*> \S', cell.source))


def opening_faults(nb):
    "How the first cells of `nb` differ from the prescribed opening."
    if not nb.module:
        first = next((o for o in nb.cells if o.kind == 'markdown'), None)
        if not (first and has_title(first)): yield 'its first text is not a title (# …) and a line of promise (> …)'
        return
    directive, title, exported, example = (nb.cells + [Cell('missing', '', [])]*4)[:4]
    if directive.source.split() != ['#|', 'default_exp', nb.module]: yield 'cell 1 is not the `#| default_exp` line alone'
    if not has_title(title): yield 'cell 2 is not a title (# …) and a line of promise (> …)'
    if not (exported.exported and only_imports(exported)): yield 'cell 3 is not an exported cell of imports alone'
    if example.exported or not only_imports(example): yield "cell 4 is not the examples' cell of imports alone"


def find_bad_openings(root):
    "Notebooks that do not open in the prescribed way."
    return [f'{nb.name}: {o}' for nb in notebooks(root) for o in opening_faults(nb)]


def find_mixed_imports(root):
    "Cells of exporting notebooks that import and do something else: nbdev runs cells with imports, and not those before them, to document what is exported."
    has = lambda cell, *kinds: any(isinstance(o, kinds) for o in ast.walk(parse(cell.source)))
    return [f'{nb.name}: the cell {cell.code_lines[0]!r} imports and does more' for nb in notebooks(root) if nb.module for cell in nb.code
            if not cell.exported and 'nbdev_export()' not in cell.source and has(cell, ast.Import, ast.ImportFrom) and has(cell, ast.Expr, ast.Assign)]


def all_names(path):
    "The names in `__all__` of the module at `path`."
    for node in ast.parse(path.read_text(encoding='utf-8')).body:
        if isinstance(node, ast.Assign) and [ast.unparse(o) for o in node.targets] == ['__all__']: return ast.literal_eval(node.value)
    return []


def used_names(cell):
    "Names and attributes used in `cell`, and the words of its shell commands and magics."
    for node in ast.walk(parse(cell.source)):
        if isinstance(node, ast.Name): yield node.id
        elif isinstance(node, ast.Attribute): yield node.attr
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith('get_ipython()'):
            yield from re.findall(r'\w+', ' '.join(str(o.value) for o in node.args if isinstance(o, ast.Constant)))


# Words of other programs, which have no other way to say it: of git, of git-lfs, of urllib3 and the system's resolver, of OpenSSL, of PDFium
FOREIGN = {'bad file', 'does not exist', 'exists on disk', '(or any of the parent directories)', 'ook already exists', 'not known', 'CERTIFICATE', 'assword'}
CUTS = {'startswith', 'endswith', 'partition', 'rpartition', 'split', 'rsplit', 'replace', 'removeprefix', 'removesuffix', 'find', 'index', 'count'}


def errors_in(tree):
    "The names of variables that hold errors in a module."
    res = {o.name for o in ast.walk(tree) if isinstance(o, ast.ExceptHandler) and o.name}
    args = [o for f in ast.walk(tree) if isinstance(f, (ast.FunctionDef, ast.Lambda)) for o in (*f.args.args, *f.args.kwonlyargs)]
    return res | {o.arg for o in args if o.annotation and re.search(r'Exception|Error|Finding|Problem|Loss', ast.unparse(o.annotation))}


def is_message(node, errors):
    "Is `node` what an error or a finding says in words?"
    if isinstance(node, ast.Attribute): return node.attr in ('message', 'reason', 'words')
    if isinstance(node, ast.BoolOp): return any(is_message(o, errors) for o in node.values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute): return node.func.attr in ('lower', 'upper', 'casefold', 'strip') and is_message(node.func.value, errors)
    return isinstance(node, ast.Call) and ast.unparse(node.func) == 'str' and len(node.args) == 1 and ast.unparse(node.args[0]) in errors


def find_parsed_messages(root):
    "Where a part of the library reads what another part says in words, in place of its kind: then a better sentence changes what is done."
    res = []
    for path in module_files(root):
        tree = parse((root/path).read_text())
        errors = errors_in(tree)
        for o in ast.walk(tree):
            if isinstance(o, ast.Compare):
                ops = [o.left, *o.comparators]
                read = any(is_message(k, errors) for k in ops) and any(isinstance(k, (ast.In, ast.NotIn, ast.Eq, ast.NotEq)) for k in o.ops)
                with_what = [k.value for k in ops if isinstance(k, ast.Constant)]
                if read and not FOREIGN.intersection(with_what) and '' not in with_what: res.append(f'{path}:{o.lineno}: {ast.unparse(o)}')
            elif isinstance(o, ast.Call) and isinstance(o.func, ast.Attribute):
                cut = o.func.attr in CUTS and is_message(o.func.value, errors)
                match = ast.unparse(o.func.value) == 're' and any(is_message(k, errors) for k in o.args)
                if cut or match: res.append(f'{path}:{o.lineno}: {ast.unparse(o)}')
    return res


def find_unused_names(root):
    "Public names that no example or test of their own notebook uses."
    res = []
    for nb in notebooks(root):
        if not nb.module or not module_file(root, nb.module).exists(): continue
        used = {o for c in nb.code if not c.exported for o in used_names(c)}
        res += [f'{nb.name}: no example or test uses {o}' for o in all_names(module_file(root, nb.module)) if o not in used]
    return res


# ---------------------------------------------------------------------------------------------- 9: density

TABLE = 'tests/density.txt'
TABLE_HEAD = """# What is still over the limits: {}, in the exported cells of each notebook.
# A number may only get smaller, a notebook that moves takes its row along, and what gets better is written down by `python tests/project_checks.py --lower`.
# Numbers of two sides of a merge may both stand here: the smaller one counts.
"""


def complex_functions(cell):
    "The functions of a cell with a complexity over 12."
    return [f'{name} has a complexity of {n}' for n, name, _ in load_tool('measure').complexities(parse(cell.source)) if n > 12]


def long_lines(cells):
    "Lines over 120 characters, where there are more than 1 in 100."
    lines = [o for c in cells for o in c.source.splitlines()]
    found = [o for o in lines if len(o) > 120]
    return found if len(found) > len(lines)//100 else []


LIMITS = {  # what is limited: what is over the limit in the exported cells of a notebook
    'lines over 120 characters': long_lines,
    'lines over 140 characters': lambda cells: [o for c in cells for o in c.source.splitlines() if len(o) > 140],
    'cells over 1,500 characters': lambda cells: [f'{len(c.source)} in the cell that starts {c.code_lines[0]!r}' for c in cells if len(c.source) > 1500],
    'functions of a complexity over 12': lambda cells: [o for c in cells for o in complex_functions(c)]}


def over_limits(root):
    "What is over each limit, as {notebook: one list for each of `LIMITS`}."
    return {nb.name: [find([c for c in nb.code if c.exported and c.code_lines]) for find in LIMITS.values()] for nb in notebooks(root) if nb.module}


def allowed(root):
    "The table of what is still over the limits, as {notebook: a number for each of `LIMITS`}; what does not stand there is 0."
    res, path = defaultdict(lambda: [0]*len(LIMITS)), Path(root)/TABLE
    for line in path.read_text(encoding='utf-8').splitlines() if path.exists() else []:
        if not (m := re.fullmatch(r'(\S+\.ipynb)((?: +\d+)+)', line)): continue
        numbers = [int(o) for o in m[2].split()]
        res[m[1]] = list(map(min, res[m[1]], numbers)) if m[1] in res else numbers
    return res


def find_dense(root):
    "Long lines, large cells and functions with too many branches, beyond those that the table allows; and numbers of the table that are too large by now."
    res, table, found = [], allowed(root), over_limits(root)
    for name in sorted(found | table):
        for limit, over, most in zip(LIMITS, found.get(name, [[]]*len(LIMITS)), table[name]):
            if len(over) > most: res += [f'{name}: {len(over)} {limit}, and {TABLE} allows {most}', *[f'    {o}' for o in over]]
            if len(over) < most: res.append(f'{name}: {len(over)} {limit}, fewer than the {most} in {TABLE}')
    return res


def lower(root):
    "Write the table anew, with no number above what it was."
    table, rows = allowed(root), []
    first = not (Path(root)/TABLE).exists()
    for name, over in over_limits(root).items():
        numbers = [len(o) if first else min(len(o), most) for o, most in zip(over, table[name])]
        if any(numbers): rows.append(f'{name:40}' + ''.join(f'{o:5}' for o in numbers))
    (Path(root)/TABLE).write_text('\n'.join([TABLE_HEAD.format(', '.join(LIMITS)), *rows, '']), encoding='utf-8')


# ---------------------------------------------------------------------------------------------- 10: words

def forbidden_words():
    "Patterns of what belongs to one machine; each is put together here so that this file does not contain it."
    def path(*parts): return r'(?<![\w.:/-])/' + '/'.join(parts) + '/'
    hosts = ['pypi' + '.org', 'pypi' + '.python', 'files.python' + 'hosted', 'conda.ana' + 'conda']
    return [path(o) for o in ('work', 'root', r'home/\w+', r'Users/\w+', 'opt/py' + r'\w+')] + [re.escape(o) for o in hosts]


def find_forbidden_words(root):
    "Lines of text files that name one machine's folders or a package index's hosts."
    pattern, res = re.compile('|'.join(forbidden_words())), []
    for path in project_files(root):
        data = (Path(root)/path).read_bytes()
        if b'\0' in data: continue
        for i, line in enumerate(data.decode('utf-8', 'replace').splitlines(), 1):
            if m := pattern.search(line): res.append(f'{path.as_posix()}:{i}: {m[0]}')
    return res


if __name__ == '__main__':
    if sys.argv[1:] != ['--lower']: sys.exit(__doc__)
    lower(REPO)
    print('\n'.join(find_dense(REPO)) or f'{TABLE} is up to date')
