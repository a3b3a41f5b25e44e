"""A small project that keeps every rule of `project_checks`, to plant one fault at a time in."""
import json, subprocess
from pathlib import Path

from project_checks import KERNEL, PACKAGE, load_tool, python

SETTINGS = f"""[DEFAULT]
repo = tiny
lib_name = {PACKAGE}
lib_path = {PACKAGE}
nbs_path = nbs
version = 0.1.0
min_python = 3.11
user = tiny
branch = main
author = tiny
description = A small project
tst_flags = network
update_pyproject = False
requirements = fastcore
console_scripts = tiny_count={PACKAGE}.cli:tiny_count
readme_nb = index.ipynb
"""

WORDS = ['#| default_exp words', """# words

> Count the words of a line of handwriting.""", """#| export
from dataclasses import dataclass
from fastcore.basics import patch""", 'from fastcore.test import test_eq', """#| export
@dataclass
class Line:
    "One line of a page."
    text: str     # the transcript
    number: int=0 # its place on the page
    def words(self) -> list[str]: # the words
        "The words of this line."
        return self.text.split()""", "test_eq(Line('a word').words(), ['a', 'word'])", """#| export
@patch
def longest(
    self:Line,
    least:int=1, # words of this many letters or more
) -> str:        # the word, or ''
    "The longest word of this line."
    return max((o for o in self.words() if len(o) >= least), key=len, default='')""",
    "test_eq(Line('a word').longest(), 'word')", """#| export
def count_words(
    text:str,       # the transcript of a line
    least:int=1,    # count words of this many letters or more
) -> int:           # how many words
    "Count the words of `text`."
    line = Line(text)
    return sum(len(o) >= least for o in line.words()) if line.longest(least) else 0""", "test_eq(count_words('to be or not', least=3), 1)"]

CLI = ['#| default_exp cli', """# Commands

> The functions above, from a shell.""", f"""#| export
from fastcore.script import call_parse
from {PACKAGE}.words import count_words""", 'from fastcore.test import test_stdout', """#| export
@call_parse
def tiny_count(
    text:str,    # the transcript of a line
    least:int=1, # count words of this many letters or more
) -> None:
    "Print how many words `text` has."
    print(count_words(text, least=least))""", "test_stdout(lambda: tiny_count('to be'), '2')"]

INDEX = ["""# Tiny

> A small project.""", f"""#| hide
from {PACKAGE}.words import count_words""", 'See [the lab](tutorials/lab.ipynb).', """count_words('to be')""", '!tiny_count --help']

LAB = ["""# The lab

> Every step on real output.""", f'from {PACKAGE}.words import count_words', "count_words('to be')"]


def mk_notebook(cells):
    "A clean notebook with `cells`; text that starts with a heading or is one line of prose is markdown."
    def mk(i, source):
        kind = 'markdown' if source.startswith(('# ', '> ', 'See ')) else 'code'
        extra = {'execution_count': None, 'outputs': []} if kind == 'code' else {}
        return {'cell_type': kind, 'id': f'cell{i:04}', 'metadata': {}, 'source': source.splitlines(True), **extra}
    nb = {'cells': [mk(i, o) for i, o in enumerate(cells)], 'metadata': {'kernelspec': KERNEL}, 'nbformat': 4, 'nbformat_minor': 5}
    return json.dumps(nb, sort_keys=True, indent=1, ensure_ascii=False) + '\n'


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding='utf-8')


def mk_tiny_project(root):
    "Write the small project to `root`."
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    subprocess.run(['git', 'init', '-q'], cwd=root, check=True)
    write(root/'settings.ini', SETTINGS)
    for name, cells in {'00_words': WORDS, '90_cli': CLI, 'index': INDEX, 'tutorials/lab': LAB}.items():
        write(root/'nbs'/f'{name}.ipynb', mk_notebook(cells))
    write(root/'README.md', load_tool('readme').readme(root/'nbs'/'index.ipynb'))
    python(root, '-c', 'from nbdev.doclinks import nbdev_export; nbdev_export()').check_returncode()
    write(root/'.gitignore', '__pycache__/\n')
    return root
