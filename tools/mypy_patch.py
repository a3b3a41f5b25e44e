"""Tell mypy about methods added with fastcore's `@patch` in the module of their class, and about lambdas with a name (named in mypy.ini).

mypy sees `@patch def show(self:Page): …` as a function alone, and then says that a Page has no `show`. Here each class gets such a method as an attribute, and
whoever asks for it gets the type of the function, without `self`. `tools/typing` has the types of what is used of fastcore, which has none.

`name = lambda x: …` loses that it is a lambda, and mypy --strict takes a call of it for one of an untyped function, which lambdas are not to it. So their names are among
those that may be called; functions with `def` have types anyway.
"""
import re
from pathlib import Path

from mypy.nodes import MDEF, CallExpr, Decorator, SymbolTableNode, TypeInfo, Var
from mypy.plugin import Plugin
from mypy.types import AnyType, CallableType, TypeOfAny, UnboundType, get_proper_type

PACKAGE = 'fsdl_handwriting_data'


def patch_of(node):
    "The decorator `@patch` or `@patch(…)` of a function; None if it has none."
    return next((d for d in node.original_decorators if getattr(d.callee if isinstance(d, CallExpr) else d, 'name', '') == 'patch'), None)


def add_patched(ctx):
    "Give the class of `ctx` its patched methods, as attributes of any type."
    info = ctx.cls.info
    for node in ctx.api.cur_mod_node.defs:
        if not isinstance(node, Decorator) or not (patch := patch_of(node)) or node.func.name in info.names: continue
        func_type = node.func.unanalyzed_type
        first = func_type.arg_types[0] if isinstance(func_type, CallableType) and func_type.arg_types else None
        if not isinstance(first, UnboundType) or first.name != ctx.cls.name: continue
        var = Var(node.func.name, AnyType(TypeOfAny.explicit))
        var.info, var._fullname, var.is_property = info, f'{info.fullname}.{node.func.name}', 'as_prop' in getattr(patch, 'arg_names', ())
        info.names[node.func.name] = SymbolTableNode(MDEF, var, plugin_generated=True)


def method_type(ctx, fullname):
    "The type of the patched method called `fullname`; what mypy takes it for if it is no such."
    cls, _, name = fullname.rpartition('.')
    module, _, cls_name = cls.rpartition('.')
    names = ctx.api.modules[module].names if module in ctx.api.modules else {}
    info, node = (names[o].node if o in names else None for o in (cls_name, name))
    attr = info.names.get(name) if isinstance(info, TypeInfo) else None
    if not attr or not attr.plugin_generated or not isinstance(node, Decorator): return ctx.default_attr_type
    # a function is not checked yet where it is used above its place, and all that decorators may change is then unknown
    func = get_proper_type(node.var.type or (node.func.type if len(node.decorators) == 1 else None))
    if not isinstance(func, CallableType) or not func.arg_types: return ctx.default_attr_type
    if attr.node.is_property: return func.ret_type
    return func.copy_modified(arg_types=func.arg_types[1:], arg_kinds=func.arg_kinds[1:], arg_names=func.arg_names[1:])


class PatchPlugin(Plugin):
    def __init__(self, options):
        super().__init__(options)
        texts = [p.read_text(encoding='utf-8') for p in sorted(Path(PACKAGE).rglob('*.py'))]
        options.untyped_calls_exclude += sorted({o for text in texts for o in re.findall(r'(\w+) = lambda\b', text)})

    def get_customize_class_mro_hook(self, fullname): return add_patched if fullname.startswith(f'{PACKAGE}.') else None
    def get_attribute_hook(self, fullname): return (lambda ctx: method_type(ctx, fullname)) if fullname.startswith(f'{PACKAGE}.') else None


def plugin(version): return PatchPlugin
