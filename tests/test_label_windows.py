"""Several windows of one annotator: no edit of one erases what another typed, and a dataset that was made before windows knew of each other goes on."""
import json, os, shutil, subprocess, sys
from pathlib import Path

import pytest
from PIL import Image

from labelling import Hand, read_labels

from fsdl_handwriting_data.annotations import Page, write_export
from fsdl_handwriting_data.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.label_store import LabelStore, export_labels, open_work
from fsdl_handwriting_data.labeller import Labeller, widget_files
from fsdl_handwriting_data.metadata import update_metadata, verify
from fsdl_handwriting_data.pins import verify_dataset

FIXTURES = Path(__file__).parent/'fixtures'
ONE, TWO, THREE = (f'page_{i}.png' for i in (1, 2, 3))


# ---------------------------------------------------------------------------------------------- a dataset made before

@pytest.fixture
def old(tmp_path):
    "A dataset with pins, an export and the journals of two annotators, all written at commit 80d442f."
    return Path(shutil.copytree(FIXTURES/'made_at_80d442f', tmp_path/'made_at_80d442f'))


def test_a_dataset_made_at_80d442f_opens_with_the_labels_it_had(old):
    store = LabelStore(old)
    assert store.problems == [] and store.annotators() == ['Ann', 'Bob']
    for name, pages in json.loads((FIXTURES/'labels_at_80d442f.json').read_text()).items():
        for id_, was in pages.items(): assert json.loads(json.dumps(store.page(id_, name).as_dict())) == was | dict(others=[], drafts=[]), (name, id_)
    assert verify(old).ok and len(FsdlHandwritingDataset(old).pages) == 3


def test_a_dataset_made_at_80d442f_is_labelled_further_exported_and_verified(old):
    was = {p.name: p.read_bytes() for p in (old/'labels').iterdir()}
    lab = Labeller(FsdlHandwritingDataset(old), 'Ann', suggest=None)
    (said, _), = lab.answer(dict(kind='open', page=ONE, session='w'))
    line = said['page']['regions'][0]
    edit = dict(op='set', page=ONE, n=1, id=line['id'], to=dict(text='Dear Madam'), was=dict(text=line['text']))
    assert [m['kind'] for m, _ in lab.answer(dict(kind='edits', session='w', edits=[edit]))] == ['saved']
    bob = LabelStore(old, 'Bob')
    bob.append([dict(op='put', page=THREE, region=dict(id='b3', points=line['points'], text='by a script')), dict(op='set', page=THREE, id='b1', to=dict(text='Bob is here'), was=dict(text='Bob was here'))])
    changes = export_labels(old, annotators=['Ann', 'Bob'])
    assert changes.written and not changes.conflicts and not changes.problems and changes.total()['retyped'] == 2 and changes.total()['added'] == 2
    assert verify(old).ok and verify_dataset(old, progress=False).ok
    assert FsdlHandwritingDataset(old).line_strings_by_id[THREE] == ['Bob is here', 'later', 'by a script']
    assert [o.text for o in LabelStore(old).page(ONE, 'Ann').regions] == ['Dear Madam', 'Sirs', '']
    for name, data in was.items(): assert (old/'labels'/name).read_bytes().startswith(data), name
    heads = [json.loads(o)['format'] for o in (old/'labels'/'Ann.jsonl').read_text().splitlines() if '"op":"journal"' in o]
    assert heads == [1, 2]  # and it is the new events that are of format 2, and none before


def test_a_journal_has_format_2_from_the_first_event_that_needs_it(old):
    store = LabelStore(old, 'Eve')
    region = dict(id='a', points=[[.1, .1], [.9, .1], [.9, .2]], text='a')
    store.append(dict(op='put', page=ONE, region=region))
    ops = lambda: [json.loads(o)['op'] + str(json.loads(o).get('format', '')) for o in (old/'labels'/'Eve.jsonl').read_text().splitlines()]
    assert ops() == ['journal1', 'seed', 'put']
    for i in range(2): store.append(dict(op='delete', page=ONE, id='a', was=dict(text='other')))
    store.append(dict(op='set', page=ONE, id='a', to=dict(text='b'), was=dict(text='a')))
    assert ops() == ['journal1', 'seed', 'put', 'journal2', 'delete', 'delete', 'set']
    again = LabelStore(old, 'Eve')
    assert again.problems == [] and again.page(ONE) == store.page(ONE) and [o.text for o in again.page(ONE).regions[-1:]] == ['b']
    again.append(dict(op='set', page=ONE, id='a', to=dict(mark='illegible'), was=dict(mark='')))
    assert ops()[-2:] == ['set', 'set']


# ---------------------------------------------------------------------------------------------- two windows, each with a kernel of its own, in a browser

def mk_pages(folder, n):
    "A dataset of `n` small pages; each has three lines without text, and one that is suggested."
    (folder/'pages').mkdir(parents=True)
    for i in range(n): Image.new('L', (200, 160), 250 - i).save(folder/'pages'/f'p{i:02}.png')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'lines.jsonl'\n")
    write_export([Page(f'p{i:02}.png') for i in range(n)], folder/'lines.jsonl')
    update_metadata(folder)
    store = LabelStore(folder, 'Ann')
    line = lambda id_, y: dict(id=id_, points=[[.1, y], [.9, y], [.9, y + .1], [.1, y + .1]], shape='rectangle', text='', mark='', paragraph=None, label=['line'], index=None)
    for id_ in store.pages:
        store.append([dict(op='put', page=id_, region=line(f'l{k}', .1 + .2*k)) for k in range(3)] + [dict(op='suggest', page=id_, by='test', regions=[line('s0', .75)])])
    return folder


class Kernel:
    "A kernel's side; while it is `stale`, its window learns nothing of others."
    def __init__(self, folder): self.lab, self.stale = Labeller(FsdlHandwritingDataset(folder), 'Ann', None), False
    def __call__(self, content, buffers): return [] if self.stale and content['kind'] == 'refresh' else list(self.lab.answer(content))


@pytest.fixture
def windows(page, fake_widgets, tmp_path):
    "`windows(n)` gives a folder of `n` pages, and two hands with a kernel each."
    def mk(n, kernels=2):
        folder, widgets, hands, ks = mk_pages(tmp_path/'data', n), fake_widgets(), [], []
        for i in range(2):
            ks.append(Kernel(folder) if i < kernels else ks[0])
            if i < kernels: widgets.mount(*widget_files(), answer=ks[-1])
            hands.append(Hand(page, page.locator('.fsdl-labeller').nth(i)).wait_page())
        return folder, ks, hands
    return mk


def row(hand, i): hand.find('.row').nth(i).click()

def type_all(hand):
    for i in range(3):
        row(hand, i)
        hand.type(f'typed {i}')
    hand.press('Escape')

def at_line(hand, i, *keys):
    row(hand, i)
    hand.press('Escape', *keys)

def accept_and_type(hand):
    row(hand, 3)
    hand.type('offered')
    hand.press('Escape')

# name: what the first window did before, what the second does, what the first, which is stale, does then; the texts in the end, and those that are offered
STALE = {
    'nudge': (None, type_all, lambda a: at_line(a, 0, 'ArrowRight'), ['typed 0', 'typed 1', 'typed 2'], []),
    'resize': (None, type_all, lambda a: at_line(a, 1, 'Control+ArrowRight'), ['typed 0', 'typed 1', 'typed 2'], []),
    'undo': (lambda a: at_line(a, 0, 'ArrowRight'), type_all, lambda a: (a.stage.focus(), a.press('Control+z')), ['typed 0', 'typed 1', 'typed 2'], []),
    'undo a text': (lambda a: (row(a, 0), a.type('one'), a.press('Escape')), lambda b: (row(b, 0), b.type(' more'), b.press('Escape')), lambda a: (a.stage.focus(), a.press('Control+z')), ['one more', '', ''], []),
    'mark': (None, type_all, lambda a: at_line(a, 1, 'x'), ['typed 0', 'typed 1', 'typed 2'], []),
    'join': (None, type_all, lambda a: at_line(a, 0, 'j'), ['typed 0', 'typed 1', 'typed 2'], []),
    'split': (None, type_all, lambda a: at_line(a, 1, 's'), ['typed 0', 'typed 1', '', 'typed 2'], []),
    'paragraph': (None, type_all, lambda a: at_line(a, 1, 'b'), ['typed 0', 'typed 1', 'typed 2'], []),
    'reading order': (lambda a: at_line(a, 1, 'b'), type_all, lambda a: at_line(a, 0, 'Alt+ArrowDown'), ['typed 1', 'typed 0', 'typed 2'], []),
    'polygon': (None, type_all, lambda a: at_line(a, 2, 't', '.', 'ArrowDown', 'a'), ['typed 0', 'typed 1', 'typed 2'], []),
    'delete': (None, type_all, lambda a: at_line(a, 0, 'Delete'), ['typed 0', 'typed 1', 'typed 2'], []),
    'typing': (None, type_all, lambda a: (row(a, 0), a.type('another'), a.press('Escape')), ['typed 0', 'typed 1', 'typed 2'], ['another']),
    'accept': (None, accept_and_type, lambda a: at_line(a, 3, 'y'), ['', '', '', 'offered'], []),
    'dismiss': (None, accept_and_type, lambda a: at_line(a, 3, 'Delete'), ['', '', '', 'offered'], []),
    'typing into a deleted line': (None, lambda b: at_line(b, 0, 'Delete'), lambda a: (row(a, 0), a.type('not lost'), a.press('Escape')), ['not lost', '', ''], []),
    'nudge of a deleted line': (None, lambda b: at_line(b, 0, 'Delete'), lambda a: at_line(a, 0, 'ArrowRight'), ['', ''], []),
}


def run_stale(windows, page, names):
    folder, (one, two), (a, b) = windows(len(names))
    for id_, name in zip(list(one.lab.ids), names):
        before, other, then, want, offered = STALE[name]
        for o in a, b: o.open(id_)
        if before: before(a), a.wait_saved(), b.open(id_), page.wait_for_timeout(50)
        b.stage.focus()
        b.wait(lambda: b.lines()[0]['points'] == a.lines()[0]['points'] and b.rows == a.rows, 'the same page')
        one.stale = True
        other(b)
        b.wait_saved()
        then(a)
        a.wait_saved()
        labels = read_labels(folder)[id_]
        assert [r.text for r in labels.regions] == want and [o.to.text for o in labels.others] == offered, name
        shown = [r.text or '○ no transcript' for r in labels.regions]
        a.wait(lambda: a.rows[:len(want)] == [f'✗ {r.mark}: {r.text}' if r.mark else o for r, o in zip(labels.regions, shown)], f'{name}: what is on the disk')
        one.stale = False
    assert not page.seen.page_errors


def test_a_stale_window_erases_nothing(windows, page): run_stale(windows, page, ['nudge', 'undo', 'join', 'delete', 'typing'])


@pytest.mark.long
def test_a_stale_window_erases_nothing_with_any_edit(windows, page): run_stale(windows, page, list(STALE))
