"""Labels that survive: several processes at once, kill -9, a full disk, torn files, git; and a replay and an export that agree."""
import errno, json, multiprocessing, os, random, shutil, signal, subprocess, sys, threading, time
from pathlib import Path

import msgspec
import pytest
from PIL import Image
from hypothesis import HealthCheck, given, settings, strategies as st

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import export_bytes, parse_export, read_export, write_export
from fsdl_handwriting_data.pages.card_facts import count_labels
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.diff import change_words
from fsdl_handwriting_data.versioning.page_diff import LINE_KINDS, diff_pages
from fsdl_handwriting_data.core.done import not_done_because, page_state
from fsdl_handwriting_data.core.labels import PageLabels, count_texts, is_complete, open_work, page_labels
from fsdl_handwriting_data.core.replay import replay
from fsdl_handwriting_data.core.journal import Journal, journal_name
from fsdl_handwriting_data.versioning.replays import record_hash
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.core.files import MetadataError, sha256_of
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.pages.new_dataset import new_dataset

CASES = json.loads(Path(__file__).with_name('label_cases.json').read_text(encoding='utf-8'))
RELAXED = settings(deadline=None, max_examples=int(os.environ.get('FSDL_EXAMPLES', 40)),
                   suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def box(x=.1, y=.2, w=.7, h=.05): return [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
def put(page='p0.jpg', id='a', text='', points=None, **kw): return dict(op='put', page=page, region=dict(id=id, points=box() if points is None else points, text=text), **kw)
def status(page, value): return dict(op='status', page=page, status=value)


def mk_dataset(folder, pages):
    "A dataset of `pages` in `folder`."
    folder.mkdir(parents=True, exist_ok=True)
    write_export(pages, folder/'lines.jsonl')
    (folder/'metadata.toml').write_text(f"url = ''\nfilename = 'lines.jsonl'\nsha256 = '{sha256_of(folder/'lines.jsonl')}'\n")
    return folder


def some_pages(n=3, lines=2, said='done'):
    region = lambda k: Region(tuple(map(tuple, box(y=.1 + .8*k/max(lines, 1), h=.4/max(lines, 1)))), f'line {k}', image_width=1000, image_height=1400, label=('line',))
    return [Page(f'http://host/p{i}.jpg', tuple(map(region, range(lines))), metadata={'status': said}) for i in range(n)]


@pytest.fixture
def ds(tmp_path): return mk_dataset(tmp_path/'ds', some_pages())


@pytest.fixture
def begun(tmp_path): return mk_dataset(tmp_path/'begun', some_pages(said='notDone'))


# ---------------------------------------------------------------------------------------------- a second annotator

def suggest(*ids, page='p0.jpg'): return dict(op='suggest', page=page, by='x', regions=[dict(id=o, points=box(y=.3 + .1*i)) for i, o in enumerate(ids)])


@pytest.fixture
def new(tmp_path): return mk_dataset(tmp_path/'new', [Page(f'http://host/p{i}.jpg', annotated=False, metadata={'status': 'notDone'}) for i in range(3)])


def begins(folder, name, id_='p0.jpg', **kw):
    "What an annotator begins a page with: texts, status, suggestions."
    labels = LabelStore(folder, name, **kw).page(id_)
    assert not labels.touched
    return [r.text for r in labels.regions], labels.status, len(labels.suggestions)


def test_a_second_annotator_begins_on_an_empty_page_before_and_after_an_export(new):
    ann = LabelStore(new, 'Ann')
    ann.append([suggest('s1'), dict(op='text', page='p0.jpg', id='s1', text='by Ann'), status('p0.jpg', 'done'), status('p1.jpg', 'blank'), status('p2.jpg', 'skipped')])
    empty = ([], 'open', 0)
    for step in 'before', 'after':
        assert [begins(new, 'Zoe', f'p{i}.jpg') for i in range(3)] == [empty]*3, step
        assert begins(new, 'Zoe', blind=True) == empty and begins(new, 'Zoe', start_from='Ann') == (['by Ann'], 'open', 0)
        assert LabelStore(new, 'Zoe').others_on('p0.jpg') == ['Ann'] and LabelStore(new, 'Ann').others_on('p0.jpg') == []
        assert LabelStore(new, 'Ann').page('p0.jpg').status == 'done'
        export_labels(new)
    zoe = LabelStore(new, 'Zoe')
    zoe.append([put(text='by Zoe', id='z'), status('p0.jpg', 'done')])
    assert [r.text for r in zoe.page('p0.jpg').regions] == ['by Zoe'] and [c.kind for c in export_labels(new).conflicts] == ['several annotators']
    assert export_labels(new, annotators='Zoe').pages[0].annotator == 'Zoe'
    assert [r.text for r in read_export(new/'lines.jsonl').pages[0].regions] == ['by Zoe']
    assert begins(new, 'Bob') == empty and begins(new, 'Bob', start_from='Ann') == (['by Ann'], 'open', 0)
    assert LabelStore(new, 'Bob').others_on('p0.jpg') == ['Ann', 'Zoe'] and [r.text for r in LabelStore(new, 'Ann').page('p0.jpg').regions] == ['by Ann']


def test_labels_that_came_with_the_data_are_for_everybody(ds):
    came = begins(ds, 'Zoe')
    ann = LabelStore(ds, 'Ann')
    ann.append([dict(op='text', page='p0.jpg', id='e0', text='corrected by Ann'), dict(op='delete', page='p0.jpg', id='e1'), put(id='new', text='added by Ann')])
    for step in 'before', 'after', 'again':
        assert begins(ds, 'Zoe') == begins(ds, 'Zoe', blind=True) == came == (['line 0', 'line 1'], 'done', 0), step
        assert begins(ds, 'Zoe', start_from='Ann') == (['corrected by Ann', 'added by Ann'], 'open', 0)
        export_labels(ds)
    zoe = LabelStore(ds, 'Zoe', start_from='Ann')
    assert [r.index for r in zoe.page('p0.jpg').regions] == [0, 1]  # where they stand in the record now
    zoe = LabelStore(ds, 'Zoe')
    assert [r.index for r in zoe.page('p0.jpg').regions] == [0, None]  # Ann's record has the first of them, and the second no more
    zoe.append(dict(op='text', page='p0.jpg', id='e1', text='corrected by Zoe'))
    export_labels(ds, annotators=['Zoe', 'Ann'])
    assert [r.text for r in read_export(ds/'lines.jsonl').pages[0].regions] == ['line 0', 'corrected by Zoe'] and begins(ds, 'Bob') == came


def test_whose_labels_a_record_has_is_known_without_the_journal_of_exports(new):
    LabelStore(new, 'ann@host').append([put(text='by Ann'), status('p0.jpg', 'done')])
    export_labels(new)
    (new/'labels'/'@exports.jsonl').unlink()
    assert begins(new, 'Zoe') == begins(new, 'Zoe', blind=True) == ([], 'open', 0)  # by the note on the page, where it is a hash
    (new/'labels'/journal_name('ann@host')).unlink()  # the export alone, as where somebody downloaded it
    assert begins(new, 'Zoe') == begins(new, 'ann@host') == begins(new, 'ann@host', blind=True) == (['by Ann'], 'done', 0)
    assert begins(new, 'Zoe', blind=True) == ([], 'open', 0) and LabelStore(new, 'Zoe').others_on('p0.jpg') == []
    zoe = LabelStore(new, 'Zoe', blind=True)
    zoe.append(put(text='by Zoe', id='z'))
    conflict, = export_labels(new).conflicts  # Ann's labels are nowhere else
    assert conflict.kind == 'several annotators' and 'with which Zoe did not begin' in conflict.message and read_export(new/'lines.jsonl').pages[0].regions[0].text == 'by Ann'
    assert export_labels(new, mine='p0.jpg').pages[0].annotator == 'Zoe'


def test_a_journal_that_began_with_anothers_labels_goes_on_as_it_is(new):
    LabelStore(new, 'Ann').append([put(text='by Ann'), status('p0.jpg', 'done')])
    export_labels(new)
    page, = (p for p in read_export(new/'lines.jsonl').pages if p.id == 'p0.jpg')
    line = dict(id='e0', points=box(), text='by Ann', index=0)
    events = [dict(op='journal', format=1, annotator='Old', at=1), dict(op='seed', session='s', n=0, at=1, page='p0.jpg', record=record_hash(page), regions=[line], status='done'),
              dict(op='text', session='s', n=1, at=1, page='p0.jpg', id='e0', text='by Ann and Old')]
    (new/'labels'/'Old.jsonl').write_text(''.join(json.dumps(e) + '\n' for e in events))
    labels = LabelStore(new, 'Old').page('p0.jpg')
    assert ([r.text for r in labels.regions], labels.status, labels.touched) == (['by Ann and Old'], 'done', True)
    export_labels(new, annotators='Old')
    assert begins(new, 'Zoe') == ([], 'open', 0)  # through Old to Ann, to a page without a line
    (new/'labels'/'Old.jsonl').write_text(''.join(json.dumps(e) + '\n' for e in (events[0], events[2])))  # one that lost its seed
    assert [r.text for r in LabelStore(new, 'Old').page('p0.jpg').regions] == ['by Ann and Old']


def test_an_export_that_comes_while_somebody_labels_is_not_what_they_begin_with(new):
    zoe = LabelStore(new, 'Zoe')
    LabelStore(new, 'Ann').append([put(text='by Ann'), status('p0.jpg', 'done')])
    export_labels(new)
    zoe.append(put(text='by Zoe', id='z'))  # without having looked
    assert [r.text for r in zoe.page('p0.jpg').regions] == ['by Zoe'] and [r.text for r in LabelStore(new, 'Zoe').page('p0.jpg').regions] == ['by Zoe']


# ---------------------------------------------------------------------------------------------- the done rule

@pytest.mark.parametrize('case', CASES, ids=[c['name'] for c in CASES])
def test_what_is_open_as_in_the_cases_that_javascript_shares(case):
    labels = msgspec.convert(case['page'] | {'id': 'p.jpg'}, PageLabels)
    assert [{'region': o.region, 'kind': o.kind} | ({'n': o.n} if o.kind == 'suggestion' else {}) for o in open_work(labels)] == case['open']
    assert is_complete(labels) == (not case['open'])


def test_undecided_suggestions_keep_a_page_from_done_and_from_blank(begun):
    store = LabelStore(begun, 'Ann')
    store.append([suggest('s1', 's2', 's3'), put(text='a')])
    with pytest.raises(ValueError, match="'p0.jpg' is not done: 3 suggested lines are undecided; nothing was saved"): store.append(status('p0.jpg', 'done'))
    store.append([status('p0.jpg', 'skipped'), dict(op='text', page='p0.jpg', id='s1', text='b'), dict(op='delete', page='p0.jpg', id='s2')])
    with pytest.raises(ValueError, match='1 suggested line is undecided'): store.append(status('p0.jpg', 'done'))
    store.append([dict(op='delete', page='p0.jpg', id='s3'), status('p0.jpg', 'done')])
    assert store.page('p0.jpg').status == 'done' and export_labels(begun).total()['done'] == 1
    store.append(suggest('s4', page='p1.jpg'))
    ids = [o.id for o in store.page('p1.jpg').regions]
    store.append([dict(op='delete', page='p1.jpg', id=o) for o in ids])
    with pytest.raises(ValueError, match="'p1.jpg' is not blank: 1 suggested line is undecided"): store.append(status('p1.jpg', 'blank'))
    store.append([dict(op='delete', page='p1.jpg', id='s4'), status('p1.jpg', 'blank')])
    assert store.page('p1.jpg').status == 'blank'


def old_journal(ds, *events, name='Ann'):
    "A journal as an older version wrote it."
    store = LabelStore(ds, name)
    seed = store.append(put(text='x', id='seed'))[0]
    path = ds/'labels'/journal_name(name)
    head = path.read_bytes().splitlines(keepends=True)[0]
    path.write_bytes(head + b''.join(json.dumps(e | dict(session='old', n=i, at=seed['at'] + i)).encode() + b'\n' for i, e in enumerate([seed, *events])))
    return LabelStore(ds, name)


def test_what_an_old_journal_calls_done_stays_done_and_is_said_to_be_in_doubt(begun):
    store = old_journal(begun, suggest('s1', 's2'), put(text='half', draft=True), status('p0.jpg', 'done'))
    labels = store.page('p0.jpg')
    assert (labels.status, labels.drafts, len(labels.suggestions)) == ('done', (), 2)  # Done confirmed what was being typed
    assert [(o.kind, o.n) for o in open_work(labels)] == [('suggestion', 2)] and not is_complete(labels)
    changes = export_labels(begun)
    assert changes.total()['done'] == 1 and changes.notes == ('1 page called done while suggestions are undecided: p0.jpg',)
    assert read_export(begun/'lines.jsonl').pages[0].metadata['status'] == 'done'


def test_a_line_that_is_half_typed_never_passes_for_a_finished_one(ds):
    store = LabelStore(ds, 'Ann')
    for o in store.page('p0.jpg').regions: store.append(dict(op='delete', page='p0.jpg', id=o.id))
    store.append([put(text='whole'), put(id='b', text='Half a li', draft=True)])
    assert store.page('p0.jpg').drafts == ('b',) and '1 half typed' in repr(store.page('p0.jpg'))
    with pytest.raises(ValueError, match='line 2 is half typed'): store.append(status('p0.jpg', 'done'))
    changes = export_labels(ds)
    page = read_export(ds/'lines.jsonl').pages[0]
    assert changes.total()['begun'] == 1 and '1 page with lines that are half typed: p0.jpg' in changes.notes
    assert (page.metadata['status'], page.metadata['drafts'], page_state(page), not_done_because(page)) == ('notDone', [1], 'begun', 'nobody called it done, 1 line half typed')
    assert LabelStore(ds, 'Ann').page('p0.jpg').drafts == ('b',)
    store.append([dict(op='text', page='p0.jpg', id='b', text='Half a line'), status('p0.jpg', 'done')])
    export_labels(ds)
    page = read_export(ds/'lines.jsonl').pages[0]
    assert page.metadata['status'] == 'done' and 'drafts' not in page.metadata and store.page('p0.jpg').drafts == ()
    for e, drafts in [(dict(op='set', page='p0.jpg', id='b', to=dict(mark='illegible'), was=dict(mark='')), ()), (put(id='c', text='x', draft=True), ('c',)), (dict(op='delete', page='p0.jpg', id='c'), ()),
                      (put(id='d', text='y', draft=True), ('d',)), (dict(op='set', page='p0.jpg', id='d', to=dict(text='yes'), was=dict(text='y'), draft=True), ('d',)),
                      (dict(op='set', page='p0.jpg', id='d', to=dict(paragraph=2), was=dict(paragraph=None)), ('d',)), (dict(op='set', page='p0.jpg', id='d', to=dict(text='yes!'), was=dict(text='yes')), ())]:
        store.append(e)
        assert store.page('p0.jpg').drafts == LabelStore(ds, 'Ann').page('p0.jpg').drafts == drafts, e


def test_only_pages_that_are_done_are_exported_if_that_is_asked(begun):
    store = LabelStore(begun, 'Ann')
    store.append([put(text='a'), status('p0.jpg', 'done'), put('p1.jpg', text='b')])
    was = read_export(begun/'lines.jsonl').pages
    changes = export_labels(begun, done_only=True)
    now = read_export(begun/'lines.jsonl').pages
    assert [p.page for p in changes.pages] == ['p0.jpg'] and changes.notes == ('1 page not done, left out as only done ones were asked for: p1.jpg',)
    assert now[1].raw == was[1].raw and now[0].metadata['status'] == 'done'
    full, done = (FsdlHandwritingDataset(begun, done_only=o) for o in (False, True))
    assert (full.done, full.begun, list(done.pages)) == (['p0.jpg'], ['p1.jpg', 'p2.jpg'], ['p0.jpg']) and [o.page for o in full.problems.of('page-not-done')] == full.begun
    assert 'pages: 3, of which 1 done, 2 begun' in repr(full) and 'pages: 1, of which 1 done, 0 images here; 2 not done, left out' in repr(done)
    store.append(put(text='', id='new'))  # done, exported, and open again: the file keeps the record that is done
    assert export_labels(begun, done_only=True).pages == () and read_export(begun/'lines.jsonl').pages[0].raw == now[0].raw
    changes = export_labels(begun)
    assert [(p.page, 'begun' in p.states) for p in changes.pages] == [('p0.jpg', True), ('p1.jpg', True)] and '2 pages begun and not done' in repr(changes)


def test_a_done_page_is_open_while_something_on_it_is(ds):
    store = LabelStore(ds, 'Ann')
    store.append([put(text='a'), status('p0.jpg', 'done')])
    assert store.page('p0.jpg').status == 'done'
    store.append(put(text='', draft=True))
    assert store.page('p0.jpg').status == 'open'
    assert export_labels(ds).total()['done'] == 0 and read_export(ds/'lines.jsonl').pages[0].metadata['status'] == 'notDone'
    store.append(put(text='aga', draft=True))  # half typed: nobody confirmed it
    assert store.page('p0.jpg').status == 'open' and [o.kind for o in open_work(store.page('p0.jpg'))] == ['draft']
    store.append(put(text='again'))
    assert store.page('p0.jpg').status == 'done' and export_labels(ds).total()['done'] == 1
    with pytest.raises(ValueError, match="'p1.jpg' is not done: line 3 has no transcript"): store.append([put('p1.jpg'), status('p1.jpg', 'done')])
    with pytest.raises(ValueError, match='so it is not blank'): store.append(status('p1.jpg', 'blank'))
    assert store.page('p1.jpg').touched is False


def test_a_blank_page_is_done_in_the_export(tmp_path):
    ds = mk_dataset(tmp_path/'ds', [Page('http://host/p0.jpg', annotated=False)])
    store = LabelStore(ds, 'Ann')
    store.append(status('p0.jpg', 'blank'))
    assert export_labels(ds).total()['done'] == 1
    meta = read_export(ds/'lines.jsonl').pages[0].metadata
    assert meta['status'] == 'done' and meta['blank'] is True and LabelStore(ds).pages['p0.jpg'].annotated is False
    assert page_labels(LabelStore(ds).pages['p0.jpg']).status == 'blank' and LabelStore(ds, 'Bob').page('p0.jpg').status == 'open'  # Ann's status is not Bob's
    store.append([put(text='after all'), status('p0.jpg', 'done')])
    export_labels(ds)
    assert 'blank' not in read_export(ds/'lines.jsonl').pages[0].metadata


# ---------------------------------------------------------------------------------------------- several processes

WRITER = '''
import sys
from fsdl_handwriting_data.labelling.store import LabelStore
folder, name, key, n, big = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
store = LabelStore(folder, name)
for i in range(n):
    text = f'{key} {i} ' + 'x'*(big*(i % 7))
    store.append(dict(op='put', page=f'p{i % 3}.jpg', region=dict(id=f'{key}-{i}', points=[[.1, .1], [.5, .1], [.5, .2]], shape='polygon', text=text), secs=1))
    print(i, flush=True)
'''


def start(folder, name, key, n, big=0):
    return subprocess.Popen([sys.executable, '-c', WRITER, str(folder), name, key, str(n), str(big)], stdout=subprocess.PIPE, text=True)


def written(store, name): return [e['region']['id'] for id_ in store.pages for e in store.history(id_, name) if e['op'] == 'put']


def test_several_processes_append_at_once_and_nothing_is_lost(ds):
    n, procs = 40, []
    for name, key in ('Ann', 'a'), ('Ann', 'b'), ('Ann', 'c'), ('Bob', 'd'), ('Bob', 'e'): procs.append(start(ds, name, key, n, big=3000))
    for p in procs: assert p.wait() == 0
    store = LabelStore(ds, 'Ann')
    for name, keys in {'Ann': 'abc', 'Bob': 'de'}.items():
        ids = written(store, name)
        assert sorted(ids) == sorted(f'{k}-{i}' for k in keys for i in range(n))
        assert sum(store.seconds(annotator=name).values()) == n*len(keys)
        assert [e['op'] for id_ in store.pages for e in store.history(id_, name)].count('seed') == 3
        for k in keys: assert [i for i in ids if i.startswith(k)] == sorted((i for i in ids if i.startswith(k)), key=lambda o: (int(o.split('-')[1]) % 3, int(o.split('-')[1])))
    assert store.problems == []


def test_two_stores_in_one_process_and_a_fork(ds):
    a, b = LabelStore(ds, 'Ann'), LabelStore(ds, 'Ann')
    for i in range(5):
        a.append(put(id=f'a{i}', text='a'))
        b.append(put(id=f'b{i}', text='b'))
    if not (pid := os.fork()):
        try: a.append(put(id='child', text='c'))
        finally: os._exit(0)
    os.waitpid(pid, 0)
    a.append(put(id='parent', text='p'))
    assert b.refresh() == {'p0.jpg'}
    assert b.page('p0.jpg') == a.page('p0.jpg') == LabelStore(ds, 'Ann').page('p0.jpg')
    assert [r.id for r in a.page('p0.jpg').regions] == ['e0', 'e1'] + [f'{k}{i}' for i in range(5) for k in 'ab'] + ['child', 'parent']


def test_an_event_that_is_sent_again_counts_once(ds):
    store, e = LabelStore(ds, 'Ann'), put(text='a', secs=2, session='tab', n=7)
    assert [len(store.append(o)) for o in (e, e, [e, e])] == [2, 0, 0]  # with the seed
    assert LabelStore(ds, 'Ann').append(e) == [] and store.seconds('p0.jpg') == {'a': 2}
    with pytest.raises(ValueError, match='another event 7'): store.append(e | {'secs': 3})


# ---------------------------------------------------------------------------------------------- kill -9

def kill_once(folder, rng, key):
    "Start a writer, kill it at a random moment; what it had acknowledged."
    p = start(folder, 'Ann', key, 100_000, big=rng.choice([0, 100, 20_000]))
    first = p.stdout.readline()
    time.sleep(rng.random()*.15)
    p.send_signal(signal.SIGKILL)
    acked = [int(o) for o in [first, *p.stdout.read().split('\n')[:-1]] if o.strip()]
    p.wait()
    p.stdout.close()
    return [f'{key}-{i}' for i in acked]


def check_kills(folder, moments, seed):
    rng, acked = random.Random(seed), []
    for k in range(moments):
        acked += kill_once(folder, rng, f'k{k}')
        store = LabelStore(folder, 'Ann')
        assert set(acked) <= set(written(store, 'Ann'))
        store.append(put(id=f'after-{k}', text='goes on'))
        acked.append(f'after-{k}')
    ids = written(LabelStore(folder, 'Ann'), 'Ann')
    assert len(set(ids)) == len(ids) and set(acked) <= set(ids)
    assert not read_export(folder/'lines.jsonl').problems.of('error')
    return len(acked)


@pytest.mark.skipif(os.name == 'nt', reason='Windows has no SIGKILL')
def test_every_acknowledged_event_survives_kill_9(ds, note):
    note(f'label store: {check_kills(ds, 6, 1)} acknowledged events survived 6 kills')


@pytest.mark.long
@pytest.mark.skipif(os.name == 'nt', reason='Windows has no SIGKILL')
def test_every_acknowledged_event_survives_many_kills(ds, note):
    note(f'label store: {check_kills(ds, 60, 2)} acknowledged events survived 60 kills')


def exporting(ds):
    "A process that exports the labels of `ds`; where it can be, a copy of this one, which need not import anything first."
    p = multiprocessing.get_context('fork' if hasattr(os, 'fork') else None).Process(target=export_labels, args=(ds,))
    p.start()
    return p


@pytest.mark.skipif(os.name == 'nt', reason='Windows has no SIGKILL')
def test_an_export_killed_at_any_moment_is_finished_by_the_next(tmp_path):
    rng, ds = random.Random(3), mk_dataset(tmp_path/'ds', some_pages(40, 10))
    store = LabelStore(ds, 'Ann')
    for k in range(8):
        store.append([put(f'p{i}.jpg', text=f'version {k}') for i in range(40)])
        p = exporting(ds)
        time.sleep(rng.random()*.08)
        p.kill()
        p.join()
        if k % 2: assert not export_labels(ds).conflicts
    export_labels(ds)
    assert verify(ds).ok and all('version 7' in [r.text for r in p.regions] for p in read_export(ds/'lines.jsonl').pages)


@pytest.mark.parametrize('broken', ['data', 'hash'])
def test_an_export_killed_between_its_steps_heals(ds, monkeypatch, broken):
    from fsdl_handwriting_data.labelling import export
    LabelStore(ds, 'Ann').append(put(text='a'))
    def cut_short(meta, files, **_):
        if broken == 'hash': meta.file.write_bytes(files[meta.filename])  # as the version 80d442f did, which wrote the export first
        raise KeyboardInterrupt
    with monkeypatch.context() as m, pytest.raises(KeyboardInterrupt):
        m.setattr(export, 'write_dataset', cut_short)
        export_labels(ds)
    assert verify(ds).ok == (broken == 'data')
    LabelStore(ds, 'Ann').append(put(text='b'))  # work goes on between
    changes = export_labels(ds)
    assert verify(ds).ok and not changes.conflicts and [r.text for r in read_export(ds/'lines.jsonl').pages[0].regions][-1] == 'b'
    assert export_labels(ds).written is False


# ---------------------------------------------------------------------------------------------- the export is away

@pytest.mark.parametrize('away', ['moved', 'missing', 'half', 'pointer', 'fewer pages', 'empty', 'folder'])
def test_no_edit_is_refused_while_the_export_is_away(ds, away):
    store, export = LabelStore(ds, 'Ann'), ds/'lines.jsonl'
    store.append(put(id='begun', text='a'))
    data = export.read_bytes()
    if away == 'moved': ds.rename(ds.with_name('y'))
    if away == 'missing': export.unlink()
    if away == 'half': export.write_bytes(data[:len(data)//2])
    if away == 'pointer': export.write_text('version https://git-lfs.github.com/spec/v1\noid sha256:' + 'a'*64 + '\nsize 12\n')
    if away == 'fewer pages': write_export(read_export(export).pages[:1], export)
    if away == 'empty': export.write_bytes(b'')
    if away == 'folder':
        export.unlink()
        export.mkdir()
    with pytest.raises(OSError): store.append(put('p2.jpg', text='later', session='tab', n=1))
    if away == 'moved':
        with pytest.raises(OSError): store.append(put(id='more', text='b'))
        assert not ds.exists()
        return
    store.append(put(id='more', text='b'))
    store.refresh()
    assert [r.id for r in store.page('p0.jpg').regions] == ['e0', 'e1', 'begun', 'more'] and len(store.history('p0.jpg')) == 3
    if away == 'folder': export.rmdir()
    export.write_bytes(data)
    assert len(store.append(put('p2.jpg', text='later', session='tab', n=1))) == 2 and not store.problems
    assert LabelStore(ds).page('p2.jpg', 'Ann') == store.page('p2.jpg')
    assert len(export_labels(ds).pages) == 2


# ---------------------------------------------------------------------------------------------- full disk

@pytest.fixture
def small_disk(tmp_path, need):
    "A file system of 512 kB."
    path = tmp_path/'small'
    path.mkdir()
    res = shutil.which('mount') and subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', str(path)], capture_output=True)
    need(res and res.returncode == 0, 'a small file system', 'run as root on Linux, where mount -t tmpfs is allowed')
    yield path
    subprocess.run(['umount', str(path)], check=True)


def test_a_full_disk_is_an_error_that_loses_nothing_that_was_saved(small_disk):
    ds = mk_dataset(small_disk/'ds', some_pages())
    store, saved, failed = LabelStore(ds, 'Ann'), [], 0
    ballast = small_disk/'ballast'
    ballast.write_bytes(b'x'*100_000)
    for i in range(400):
        try: store.append(put(id=f'r{i}', text='x'*(i*37 % 5000)))
        except OSError: failed += 1
        else: saved.append(f'r{i}')
        assert [r.id for r in store.page('p0.jpg').regions[2:]] == saved
        if failed == 12: ballast.unlink(missing_ok=True)
    assert failed >= 12 and saved[-1] > 'r' and len(saved) > 50
    again = LabelStore(ds, 'Ann')
    assert again.page('p0.jpg') == store.page('p0.jpg') and not again.problems
    assert written(again, 'Ann') == saved


# ---------------------------------------------------------------------------------------------- torn and foreign files

@pytest.mark.long
def test_a_file_cut_at_any_byte_of_its_last_record_keeps_all_others(ds):
    store = LabelStore(ds, 'Ann')
    path = ds/'labels'/'Ann.jsonl'
    store.append([put(id='a', text='first'), put(id='b', text='sécond')])
    whole = path.read_bytes()
    last = whole[:-1].rfind(b'\n') + 1
    for at in range(last, len(whole) + 1):
        path.write_bytes(whole[:at])
        for s in store, LabelStore(ds, 'Ann'):  # one that was open, one that is new
            s.refresh()
            assert [r.id for r in s.page('p0.jpg').regions] == ['e0', 'e1', 'a', 'b'][:4 if at >= len(whole) - 1 else 3]
        s.append(put(id='c', text='next'))
        for s in store, LabelStore(ds, 'Ann'):
            s.refresh()
            assert [r.id for r in s.page('p0.jpg').regions][-1] == 'c'
            assert [o.kind for o in s.problems] == ['torn']*(last < at < len(whole) - 1)


def test_a_file_cut_in_its_very_first_write(ds):
    LabelStore(ds, 'Ann').append(put(text='x'))
    path = ds/'labels'/'Ann.jsonl'
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        path.write_bytes(whole[:at])
        store = LabelStore(ds, 'Ann')
        store.append(put(id='b', text='y'))
        assert LabelStore(ds, 'Ann').page('p0.jpg') == store.page('p0.jpg')
        assert [r.id for r in store.page('p0.jpg').regions][:2] == ['e0', 'e1'] and store.page('p0.jpg').regions[-1].id == 'b'


def test_a_merge_by_git_keeps_both_sides_and_names_its_marks(ds):
    store = LabelStore(ds, 'Ann')
    store.append(put(id='a', text='both'))
    path = ds/'labels'/'Ann.jsonl'
    base = path.read_bytes()
    store.append(put(id='here', text='x'))
    ours = path.read_bytes()[len(base):]
    path.write_bytes(base)
    LabelStore(ds, 'Ann').append([put(id='there', text='y'), put('p1.jpg', id='z', text='z')])
    theirs = path.read_bytes()[len(base):]
    path.write_bytes(base + b'<<<<<<< HEAD\n' + ours + b'=======\r\n' + theirs + b'>>>>>>> other branch\n')
    store.refresh()
    assert [r.id for r in store.page('p0.jpg').regions] == ['e0', 'e1', 'a', 'here', 'there'] and store.page('p1.jpg').touched
    assert [o.kind for o in store.problems] == ['merge']*3 and store.problems[0].line == base.count(b'\n') + 1
    assert len(export_labels(ds).problems) == 3
    path.write_bytes(base + ours + theirs + ours)  # a union merge
    store.refresh()
    assert not store.problems and len(store.page('p0.jpg').regions) == 5


def test_a_journal_edited_by_hand(ds):
    store = LabelStore(ds, 'Ann')
    store.append([put(id='a', text='tpyo'), put(id='b', text='fine')])
    path = ds/'labels'/'Ann.jsonl'
    path.write_bytes(b'\xef\xbb\xbf' + path.read_bytes().replace(b'tpyo', b'typo').replace(b'\n', b'\r\n').rstrip())
    assert store.refresh() == {'p0.jpg'} and [r.text for r in store.page('p0.jpg').regions[2:]] == ['typo', 'fine'] and not store.problems
    store.append(put(id='c', text='more'))
    text = path.read_text(encoding='utf-8-sig')
    seed = next(o for o in text.splitlines() if '"seed"' in o)
    odd = ['{"op":"put","session":"s","n":1,"at":0,"page":"p0.jpg","region":{"id":"x","points":"all"}}', '[1,2]', '{"op":"later","session":"s","n":2,"at":0}', 'Infinity', '"' + 'x'*50]
    path.write_text(text.replace(seed + '\n', '') + '\n'.join(odd) + '\n', encoding='utf-8')
    fresh = LabelStore(ds, 'Ann')
    assert [r.id for r in fresh.page('p0.jpg').regions] == ['e0', 'e1', 'a', 'b', 'c']  # the lost seed: the export's lines stay
    assert sorted(o.kind for o in fresh.problems) == ['foreign']*3 + ['no-seed'] + ['torn']*2
    res = export_labels(ds)
    assert [o.kind for o in res.conflicts] == ['no-seed'] and export_labels(ds, mine='p0.jpg').total()['added'] == 3


def test_a_journal_that_was_replaced_or_deleted_is_noticed(ds):
    store = LabelStore(ds, 'Ann')
    store.append(put(id='a', text='old'))
    path = ds/'labels'/'Ann.jsonl'
    old = path.read_bytes()
    store.append(put(id='b', text='new'))
    path.unlink()
    path.write_bytes(old)  # as a checkout does
    store.append(put(id='c', text='c'))
    assert [r.id for r in store.page('p0.jpg').regions[2:]] == ['a', 'c']
    shutil.rmtree(ds/'labels')
    assert store.refresh() == set() and [r.id for r in store.page('p0.jpg').regions[2:]] == ['a', 'c'] and [o.kind for o in store.problems] == ['gone']
    with pytest.raises(OSError, match='Ann.jsonl is gone: put it back, or run the cell again'): store.append(put(id='d', text='d'))
    assert not (ds/'labels').exists()
    (ds/'labels').mkdir()
    path.write_bytes(old)
    store.append(put(id='d', text='d'))
    assert LabelStore(ds, 'Ann').page('p0.jpg') == store.page('p0.jpg') and not store.problems


def test_a_journal_that_can_not_be_read_does_not_stop_another_annotator(ds, monkeypatch):
    LabelStore(ds, 'Ann').append(put(text='a'))
    open_ = os.open
    def closed(path, flags, *args, **kw):
        if Path(path).name == 'Ann.jsonl' and not flags & (os.O_WRONLY | os.O_RDWR): raise PermissionError(errno.EACCES, 'Permission denied', str(path))
        return open_(path, flags, *args, **kw)
    monkeypatch.setattr(os, 'open', closed)
    store = LabelStore(ds, 'Bob')
    store.append(put('p1.jpg', text='b'))
    assert [(o.file, o.kind) for o in store.problems] == [('Ann.jsonl', 'unreadable')]
    with pytest.raises(OSError, match='can not be read'): LabelStore(ds, 'Ann').append(put(text='x'))
    with pytest.raises(OSError, match='Ann.jsonl.*make it readable'): export_labels(ds)


def test_a_journal_under_another_name_or_of_another_dataset_is_named_and_works(ds):
    LabelStore(ds, 'Ann').append(put(text='a'))
    path = ds/'labels'/'Ann.jsonl'
    path.rename(ds/'labels'/'Bob.jsonl')
    store = LabelStore(ds, 'Bob')
    assert [(o.file, o.kind) for o in store.problems] == [('Bob.jsonl', 'owner')] and "begun by 'Ann'" in str(store.problems[0])
    store.append(put(id='b', text='b'))
    assert len(store.page('p0.jpg').regions) == 4
    path.write_text((ds/'labels'/'Bob.jsonl').read_text().replace('lines.jsonl', 'maps.jsonl'))
    assert "begun for the export 'maps.jsonl'" in str([*LabelStore(ds, 'Ann').problems])


@pytest.mark.parametrize('odd', [dict(at=1e308), dict(secs=1.7e308), dict(at=-1), dict(region=dict(id='x', points=[[1e300, 0]])), dict(region=dict(id='x', points=box(), shape='star')),
                                 dict(region=dict(id='x', points=[[.1, .1]]*1001)), dict(region=dict(id='x', points=box(), label=['illegible'])), dict(n=2**60)])
def test_an_absurd_event_in_a_journal_is_named_and_stops_nothing(ds, odd):
    LabelStore(ds, 'Ann').append([put('p1.jpg', id='good', text='x'), put(id='good', text='x')])
    with (ds/'labels'/'Ann.jsonl').open('a') as f:
        for i in range(3): f.write(json.dumps(put(text='odd', session='x', n=i, at=4e9) | odd | ({'n': i} if 'n' not in odd else {})) + '\n')
    assert {o.kind for o in LabelStore(ds).problems} == {'foreign'}
    export_labels(ds)
    assert [len(p.regions) for p in read_export(ds/'lines.jsonl').pages] == [3, 3, 2]


def test_two_branches_that_were_joined_without_marks_are_named(ds, monkeypatch):
    path, parts = ds/'labels'/'Ann.jsonl', []
    LabelStore(ds, 'Ann').append(put(text='both'))
    base = path.read_bytes()
    for t, text in (2e9, 'later'), (1.9e9, 'earlier'):
        path.write_bytes(base)
        monkeypatch.setattr(time, 'time', lambda: t)
        LabelStore(ds, 'Ann').append(put(text=text))
        parts.append(path.read_bytes()[len(base):])
    path.write_bytes(base + b''.join(parts))
    problem, = LabelStore(ds, 'Ann').problems
    assert problem.kind == 'merge' and 'goes back by 100,000,000 s' in problem.message and 'the later in the file counts' in problem.message


# ---------------------------------------------------------------------------------------------- typing

def text(id='e0', text='x', page='p0.jpg', **kw): return dict(op='text', page=page, id=id, text=text, **kw)


def test_typing_sets_the_text_of_a_line_and_accepts_a_suggestion(ds):
    store = LabelStore(ds, 'Ann')
    offer = [dict(id=i, points=box(y=.9, h=.01), text=i) for i in ('s1', 's2', 's3')]
    store.append(dict(op='suggest', page='p0.jpg', by='finder', regions=offer))
    was = store.page('p0.jpg').regions
    store.append([text('e0', 'new', secs=1), text('s1', 'one', draft=True), text('s2', 's2', after=None), dict(op='delete', page='p0.jpg', id='s3')])
    now = store.page('p0.jpg')
    assert [(r.id, r.text) for r in now.regions] == [('s2', 's2'), ('e0', 'new'), ('e1', 'line 1'), ('s1', 'one')] and not now.suggestions
    assert now.regions[1] == msgspec.structs.replace(was[0], text='new') and now.regions[3].points == tuple(map(tuple, box(y=.9, h=.01)))
    assert store.suggestion_counts()['p0.jpg'] == dict(offered=3, accepted=1, edited=1, deleted=1, open=0)
    for gone in 'nobody', 's3':
        with pytest.raises(ValueError, match=f"event 2 of 2 .text.: there is no line or suggestion '{gone}'.*nothing was saved"): store.append([text('e1'), text(gone)])
    export_labels(ds)
    assert [r.text for r in read_export(ds/'lines.jsonl').pages[0].regions] == ['s2', 'new', 'line 1', 'one']
    assert LabelStore(ds, 'Ann').page('p0.jpg') == now


def test_typing_that_was_typed_over_is_not_kept_but_known_and_its_seconds_count(ds):
    store = LabelStore(ds, 'Ann')
    typed = [text('e0', 'abcdef'[:i], secs=1, draft=i < 5, session='tab', n=i) for i in range(6)]
    for e in typed[:3]: store.append(e)
    other = LabelStore(ds, 'Ann')
    for e in typed[3:]: store.append(e)
    other.refresh()
    for s in store, other, LabelStore(ds, 'Ann'):
        labels = s.page('p0.jpg')
        assert (labels.regions[0].text, labels.seconds, labels.version) == ('abcde', {'e0': 6}, 7)
        assert [(e['op'], e.get('n'), e.get('secs')) for e in s.history('p0.jpg')][1:] == [('text', 5, 6)]
        assert s.append(typed) == []
        assert [s.page('p0.jpg', n_events=n).regions[0].text for n in (1, 2)] == ['line 0', 'abcde']
    with pytest.raises(ValueError, match='another event 5'): store.append(typed[5] | {'text': 'y'})
    assert (ds/'labels'/'Ann.jsonl').read_text().count('"text"') > 6


# ---------------------------------------------------------------------------------------------- files of other versions


def test_a_file_of_a_newer_version_is_not_written(ds):
    (ds/'labels').mkdir()
    (ds/'labels'/'Ann.jsonl').write_text('{"op":"journal","format":3,"id":"x","annotator":"Ann","at":0}\n')
    store = LabelStore(ds, 'Ann')
    assert [o.kind for o in store.problems] == ['format']
    with pytest.raises(OSError, match='newer version'): store.append(put(text='a'))


def test_without_locks_the_form_of_the_file_is_enough(ds, monkeypatch):
    from fsdl_handwriting_data.core import files, writing
    def none(*_): raise OSError(95, 'no locks here')
    for o in files, writing: monkeypatch.setattr(o, 'lock_file', none)
    a, b = LabelStore(ds, 'Ann'), LabelStore(ds, 'Ann')
    a.append(put(id='a', text='a'))
    with (ds/'labels'/'Ann.jsonl').open('ab') as f: f.write(b'{"op":"pu')
    b.append(put(id='b', text='b'))
    a.append(put(id='c', text='c'))
    assert [r.id for r in LabelStore(ds, 'Ann').page('p0.jpg').regions[2:]] == ['a', 'b', 'c']
    assert export_labels(ds).written and verify(ds).ok


def test_the_clock_goes_back_and_texts_are_large(ds, monkeypatch):
    store = LabelStore(ds, 'Ann')
    for t, text in (200., 'one'), (100., 'two'), (300., 'three'):
        monkeypatch.setattr(time, 'time', lambda: t)
        store.append(put(text=text))
    assert [store.page('p0.jpg', when=t).regions[-1].text for t in (99., 150., 250., 300.)] == ['line 1', 'two', 'two', 'three']
    assert [store.page('p0.jpg', n_events=n).regions[-1].text for n in (0, 2, 3, -1)] == ['line 1', 'one', 'two', 'two']
    store.append(put(text='ä'*5_000_000))
    assert LabelStore(ds, 'Ann').page('p0.jpg').regions[-1].text == 'ä'*5_000_000 and export_labels(ds).total()['added'] == 1
    assert read_export(ds/'lines.jsonl').pages[0].metadata['last_updated_at'] == 300_000


@pytest.mark.parametrize('name', ['../x', 'CON', 'Zoë', 'a/b', '..', '~', 'ann@example.org', '🖋️', "O'Neil; rm -rf *"])
def test_any_name_is_one_file_in_the_folder(ds, name):
    LabelStore(ds, name).append([put(text='a'), status('p0.jpg', 'done')])
    assert len(list((ds/'labels').iterdir())) == 1 and LabelStore(ds).annotators() == [name]
    assert sorted(p.name for p in ds.iterdir()) == ['labels', 'lines.jsonl', 'metadata.toml']
    export_labels(ds)
    assert ('@' in read_export(ds/'lines.jsonl').pages[0].metadata['last_updated_by']) is False
    if (other := name.swapcase()) != name:
        with pytest.raises(ValueError, match='case only'): LabelStore(ds, other)


BAD = [
    7, None, {}, dict(op='export', pages={}), dict(op='seed'), dict(op='unlock'), put('p9.jpg'), put(7), put(id=''), put(id=None), put(id='x'*301),
    put(points=[]), put(points=[[.1, .1]]*1001), put(points=[[.1]]), put(points=[[.1, .2, .3]]), put(points=[[.1, 'x']]), put(points=[[.1, True]]),
    put(points=[[.1, float('nan')]]), put(points=[[float('inf'), .1]]), put(points=[[1e300, 0]]), put(text=7), put(text=None), put(text='\ud83d'), put(text=b'a'),
    put(secs='1'), put(secs=float('nan')), put(secs=float('inf')), put(after=7), put(draft='yes'), put(txt=''), put(session='s'), put(n=1), put(session='s', n='1'),
    put(text='\ud800', session='s', n=1), dict(op='put', page='p0.jpg'), dict(op='put', page='p0.jpg', region={}),
    *(dict(op='put', page='p0.jpg', region=dict(id='a', points=box()) | o) for o in (
        {'shape': 'circle'}, {'shape': 7}, {'mark': 'ugly'}, {'mark': None}, {'paragraph': 0}, {'paragraph': True}, {'paragraph': 1.5}, {'label': 'line'},
        {'label': ['illegible']}, {'label': ['\udc00']}, {'index': 'x'}, {'colour': 'blue'})),
    dict(op='delete', page='p0.jpg'), dict(op='delete', page='p0.jpg', id=3), dict(op='order', page='p0.jpg', ids='e0'), dict(op='order', page='p0.jpg', ids=[1]),
    status('p0.jpg', 'finished'), status('p0.jpg', None), status('p0.jpg', 'blank'), dict(op='suggest', page='p0.jpg', by='x', regions=[dict(id='e0', points=box())]),
    dict(op='suggest', page='p0.jpg', by='x', regions=[dict(id='s', points=box())]*2), dict(op='suggest', page='p0.jpg', regions=[])]


def test_one_bad_event_refuses_its_whole_batch(ds):
    store = LabelStore(ds, 'Ann')
    store.append(put(text='a'))
    path, now = ds/'labels'/'Ann.jsonl', store.page('p0.jpg')
    data = path.read_bytes()
    for bad in BAD:
        with pytest.raises(ValueError, match='^event 2 of 3 .*nothing was saved$'): store.append([put(id='good', text='x'), bad, put(id='good', text='y')])
        assert path.read_bytes() == data and store.page('p0.jpg') == now, bad
    deep = []
    for _ in range(100_000): deep = [deep]
    with pytest.raises(ValueError): store.append(put(points=deep))
    assert path.read_bytes() == data


def test_a_full_disk_is_told_with_the_file_and_nothing_is_half_written(ds, monkeypatch):
    store, path = LabelStore(ds, 'Ann'), ds/'labels'/'Ann.jsonl'
    store.append([put(text='a')])
    data, write = path.read_bytes(), os.write
    def full(fd, data): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    for some in full, lambda fd, data: write(fd, data[:9]):
        with monkeypatch.context() as m:
            m.setattr(os, 'write', some)
            with pytest.raises(OSError, match=r'(No space|disk full).*Ann\.jsonl') as e: store.append([put(text='b')])
        assert e.value.errno == errno.ENOSPC and path.read_bytes() == data
    store.append([put(text='b')])
    assert path.read_bytes().startswith(data) and store.page('p0.jpg').regions[-1].text == 'b'


# ---------------------------------------------------------------------------------------------- replay and export

IDS = ['e0', 'e1', 'e2', 'a', 'b', 'c', 's1', 's2']
values = st.integers(0, 1000).map(lambda v: v/1000)
shapes = st.lists(st.tuples(values, values), min_size=1, max_size=5).map(lambda ps: [list(p) for p in ps])
texts = st.text(st.characters(exclude_categories=['Cs']), max_size=8)
lines = st.fixed_dictionaries(dict(id=st.sampled_from(IDS), points=shapes, shape=st.sampled_from(['rectangle', 'polygon']), text=texts,
                                   mark=st.sampled_from(['', '', 'illegible', 'not text']), paragraph=st.none() | st.integers(1, 9)))
page_ids = st.sampled_from(['p0.jpg', 'p1.jpg', 'p2.jpg'])
secs = st.integers(-1, 30)
ops = (st.fixed_dictionaries(dict(op=st.just('put'), page=page_ids, region=lines, secs=secs), optional=dict(after=st.none() | st.sampled_from(IDS), draft=st.booleans()))
       | st.fixed_dictionaries(dict(op=st.just('text'), page=page_ids, id=st.sampled_from(IDS), text=texts, secs=secs), optional=dict(after=st.none() | st.sampled_from(IDS), draft=st.booleans()))
       | st.fixed_dictionaries(dict(op=st.just('delete'), page=page_ids, id=st.sampled_from(IDS), secs=secs))
       | st.fixed_dictionaries(dict(op=st.just('order'), page=page_ids, ids=st.lists(st.sampled_from(IDS), max_size=6)))
       | st.fixed_dictionaries(dict(op=st.just('status'), page=page_ids, status=st.sampled_from(['open', 'done', 'skipped', 'blank'])))
       | st.fixed_dictionaries(dict(op=st.just('suggest'), page=page_ids, by=st.just('finder'), regions=st.lists(lines, max_size=3))))


def said(labels): return [(o.points, o.shape, o.text, o.mark, o.paragraph) for o in labels.regions]


def append_each(store, events):
    "Append one at a time those that are allowed."
    for e in events:
        try: store.append(e)
        except ValueError: pass


def report_agrees_with_diff(old, changes, file):
    "What an export says of itself is what a diff of the two files finds: the same pages, lines, counts and words."
    diff = diff_exports(old, file.read_bytes())
    bare = lambda page: page and page.replace(raw=page.raw.strip(), line=None)
    pages = lambda diffs: [msgspec.structs.replace(o, old=bare(o.old), new=bare(o.new)) for o in diffs]
    assert pages(o.diff for o in changes.pages) == pages(diff.pages) and [o.page for o in changes.pages] == [o.id for o in diff.pages]
    assert {f'lines_{k}': changes.total()[k] for k in LINE_KINDS}.items() <= diff.totals.items()
    said = change_words({k: n for k, n in diff.totals.items() if k.startswith('lines_')})
    assert said in changes.summary() and said in (diff.summary() + said*(not changes.pages))


@pytest.mark.long
@RELAXED
@given(st.lists(ops, max_size=25), st.lists(ops, max_size=10))
def test_replay_and_export_agree_with_what_was_done(tmp_path_factory, first, second):
    ds = mk_dataset(tmp_path_factory.mktemp('p')/'ds', some_pages(2, 3) + [Page('http://host/p2.jpg', annotated=False, extras={'width': 1000, 'height': 1400})])
    store = LabelStore(ds, 'Ann')
    for events in first, second:
        was, raw = (ds/'lines.jsonl').read_bytes(), {p.id: p.raw for p in read_export(ds/'lines.jsonl').pages}
        append_each(store, events)
        report_agrees_with_diff(was, export_labels(ds), ds/'lines.jsonl')
        fresh, before = LabelStore(ds, 'Ann'), mk_before(ds)
        for p in read_export(ds/'lines.jsonl').pages:
            labels, history = store.page(p.id), store.history(p.id)
            assert fresh.page(p.id) == labels and fresh.history(p.id) == history and labels.version >= len(history)
            assert replay(p.id, history, before[p.id]) == msgspec.structs.replace(labels, version=len(history)) or not labels.touched
            assert replay(p.id, raw_events(ds), before[p.id]) == labels or not labels.touched
            for n in range(len(history) + 1):
                if labels.touched: assert store.page(p.id, n_events=n).regions == replay(p.id, history, store.page(p.id, n_events=0), n_events=n).regions or n == 0
            if not labels.touched: assert p.raw == raw[p.id]
            assert said(page_labels(p)) == said(labels) and page_labels(p).status == labels.status
        counts = store.suggestion_counts()
        for c in counts.values(): assert c['offered'] == sum(v for k, v in c.items() if k != 'offered')
    assert export_labels(ds).written is False and verify(ds).ok


def raw_events(ds):
    path = ds/'labels'/'Ann.jsonl'
    return [json.loads(o) for o in path.read_bytes().split(b"\n") if o.strip()] if path.exists() else []


def mk_before(ds): return {p.id: page_labels(p) for p in read_export(ds/'lines.jsonl').pages}


# ---------------------------------------------------------------------------------------------- exports of several, and of others

def test_several_annotators_on_one_page(ds):
    a, b = LabelStore(ds, 'Ann'), LabelStore(ds, 'Bob')
    a.append([put(text='Ann'), put('p1.jpg', text='only Ann')])
    b.append([put(text='Bob'), put('p2.jpg', text='only Bob')])
    before = read_export(ds/'lines.jsonl').pages
    changes = export_labels(ds)
    now = read_export(ds/'lines.jsonl').pages
    assert [(o.page, o.kind, o.annotators) for o in changes.conflicts] == [('p0.jpg', 'several annotators', ('Ann', 'Bob'))]
    assert now[0].raw == before[0].raw and [p.regions[-1].text for p in now[1:]] == ['only Ann', 'only Bob']
    assert 'p0.jpg' in repr(changes) and '2 pages changed, +2 lines' in repr(changes)
    export_labels(ds, annotators='Bob')
    assert read_export(ds/'lines.jsonl').pages[0].regions[-1].text == 'Bob'
    export_labels(ds, annotators=['Ann', 'Bob'])
    assert [p.regions[-1].text for p in read_export(ds/'lines.jsonl').pages] == ['Ann', 'only Ann', 'only Bob']
    with pytest.raises(ValueError, match="no labels by 'Cid'"): export_labels(ds, annotators='Cid')
    with pytest.raises(ValueError, match="no page 'p9.jpg'"): export_labels(ds, mine='p9.jpg')


def edit(ds, i, **kw):
    "Another program changes the first region of page `i`."
    pages, _ = read_export(ds/'lines.jsonl')
    pages[i] = pages[i].replace(regions=(pages[i].regions[0].replace(**kw), *pages[i].regions[1:]))
    write_export(pages, ds/'lines.jsonl')


def test_a_record_that_another_program_changed_stays_unless_asked(ds):
    store = LabelStore(ds, 'Ann')
    store.append([put(text='mine'), put('p1.jpg', text='too')])
    edit(ds, 0, text='from outside')
    with pytest.raises(MetadataError, match='not the file that metadata.toml describes'): export_labels(ds)
    update_metadata(ds)
    changes = export_labels(ds)
    assert [(o.page, o.kind) for o in changes.conflicts] == [('p0.jpg', 'changed outside')] and [p.page for p in changes.pages] == ['p1.jpg']
    assert read_export(ds/'lines.jsonl').pages[0].regions[0].text == 'from outside'
    edit(ds, 1, text='again')
    update_metadata(ds)
    assert len(export_labels(ds).conflicts) == 2
    changes = export_labels(ds, mine=['p0.jpg', 'p1.jpg'])
    assert not changes.conflicts and [p.regions[0].text for p in read_export(ds/'lines.jsonl').pages[:2]] == ['line 0']*2
    assert export_labels(ds).conflicts == ()


def test_the_record_in_the_file_counts_if_asked_and_the_labels_begin_anew_with_it(ds):
    store, bob = LabelStore(ds, 'Ann'), LabelStore(ds, 'Bob')
    store.append([put(text='mine'), put('p1.jpg', text='mine'), put('p2.jpg', text='mine')])
    bob.append(put(text='Bob'))
    for i in 0, 1: edit(ds, i, text='from outside')
    update_metadata(ds)
    data = {p.id: p.raw for p in read_export(ds/'lines.jsonl').pages}
    changes = export_labels(ds, 'Ann', theirs='p0.jpg', dry=True)
    assert [o.page for o in changes.conflicts] == ['p1.jpg'] and '1 page by Ann as in the file: p0.jpg' in changes.notes and len(store.history('p0.jpg')) == 2
    export_labels(ds, 'Ann', theirs='p0.jpg')
    for s in store, bob:
        s.refresh()
        assert [(r.id, r.text) for r in s.page('p0.jpg').regions] == [('e0', 'from outside'), ('e1', 'line 1')] and [e['op'] for e in s.history('p0.jpg')] == ['seed', 'put', 'seed']
    changes = export_labels(ds, 'Ann', theirs='*')
    assert not changes.conflicts and changes.notes == ('1 page by Ann as in the file: p1.jpg',)
    now = {p.id: p.raw for p in read_export(ds/'lines.jsonl').pages}
    assert [now[k] == data[k] for k in data] == [True, True, False] and verify(ds).ok
    assert export_labels(ds, theirs='*') == export_labels(ds) and not export_labels(ds).notes
    store.append(put(text='more'))
    assert export_labels(ds, 'Ann', mine='*').total()['added'] == 1 and LabelStore(ds, 'Ann').page('p0.jpg') == store.page('p0.jpg')
    with pytest.raises(ValueError, match='whose labels count'): export_labels(ds, mine='p0.jpg', theirs='p0.jpg')


def test_all_of_mine(ds):
    LabelStore(ds, 'Ann').append([put(text='mine'), put('p1.jpg', text='mine')])
    for i in 0, 1: edit(ds, i, text='from outside')
    update_metadata(ds)
    assert len(export_labels(ds).conflicts) == 2 and len(export_labels(ds, mine='*').pages) == 2 and not export_labels(ds).conflicts


def test_a_journal_without_its_seed_doubles_no_line(ds):
    LabelStore(ds, 'Ann').append(put(text='a'))
    export_labels(ds)
    journal = ds/'labels'/'Ann.jsonl'
    journal.write_text(''.join(o + '\n' for o in journal.read_text().splitlines() if '"seed"' not in o))
    for _ in range(3): assert [o.kind for o in export_labels(ds).conflicts] == ['no-seed']
    assert len(read_export(ds/'lines.jsonl').pages[0].regions) == 3
    export_labels(ds, theirs='p0.jpg')
    assert not export_labels(ds).conflicts and len(LabelStore(ds, 'Ann').page('p0.jpg').regions) == 3


def test_labels_that_are_as_they_began_change_nothing(ds):
    store, data = LabelStore(ds, 'Ann'), (ds/'lines.jsonl').read_bytes()
    store.append([put(text='a', secs=3), dict(op='delete', page='p0.jpg', id='a'), status('p1.jpg', 'skipped'), status('p1.jpg', 'done')])
    assert not export_labels(ds).pages and (ds/'lines.jsonl').read_bytes() == data
    store.append(put(text='a'))
    assert len(export_labels(ds).pages) == 1
    store.append(dict(op='delete', page='p0.jpg', id='a'))
    assert export_labels(ds).total()['removed'] == 1 and len(read_export(ds/'lines.jsonl').pages[0].regions) == 2


def test_a_report_says_what_is_no_longer_done_skipped_blank_reopened_and_who_was_not_asked(ds):
    store, bob = LabelStore(ds, 'Ann'), LabelStore(ds, 'Bob')
    store.append([put(text=''), status('p1.jpg', 'skipped')])
    assert '2 pages no longer done, 1 page newly skipped' in str(changes := export_labels(ds, dry=True)) and (changes.total()['undone'], changes.total()['skipped']) == (2, 1)
    export_labels(ds)
    store.append([status('p1.jpg', 'open'), *(dict(op='delete', page='p0.jpg', id=i) for i in ('e0', 'e1', 'a')), status('p0.jpg', 'blank')])
    bob.append(put('p2.jpg', text='b'))
    changes = export_labels(ds, 'Ann')
    assert [[k for k in p.states if k in ('blank', 'reopened')] for p in changes.pages] == [['blank'], ['reopened']] and '1 page newly blank, 1 page reopened' in str(changes)
    assert changes.notes == ('1 page with labels by Bob, who was not asked for: p2.jpg',) and 'Bob' in str(changes)


def test_a_dry_export_writes_nothing_and_needs_no_right_to(ds, monkeypatch):
    LabelStore(ds, 'Ann').append(put(text='a'))
    export_labels(ds)
    LabelStore(ds, 'Ann').append(put(text='b'))
    before = {p: p.read_bytes() for p in ds.rglob('*') if p.is_file()}
    open_ = os.open
    def no(path, flags, *args, **kw):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT): raise PermissionError(errno.EACCES, 'Permission denied')
        return open_(path, flags, *args, **kw)
    monkeypatch.setattr(os, 'open', no)
    assert len(export_labels(ds, dry=True).pages) == 1 and {p: p.read_bytes() for p in ds.rglob('*') if p.is_file()} == before


def test_an_older_export_from_git_is_known_as_ours_but_not_beside_a_newer_description(ds):
    store = LabelStore(ds, 'Ann')
    for text in 'ab':
        store.append(put(text=text))
        export_labels(ds)
        if text == 'a': old = (ds/'lines.jsonl').read_bytes()
    (ds/'lines.jsonl').write_bytes(old)
    with pytest.raises(MetadataError): export_labels(ds)
    update_metadata(ds)
    assert not export_labels(ds).conflicts and read_export(ds/'lines.jsonl').pages[0].regions[-1].text == 'b'


def test_numbers_as_typed_unknown_keys_and_unreadable_regions_survive_every_export(tmp_path):
    ds = mk_dataset(tmp_path/'ds', some_pages(1, 1))
    rec = ('{"content": "http://host/p0.jpg","own":1.10,"annotation":[{"points":"gone","k":1E400},'
           '{"label":["line"],"shape":"point","points":[[0.10,0.20]],"notes":"x","imageWidth":10,"imageHeight":10,"colour":"blue"},'
           '{"label":["line","not text"],"shape":"polygon","points":[[0.10,0.20],[0.5,0.20],[0.30,0.40]],"notes":"","imageWidth":10,"imageHeight":10}],'
           '"extras":null,"metadata":{"x":2.50}}\n')
    (ds/'lines.jsonl').write_text(rec)
    update_metadata(ds)
    store = LabelStore(ds, 'Ann')
    store.append(put(id='new', text='n', after=None))
    export_labels(ds)
    for text in 'yz':
        e1 = next(r for r in store.page('p0.jpg').regions if r.id == 'e1')
        store.append(dict(op='put', page='p0.jpg', region=msgspec.structs.replace(e1, text=text), after='new'))
        store.append(dict(op='order', page='p0.jpg', ids=['e2', 'new', 'e1']))
        changes = export_labels(ds)
        got = (ds/'lines.jsonl').read_text()
        assert changes.total()['added'] == changes.total()['removed'] == 0 and not changes.conflicts
        for part in '"own":1.10', '{"points":"gone","k":1E400}', f'"shape":"point","points":[[0.10,0.20]],"notes":"{text}"', '"colour":"blue"', \
                    '"label":["line","not text"],"shape":"polygon","points":[[0.10,0.20],[0.5,0.20],[0.30,0.40]]', '"x":2.50':
            assert got.count(part) == 1, part
    assert [r.text for r in read_export(ds/'lines.jsonl').pages[0].regions] == ['', 'n', 'z']


def test_pages_that_are_gone_or_double_are_named(ds):
    store = LabelStore(ds, 'Ann')
    store.append(put('p1.jpg', text='x'))
    pages = some_pages()
    write_export([pages[0], pages[2], pages[2]], ds/'lines.jsonl')
    update_metadata(ds)
    with pytest.raises(ValueError, match='several pages'): store.append(put('p2.jpg', text='x'))
    store.append(put('p1.jpg', text='y'))  # begun, so that it needs no export
    with pytest.raises(ValueError, match='no page'): store.append(put('p9.jpg', text='x'))
    assert store.page('p1.jpg').touched
    changes = export_labels(ds)
    assert not changes.conflicts and changes.notes == ('1 page with labels not in the export, whose labels stay in the journals: p1.jpg',) and changes.notes[0] in str(changes)
    write_export([*pages[:2], pages[1]], ds/'lines.jsonl')
    update_metadata(ds)
    assert [(o.page, o.kind) for o in export_labels(ds).conflicts] == [('p1.jpg', 'several pages')]


def test_exports_at_once_are_one_after_the_other(ds):
    for k in range(3):
        LabelStore(ds, 'Ann').append(put(text=f'version {k}'))
        procs = [exporting(ds) for _ in range(4)]
        for _ in range(3): export_labels(ds, dry=True)  # it takes no lock, and asks again if the files change meanwhile
        for p in procs: p.join()
        assert [p.exitcode for p in procs] == [0]*4 and verify(ds).ok and len(Journal(ds/'labels'/'@exports.jsonl').events) == k + 1


@pytest.fixture
def grown(tmp_path):
    "A dataset of one image, with labels by Ann, and a second image that may be added."
    for i in range(2):
        (tmp_path/'scans').mkdir(exist_ok=True)
        Image.new('L', (300 + i, 400), 250).save(tmp_path/'scans'/f's{i}.png')
    new_dataset(tmp_path/'d', tmp_path/'scans'/'s0.png', progress=False)
    LabelStore(tmp_path/'d', 'Ann').append(put('s0.png', text='a'))
    return tmp_path/'d', tmp_path/'scans'/'s1.png'


def both_are_there(folder):
    pages = read_export(folder/'d.jsonl').pages
    return verify(folder).ok and [(p.id, len(p.regions)) for p in pages] == [('s0.png', 1), ('s1.png', 0)]


def test_pages_added_while_an_export_is_made_are_not_lost(grown, monkeypatch):
    from fsdl_handwriting_data.labelling import export
    (folder, image), plan, others = grown, export.ExportSpec.plan, []
    def slow(self):
        others.append(threading.Thread(target=lambda: others.append(new_dataset(folder, image, progress=False))))
        others[0].start()
        time.sleep(.3)
        return plan(self)
    monkeypatch.setattr(export.ExportSpec, 'plan', slow)
    export_labels(folder)
    others[0].join()
    assert len(others[1].of('added')) == 1 and both_are_there(folder)


def test_an_export_made_while_pages_are_added_is_not_lost(grown, monkeypatch):
    from fsdl_handwriting_data.pages import growing as module
    (folder, image), write, others = grown, module.write_dataset, []
    def slow(*args):
        others.append(threading.Thread(target=lambda: others.append(export_labels(folder))))
        others[0].start()
        time.sleep(.3)
        write(*args)
    monkeypatch.setattr(module, 'write_dataset', slow)
    new_dataset(folder, image, progress=False)
    others[0].join()
    assert others[1].written and both_are_there(folder)


def test_an_export_that_is_replaced_by_a_program_without_the_lock_is_left_as_it_is(ds, monkeypatch):
    from fsdl_handwriting_data.labelling import export
    LabelStore(ds, 'Ann').append(put(text='mine'))
    plan = export.ExportSpec.plan
    def slow(self):
        res = plan(self)
        edit(ds, 0, text='theirs')
        update_metadata(ds)
        return res
    monkeypatch.setattr(export.ExportSpec, 'plan', slow)
    with pytest.raises(MetadataError, match='was changed while it was exported'): export_labels(ds)
    assert verify(ds).ok and read_export(ds/'lines.jsonl').pages[0].regions[0].text == 'theirs'


# ---------------------------------------------------------------------------------------------- speed

@pytest.mark.long
def test_a_thousand_pages_of_twenty_lines(tmp_path, note):
    ds = mk_dataset(tmp_path/'ds', some_pages(1000, 20))
    store = LabelStore(ds, 'Ann')
    store.append([put(f'p{i}.jpg', id=f'e{k}', text='some words to fill a line of handwriting', points=box(y=.1 + .04*k, h=.03), secs=1) for i in range(1000) for k in range(20)])
    t0 = time.perf_counter()
    store = LabelStore(ds, 'Ann')
    t1 = time.perf_counter()
    for i in range(50): store.append(put(f'p{i}.jpg', text=str(i)))
    t2 = time.perf_counter()
    changes = export_labels(ds)
    t3 = time.perf_counter()
    n = changes.total()
    assert len(changes.pages) == 1000 and n['retyped'] == n['reshaped'] == 20_000 and n['added'] == 50 and n['removed'] == 0
    note(f'label store of 20,000 events: opened in {t1 - t0:.2f} s, an append in {(t2 - t1)/50*1000:.1f} ms, exported in {t3 - t2:.1f} s')
    assert t1 - t0 < 6 and (t2 - t1)/50 < .1


def test_a_hundred_pages_of_typing(tmp_path, note):
    ds, n = mk_dataset(tmp_path/'ds', some_pages(100, 20)), 0
    LabelStore(ds, 'Ann').append([put(f'p{i}.jpg', id='x', text='a') for i in range(100)])
    with (ds/'labels'/'Ann.jsonl').open('a') as f:
        for n in range(50_000):
            e = text(f'e{n//25 % 20}', 'some words of about fifty characters for each line'[:n % 25*2 + 2], f'p{n//500}.jpg', session='tab', n=n, at=2e9 + n, secs=.5)
            f.write(json.dumps(e | {'draft': n % 25 < 24}) + '\n')
    start = time.perf_counter()
    store = LabelStore(ds, 'Ann')
    took = time.perf_counter() - start
    assert sum(len(store.history(id_)) for id_ in store.pages) == 100*(2 + 20) and store.page('p99.jpg').seconds['e19'] == 12.5 and not store.problems
    note(f'label store of 50,000 events of typing: opened in {took:.2f} s, {(ds/"labels"/"Ann.jsonl").stat().st_size/1e6:.1f} MB')
    assert took < 5


# ---------------------------------------------------------------------------------------------- the course's export

@pytest.fixture
def course(root, note, tmp_path):
    "The course's dataset: its description from this project, and its export."
    src = root.parent/'shared'/'data'/'fsdl_handwriting'
    if not src.is_dir():
        note('The real data is not here (../shared/data), so its tests were skipped.')
        pytest.skip('the real data is not here: ../shared/data')
    folder = tmp_path/'fsdl_handwriting'
    shutil.copytree(root/'data'/'raw'/'fsdl_handwriting', folder, ignore=lambda *_: ['pages', 'fsdl_handwriting.json'])
    shutil.copy(src/'fsdl_handwriting.json', folder)
    return folder


def test_exactly_the_48_pages_that_are_not_complete_are_open(course):
    pages, _ = read_export(course/'fsdl_handwriting.json')
    by_hand = {p.id for p in pages if not p.regions or any(r.text == '' for r in p.regions)}
    assert len(by_hand) == 48 and {p.id for p in pages if not is_complete(p)} == by_hand
    store = LabelStore(course, 'Ann')
    assert {o.page for id_ in store.pages for o in open_work(store.page(id_))} == by_hand
    assert sum(store.page(id_).status == 'done' for id_ in store.pages) == 37


def test_an_export_of_what_nobody_touched_is_the_same_file(course):
    old = (course/'fsdl_handwriting.json').read_bytes()
    store = LabelStore(course, 'Ann')
    assert export_labels(course).written is False and not (course/'labels').exists()
    store.append(dict(op='suggest', page=next(iter(store.pages)), by='finder', regions=[dict(id='s0', points=box())]))
    assert export_labels(course).written is False and (course/'fsdl_handwriting.json').read_bytes() == old


@pytest.mark.parametrize('text,blank', [('', True), (' \u200b', True), ('\u3164', True), ('\u2800', True), ('\x7f', True), ('\ufeff', True), ('\u0600', False), ('\u200by', False)])
def test_what_shows_nothing_is_no_transcript_whoever_asks(tmp_path, text, blank):
    line = Region(((.1, .1), (.9, .1), (.9, .2), (.1, .2)), text, label=('line',), image_width=9, image_height=9)
    page = Page('p.jpg', (line,), metadata=dict(status='done'))
    told = {
        'page': '0 transcribed' in repr(page), 'labels': '0 transcribed' in repr(page_labels(page)), 'state': page_state(page) == 'begun', 'count': count_texts([page]) == 0,
        'problem': bool(parse_export(export_bytes([page])).problems.of('empty-text')), 'card': count_labels([page]).transcribed == 0, 'open': [o.kind for o in open_work(page)] == ['no-text'],
        'diff': diff_pages(page.replace(regions=(line.replace(text='x'),)), page).lines[0].kinds == (('lost',) if blank else ('retyped',)),
        'loss': bool(diff_pages(page.replace(regions=(line.replace(text='abcdefgh'),)), page.replace(regions=(line.replace(text=text),))).losses), 'gone': not diff_pages(page, None).losses[1:]}
    if not blank: told |= dict(diff=False, loss=False)
    assert set(told.values()) == {blank}, told


@pytest.mark.parametrize('every', [9, pytest.param(1, marks=pytest.mark.long)])
def test_touching_one_page_leaves_84_and_its_other_regions(course, note, every):
    for id_ in [*LabelStore(course).pages][::every]:
        shutil.rmtree(course/'labels', ignore_errors=True)
        was, store = read_export(course/'fsdl_handwriting.json').pages, LabelStore(course, 'Ann')
        first, *_ = store.page(id_).regions or [None]
        if first is None: continue
        store.append(dict(op='put', page=id_, region=first))
        if len(first.text) % 2: store.append(dict(op='put', page=id_, region=msgspec.structs.replace(first, text='MENDED')))
        changes = export_labels(course)
        assert [p.page for p in changes.pages] == [id_]*(len(first.text) % 2)
        assert sum(v for k, v in changes.total().items() if k not in ('done', 'undone', 'begun')) == changes.total()['retyped'] == len(first.text) % 2
        now = read_export(course/'fsdl_handwriting.json').pages
        assert len(now) == 85 and sum(a.raw == b.raw for a, b in zip(was, now)) == 85 - len(first.text) % 2
        a, b = next((a.raw, b.raw) for a, b in zip(was, now) if a.id == id_)
        part = lambda raw: raw[:raw.index(b'"extras":')]
        assert part(b) == (part(a).replace(b'"notes":' + json.dumps(first.text).encode(), b'"notes":"MENDED"', 1) if len(first.text) % 2 else part(a))
