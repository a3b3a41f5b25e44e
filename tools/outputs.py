"""Run notebooks in place, each in a fresh kernel, so that their stored outputs are new.

    python tools/outputs.py                     every notebook of nbs/
    python tools/outputs.py nbs/core/03_metadata.ipynb ...

A cell that the tests skip is not run and keeps its outputs: one with a `tst_flags` word such as `#| network`, with
`#| eval: false`, or that calls `nbdev_export()`.
A widget is stored as what it is in plain text, without its program and its state: those go stale, and a picture beside it shows more.
A notebook with an error is left as it was and named at the end.
"""
import os, re, sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbdev.config import get_config
from nbdev.doclinks import nbglob

SKIP = 'skip-execution'
VIEW = 'application/vnd.jupyter.widget-view+json'
COLOUR = re.compile(r'\x1b\[[0-9;]*m')


def is_skipped(cell, words):
    "Does `nbdev_test` skip `cell`, for one of the flag `words` or otherwise?"
    if 'nbdev_export(' in cell.source: return True
    flags = [o.strip() for o in re.findall(r'^#\|(.*)$', cell.source, re.MULTILINE)]
    return any(o.split(maxsplit=1)[0] in words or o == 'eval: false' for o in flags if o)


def is_bar(output):
    "Is `output` a progress bar in the form of a widget, of which only a first state as text would be kept?"
    data = output.get('data', {})
    return VIEW in data and '/s]' in data.get('text/plain', '')


def without_widgets(nb):
    "`nb` without progress bars, and without the state, the program and the view of widgets."
    nb.metadata.pop('widgets', None)
    for cell in nb.cells:
        if 'outputs' in cell: cell.outputs = [o for o in cell.outputs if not is_bar(o)]
        for o in cell.get('outputs', []): o.get('data', {}).pop(VIEW, None)
    return nb


def run(path, words):
    "Run the notebook at `path` in its own folder and store its outputs; returns the error or None."
    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        if cell.cell_type == 'code' and is_skipped(cell, words): cell.metadata['tags'] = [SKIP]
    client = NotebookClient(nb, timeout=None, kernel_name='python3', record_timing=False, skip_cells_with_tag=SKIP,
                            extra_arguments=['--log-level=ERROR'], resources={'metadata': {'path': str(path.parent)}})
    try: client.execute()
    except Exception as e: return e
    for cell in nb.cells:
        cell.metadata.pop('tags', None)
        for o in cell.get('outputs', []):
            if 'text' in o: o.text = o.text.replace('\r\n', '\n')  # shell output comes from a terminal
    nbformat.write(without_widgets(nb), path)


def main():
    cfg, paths = get_config(), [Path(o).resolve() for o in sys.argv[1:]]
    os.chdir(cfg.config_path)
    os.environ['PATH'] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get('PATH', '')])
    os.environ['PYTHONPATH'] = os.pathsep.join(filter(None, [str(cfg.config_path), os.environ.get('PYTHONPATH')]))
    os.environ['PYTHONWARNINGS'] = 'ignore:IProgress not found'  # tqdm's advice names a folder of this machine
    failed = []
    for path in paths or sorted(nbglob(as_path=True)):
        print(os.path.relpath(path), flush=True)
        if error := run(path, cfg.tst_flags.split()): failed.append(f'{path.name}: {COLOUR.sub("", str(error))}')
    if failed: sys.exit('\n'.join(['These notebooks have errors and keep their old outputs:'] + failed))


if __name__ == '__main__': main()
