"""Build the documentation site into _docs, from the notebooks and their stored outputs; nothing is fetched (`make docs` runs it).

    python tools/site/build.py

nbdev processes the notebooks as for its own site: hidden cells go, names in prose become links, and every exported name gets an entry.
What is left to do for Sphinx is here, one function for each matter; then Sphinx renders, and every link inside the site is looked up.
Any warning is an error.
"""
import ast, html, importlib, json, os, posixpath, re, shutil, sys
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]

import nbformat, yaml
from nbdev.config import get_config
from sphinx.application import Sphinx
from sphinx.util.console import nocolor

from reference import Entry

cfg = get_config(path=ROOT)
PACKAGE, SOURCES, MADE, SITE = cfg.lib_path.name, ROOT/'build'/'site'/'sources', ROOT/'build'/'site'/'html', ROOT/'_docs'
LAYERS = cfg.d['layers'].split()
HOST, BLOB = f'{cfg.doc_host}{cfg.doc_baseurl}/', f'{cfg.git_url}/blob/{cfg.branch}/'
LINK = re.compile(r'(?<=\]\()(?![a-z][a-z0-9+.-]*:|[#/])([^)\s#]+)(#[^)\s]*)?')
OWN = re.compile(r'\[`([^`\]]+)`\]\(' + re.escape(HOST) + r'([^)]+)\)')


# ---------------------------------------------------------------------------------------------- what becomes of each file

def pages():
    "The pages of the site: {name: file of the repository}, in the order of the sidebar; a section is a list of names."
    nbs = cfg.nbs_path
    index = (nbs/'index.ipynb').read_text(encoding='utf-8')
    road = lambda p: (index.find(f'tutorials/{p.name}')%2**40, p.name) # in the order in which the landing page names them
    tutorials = {f'tutorials/{p.stem}': p for p in sorted((nbs/'tutorials').glob('*.ipynb'), key=road)} | {'keys': cfg.lib_path/'static'/'keys.js'}
    reference = {layer: {f"{layer}/{re.sub(r'^[0-9]+_', '', p.stem)}": p for p in sorted((nbs/layer).glob('[0-9]*.ipynb'))} for layer in LAYERS}
    datasets = {f'datasets/{p.parent.name}': p for p in sorted((ROOT/'data'/'raw').glob('*/readme.md'))}
    project = {'contributing': ROOT/'CONTRIBUTING.md', 'changelog': ROOT/'CHANGELOG.md'}
    sections = dict(Tutorials=tutorials) | {k.capitalize(): o for k, o in reference.items() if o} | dict(Datasets=datasets, Project=project)
    return {'index': nbs/'index.ipynb'} | {k: v for o in sections.values() for k, v in o.items()}, {k: list(v) for k, v in sections.items()}


def names():
    "Where nbdev's links to names of this library lead: {'metadata.html#sha256_of': (module, 'sha256_of')}."
    syms = importlib.import_module(f'{PACKAGE}._modidx').d['syms']
    return {url: (module, full.removeprefix(f'{module}.')) for module, found in syms.items() for full, (url, _) in found.items()}


def documented(cell):
    "The name that a processed cell has the entry of; None for any other cell."
    m = cell.cell_type == 'code' and re.search(r'^show_doc\(([\w.]+)', cell.source, re.MULTILINE)
    return m[1] if m else None


class Bridge:
    "Makes sources for Sphinx of files of the repository."

    def __init__(self):
        self.pages, self.sections = pages()
        self.modules = {name: f'{PACKAGE}.{name.replace("/", ".")}' for name in self.pages if name.partition('/')[0] in LAYERS}
        self.names, self.entries = names(), set()
        self.page_of = {p: name for name, p in self.pages.items()}

    # ---- links

    def link(self, target, anchor, source, name):
        "A relative link of the file `source`, as the page `name` has to write it."
        path = Path(posixpath.normpath((source.parent/unquote(target)).as_posix()))
        here = posixpath.dirname(name)
        if page := self.page_of.get(path): return posixpath.relpath(page, here or '.') + self.suffix(path) + (anchor or '')
        if path.is_relative_to(cfg.nbs_path) and path.suffix != '.ipynb': return posixpath.relpath(path.relative_to(cfg.nbs_path).as_posix(), here or '.')
        if path.exists(): return BLOB.replace('/blob/', '/tree/' if path.is_dir() else '/blob/') + path.relative_to(ROOT).as_posix() + (anchor or '')
        raise SystemExit(f'{source.relative_to(ROOT)}: a link to {target}, which is not there')

    def suffix(self, path): return '.ipynb' if path.suffix == '.ipynb' else '.md'

    def text(self, text, source, name):
        "Markdown with its links made right, outside of code."
        def role(m):
            found = self.names.get(m[2])
            return f'{{py:obj}}`{m[1]} <{".".join(found)}>`' if found in self.entries else f'`{m[1]}`'
        parts = re.split(r'(^```.*?^```)', text, flags=re.DOTALL | re.MULTILINE)
        fix = lambda s: LINK.sub(lambda m: self.link(m[1], m[2], source, name), OWN.sub(role, s))
        return ''.join(o if i % 2 else fix(o) for i, o in enumerate(parts))

    # ---- cells

    def cell(self, cell, source, name, module):
        "A processed cell as MyST-NB wants it; None if nothing is left to show."
        if cell.cell_type == 'raw': return self.title(cell, module)
        if cell.source.startswith('<!-- WARNING'): return None
        if cell.cell_type == 'markdown':
            cell.source = self.text(cell.source, source, name)
            if m := re.match(r'<!-- class: ([\w-]+) -->\s*', cell.source): cell.source = f'::::{{container}} {m[1]}\n{cell.source[m.end():]}\n::::'
            return cell
        if shown := documented(cell):
            if (module, shown) not in self.entries: return None
            entry = self.entry(module, shown)
            if usage := self.helps.get(shown) if name.startswith('commands/') else None: entry.source += f'\n\nIn a terminal:\n\n```text\n$ {shown} --help\n{usage.rstrip()}\n```'
            return entry
        flags = {k: v.strip() for k, _, v in (o.partition(':') for o in re.findall(r'^#\|\s*(.*)$', cell.source, re.MULTILINE))}
        tags = [tag for key, tag in (('echo', 'remove-input'), ('output', 'remove-output')) if flags.get(key) == 'false']
        cell.source = re.sub(r'^#\|.*\n?', '', cell.source, flags=re.MULTILINE).strip()
        if module and self.inside(cell.source, module): tags.append('hide-cell')
        cell.metadata = dict(tags=tags) if tags else {}
        cell.outputs = [o for o in (self.output(o, source, name) for o in cell.outputs) if o]
        return cell if cell.source or cell.outputs else None

    def inside(self, source, module):
        "Whether a cell is about something of its module that has no entry: its name begins with `_`, or is for other modules alone."
        own = [o for m, o in self.names.values() if m == module]
        private = {o.split('.')[-1] for o in own if o.split('.')[-1].startswith('_') and not o.endswith('__')}
        shared = {o for o in own if '.' not in o and (module, o) not in self.entries} # only other modules use them
        return any(o in private or o in shared for o in re.findall(r'(?<!\.)\b[^\W\d]\w*|\b_\w+', source))

    def output(self, output, source, name):
        data = output.get('data', {})
        if md := data.get('text/markdown'): data['text/markdown'] = self.text(''.join(md), source, name)
        return None if 'data' in output and not data else output

    def title(self, cell, module):
        "The title and the promise of a notebook, from nbdev's front matter."
        front = yaml.safe_load(cell.source.strip().strip('-'))
        declared = f'\n```{{py:module}} {module}\n```\n' if module else ''
        return nbformat.v4.new_markdown_cell(f'# {front["title"]}\n{declared}\n{{.promise}}\n{front.get("description", "")}\n')

    def entry(self, module, name):
        "The reference entry of a name, with the anchors that nbdev's links use."
        anchor = lambda o: next((url.partition('#')[2] for url, found in self.names.items() if found == (module, o)), o.lower())
        return nbformat.v4.new_markdown_cell(re.sub(r'(?<![`\w])`(\w+(?:\.\w+)*)`(?!`)', lambda m: self.role(m, module), Entry(module, name).directive(anchor)))

    def role(self, m, module):
        "A name in a docstring or a docment as a link, if it is a documented one: of this module before others."
        found = sorted((o for o in self.entries if o[1] == m[1]), key=lambda o: o[0] != module)
        return f'{{py:obj}}`{m[1]} <{".".join(found[0])}>`' if found else m[0]

    @cached_property
    def helps(self):
        "What each command says with --help, from the outputs of the first page."
        cells = nbformat.read(self.pages['index'], as_version=4).cells
        return {m[1]: ''.join(o['text'] for o in c.outputs if o.output_type == 'stream') for c in cells if c.cell_type == 'code' and (m := re.match(r'!(\w+) --help', c.source))}

    def keys(self):
        "The page of the widget's keys, from the list that its help shows."
        js = (cfg.lib_path/'static'/'keys.js').read_text(encoding='utf-8').partition('export const HELP = ')[2]
        groups = ast.literal_eval(re.sub(r'^  (\w+): ', r"  '\1': ", js, flags=re.MULTILINE))
        kbd = lambda keys: ' '.join(f'<kbd>{html.escape(o)}</kbd>' for o in keys)
        tables = [f'## {title}\n\n| keys | what they do |\n|---|---|\n' + '\n'.join(f'| {kbd(keys)} | {what} |' for keys, what in rows) for title, rows in groups.items()]
        return '\n\n'.join(['# Keys of the labelling widget', 'All keyboard shortcuts; `?` shows them in the widget.', *tables]) + '\n'

    # ---- files

    def notebook(self, name, source, processed):
        nb, module = nbformat.read(processed, as_version=4), self.modules.get(name)
        nb.cells = [o for o in (self.cell(c, source, name, module) for c in nb.cells) if o]
        for c in nb.cells: c.setdefault('id', f'c{len(nb.cells)}')
        nb.metadata = dict(kernelspec=dict(name='python3', display_name='Python 3', language='python'), language_info=dict(name='python', pygments_lexer='ipython3'))
        if name == 'index': nb.cells.append(nbformat.v4.new_markdown_cell(self.contents()))
        return nb

    def contents(self):
        "The sidebar."
        return '\n\n'.join(f'```{{toctree}}\n:hidden:\n:caption: {caption}\n\n' + '\n'.join(o) + '\n```' for caption, o in self.sections.items())

    def shown(self, module, processed):
        "The names that have an entry in a processed notebook."
        found = [o for o in map(documented, nbformat.read(processed, as_version=4).cells) if o and not any(part.startswith('_') for part in o.split('.'))]
        return found + [m.name for o in found for m in Entry(module, o).members()]

    def write(self, processed):
        shutil.rmtree(SOURCES, ignore_errors=True)
        at = lambda source: processed/source.relative_to(cfg.nbs_path)
        self.entries = {(module, o) for name, module in self.modules.items() for o in self.shown(module, at(self.pages[name]))}
        for name, source in self.pages.items():
            path = SOURCES/f'{name}{self.suffix(source)}'
            path.parent.mkdir(parents=True, exist_ok=True)
            if source.suffix == '.js': path.write_text(self.keys(), encoding='utf-8')
            elif source.suffix == '.md': path.write_text(self.text(source.read_text(encoding='utf-8'), source, name), encoding='utf-8')
            else: nbformat.write(self.notebook(name, source, at(source)), path)
        shutil.copytree(cfg.nbs_path/'images', SOURCES/'images')


# ---------------------------------------------------------------------------------------------- nbdev, Sphinx, links

def process():
    "nbdev's own processing of the notebooks; returns the folder with the results."
    from nbdev.processors import exec_show_docs
    from nbdev.serve import proc_nbs
    os.chdir(ROOT)
    # entries are written from the source: nbdev's own need every name of an annotation, also of what is imported where it is used
    exec_show_docs.__call__ = lambda self, cell: None
    return Path(proc_nbs(force=True, n_workers=0))  # in this process, which knows of that


def render(bridge):
    "Let Sphinx write the site; returns how many warnings there were."
    shutil.rmtree(MADE, ignore_errors=True)
    nocolor()
    app = Sphinx(str(SOURCES), str(HERE), str(MADE), str(MADE.parent/'doctrees'), 'html', freshenv=True, warningiserror=False, status=None,
                 confoverrides=dict(source_of={k: p.relative_to(ROOT).as_posix() for k, p in bridge.pages.items()}))
    app.build(force_all=True)
    (MADE/'.nojekyll').touch()
    folder = MADE/'_notebooks'
    folder.mkdir()
    for p in bridge.pages.values():
        if p.suffix != '.ipynb': continue
        path = folder/p.relative_to(cfg.nbs_path)
        path.parent.mkdir(exist_ok=True)
        shutil.copy(p, path)
    return app._warncount


MOVED = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{page} has moved</title>
<p>What stood here is now on: {links}.</p>
<script>
const pages = {pages}, name = decodeURIComponent(location.hash.slice(1)).split('.').slice(location.hash.includes('.{page}.') ? 2 : 0).join('.').toLowerCase()
location.replace((pages[name] ?? pages['']) + (name in pages && name ? `#${{name}}` : ''))
</script>
"""

def write_moved(site):
    "Pages at the addresses from before the packages, which lead on to where each name is now (moved.json)."
    for page, found in json.loads((HERE/'moved.json').read_text(encoding='utf-8')).items():
        first = next((o for o in found if o.endswith(f'/{page}')), next(iter(found)))
        pages = {'': f'{first}.html'} | {o.lower(): f'{new}.html' for new, all_ in found.items() for o in all_}
        links = ', '.join(f'<a href="{new}.html">{new}</a>' for new in found)
        (site/f'{page}.html').write_text(MOVED.format(page=page, links=links, pages=json.dumps(pages)), encoding='utf-8')


class Links(HTMLParser):
    "The links and the anchors of a page."
    def __init__(self, text):
        super().__init__()
        self.links, self.anchors = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        self.anchors |= {a[k] for k in ('id', 'name') if a.get(k)}
        self.links += [a[k] for k in ('href', 'src') if a.get(k)]


def broken_links(site, base):
    "Links of a site's pages that lead nowhere inside it, one text for each; `base` is its address, whose pages are looked up too."
    prefix = urlsplit(base).path
    found = {p: Links(p.read_text(encoding='utf-8')) for p in sorted(site.rglob('*.html')) if '_static' not in p.parts}
    res = []
    for page, o in found.items():
        for link in o.links:
            u = urlsplit(prefix + link.removeprefix(base) if link.startswith(base) else link)
            if u.scheme or u.netloc: continue
            path = site/unquote(u.path).removeprefix(prefix) if u.path.startswith('/') else page.parent/unquote(u.path) if u.path else page
            path = Path(os.path.normpath(path))
            if path.is_dir(): path /= 'index.html'
            if not path.is_file(): res.append(f'{page.relative_to(site)}: {link} is not there')
            elif u.fragment and path in found and unquote(u.fragment) not in found[path].anchors: res.append(f'{page.relative_to(site)}: {link} has no such place')
    return sorted(set(res))


def main():
    bridge = Bridge()
    bridge.write(process())
    warned = render(bridge)
    write_moved(MADE)
    wrong = [f'{warned} warnings']*bool(warned) + broken_links(MADE, HOST)
    anchors = {p.relative_to(MADE).as_posix(): Links(p.read_text(encoding='utf-8')).anchors for p in MADE.rglob('*.html')}
    wrong += [f'{url} is not on the site' for url, found in bridge.names.items() if found in bridge.entries and url.partition('#')[2] not in anchors.get(url.partition('#')[0], ())]
    if wrong: sys.exit('\n'.join([f'The site is not right, and {SITE.name} is as it was:', *wrong]))
    shutil.rmtree(SITE, ignore_errors=True)
    MADE.rename(SITE)
    pages_, size = len(list(SITE.rglob('*.html'))), sum(p.stat().st_size for p in SITE.rglob('*') if p.is_file())
    print(f'{pages_} pages with {len(bridge.entries)} reference entries in {SITE.relative_to(ROOT)}, {size/1e6:.1f} MB; all links inside it lead somewhere')


if __name__ == '__main__': main()
