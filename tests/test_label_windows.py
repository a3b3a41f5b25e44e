"""Several windows of one annotator: no edit of one erases what another typed, and a dataset that was made before windows knew of each other goes on."""
import errno, json, os, random, shutil
from pathlib import Path

import msgspec, pytest
from PIL import Image

from browser import blank_page, fake_html, wait_for
from labelling import Hand, cell, mk_dataset, read_labels

from fsdl_handwriting_data.core import journal
from fsdl_handwriting_data.core.annotations import Page
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.core.labels import PageLabels, fields_of
from fsdl_handwriting_data.core.events import AnyEvent, add_event, as_event
from fsdl_handwriting_data.core.replay import PageState, replay
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.labelling.suggest import widget_files
from fsdl_handwriting_data.labelling.conversation import Labeller
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.versioning.verified import verify_dataset

FIXTURES = Path(__file__).parent/'fixtures'
STATIC = Path(__file__).parent.parent/'fsdl_handwriting_data'/'static'
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
        for id_, was in pages.items():
            lines = {k: [o | dict(baseline=None) for o in was[k]] for k in ('regions', 'suggestions')}  # of which nobody could say one then
            assert json.loads(json.dumps(store.page(id_, name).as_dict())) == was | dict(others=[], drafts=[]) | lines, (name, id_)
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
    line = lambda id_, y: dict(id=id_, points=[[.1, y], [.9, y], [.9, y + .1], [.1, y + .1]], shape='rectangle', text='', mark='', paragraph=None, label=['line'], index=None, baseline=None)
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
        mk.another = lambda k: widgets.mount(*widget_files(), answer=ks[k]) and Hand(page, page.locator('.fsdl-labeller').last).wait_page()
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


def type_in(hand, i, text):
    row(hand, i)
    hand.type(text)
    hand.press('Enter')
    hand.wait_saved()

def note_of(hand): return hand.find('.note').inner_text() if hand.find('.note').is_visible() else ''

def shown_of(folder, id_='p00.png'):
    labels = LabelStore(folder, 'Ann').page(id_)
    return [(r.text, r.mark) for r in labels.regions], [o.to.text for o in labels.others], len(labels.suggestions), labels.status


@pytest.mark.long
def test_join_and_delete_of_a_line_with_two_texts_lead_to_the_choice(windows, page):
    folder, (one, two), (a, b) = windows(1)
    one.stale = True
    type_in(b, 1, 'by b')
    type_in(a, 1, 'by a')
    a.wait(lambda: a.rows[1] == 'by b', 'the other text')
    was = shown_of(folder)
    assert was[1] == ['by a']
    for i, key, then in (0, 'j', 'join'), (1, 'j', 'join'), (1, 'Delete', 'delete'):
        at_line(a, i, key)
        assert a.live == f'Line 2 has two texts: say which counts, then {then}.' and a.selected()['name'].startswith('Line 2') and a.find('.rival').count() == 1
        a.wait_saved()
        assert shown_of(folder) == was
    a.press('u')
    a.press('Escape', 'h')
    a.wait(lambda: a.find('.changes li').count() > 2, 'the history')
    assert any('joined to the text' in o for o in a.find('.changes li').all_inner_texts()) and not any('not taken' in o for o in a.find('.changes li').all_inner_texts())
    a.press('Escape')
    at_line(a, 0, 'j')
    a.wait_saved()
    assert shown_of(folder)[:2] == ([('by b by a', ''), ('', '')], [])
    assert not page.seen.page_errors


# what the first window did before, what the other does, what the first, which is stale, does then; what the note says in the end
UNSEEN = {
    'done': (None, lambda b: at_line(b, 3, 'x', 'Shift+ArrowDown'), lambda a: (a.button('done'), a.find('[data-action=dismiss]').click()), 'p00.png: Not deleted: another window has accepted line 4, changed the shape or place of line 4, marked line 4 “illegible”. The page is not done.'),
    'list': (None, lambda b: at_line(b, 3, 'x'), lambda a: a.find('[data-action=delete-all]').click(), '“illegible”'),
    'accepted': (None, lambda b: at_line(b, 3, 'y'), lambda a: a.find('[data-action=delete-all]').click(), 'another window has accepted line 4'),
    'delete': (None, lambda b: at_line(b, 1, 'x'), lambda a: at_line(a, 1, 'Delete'), '“illegible”'),
    'moved': (None, lambda b: at_line(b, 1, 'Shift+ArrowDown'), lambda a: at_line(a, 1, 'Delete'), 'changed the shape or place of line 2'),
    'join': (None, lambda b: at_line(b, 1, 'x'), lambda a: at_line(a, 0, 'j'), '“illegible”'),
    'split': (lambda a: at_line(a, 1, 's'), lambda b: at_line(b, 2, 'x'), lambda a: at_line(a, 0, 'Control+z'), '“illegible”'),
    'new': (lambda a: (at_line(a, 2), a.button('duplicate'), a.press('Escape')), lambda b: at_line(b, 3, 'Shift+x'), lambda a: at_line(a, 0, 'Control+z'), '“not text”'),
}


def run_unseen(windows, page, names):
    folder, (one, two), (a, b) = windows(len(names) + 1)
    for id_, name in zip(list(one.lab.ids), names):
        before, other, then, want = UNSEEN[name]
        for o in a, b: o.open(id_)
        if before: before(a), a.wait_saved(), b.open(list(one.lab.ids)[-1]), b.open(id_)
        if name == 'done':
            for i in range(3): type_in(a, i, str(i))
        b.stage.focus()
        b.wait(lambda: b.rows == a.rows, 'the same page')
        one.stale = True
        other(b)
        b.wait_saved()
        was = LabelStore(folder, 'Ann').page(id_)
        then(a)
        a.wait_saved()
        a.wait(lambda: want.replace('p00.png', id_) in note_of(a), f'{name}: the note ({note_of(a)!r})')
        now = LabelStore(folder, 'Ann').page(id_)
        keep = lambda labels: {r.id: r for r in labels.regions if r.mark or r.id not in ('l0', 'l1') or name == 'moved'}
        assert keep(now) == keep(was) and len(now.regions) == len(was.regions) and now.status == 'open', name
        if name == 'done': assert a.find('select option').first.inner_text().startswith('○')
        one.stale = False
    assert not page.seen.page_errors


@pytest.mark.long
def test_a_stale_window_neither_deletes_nor_dismisses_nor_undoes_what_another_changed(windows, page): run_unseen(windows, page, ['done', 'split'])


@pytest.mark.long
def test_a_stale_window_deletes_nothing_that_another_changed(windows, page): run_unseen(windows, page, list(UNSEEN))


@pytest.mark.long
def test_two_windows_let_a_paragraph_begin_and_move_lines(windows, page):
    folder, (one, two), (a, b) = windows(1)
    numbers = lambda: [r.paragraph for r in LabelStore(folder, 'Ann').page('p00.png').regions]
    one.stale = True
    at_line(b, 1, 'b')
    b.wait_saved()
    at_line(a, 2, 'b')
    a.wait_saved()
    assert numbers() == [1, 2, 3] and not LabelStore(folder, 'Ann').page('p00.png').others
    a.wait(lambda: a.find('.row.begins').count() == 2, 'both')
    at_line(a, 2, 'Alt+ArrowUp')
    a.wait_saved()
    assert numbers() == [1, 2, 3] and [r.id for r in LabelStore(folder, 'Ann').page('p00.png').regions] == ['l0', 'l2', 'l1']
    a.press('Control+z', 'Control+z')
    a.wait_saved()
    assert numbers() == [1, 2, 2] and [r.id for r in LabelStore(folder, 'Ann').page('p00.png').regions] == ['l0', 'l1', 'l2']
    at_line(a, 1, 'h')
    a.wait(lambda: 'a paragraph begins here' in a.find('.panel').inner_text(), 'the history')
    assert not page.seen.page_errors


def test_what_another_window_changed_beside_an_edit_is_said_and_not_called_a_dispute(windows, page):
    folder, (one, two), (a, b) = windows(1)
    one.stale = True
    type_in(b, 1, 'Dear')
    at_line(a, 1, 'Shift+x')
    a.wait_saved()
    a.wait(lambda: a.live == 'Line 2 was also changed in another window: text.', 'what is said')
    assert not a.find('.rivals').is_visible() and not note_of(a)
    # typing accepts a suggestion: its frame goes
    row(a, 3)
    assert 'suggested' in a.find('.typer').get_attribute('class')
    a.type('x')
    assert 'suggested' not in a.find('.typer').get_attribute('class')


@pytest.mark.long
@pytest.mark.parametrize('then', ['nothing', 'typed', 'moved', 'deleted', 'elsewhere', 'again'])
def test_a_line_that_two_windows_cut_at_the_same_place_is_cut_once(windows, page, then):
    folder, (one, two), (a, b) = windows(1)
    rows = lambda: [(r.text, r.mark) for r in LabelStore(folder, 'Ann').page('p00.png').regions]
    one.stale = True
    at_line(b, 1, 's')
    if then == 'typed': type_in(b, 2, 'lower')
    if then == 'moved': at_line(b, 2, 'ArrowRight')
    if then == 'deleted': at_line(b, 2, 'Delete')
    b.wait_saved()
    if then == 'again':  # what this window has had is not made anew over what it says
        at_line(b, 1, 'Control+ArrowDown')
        type_in(b, 2, 'lower')
        at_line(b, 1, 's')
        b.wait_saved()
        assert sorted(t for t, _ in rows()) == ['', '', '', '', 'lower'] and len(b.rows) == 6
    at_line(a, 1)
    if then == 'elsewhere': page.mouse.move(*a.at(.5, .37))  # where it is cut
    a.press('s')
    a.wait_saved()
    labels = LabelStore(folder, 'Ann').page('p00.png')
    assert len(labels.regions) == (5 if then in ('elsewhere', 'again') else 4) and [r.text for r in labels.regions if r.text] == ['lower']*(then in ('typed', 'again'))
    assert {o.field for o in labels.others} <= {'shape'} and bool(labels.others) == (then in ('moved', 'elsewhere', 'again'))
    a.wait(lambda: len(a.rows) == len(labels.regions) + 1, 'what is on the disk')
    if then == 'typed':
        a.stage.focus()
        a.press('Control+z')
        assert 'the text is another by now: “lower”' in note_of(a) and 'lower' in a.rows
        a.wait_saved()
        assert ('lower', '') in rows()
    assert not page.seen.page_errors


@pytest.mark.long
def test_the_history_of_a_line_says_where_an_edit_was_made(windows, page):
    folder, (one, two), (a, b) = windows(1)
    type_in(a, 0, 'before')
    c = windows.another(0)
    who = lambda: c.find('.changes .when span').all_inner_texts()
    c.wait(lambda: c.rows[0] == 'before', 'the text')
    b.wait(lambda: b.rows[0] == 'before', 'the text')
    type_in(c, 0, ' here')
    b.wait(lambda: b.rows[0] == 'before here', 'the text')
    type_in(b, 0, ' there')
    row(c, 0)  # in sight
    c.wait(lambda: c.rows[0] == 'before here there', 'the text')
    at_line(c, 0, 'h')
    c.wait(lambda: len(who()) >= 4, 'the history')
    assert who()[:3] == ['Ann, another window', 'Ann', 'Ann, before this window was opened'] and who()[-1] == 'Ann, before this window was opened'
    c.press('Escape')
    at_line(c, 3, 'h')
    c.wait(lambda: who() == [''], 'the history of a suggestion, which nobody made')
    assert 'suggested' in c.find('.changes').inner_text() and not page.seen.page_errors


def test_a_suggestion_that_another_window_made_a_line_is_not_offered_again(windows, page):
    folder, (one, two), (a, b) = windows(1)
    one.stale = two.stale = True
    at_line(a, 3, 'Delete')
    a.wait_saved()
    row(b, 3)
    b.type('offered')
    b.press('Escape')
    b.wait_saved()
    a.stage.focus()
    a.press('Control+z')
    a.wait(lambda: a.rows == ['○ no transcript']*3 + ['offered'], 'the line')
    a.wait_saved()
    assert not note_of(a) and shown_of(folder) == ([('', '')]*3 + [('offered', '')], [], 0, 'open') and not page.seen.page_errors


@pytest.mark.long
def test_a_stale_window_erases_nothing_with_any_edit(windows, page): run_stale(windows, page, list(STALE))


# ---------------------------------------------------------------------------------------------- the rules: one table for Python and JavaScript

CASES = json.loads(Path(__file__).with_name('window_cases.json').read_text(encoding='utf-8'))


def events_of(case): return [dict(e, page='p', n=i, at=float(i)) for i, e in enumerate(case['events'], 1)]

def seen_in(labels, case):
    "What the case asks of the labels, in its own words."
    lines = [[r['id'], {k: r[k] for k in want}] for r, (_, want) in zip(labels['regions'], case['lines'])] + labels['regions'][len(case['lines']):]
    return dict(lines=lines, others=[[o['line'], o['to'], o['session']] for o in labels['others']], status=labels['status'] if 'status' in case else None)

def wanted(case): return dict(lines=case['lines'], others=case['others'], status=case.get('status'))


@pytest.mark.parametrize('case', CASES, ids=[c['name'] for c in CASES])
def test_the_rules_in_python(case):
    start = msgspec.convert(dict(id='p', regions=case['regions']), PageLabels)
    events = events_of(case)
    if case['suggestions']: events.insert(0, dict(op='suggest', page='p', by='test', regions=case['suggestions'], session='0', n=0, at=0.))
    labels = json.loads(json.dumps(replay('p', events, start).as_dict()))
    assert seen_in(labels, case) == wanted(case)
    # typing that goes on is one event in memory, and that changes nothing
    joined = []
    for e in events: add_event(joined, msgspec.convert(e, AnyEvent))
    if case['name'].startswith('a text that was typed'): assert len(joined) == 2
    if not case['name'].startswith('typing that passes'):  # which the store keeps apart
        s = PageState('p', start)
        for e in joined: s.apply(e)
        assert seen_in(json.loads(json.dumps(s.labels().as_dict())), case) == wanted(case)


def test_the_rules_in_javascript(js):
    pages = [dict(regions=c['regions'], suggestions=c['suggestions'], status='open', others=[]) for c in CASES]
    got = js(STATIC).run('history.js', 'pages.map((p, i) => all[i].reduce((q, e) => apply(q, e), p))', pages=pages, all=[events_of(c) for c in CASES])
    assert [c['name'] for c, g in zip(CASES, got) if not c.get('store') and seen_in(g, c) != wanted(c)] == [] and len(CASES) > 25


def test_typing_goes_on_in_one_edit_until_something_else_is_done(js):
    "A draft that was not sent gives way to the next only where that begins with it; an edit of the line's place, or a choice, stays apart."
    T = lambda text, was, **kw: dict(dict(op='set', page='p', id='a', to=dict(text=text), was=dict(text=was)), **kw)
    cases = [([T('x', '', draft=True), T('xy', 'x', draft=True), T('xy', 'xy')], ['xy<']), ([T('x', '', draft=True), dict(op='set', page='p', id='a', after=None)], ['x<', '-<-']),
             ([T('x', '', draft=True), T('z', 'y', draft=True)], ['x<', 'z<y']), ([T('x', '', draft=True), T('x', 'x', drop=[dict(text='o')])], ['x<', 'x<x']), ([T('x', '', draft=True, after='b'), T('x', 'x')], ['x<']),
             ([T('x', '', draft=True), dict(op='set', page='p', id='a', to=dict(mark='illegible'), was=dict(mark=''))], ['x<', '-<-']), ([T('x', '', draft=True), T('xy', 'x', id='b')], ['x<', 'xy<x'])]
    got = js(STATIC).run('sync.js', """all.map(edits => { const b = new Outbox({send() {}, store: {setItem() {}, removeItem() {}}, key: 'k', session: 's'}); edits.forEach(e => b.push(e))
        return b.waiting.map(o => `${o.to?.text ?? '-'}<${o.was?.text ?? '-'}`) })""", all=[o for o, _ in cases])
    assert got == [o for _, o in cases]


def random_windows(seed, n):
    "A page and edits of three windows, each of which has seen some of the others'; without what the store alone remembers of deleted lines."
    rng, value = random.Random(seed), dict(text=lambda: dict(text=rng.choice(['', 'a', 'b', 'ab'])), mark=lambda: dict(mark=rng.choice(['', 'illegible'])), paragraph=lambda: dict(paragraph=rng.choice([None, 1, 2])),
        shape=lambda: dict(points=[[x := rng.choice([.1, .2]), .1], [x + .5, .1], [x + .5, .2]], shape='polygon'),
        baseline=lambda: dict(baseline=rng.choice([None, [[.1, .18], [.6, .18]]])))
    line = lambda id_: dict(dict(id=id_, label=['line'], index=None), **value['text'](), **value['mark'](), **value['paragraph'](), **value['shape'](), **value['baseline']())
    start, offers, events = [line(i) for i in 'abc'], [line(i) for i in 'st'], []
    state = PageState('p', msgspec.convert(dict(id='p', regions=start), PageLabels))
    state.seed(state.start.regions, 'open')
    state.apply(as_event(dict(op='suggest', page='p', by='test', regions=offers), '0', 0))
    for i in range(1, n + 1):
        id_, f = rng.choice('abcst'), rng.choice(['text', 'text', 'text', 'shape', 'mark', 'paragraph', 'baseline'])
        found, how = state.found(id_)
        others = [json.loads(msgspec.json.encode(o.to)) for o in state.labels().others if o.line == id_]
        some = rng.sample(others, rng.randint(0, len(others)))
        kind = rng.choice(['set']*8 + ['delete', 'delete', 'back', 'put', 'begins', 'status'])
        if how == 'gone': kind = 'back'
        if kind == 'set':
            was = rng.choice([json.loads(msgspec.json.encode(fields_of(found, f))), value[f]()])
            e = dict(op='set', id=id_, to=value[f](), was=was, draft=f == 'text' and rng.random() < .6, drop=some if rng.random() < .2 else [], **rng.choice([{}, {}, dict(after=rng.choice(['a', 'b', None]))]))
        elif kind == 'delete':
            all_ = lambda: json.loads(msgspec.json.encode(fields_of(found, 'text', 'mark', 'shape')))
            e = dict(op='delete', id=id_, was=rng.choice([dict(text=found.text), value['text'](), all_(), all_() | value['mark']()]), drop=some, offered=rng.random() < .2)
        elif kind == 'begins': e = dict(op='begins', id=id_, to=rng.random() < .5, numbered=rng.random() < .5)
        elif kind == 'status': e = dict(op='status', status=rng.choice(['skipped', 'open']), dismissed=rng.choice([[], ['s'], ['s', 't']]))
        elif kind == 'back' and how != 'offer': e = dict(op='back', region=json.loads(msgspec.json.encode(found)), after=rng.choice([*state.lines, None]))
        else: e = dict(op='put', region=line(f'n{i}'), after=rng.choice([*state.lines, None]))
        events.append(dict(e, session=rng.choice('123'), n=i, at=float(i), page='p'))
        state.apply(as_event(events[-1], '', 0))
    return dict(regions=start, suggestions=offers, status='open', others=[]), events, state


def test_javascript_does_with_random_edits_of_three_windows_what_the_store_does(js):
    cases = [random_windows(i, 30) for i in range(40)]
    got = js(STATIC).run('history.js', '''pages.map((p, i) => { let wrong = 0; return [all[i].reduce((q, e) => {
        const next = apply(q, e), back = inverse(q, e).reduce((r, o) => apply(r, {...o, session: e.session}), next), plain = o => JSON.stringify([o.regions, o.status])
        if (!e.drop?.length && !hindered(q, e) && e.op === 'set' && plain(back) !== plain(q)) wrong++
        return next }, p), wrong] })''', pages=[c[0] for c in cases], all=[c[1] for c in cases])
    for (page, events, state), (now, wrong) in zip(cases, got):
        want = json.loads(json.dumps(state.labels().as_dict()))
        assert now['regions'] == want['regions'] and sorted(o['id'] for o in now['suggestions']) == sorted(o['id'] for o in want['suggestions'])
        plain = lambda all_: sorted(json.dumps([o['line'], o['to'], o.get('was', {}), o['session']]) for o in all_)
        assert plain(now['others']) == plain(want['others']) and wrong == 0
    assert sum(len(c[2].labels().others) for c in cases) > 20


# ---------------------------------------------------------------------------------------------- any interleaving of two or three windows

HARNESS = r"""
const all = []
const shown = e => !e.page ? {lines: [], texts: [], others: [], offered: []} : {
    lines: e.lines().map(r => r.id), suggested: e.page.suggestions.map(r => r.id), selected: e.selected, rivals: e.rivals.list().length,
    texts: e.lines().map(r => e.field.typing?.id === r.id ? e.field.typing.now : r.text), others: (e.page.others ?? []).filter(o => o.field === 'text').map(o => o.to.text), offered: e.rivals.list().filter(o => o.field === 'text').map(o => o.to.text)}
const open = (key, el = document.createElement('div')) => {
    const model = {out: [], fs: new Set(), send(m) { this.out.push(JSON.parse(JSON.stringify(m))) }, on(name, f) { this.fs.add(f) }, off(name, f) { this.fs.delete(f) }}
    all[key] = {model, el, editor: new m.Editor(model, el)}
    clearInterval(all[key].editor.connection.asks)
}
const act = {
    select: (e, id) => e.select(id, null), finish: e => e.field.finishTyping(), flush: e => e.connection.outbox?.flush(), look: e => e.connection.look(),
    retry: ({connection: c}) => { if (c.leftovers.length) c.recover(); else if (c.outbox.timer) { c.outbox.stop(); c.outbox.again() } },  // what the clock would do
    type: (e, text, more) => { const {field: f} = e; if (f.input.disabled || !e.line()) return; f.input.value = more ? f.input.value + text : text; f.typed() },
    settle: (e, name) => e.rivals.el.querySelector(`[data-action=${name}]`)?.click(),
    do: (e, name) => { if (e.page && !e.pages.busy) e.act({name, dx: 1, dy: 0}) },
}
globalThis.__windows = {
    open: keys => keys.forEach(k => open(k)),
    close: keys => keys.forEach(k => { all[k].editor.close(); all[k].el.remove(); all[k] = null }),
    run: steps => steps.map(([key, kind, ...args]) => {
        const w = all[key], before = kind === 'get' ? null : shown(w.editor)
        if (kind === 'reload') { w.editor.close(); open(key) }
        else if (kind === 'get') args[0].forEach(o => w.model.fs.forEach(f => f(o, [])))
        else if (w.editor.page && w.editor.connection.outbox) act[kind](w.editor, ...args)
        const now = all[key], after = shown(now.editor), there = [...after.texts, ...after.others, ...after.offered]
        return {key, out: now.model.out.splice(0), ...after, saved: now.editor.connection.outbox?.state === 'saved' && !now.editor.connection.leftovers.length,
                gone: before && kind !== 'reload' ? [...before.texts, ...before.others, ...before.offered].filter(t => !there.includes(t)) : []}
    }),
}
"""
EDITS = ['nudge', 'illegible', 'delete', 'delete', 'delete', 'join', 'join', 'split', 'paragraph', 'earlier', 'later', 'accept', 'new-line', 'undo', 'undo', 'undo', 'redo', 'redo']


FULL = []  # [True] while the disk of the world that writes is full


@pytest.fixture
def disks_fill(monkeypatch):
    "What is written is written, unless the disk is full; nothing waits for a real disk."
    really = journal._append
    def append(fd, data, locked):
        if FULL == [True]: raise OSError(errno.ENOSPC, 'No space left on device')
        really(fd, data, locked)
    monkeypatch.setattr(journal, '_append', append)


class World:
    "One page, and two or three windows of an annotator on it: some with a kernel of their own. What is said waits in `sent` and `said` until it is delivered."
    def __init__(self, folder, rng, first):
        self.folder, self.rng, n = folder, rng, rng.choice([2, 2, 3])
        self.keys, self.kernels = list(range(first, first + n)), [Labeller(FsdlHandwritingDataset(folder, verify=False), 'Ann', None) for _ in range(rng.choice([1, 2, n]))]
        self.kernel = {k: self.kernels[i % len(self.kernels)] for i, k in enumerate(self.keys)}
        self.sent, self.said, self.view, self.count = {k: [] for k in self.keys}, {k: [] for k in self.keys}, {}, 0
        self.shown, self.replaced = {}, set() # texts that were shown as saved, or kept by a browser when its tab died, and when; those that a window replaced which showed them
        self.full = False # the disk

    def take(self, got):
        "What a window shows after a step, and sends."
        k = got['key']
        self.sent[k] += got['out']
        if len(self.keys) == 1: self.replaced -= {*got['texts'], *got['others']} # what an undo brought back
        self.view[k] = got
        self.replaced |= set(got['gone'])
        if got['saved']: self.shown |= dict.fromkeys([*got['texts'], *got['others']], self.count)

    def serve(self, k):
        "The kernel of window `k` answers the first message that is on its way, so that all its windows hear it."
        if not self.sent[k]: return
        FULL[:] = [self.full]
        for o, _ in self.kernel[k].answer(self.sent[k].pop(0)):
            o = json.loads(json.dumps(o | dict(image=None)))
            for other in self.keys:
                if self.kernel[other] is self.kernel[k]: self.said[other].append(o)

    def step(self):
        "The next step of a random window."
        self.count += 1
        k, rng = self.rng.choice(self.keys), self.rng
        if rng.random() < (.2 if self.full else .02): self.full = not self.full
        v, what = self.view[k], rng.random()
        if what < .22:
            for _ in range(rng.randint(1, 4)): self.serve(k)
            return k, 'flush'
        if what < .34 or not v['lines']:
            n = rng.choice([1, 1, 2, 9])  # the widget may be looked at between two answers
            said, self.said[k] = self.said[k][:n], self.said[k][n:]
            return k, 'get', said
        if what < .36: return k, 'look'
        if what < .375:
            self.sent[k], self.said[k] = [], [] # the tab is gone, and all that was on its way
            self.shown |= dict.fromkeys([*v['texts'], *v['others']], self.count)
            return k, 'reload'
        if what < .43: return k, 'finish'
        if v['rivals'] and what < .5: return k, 'settle', rng.choice(['take-other', 'keep-this', 'take-both'])
        if what < .58 or v['selected'] not in v['lines']: return k, 'select', rng.choice(v['lines'])
        if what < .8: return k, 'type', f'{k}.{self.count} ', rng.random() < .5
        return k, 'do', rng.choice(EDITS)

    def rest(self):
        "All that is on its way arrives, and the disk has space."
        steps, self.full = [], False
        for k in self.keys:
            while self.sent[k]: self.serve(k)
        for k in self.keys:
            steps.append((k, 'get', self.said[k]))
            self.said[k] = []
        return steps

    def lost(self):
        "The texts that were shown as saved, and are neither there nor offered nor replaced by a window that showed them."
        labels = LabelStore(self.folder, 'Ann').page('p00.png')
        there = [r.text for r in labels.regions] + [o.to.text for o in labels.others if o.field == 'text'] + [r.text for r in labels.suggestions]
        return [t for t in self.shown if t.strip() and t not in self.replaced and not any(t in o for o in there)]

    def apart(self):
        "The windows that show something else than is on the disk."
        labels = LabelStore(self.folder, 'Ann').page('p00.png')
        want = [r.text for r in labels.regions], [o.to.text for o in labels.others if o.field == 'text']
        shown = {k: ([t for i, t in zip(v['lines'], v['texts']) if i not in v['suggested']], v['others']) for k, v in self.view.items()}
        return {k: (v, want) for k, v in shown.items() if v != want}


def play(page, tmp_path, seeds, steps, group=25):
    "Interleavings of windows, many side by side in one page; the number of steps that were taken."
    template, total = mk_pages(tmp_path/'template', 1), 0
    blank_page(page, 'http://127.0.0.1:9', fake_html(False))
    page.evaluate("""async ([esm, harness]) => { const m = await import(URL.createObjectURL(new Blob([esm + '\\nexport {Editor}'], {type: 'text/javascript'}))); new Function('m', harness)(m) }""", [widget_files()[0], HARNESS])
    run = lambda steps: json.loads(page.evaluate('steps => JSON.stringify(__windows.run(JSON.parse(steps)))', json.dumps(steps)))
    for begin in range(0, len(seeds), group):
        worlds, first = [], begin*3
        for seed in seeds[begin:begin + group]:
            worlds.append(World(Path(shutil.copytree(template, tmp_path/f'w{seed}')), random.Random(seed), first))
            first += 3
        keys = {k: w for w in worlds for k in w.keys}
        page.evaluate('keys => __windows.open(keys)', list(keys))
        def go(todo):
            for got in run(todo): keys[got['key']].take(got)
        go([(k, 'flush') for k in keys])
        for _ in range(3): go([o for w in worlds for o in w.rest()])
        for _ in range(steps): go([w.step() for w in worlds])
        go([(k, 'finish') for k in keys])
        for what in 'retry', 'retry', 'flush', 'retry', 'look', 'look', 'look':
            for _ in range(3): go([o for w in worlds for o in w.rest()])
            go([(k, what) for k in keys])
        for w in worlds: assert all(o['saved'] for o in w.view.values()), seeds[begin + worlds.index(w)]
        for w in worlds: assert (w.lost(), w.apart()) == ([], {}), f'seed {seeds[begin + worlds.index(w)]}'
        total += len(worlds)*steps
        page.evaluate('keys => __windows.close(keys)', list(keys))
    return total


def test_any_interleaving_of_windows_keeps_every_text(page, tmp_path, note, disks_fill):
    n = play(page, tmp_path, range(16), 40)
    note(f'windows: 16 interleavings of two or three windows, {n:,} steps')


@pytest.mark.long
def test_many_interleavings_of_windows_keep_every_text(page, tmp_path, note, disks_fill):
    many = int(os.environ.get('FSDL_INTERLEAVINGS', 130))
    n = play(page, tmp_path, range(1000, 1000 + many), 60, 50)
    note(f'windows: {many:,} interleavings of two or three windows, {n:,} steps')


# ---------------------------------------------------------------------------------------------- what is on the screen

def test_two_texts_of_a_line_are_shown_and_one_is_chosen(windows, page):
    folder, (one, two), (a, b) = windows(1)
    one.stale = True
    row(b, 0)
    b.type('by b')
    b.press('Escape')
    b.wait_saved()
    row(a, 0)
    a.type('by a')
    a.wait(lambda: a.find('.rival').count() == 1, 'the bar')
    assert 'by b' in a.find('.rival').inner_text() and a.field.input_value() == 'by a'
    a.type(' and more')  # goes on, and the caret stays
    a.wait_saved()
    assert a.field.input_value() == 'by a and more' and page.evaluate('document.activeElement.className') == 'transcript'
    a.press('Escape')
    assert a.rows[0] == 'by b' and a.find('.row').first.get_attribute('class').split().count('clash') == 1 and '⚠' in a.find('.row b').first.inner_text()
    assert 'by a and more' in a.find('.rival').inner_text() and any('two windows differ' in o for o in a.find('.work button').all_inner_texts())
    a.wait_saved()
    labels = read_labels(folder)['p00.png']
    assert [(r.text, r.id) for r in labels.regions][0] == ('by b', 'l0') and [o.to.text for o in labels.others] == ['by a and more']
    assert 'another text from another window' in str(export_labels(folder))
    a.press('u')  # both, to be corrected
    assert a.field.input_value() == 'by b by a and more' and not a.find('.rivals').is_visible()
    a.press('Escape', 'Control+z')
    a.wait(lambda: a.find('.rival').count() == 1 and a.rows[0] == 'by b', 'the choice again')
    a.press('c')
    a.wait_saved()
    labels = read_labels(folder)['p00.png']
    assert labels.regions[0].text == 'by a and more' and not labels.others
    b.wait(lambda: b.rows[0] == 'by a and more', 'the choice in the other window, which asks by itself')
    # the history of the line is on the screen, and each change can be taken back
    a.press('h')
    a.wait(lambda: a.find('.changes li').count() >= 4, 'the history')
    items = a.find('.changes li').all_inner_texts()
    assert 'another window' in items[-2] and 'by b' in items[-2] and 'drawn' in items[-1]
    a.find('.changes li button').first.click()
    a.wait(lambda: a.rows[0] == 'by b', 'taken back')
    a.wait_saved()
    assert read_labels(folder)['p00.png'].regions[0].text == 'by b'
    assert not page.seen.page_errors


@pytest.mark.long
def test_a_hidden_or_busy_window_does_not_ask_and_one_in_sight_learns_by_itself(windows, page):
    folder, (one, two), (a, b) = windows(2)
    asked = []
    for k in one, two:
        answer = k.lab.answer
        k.lab.answer = lambda m, answer=answer: asked.append(m['kind']) or answer(m)
    row(b, 0)
    b.type('typed')
    b.press('Escape')
    b.wait_saved()
    a.wait(lambda: a.rows[0] == 'typed', 'the text, within seconds', timeout=8)
    assert asked.count('open') == 0 and 1 <= asked.count('refresh') < 12
    b.open('p01.png')
    row(b, 0)
    b.type('on another page')
    b.wait_saved()
    a.wait(lambda: '(4 open)' in a.find('select option').nth(1).inner_text() or '(3 open)' in a.find('select option').nth(1).inner_text(), 'the list of pages', timeout=8)


@pytest.mark.long
@pytest.mark.parametrize('notebooks', [1, 2])
def test_two_windows_in_jupyterlab(lab, new_page, notebooks, request):
    "Two tabs of one notebook, and two notebooks with a kernel each: the second is never given the focus after the first has typed."
    folder = mk_dataset(lab.folder/f'windows{notebooks}', 1)
    pages, hands = [new_page(), new_page()], []
    for i, page in enumerate(pages):
        name = f'{request.node.name}_{i if notebooks == 2 else 0}.ipynb'
        nb = lab.open(page, name, [cell(folder)] if notebooks == 2 or not i else None)
        if notebooks == 2 or not i: nb.run_all()  # the second tab of a notebook shows the widget that is saved in it
        hands.append(Hand(page).wait_page())
        if i == 0:
            for k in range(3): hands[0].draw(.1, .1 + .1*k, .9, .15 + .1*k)
            hands[0].press('Escape')
            hands[0].wait_saved()
            page.locator('.jp-CodeCell .cm-content').first.click()
            page.keyboard.press('Control+s')
            wait_for(lambda: page.wait_for_timeout(50) or 'widget-view' in (lab.folder/name).read_text(), 'the notebook with its widget')
    a, b = hands
    b.wait(lambda: len(b.rows) == 3, 'three lines')
    type_all(b)
    b.wait_saved()
    a.wait(lambda: a.rows == [f'typed {i}' for i in range(3)], 'what the other window typed, without the focus', timeout=15)
    a.stage.focus()
    a.press('Home', 'ArrowRight', 'Tab', 'x', 'Tab', 'b')
    row(b, 0)
    b.type(' and more')
    b.press('Escape')
    for o in a, b: o.wait_saved()
    regions = read_labels(folder)['page_001.jpg'].regions
    assert [r.text for r in regions] == ['typed 0 and more', 'typed 1', 'typed 2'] and [r.mark for r in regions] == ['', 'illegible', '']
    a.stage.focus()
    for _ in range(4): a.press('Control+z')
    a.wait_saved()
    assert [r.text for r in read_labels(folder)['page_001.jpg'].regions][:3] == ['typed 0 and more', 'typed 1', 'typed 2']
    assert not any(p.seen.widget_errors for p in pages)


@pytest.mark.long
@pytest.mark.parametrize('notebooks', [1, 2])
def test_two_windows_whose_kernel_is_killed_while_both_type(lab, new_page, notebooks, request):
    "Two tabs of one notebook, of which the second is loaded anew, or two notebooks with a kernel each. All that was typed is there, and both show it."
    folder = mk_dataset(lab.folder/f'killed{notebooks}', 1)
    pages, names = [new_page(), new_page()], [f'{request.node.name}_{i if notebooks == 2 else 0}.ipynb' for i in range(2)]
    def shown(i, run=True):
        "The widget in window `i`, after its cell was run, or the window loaded again."
        for o in pages[i].locator('.jp-Dialog .jp-mod-accept').all(): o.click() # that the kernel died
        if run: nbs[i].run_all()
        return Hand(pages[i]).wait_page(timeout=40)
    def save():
        pages[0].locator('.jp-CodeCell .cm-content').first.click()
        pages[0].keyboard.press('Control+s')
        wait_for(lambda: pages[0].wait_for_timeout(50) or 'widget-view' in (lab.folder/names[0]).read_text(), 'the notebook with its widget')
    nbs = [lab.open(pages[0], names[0], [cell(folder)])]
    a = shown(0)
    for k in range(4): a.draw(.1, .1 + .1*k, .9, .15 + .1*k)
    a.press('Escape')
    a.wait_saved()
    if notebooks == 1: save()
    nbs.append(lab.open(pages[1], names[1], [cell(folder)] if notebooks == 2 else None))
    b, said = shown(1, notebooks == 2), []
    for turn in range(2):
        for i, hand in enumerate((a, b)):
            row(hand, turn + i)
            hand.type(f' {"ab"[i]}{turn}')
            if turn: hand.wait_saved(20)
        was = lab.kill_kernel(names[turn])
        for hand in a, b:
            hand.type('!')
            said.append(hand.field.input_value().split()[-1]) # without the !, where the dialog of JupyterLab had the keyboard already
        lab.wait_kernel(names[turn], was)
        pages[turn].wait_for_timeout(1000)
        if notebooks == 1:
            a = shown(0)
            save()
            pages[1].reload()
            pages[1].wait_for_timeout(1500)
            b = shown(1, run=False)
        elif turn: b = shown(1)
        else: a = shown(0)
        for hand in a, b:
            hand.press('Escape')
            hand.wait_saved(30)
        a.wait(lambda: a.rows == b.rows, 'the same in both windows', 20)
    a0, b0, a1, b1 = said
    assert a.rows[:3] == [o.text.strip() for o in read_labels(folder)['page_001.jpg'].regions[:3]] == [a0, f'{b0} {a1}', b1]


# ---------------------------------------------------------------------------------------------- a tab with yesterday's program

LINE = dict(id='l0', points=[[.1, .1], [.9, .1], [.9, .2], [.1, .2]], shape='rectangle', text='', mark='', paragraph=None, label=['line'], index=None, baseline=None)

def say(lab, session, **kw): return [m for m, _ in lab.answer(dict(kw, session=session))]

def whole(lab, session, n, **kw): return say(lab, session, kind='edits', edits=[dict(dict(op='put', page='p00.png', n=n, region=LINE | kw.pop('line', {})), **kw)])


@pytest.fixture
def tabs(tmp_path):
    "Two kernels; a tab of each was sent the page."
    folder = mk_pages(tmp_path/'data', 1)
    labs = [Labeller(FsdlHandwritingDataset(folder), 'Ann', None) for _ in range(2)]
    for i, o in enumerate(labs): say(o, f'tab{i}', kind='open', page='p00.png', image=False)
    return folder, *labs


MOVED = dict(points=[[.11, .1], [.91, .1], [.91, .2], [.11, .2]])

@pytest.mark.parametrize('edit,text,others', [
    (dict(line=MOVED), 'an hour of work', []), (dict(line=dict(mark='illegible')), 'an hour of work', []), (dict(line=dict(paragraph=2)), 'an hour of work', []),
    (dict(line=dict(shape='polygon'), after=None), 'an hour of work', []), (dict(line=dict(text='mine')), 'an hour of work', ['mine']), (dict(line=dict(text='mine', **MOVED)), 'an hour of work', ['mine'])])
def test_a_whole_line_of_a_tab_that_was_sent_the_line_is_what_it_changed(tabs, edit, text, others):
    folder, one, two = tabs
    whole(two, 'tab1', 1, line=dict(text='an hour of work'))
    said = whole(one, 'tab0', 1, **edit)
    assert [m['kind'] for m in said] == ['saved', 'page'] and said[1]['page']['regions'][0]['text'] == text
    labels = LabelStore(folder, 'Ann').page('p00.png')
    line = next(o for o in labels.regions if o.id == 'l0')
    assert line.text == text and [o.to.text for o in labels.others] == others
    for k, v in edit['line'].items():
        if k != 'text': assert json.loads(json.dumps(line.points if k == 'points' else getattr(line, k))) == v
    assert whole(one, 'tab0', 1, **edit)[0]['kind'] == 'saved' and LabelStore(folder, 'Ann').page('p00.png') == labels  # an answer that was lost


def test_typing_and_deleting_of_a_tab_with_yesterdays_program(tabs):
    folder, one, two = tabs
    whole(two, 'tab1', 1, line=dict(text='an hour of work'))
    for n, t in enumerate(['x', 'xy'], 1): say(one, 'tab0', kind='edits', edits=[dict(op='text', page='p00.png', id='l0', text=t, n=n, draft=True)])
    labels = LabelStore(folder, 'Ann').page('p00.png')
    assert labels.regions[0].text == 'an hour of work' and [o.to.text for o in labels.others] == ['xy']
    said = say(one, 'tab0', kind='edits', edits=[dict(op='delete', page='p00.png', id='l0', n=3)])
    assert [m['kind'] for m in said] == ['refused', 'saved', 'page'] and 'an hour of work' in said[0]['error']
    say(two, 'tab1', kind='edits', edits=[dict(op='delete', page='p00.png', id='l1', n=2)])
    say(one, 'tab0', kind='edits', edits=[dict(op='text', page='p00.png', id='l1', text='typed into a deleted line', n=4)])
    assert 'typed into a deleted line' in [o.text for o in LabelStore(folder, 'Ann').page('p00.png').regions]


def test_what_a_browser_kept_of_yesterdays_program_overwrites_nothing(tabs):
    folder, one, two = tabs
    whole(two, 'tab1', 1, line=dict(text='an hour of work'))
    kept = [dict(op='text', page='p00.png', id='l0', text='from the browser', n=1), dict(op='put', page='p00.png', region=LINE | dict(id='l1', text='free'), n=2), dict(op='put', page='p00.png', region=LINE | dict(id='new', text='new'), n=3)]
    said, = say(one, 'new', kind='recover', batches=[dict({'from': 'gone'}, edits=kept)])
    assert [o['saved'] for o in said['results']] == [3]
    labels = LabelStore(folder, 'Ann').page('p00.png')
    assert {o.id: o.text for o in labels.regions} == dict(l0='an hour of work', l1='free', l2='', new='new')
    assert [o.to.text for o in labels.others if o.field == 'text'] == ['from the browser']


def test_a_script_that_writes_whole_lines_erases_nothing_that_it_had_not_read(tmp_path):
    folder = mk_pages(tmp_path/'data', 1)
    one, two = LabelStore(folder, 'Ann'), LabelStore(folder, 'Ann')
    put = lambda **kw: dict(op='put', page='p00.png', region=LINE | kw)
    two.append(put(text='an hour of work'))
    one.append(put(mark='illegible'))
    assert [(o.text, o.mark) for o in one.page('p00.png').regions][0] == ('an hour of work', 'illegible')
    one.append(put(text='corrected'))  # it has read the text by now
    assert one.page('p00.png').regions[0].text == 'corrected' and not one.page('p00.png').others
    two.append(dict(op='text', page='p00.png', id='l0', text='another'))
    assert two.page('p00.png').regions[0].text == 'corrected' and [o.to.text for o in two.page('p00.png').others] == ['another']
    with pytest.raises(ValueError, match='corrected'): LabelStore(folder, 'Ann').append(dict(op='delete', page='p00.png', id='l0'))
