"""Write a stub (.pyi) beside each module that adds methods to classes with `@patch`, for editors and type checkers, which don't see those (`make export` runs it).

    python tools/stubs.py            # all of the package

A stub has what the module has, each method in the body of its class, and no code. A test compares the stubs with what this program writes.
"""
import ast, builtins, re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT/'fsdl_handwriting_data'
FUNCTIONS = ast.FunctionDef, ast.AsyncFunctionDef
BUILTINS = {k for k, v in vars(builtins).items() if isinstance(v, type)}
HEAD = '# Made by `make export` from the module beside it: for editors and type checkers, which see no methods added with @patch\n'


def patched(node):
    "The decorator `@patch` or `@patch(…)` of a function; None if it has none."
    return next((o for o in getattr(node, 'decorator_list', ()) if isinstance(node, FUNCTIONS) and getattr(getattr(o, 'func', o), 'id', '') == 'patch'), None)


def without_code(f):
    "The function `f` with its docstring alone."
    doc = ast.get_docstring(f)
    f.body = [ast.Expr(ast.Constant(doc))]*bool(doc) + [ast.Expr(ast.Constant(...))]
    return f


def attribute_types(method):
    "The attributes that a method sets, with what is known of their types: as written, or those of its parameters and of the classes it calls."
    known = {o.arg: o.annotation for o in [*method.args.args, *method.args.kwonlyargs] if o.annotation}
    def type_of(v):
        if isinstance(v, ast.Name) and v.id in known: return known[v.id]
        if isinstance(v, ast.Call) and isinstance(v.func, ast.Name) and (v.func.id[:1].isupper() or v.func.id in ('str', 'int', 'set', 'dict', 'list')): return v.func
        return ast.Name(type(v.value).__name__) if isinstance(v, ast.Constant) and v.value is not None else ast.Name('Any')
    res = {}
    for node in ast.walk(method):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute): res[node.target.attr] = node.annotation
        for target in node.targets if isinstance(node, ast.Assign) else ():
            pairs = zip(target.elts, node.value.elts) if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple) else [(target, node.value)]
            res |= {t.attr: type_of(v) for t, v in pairs if isinstance(t, ast.Attribute) and ast.unparse(t.value) == 'self' and t.attr not in res}
    return res


def class_stub(node, added):
    "The class `node` without code, with the functions `added` to it as methods, and with the attributes that all of them set."
    doc, members = bool(ast.get_docstring(node)), node.body[bool(ast.get_docstring(node)):] + added
    have = {getattr(o, 'name', None) or getattr(getattr(o, 'target', None), 'id', None) for o in members}
    sets = {}
    for o in members:
        if isinstance(o, FUNCTIONS): sets = {k: t for k, t in attribute_types(o).items() if k not in have} | sets
    hidden = {*have, *sets} & BUILTINS
    members = [ast.AnnAssign(ast.Name(k, ast.Store()), t, None, 1) for k, t in sets.items()] + [without_code(o) if isinstance(o, FUNCTIONS) else o for o in members]
    for o in members:  # a member called `bytes` hides the type of that name
        for name in ast.walk(o) if hidden else ():
            if isinstance(name, ast.Name) and name.id in hidden and not isinstance(getattr(name, 'ctx', None), ast.Store): name.id = f'builtins.{name.id}'
    node.body = node.body[:doc] + members
    return node


def stub(source):
    "The stub of a module's source; '' if it adds no methods to classes."
    tree, out, added = ast.parse(source), [], {}
    if not any(map(patched, tree.body)): return ''
    for node in tree.body:
        if not (mark := patched(node)): continue
        owner, kinds = ast.unparse(node.args.args[0].annotation), {k.arg for k in getattr(mark, 'keywords', ())}
        node.args.args[0].annotation = None
        node.decorator_list = [o for o in node.decorator_list if o is not mark] + [ast.Name('property')]*('as_prop' in kinds) + [ast.Name('classmethod')]*('cls_method' in kinds)
        added.setdefault(owner, []).append(node)
    methods = [o for all_ in added.values() for o in all_]
    for node in tree.body:
        if isinstance(node, ast.ClassDef): out.append(class_stub(node, added.pop(node.name, [])))
        elif isinstance(node, FUNCTIONS) and node not in methods: out.append(without_code(node))
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp) and ast.unparse(node.targets[0]).isupper():
            out.append(ast.AnnAssign(node.targets[0], ast.Name('Any'), None, 1))  # flags joined by `|` would be read as a union of types
        elif isinstance(node, (ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.If)): out.append(node)
    if added: raise SystemExit(f'methods are added to classes of other modules, which a stub can not show: {", ".join(added)}')
    text = ast.unparse(ast.fix_missing_locations(ast.Module(out, [])))
    more = ['import builtins\n']*('builtins.' in text) + ['from typing import Any\n']*(not re.search(r'^from typing import .*\bAny\b', text, re.MULTILINE))
    return HEAD + ''.join(more) + text + '\n'


def stubs(package=PACKAGE):
    "The stubs of a package: {path of the stub: its text}."
    found = {p.with_suffix('.pyi'): stub(p.read_text(encoding='utf-8')) for p in sorted(package.rglob('*.py')) if p.name not in ('_modidx.py', '__init__.py')}
    return {k: v for k, v in found.items() if v}


if __name__ == '__main__':
    made = stubs()
    for path in PACKAGE.rglob('*.pyi'):
        if path not in made: path.unlink()
    for path, text in made.items():
        if not path.exists() or path.read_text(encoding='utf-8') != text: path.write_text(text, encoding='utf-8')
