"""`fsdl_label` and `fsdl_export` as a person uses them: the real commands, the real JupyterLab, the browser."""
import os, re, signal, subprocess

import pytest

from browser import IN_PAGE, Lab, Notebook, wait_for
from labelling import Hand, mk_dataset, texts
from commands import command, run

from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.labelling.labeller import labelling_notebook
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import update_metadata

@pytest.fixture
def opened(page, tmp_path, need):
    "Starts `fsdl_label` with an environment of its own; gives the process, and the notebook that it shows at the address it says."
    made, log = [], tmp_path/'log'
    lab = Lab(tmp_path/'unused')  # only for its environment: no setting of the user, no way out of this machine
    def mk(*args):
        with open(log, 'wb') as f:
            made.append(subprocess.Popen(command('fsdl_label', *args, '--quiet'), stdout=f, stderr=f, env=lab.env, start_new_session=True))
        url = wait_for(lambda: re.search(r'http://127\.0\.0\.1:\d+\S+(?=\?token=)', log.read_text()), 'an address', 60, more=log.read_text)
        lab.port = int(url[0].split(':')[2].split('/')[0])
        page.add_init_script(IN_PAGE)
        page.goto(f'{url[0]}?token={lab.token}')
        nb = Notebook(lab, page, url[0].rsplit('/', 1)[1], 'full')
        nb.wait_ready()
        return made[-1], nb
    yield mk
    for p in made:
        if p.poll() is None: os.killpg(p.pid, signal.SIGKILL)
        p.wait(30)
    lab.close()


@pytest.mark.long
def test_somebody_labels_without_writing_code(opened, page, tmp_path):
    folder = mk_dataset(tmp_path/'letters', 2)
    process, nb = opened(folder, '--annotator', 'Zoë')
    assert (folder/'label_Zo%C3%AB.ipynb').exists() and 'label_Zo' in nb.name
    nb.editor(1).click()
    page.keyboard.press('Shift+Enter')  # as the notebook says
    hand = Hand(page).wait_page(timeout=60)
    hand.draw(.1, .1, .9, .15, 'Dear Zoë,')
    hand.press('Enter')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg', 'Zoë') == ['Dear Zoë,']
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)  # JupyterLab asks back at the first
    process.wait(30)

    done = run('fsdl_export', folder)
    assert done.returncode == 0 and '+1 line' in done.stdout, done
    assert verify(folder).ok and read_export(FsdlHandwritingDataset(folder).meta.file).pages[0].regions[0].text == 'Dear Zoë,'


def test_export_of_done_pages_and_a_second_annotator_by_command(tmp_path):
    folder = mk_dataset(tmp_path/'letters', 2)
    line = lambda page: dict(op='put', page=page, region=dict(id='a', points=[[.1, .1], [.9, .1], [.9, .15], [.1, .15]], text='by Ann'))
    LabelStore(folder, 'Ann').append([line('page_001.jpg'), dict(op='status', page='page_001.jpg', status='done'), line('page_002.jpg')])
    done = run('fsdl_export', folder, '--done-only')
    assert done.returncode == 0 and 'page_001.jpg by Ann: +1 line, newly done' in done.stdout and '1 page not done, left out as only done ones were asked for: page_002.jpg' in done.stdout, done
    assert '1 page begun and not done' in repr(export_labels(folder))
    look = run('fsdl_look', folder, '--out', tmp_path/'out')
    assert 'pages: 2, of which 1 done, 1 begun, 2 images here' in look.stdout and '1 × note page-not-done' in look.stdout, look
    bad = run('fsdl_label', folder, '--annotator', 'Zoe', '--start-from', 'Eve')
    assert bad.returncode == 1 and "no labels by 'Eve' to start from; there are labels by 'Ann'" in bad.stderr and bad.stderr.count('\n') == 1, bad
    with pytest.raises(ValueError, match='give one of them'): labelling_notebook(folder, 'Zoe', 'Ann', blind=True)
    assert "label('.', annotator='Zoe', start_from='Ann')" in labelling_notebook(folder, 'Zoe', 'Ann').read_text()
    with pytest.raises(ValueError, match=r"write label\('.', annotator='Zoe', blind=True\) into its cell"): labelling_notebook(folder, 'Zoe', blind=True)


def test_a_message_names_the_option_in_a_terminal_and_the_argument_in_a_notebook(tmp_path):
    folder, line = mk_dataset(tmp_path/'letters', 2), dict(id='a', points=[[.1, .1], [.9, .1], [.9, .15], [.1, .15]], text='one')
    for name in 'Ann', 'Bob': LabelStore(folder, name).append(dict(op='put', page='page_001.jpg', region=line))
    two = 'page_001.jpg: there are labels by Ann and Bob: give {}, the preferred one first (several annotators)'
    assert two.format('`annotators`') in repr(export_labels(folder))
    done = run('fsdl_export', folder)
    assert done.returncode == 1 and done.stdout.strip() == 'no page changed. 1 page left out' and done.stderr.strip() == two.format('--annotators'), done
    pages = read_export(FsdlHandwritingDataset(folder).meta.file).pages
    export_labels(folder, 'Ann')
    write_export([p.replace(extras={'by': 'another program'}) for p in pages], FsdlHandwritingDataset(folder).meta.file)
    update_metadata(folder)
    changed = run('fsdl_export', folder, '--annotators', 'Ann')
    assert changed.returncode == 1 and 'give its id in --mine if the labels here count, or in --theirs if the file does' in changed.stderr and '`' not in changed.stderr, changed
    both = run('fsdl_export', folder, '--mine', 'page_001.jpg', '--theirs', 'page_001.jpg')
    assert both.returncode == 1 and "'page_001.jpg' is in --mine and in --theirs" in both.stderr, both
    blind = run('fsdl_label', folder, '--annotator', 'Zoe', '--start-from', 'Ann', '--blind')
    assert blind.returncode == 1 and '--blind is to see' in blind.stderr and '--start-from is to begin' in blind.stderr, blind


def test_an_unknown_folder_is_an_error_in_one_line(tmp_path):
    done = run('fsdl_label', tmp_path/'nothing')
    assert done.returncode == 1 and not done.stdout and done.stderr.count('\n') == 1 and 'neither a folder' in done.stderr, done
