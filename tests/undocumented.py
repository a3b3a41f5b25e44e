"""Print what is not documented in the public names of modules: python undocumented.py PACKAGE MODULE ...

A script of its own because the package it looks at is the one first on the path, not always the installed one.
"""
import ast, importlib, inspect, io, sys, textwrap, tokenize
from functools import cache, cached_property

from fastcore.docments import docments

inspect.getsourcelines = cache(inspect.getsourcelines)  # for a class Python parses its whole module, each time that it is asked


def parameter_faults(name, f):
    "Parameters of the function `f`, and its return, without a docment."
    docs = docments(f, full=True, args_kwargs=True)
    ret = docs.pop('return')
    yield from (f'{name}: the parameter {k} has no comment' for k, v in docs.items() if k not in ('self', 'cls') and not v.docment)
    returns_nothing = f.__name__ == '__init__' or ret.anno in (None, 'None', type(None))
    if not returns_nothing and not ret.docment: yield f'{name}: what it returns has no comment'


def field_faults(name, source):
    "Annotated public fields in the class `source` with no comment beside or above them."
    comments = {o.start[0] for o in tokenize.generate_tokens(io.StringIO(source).readline) if o.type == tokenize.COMMENT}
    lines = source.splitlines()
    for node in ast.parse(source).body[0].body:
        if not isinstance(node, ast.AnnAssign) or 'ClassVar' in ast.unparse(node.annotation): continue
        field, above = ast.unparse(node.target), lines[node.lineno - 2].strip()
        beside = comments & set(range(node.lineno, node.end_lineno + 1))
        if not (field.startswith('_') or beside or above.startswith('#')): yield f'{name}: the field {field} has no comment'


def own_function(member, package):
    "The function behind a `member` of a class, or None if there is none or a library (such as dataclasses) made it."
    if isinstance(member, property): f = member.fget
    elif isinstance(member, cached_property): f = member.func
    else: f = inspect.unwrap(getattr(member, '__func__', member))
    return f if inspect.isfunction(f) and f.__module__.startswith(package) and not f.__code__.co_filename.startswith('<') else None


def class_faults(name, cls, package):
    "What is not documented in the class `cls`: itself, its fields, its `__init__`, its public methods."
    source = textwrap.dedent(inspect.getsource(cls))
    if not ast.get_docstring(ast.parse(source).body[0]): yield f'{name} has no docstring'
    yield from field_faults(name, source)
    for key, member in vars(cls).items():
        f = own_function(member, package)
        if f is None or key.startswith('_') and key != '__init__': continue
        if key != '__init__' and not f.__doc__: yield f'{name}.{key} has no docstring'
        if not isinstance(member, (property, cached_property)): yield from parameter_faults(f'{name}.{key}', f)


def function_faults(name, f):
    "What is not documented in the function `f`."
    if not f.__doc__: yield f'{name} has no docstring'
    yield from parameter_faults(name, f)


def module_faults(package, module):
    "What is not documented in the classes and functions of `__all__` of `package.module`."
    mod = importlib.import_module(f'{package}.{module}')
    for name in getattr(mod, '__all__', []):
        o = getattr(mod, name)
        if inspect.isclass(o): yield from class_faults(f'{module}.{name}', o, package)
        elif inspect.isfunction(f := inspect.unwrap(o) if callable(o) else o): yield from function_faults(f'{module}.{name}', f)


if __name__ == '__main__':
    for module in sys.argv[2:]:
        for fault in module_faults(sys.argv[1], module): print(fault)
