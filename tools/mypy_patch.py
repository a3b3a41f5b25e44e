"""Tell mypy about methods added with fastcore's `@patch` in the module of their class (named in mypy.ini).

mypy sees `@patch def show(self:Page): …` as a function alone, and then says that a Page has no `show`. Here each class gets
such a method as an attribute of any type, so that a wrong name is still found.
"""
from mypy.nodes import MDEF, CallExpr, Decorator, NameExpr, SymbolTableNode, Var
from mypy.plugin import Plugin
from mypy.types import AnyType, CallableType, TypeOfAny, UnboundType


def patched(tree):
    "(class, method) names of the functions under `@patch` or `@patch(…)` at the top of a module."
    for node in tree.defs:
        if not isinstance(node, Decorator): continue
        names = [d.callee if isinstance(d, CallExpr) else d for d in node.original_decorators]
        if not any(isinstance(o, NameExpr) and o.name == 'patch' for o in names): continue
        func_type = node.func.unanalyzed_type
        first = func_type.arg_types[0] if isinstance(func_type, CallableType) and func_type.arg_types else None
        if isinstance(first, UnboundType): yield first.name, node.func.name


def add_patched(ctx):
    "Give the class of `ctx` its patched methods."
    for cls, name in patched(ctx.api.cur_mod_node):
        if cls != ctx.cls.name or name in ctx.cls.info.names: continue
        var = Var(name, AnyType(TypeOfAny.explicit))
        var.info, var._fullname = ctx.cls.info, f'{ctx.cls.fullname}.{name}'
        ctx.cls.info.names[name] = SymbolTableNode(MDEF, var, plugin_generated=True)


class PatchPlugin(Plugin):
    def get_customize_class_mro_hook(self, fullname): return add_patched if fullname.startswith('fsdl_handwriting_data.') else None


def plugin(version): return PatchPlugin
