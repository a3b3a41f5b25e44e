"""Pages that got another name: they are found again, and the labels that annotators made follow them."""
import json, shutil, subprocess

import pytest

from fsdl_handwriting_data.core.exports import read_export
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.core.writing import update_metadata


def box(y): return [[.1, y], [.9, y], [.9, y + .05], [.1, y + .05]]
def line(y, text): return dict(label=['line'], shape='polygon', points=box(y), notes=text, imageWidth=600, imageHeight=800)
def record(url, *texts, **extras): return dict(content=url, annotation=[line(.1*i + .1, o) for i, o in enumerate(texts)] or None, extras=extras or None, metadata=None)


def write(folder, *records):
    folder.mkdir(exist_ok=True)
    (folder/'d.jsonl').write_bytes(b''.join(json.dumps(r, ensure_ascii=False).encode() + b'\n' for r in records))
    if not (folder/'metadata.toml').exists(): (folder/'metadata.toml').write_text("url = ''\nfilename = 'd.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    return folder


def put(page, id_, y, text): return dict(op='put', page=page, region=dict(id=id_, points=box(y), shape='polygon', text=text))
def texts(folder, page, annotator=None): return [o.text for o in LabelStore(folder, annotator or 'Ann').page(page).regions]
def journal(folder, name='Ann'): return (folder/'labels'/f'{name}.jsonl').read_bytes()


NAMES = {'percent': ('http://h/a%20b.jpg', 'http://h/a b.jpg'), 'case': ('http://h/P1.JPG', 'http://h/P1.jpg'), 'nfd': ('pages/fu\u0308r.jpg', 'pages/f\u00fcr.jpg'),
         'file': ('pages/p1.jpg', 'pages/letter_1.jpg'), 'twice encoded': ('http://h/a%2520b.jpg', 'http://h/a%20b.JPG'), 'sharp s': ('pages/STRASSE.jpg', 'pages/stra\u00dfe.jpg')}


@pytest.mark.parametrize('kind', NAMES)
def test_labels_follow_a_renamed_page_and_go_on_under_the_new_name(kind, tmp_path):
    old, new = NAMES[kind]
    other = record('pages/other.jpg', 'another page')
    folder = write(tmp_path/'d', record(old, 'hello', 'there'), other)
    was, id_ = old.split('/')[-1], new.split('/')[-1]
    store = LabelStore(folder, 'Ann')
    store.append([put(was, 'a1', .5, 'mine'), dict(op='text', page=was, id='e0', text='hello!')])
    before = journal(folder)
    write(folder, record(new, 'hello', 'there'), other)
    assert store.refresh() and [o.text for o in store.page(id_).regions] == ['hello!', 'there', 'mine']  # also a store that was open
    assert texts(folder, id_) == ['hello!', 'there', 'mine'] and journal(folder) == before  # nothing is rewritten
    changes = export_labels(folder)
    assert not changes.conflicts and not changes.notes and changes.pages[0].page == id_ and changes.pages[0].counts['retyped'] == 1, changes
    store = LabelStore(folder, 'Ann')
    store.append([dict(op='text', page=id_, id='a1', text='mine!'), put(id_, 'a2', .6, 'more')])
    added = [json.loads(o) for o in journal(folder)[len(before):].splitlines()]
    assert [o['op'] for o in added] == ['seed', 'text', 'put'] and added[0]['was'] == was and {o['page'] for o in added} == {id_}
    assert journal(folder).startswith(before) and texts(folder, id_) == ['hello!', 'there', 'mine!', 'more']
    assert len(store.history(id_)) == 6 and not LabelStore(folder).problems
    export_labels(folder)
    assert [[r.text for r in p.regions] for p in read_export(folder/'d.jsonl').pages] == [['hello!', 'there', 'mine!', 'more'], ['another page']]
    assert texts(folder, id_) == ['hello!', 'there', 'mine!', 'more']


def test_a_tab_that_was_open_under_the_old_name_goes_on(tmp_path):
    folder = write(tmp_path/'d', record('http://h/P1.JPG', 'hello'))
    store = LabelStore(folder, 'Ann')
    store.append(put('P1.JPG', 'a1', .5, 'mine') | dict(session='tab', n=1))
    write(folder, record('http://h/P1.jpg', 'hello'))
    assert not store.append(put('P1.JPG', 'a1', .5, 'mine') | dict(session='tab', n=1))  # once more, as after a reload
    store.append(dict(op='text', page='P1.JPG', id='a1', text='typed', session='tab', n=2))
    assert not store.append(dict(op='text', page='P1.jpg', id='a1', text='typed', session='tab', n=2))
    assert texts(folder, 'P1.jpg') == ['hello', 'typed']


def test_a_page_that_could_be_two_stays_and_is_said(tmp_path):
    folder = write(tmp_path/'d', record('http://h/a%20b.jpg', 'hello'))
    LabelStore(folder, 'Ann').append(put('a%20b.jpg', 'a1', .5, 'mine'))
    write(folder, record('http://h/a b.jpg', 'a'), record('http://h/A%2520b.jpg', 'b'))
    store = LabelStore(folder, 'Ann')
    assert texts(folder, 'a b.jpg') == ['a'] and [o.kind for o in store.problems] == ['renamed'] and 'a%20b.jpg' in str(store.problems[0])
    assert 'a%20b.jpg' in str(export_labels(folder))


def test_labels_under_two_old_names_never_become_one_page(tmp_path):
    folder = write(tmp_path/'d', record('http://h/a%20b.jpg', 'hello'), record('http://h/A%2520b.jpg', 'other'))
    LabelStore(folder, 'Ann').append([put('a%20b.jpg', 'a1', .5, 'mine'), put('A%2520b.jpg', 'a1', .5, 'too')])
    write(folder, record('http://h/a b.jpg', 'x'))
    assert texts(folder, 'a b.jpg') == ['x'] and LabelStore(folder).problems[0].kind == 'renamed'


def test_a_page_that_was_labelled_under_both_names_keeps_them_apart(tmp_path):
    folder = write(tmp_path/'d', record('http://h/a%20b.jpg', 'hello'), record('http://h/a b.jpg', 'other'))
    LabelStore(folder, 'Ann').append([put('a%20b.jpg', 'a1', .5, 'mine'), put('a b.jpg', 'a1', .5, 'too')])
    write(folder, record('http://h/a b.jpg', 'other'))
    assert texts(folder, 'a b.jpg') == ['other', 'too']


def test_back_to_the_old_name_and_on_to_a_third(tmp_path):
    a, b, c = (record(f'http://h/{o}', 'hello', 'there') for o in ('P1.JPG', 'P1.jpg', 'first.jpg'))
    folder = write(tmp_path/'d', a)
    for page, r, text in ('P1.JPG', a, 'one'), ('P1.jpg', b, 'two'), ('P1.JPG', a, 'three'), ('first.jpg', c, 'four'), ('first.jpg', c, 'five'):
        write(folder, r)
        LabelStore(folder, 'Ann').append(put(page, text, .3 + .01*len(text), text))
    assert texts(folder, 'first.jpg') == ['hello', 'there', 'one', 'two', 'three', 'four', 'five'] and not LabelStore(folder).problems


def test_the_image_s_hash_tells_where_nothing_else_does(tmp_path):
    folder = write(tmp_path/'d', record('pages/p1.jpg', sha256='f'*64), record('pages/p2.jpg', sha256='e'*64))
    store = LabelStore(folder, 'Ann')
    store.append([put('p1.jpg', 'a1', .5, 'one'), put('p2.jpg', 'a1', .5, 'two')])
    write(folder, record('pages/x.jpg', sha256='E'*64), record('pages/y.jpg', sha256='d'*64))
    assert texts(folder, 'x.jpg') == ['two'] and texts(folder, 'y.jpg') == []


def test_each_annotator_s_labels_follow(tmp_path):
    folder = write(tmp_path/'d', record('http://h/P1.JPG', 'hello'))
    for o in 'Ann', 'Bob': LabelStore(folder, o).append(put('P1.JPG', 'a1', .5, o))
    write(folder, record('http://h/P1.jpg', 'hello'))
    LabelStore(folder, 'Ann').append(dict(op='text', page='P1.jpg', id='a1', text='Ann again'))
    assert texts(folder, 'P1.jpg', 'Ann') == ['hello', 'Ann again'] and texts(folder, 'P1.jpg', 'Bob') == ['hello', 'Bob']
    assert [o.kind for o in export_labels(folder).conflicts] == ['several annotators']


def test_a_merge_of_work_under_both_names(tmp_path):
    folder = write(tmp_path/'one'/'d' if (tmp_path/'one').mkdir() is None else None, record('http://h/P1.JPG', 'hello'))
    LabelStore(folder, 'Ann').append(put('P1.JPG', 'a1', .4, 'first'))
    git = lambda *args: subprocess.run(['git', *args], cwd=tmp_path/'one', check=True, capture_output=True)
    for args in ('init', '-q', '-b', 'main'), ('add', '.'), ('commit', '-qm', 'x'), ('checkout', '-qb', 'there'): git(*args)
    (folder/'.gitattributes').write_text('labels/*.jsonl merge=union\n')
    LabelStore(folder, 'Ann').append(put('P1.JPG', 'a2', .5, 'under the old name'))
    for args in ('add', '.'), ('commit', '-qm', 'there'), ('checkout', '-q', 'main'): git(*args)
    (folder/'.gitattributes').write_text('labels/*.jsonl merge=union\n')
    write(folder, record('http://h/P1.jpg', 'hello'))
    LabelStore(folder, 'Ann').append(put('P1.jpg', 'a3', .6, 'under the new name'))
    for args in ('add', '.'), ('commit', '-qm', 'here'), ('merge', '-q', 'there'): git(*args)
    assert sorted(texts(folder, 'P1.jpg')) == ['first', 'hello', 'under the new name', 'under the old name']
