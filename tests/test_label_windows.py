"""Several windows of one annotator: no edit of one erases what another typed, and a dataset that was made before windows knew of each other goes on."""
import json, os, shutil, subprocess, sys
from pathlib import Path

import pytest

from fsdl_handwriting_data.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.label_store import LabelStore, export_labels, open_work
from fsdl_handwriting_data.labeller import Labeller
from fsdl_handwriting_data.metadata import verify
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
        for id_, was in pages.items(): assert json.loads(json.dumps(store.page(id_, name).as_dict())) == was | dict(others=[]), (name, id_)
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
