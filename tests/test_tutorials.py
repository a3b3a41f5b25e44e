"""The tutorials as a user runs them: alone in a folder, with nothing installed but the wheel and its extras [label] and [sets]."""
import json, os, subprocess
from pathlib import Path

import pytest

from labelling import Hand
from project_checks import REPO
from test_wheel import NO_NETWORK

TUTORIALS = sorted((REPO/'nbs'/'tutorials').glob('*.ipynb'))
pytestmark = pytest.mark.long


@pytest.fixture(scope='module')
def python():
    "The Python of the virtual environment with the wheel and these extras, which the Makefile makes."
    path = Path(os.environ.get('FSDL_LABEL_VENV', REPO/'.venv-wheel-label'))
    if not (path/'.installed').exists():
        pytest.fail(f'the wheel with [label,sets] is not installed in {path}: run the tests with `make test-long`')
    return path/('Scripts' if os.name == 'nt' else 'bin')/'python'


def offline(path, folder):
    "The notebook at `path` in `folder`, without the cells that need the network or torch, and without what it once gave."
    nb = json.loads(path.read_text(encoding='utf-8'))
    nb['cells'] = [o | (dict(outputs=[], execution_count=None) if o['cell_type'] == 'code' else {})
                   for o in nb['cells'] if not ''.join(o['source']).startswith(('#| network', '#| eval: false'))]
    (folder/path.name).write_text(json.dumps(nb), encoding='utf-8')
    return folder/path.name


@pytest.mark.parametrize('path', TUTORIALS, ids=lambda o: o.stem)
def test_tutorial_runs_from_the_wheel_alone(path, python, tmp_path):
    for o in 'work', 'home', 'site': (tmp_path/o).mkdir()
    (tmp_path/'site'/'sitecustomize.py').write_text(NO_NETWORK)
    nb = offline(path, tmp_path/'work')
    env = dict(HOME=str(tmp_path/'home'), PATH=os.pathsep.join([str(python.parent), os.defpath]),
               PYTHONPATH=str(tmp_path/'site'), JUPYTER_PLATFORM_DIRS='1')
    run = subprocess.run([python, '-m', 'jupyter', 'nbconvert', '--to', 'notebook', '--execute', '--output', 'done',
                          nb.name], cwd=nb.parent, env=env,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr[-3000:]
    cells = [o for o in json.loads((nb.parent/'done.ipynb').read_text(encoding='utf-8'))['cells'] if o['cell_type'] == 'code']
    assert all(o['execution_count'] for o in cells) and sum(len(o['outputs']) > 0 for o in cells) > len(cells)//3


def test_label_pages_in_jupyterlab_from_end_to_end(python, new_lab, page, tmp_path):
    "All cells run, and in the widget that one of them shows a line is drawn, typed and saved."
    lab = new_lab(folder=tmp_path/'work', env=dict(PYTHONPATH='', MPLBACKEND='module://matplotlib_inline.backend_inline'), python=python)
    path = offline(REPO/'nbs'/'tutorials'/'label_pages.ipynb', lab.folder)
    code = [i for i, o in enumerate(json.loads(path.read_text(encoding='utf-8'))['cells']) if o['cell_type'] == 'code']
    nb = lab.open(page, path.name)
    nb.run_all(timeout=120)
    kinds = [o['output_type'] for i in code for o in nb.outputs(i)]
    assert 'error' not in kinds and kinds.count('execute_result') > 5 and 'display_data' in kinds
    hand = Hand(page).wait_page()
    hand.open('page_002.jpg')
    hand.find('.row').first.click()  # scrolls there, and waits until nothing moves
    hand.draw(.1, .1, .9, .15, 'Dear reader,')
    hand.press('Enter')
    hand.wait_saved()
    assert 'Dear reader,' in hand.rows and not page.seen.requests_outside and not page.seen.widget_errors
