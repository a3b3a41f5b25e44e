"""Reference entries of the site: what `show_doc(name)` stands for in a processed notebook, as directives of Sphinx's Python domain.

Sphinx then makes an anchor of each, an entry of the index, of `objects.inv` and of the search, and a link to the source.
"""
import ast, inspect, textwrap
from dataclasses import is_dataclass
from functools import cache, cached_property
from importlib import import_module

from fastcore.basics import _clsmethod
from fastcore.docments import docments

inspect.getsourcelines = cache(inspect.getsourcelines)  # for a class Python parses its whole module, each time that it is asked


def write(node):
    "What stands in a signature as text: a type in quotes without them, a field that begins empty as that."
    text = ast.unparse(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
        return node.value if node.value[0].isupper() else text
    return {'field(default_factory=dict)': '{}', 'field(default_factory=list)': '[]'}.get(text, text)


def clean(text): return ' '.join((text or '').split())


class Entry:
    "One documented name of a module: `Entry('fsdl_handwriting_data.metadata', 'sha256_of')`."

    def __init__(self, module, name):
        self.module, self.name = module, name
        self.parent, obj = None, import_module(module)
        for part in name.split('.'): self.parent, obj = obj, inspect.getattr_static(obj, part)
        if isinstance(obj, _clsmethod): obj = classmethod(obj.f)  # what `@patch(cls_method=True)` makes
        self.raw = obj
        self.sym = getattr(obj, '__func__', None) or getattr(obj, 'fget', None) or getattr(obj, 'func', None) or obj

    @property
    def kind(self):
        if inspect.isclass(self.sym): return 'exception' if issubclass(self.sym, BaseException) else 'class'
        if not inspect.isclass(self.parent): return 'function'
        if isinstance(self.raw, (property, cached_property)): return 'property'
        return {staticmethod: 'staticmethod', classmethod: 'classmethod'}.get(type(self.raw), 'method')

    @property
    def node(self):
        "The definition as it is written in the source."
        return ast.parse(textwrap.dedent(inspect.getsource(self.sym))).body[0]

    @property
    def init(self):
        "The function whose parameters those of the entry are; None for a class that is made of its fields, or has no parameters."
        if not inspect.isclass(self.sym): return self.sym
        return None if self.has_fields else vars(self.sym).get('__init__')

    @property
    def written(self):
        "The definition of `init`."
        return ast.parse(textwrap.dedent(inspect.getsource(self.init))).body[0]

    @property
    def has_fields(self):
        return inspect.isclass(self.sym) and (is_dataclass(self.sym) or hasattr(self.sym, '__struct_fields__')
                                              or hasattr(self.sym, '_fields'))

    def fields(self):
        "The fields of such a class: [(definition, comment beside it)]."
        lines = textwrap.dedent(inspect.getsource(self.sym)).splitlines()
        found = [o for o in self.node.body if isinstance(o, ast.AnnAssign) and not o.target.id.startswith('_')
                 and not ast.unparse(o.annotation).startswith('ClassVar')]
        return [(o, clean(lines[o.end_lineno - 1].encode()[o.end_col_offset:].decode().partition('#')[2])) for o in found]

    def parameters(self):
        "The parameters as text: [(name, what is written in the signature)], and the type of what is returned."
        if self.init:
            f = self.written
            return signature(f.args, skip=bool(inspect.isclass(self.parent) or inspect.isclass(self.sym))
                             and self.kind != 'staticmethod'), f.returns and write(f.returns)
        if not self.has_fields: return [], None
        return [(o.target.id, f'{o.target.id}: {write(o.annotation)}' + (f' = {write(o.value)}' if o.value else ''))
                for o, _ in self.fields()], None

    def docs(self):
        "What each parameter, and 'return', is."
        if self.has_fields: return {o.target.id: comment for o, comment in self.fields()}
        if not self.init: return {}
        res = {k: clean(getattr(v, 'docment', None)) for k, v in docments(self.init, full=True, returns=True).items()}
        lines = textwrap.dedent(inspect.getsource(self.init)).splitlines()
        for o in filter(None, [self.written.args.vararg, self.written.args.kwarg]):  # fastcore does not always see what stands beside these
            res[o.arg] = res.get(o.arg) or clean(lines[o.end_lineno - 1].partition('#')[2])
        return res

    def members(self):
        "The public methods and properties that are defined in the class itself; those of other cells have entries of their own."
        if not inspect.isclass(self.sym): return []
        found = [o.name for o in self.node.body if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef)) and not o.name.startswith('_')]
        return [Entry(self.module, f'{self.name}.{o}') for o in dict.fromkeys(found)]

    def directive(self, anchor, inside=False):
        "The entry in MyST markdown; `anchor(name)` is the place where nbdev's links lead."
        params, returns = self.parameters()
        docs, doc = self.docs(), inspect.getdoc(self.sym) if self.sym.__doc__ else ''
        called = self.kind != 'property' and (params or self.kind != 'exception')
        head = (self.name.rpartition('.')[2] if inside else self.name) + (f'({", ".join(o for _, o in params)})'
                                                                          if called else '') + (f' -> {returns}' if returns and called else '')
        directive = {'staticmethod': 'method', 'classmethod': 'method'}.get(self.kind, self.kind)
        options = [] if inside else [f':module: {self.module}']
        options += [f':{o}:' for o in ('staticmethod', 'classmethod') if o == self.kind] + ([f':type: {returns}'] if self.kind == 'property' and returns else [])
        fields = [f':param {name}: {docs[name]}' for name, _ in params if docs.get(name)] + ([f':returns: {docs["return"]}'] if docs.get('return') else [])
        members = [o.directive(anchor, inside=True) for o in self.members()]
        fence = '`'*(6 if inside else 8)
        body = '\n\n'.join(filter(None, [doc, '\n'.join(fields), *members]))
        return f'<span id="{anchor(self.name)}"></span>\n\n{fence}{{py:{directive}}} {head}\n' + '\n'.join(options) + f'\n\n{body}\n{fence}'


def signature(args, skip):
    "The parameters of a function's `ast.arguments` as they are written, without `self` if `skip`."
    res, plain = [], args.posonlyargs + args.args
    pad = [None]*(len(plain) - len(args.defaults)) + args.defaults
    put = lambda a, default, star='': (a.arg, f'{star}{a.arg}' + (f': {write(a.annotation)}' if a.annotation else '')
                                       + ('' if default is None else f' = {write(default)}' if a.annotation else f'={write(default)}'))
    for i, (a, default) in enumerate(zip(plain, pad)):
        if not (skip and i == 0): res.append(put(a, default))
        if args.posonlyargs and i == len(args.posonlyargs) - 1: res.append(('', '/'))
    if args.vararg: res.append(put(args.vararg, None, '*'))
    elif args.kwonlyargs: res.append(('', '*'))
    res += [put(a, default) for a, default in zip(args.kwonlyargs, args.kw_defaults)]
    if args.kwarg: res.append(put(args.kwarg, None, '**'))
    return res
