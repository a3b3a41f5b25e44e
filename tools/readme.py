"""Write README.md from nbs/index.ipynb and its stored outputs.

    python tools/readme.py            write README.md
    python tools/readme.py --check    exit 1 if README.md is not what the notebook gives
"""
import posixpath, re, sys
from pathlib import Path

import nbformat
from nbconvert import MarkdownExporter

ROOT = Path(__file__).resolve().parent.parent
DIRECTIVE = re.compile(r'^#\|.*\n?', re.MULTILINE)
LINK = re.compile(r'(\]\(|(?:src|href)=")(?![a-z][a-z0-9+.-]*:|[#/])([^)\s"]+)')
CODE = re.compile(r'(```.*?```|`[^`\n]*`)', re.DOTALL)
TEXT = 'text/markdown', 'text/plain'


def from_root(text, folder):
    "Markdown `text` of a file in `folder` with its relative links rewritten to start at the repository's root."
    def fix(m): return m[1] + posixpath.normpath(posixpath.join(folder, m[2]))
    return ''.join(part if i % 2 else LINK.sub(fix, part) for i, part in enumerate(CODE.split(text)))


def text_only(output):
    "`output` with its text alone, or None for a picture or a widget (README shows pictures by links to files)."
    if output.output_type == 'stream': return output if output.name == 'stdout' else None
    data = output.get('data', {})
    if any(not o.startswith('text/') for o in data): return None
    output['data'] = {k: data[k] for k in TEXT if k in data}
    return output if output['data'] else None


def shown(cell, folder):
    "`cell` as a reader of the README sees it, or None if it is hidden."
    flags = {o.strip() for o in re.findall(r'^#\|(.*)$', cell.source, re.MULTILINE)}
    if cell.cell_type == 'raw' or flags & {'hide', 'include: false'}: return
    if cell.cell_type == 'markdown':
        cell.source = from_root(cell.source, folder)
        return cell
    cell.source = DIRECTIVE.sub('', cell.source).strip()
    if 'echo: false' in flags: cell.metadata['transient'] = {'remove_source': True}
    if cell.source.startswith('!'):
        cell.metadata['magics_language'] = 'sh'
        cell.source = re.sub('^!', '$ ', cell.source, flags=re.MULTILINE)
    outputs = [] if 'output: false' in flags else cell.outputs
    cell.outputs = [o for o in map(text_only, outputs) if o]
    return cell if cell.source or cell.outputs else None


def readme(nb_path):
    "The text of README.md for the notebook at `nb_path`."
    nb = nbformat.read(nb_path, as_version=4)
    folder = Path(nb_path).parent.name
    nb.cells = [c for c in (shown(c, folder) for c in nb.cells) if c]
    nb.metadata['language_info'] = {'name': 'python'}
    text, _ = MarkdownExporter().from_notebook_node(nb)
    text = re.sub(r'[ \t\r]+$', '', text, flags=re.MULTILINE)  # shell output has \r from the terminal
    head = f'<!-- Made from {folder}/{Path(nb_path).name} by `make readme`: edit the notebook, not this file. -->\n\n'
    return head + re.sub(r'\n{3,}', '\n\n', text).strip() + '\n'


def main():
    new, path = readme(ROOT/'nbs'/'index.ipynb'), ROOT/'README.md'
    if '--check' not in sys.argv: path.write_text(new, encoding='utf-8', newline='\n')
    elif not path.exists() or path.read_text(encoding='utf-8') != new:
        sys.exit('README.md is not what nbs/index.ipynb gives: run `make readme`')


if __name__ == '__main__': main()
