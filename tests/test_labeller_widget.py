"""Single things about the labelling widget, each found by somebody who tried: in a page without Jupyter, with the real kernel's side."""
import json, time
from pathlib import Path

import numpy as np, pytest
from PIL import Image

from labelling import Hand, mk_dataset, read_labels, texts

from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.core.journal import Journal
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.labelling.suggest import widget_files
from fsdl_handwriting_data.labelling.conversation import Labeller
from fsdl_handwriting_data.labelling.labeller import label
from fsdl_handwriting_data.core.writing import update_metadata

ONE, TWO, THREE = 'page_001.jpg', 'page_002.jpg', 'page_003.jpg'
FOCUS = "() => { const a = document.activeElement; return a === document.body || a.disabled || !a.getClientRects().length ? 'lost' : a.dataset.action || a.className || a.localName }"


class Kernel:
    "The kernel's side; while `slow`, pages that are asked for come only with `let()`."
    def __init__(self, lab): self.lab, self.slow, self.held = lab, False, []
    def __call__(self, content, buffers):
        res = list(self.lab.answer(content))
        if not (self.slow and content['kind'] == 'open'): return res
        self.held += res
        return []
    def let(self, widget):
        self.slow = False
        for o in self.held: widget.push(*o)


@pytest.fixture
def mount(page, fake_widgets, tmp_path):
    "`mount(pages=3, labelled=False, suggest=None)` gives folder, kernel, widget and hand."
    def mk(pages=3, labelled=False, suggest=None, folder=None):
        folder = folder or mk_dataset(tmp_path/'data', pages, labelled)
        kernel = Kernel(Labeller(FsdlHandwritingDataset(folder), 'Ann', suggest))
        widget = fake_widgets().mount(*widget_files(), answer=kernel)
        return folder, kernel, widget, Hand(page).wait_page()
    return mk


def three_lines(hand):
    for i, text in enumerate('abc'): hand.draw(.1, .1 + .1*i, .9, .15 + .1*i, text)
    hand.press('Escape', 'v', 'Home')
    hand.wait_saved()


def tops(folder, id_=ONE): return {r.text: round(r.points[0][1], 2) for r in read_labels(folder)[id_].regions}


@pytest.mark.long
@pytest.mark.parametrize('key', ['Delete', 'Tab', 'PageDown', 'Escape'])
def test_a_key_while_dragging_moves_no_other_line(mount, page, key):
    folder, kernel, widget, hand = mount()
    hand.open(TWO)
    hand.draw(.1, .5, .5, .6, 'second')
    hand.press('Escape')
    hand.open(ONE)
    three_lines(hand)
    x, y = hand.at(.5, .125)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 150)
    hand.press(key)
    page.wait_for_timeout(100)
    page.mouse.move(x, y + 160)
    page.mouse.up()
    hand.wait_saved()
    assert {k: v for k, v in tops(folder).items() if k != 'a'} == {'b': .2, 'c': .3} and tops(folder, TWO) == {'second': .5}


def test_escape_takes_back_a_drawing_that_was_begun(mount, page):
    folder, kernel, widget, hand = mount()
    x, y = hand.at(.2, .2)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 100, y + 30)
    hand.press('Escape')
    page.mouse.move(x + 120, y + 40)
    page.mouse.up()
    assert hand.lines() == []


@pytest.mark.long
def test_typing_while_a_page_is_fetched_stays_on_its_page(mount, page):
    folder, kernel, widget, hand = mount(4, labelled=True)
    page.wait_for_timeout(300)
    was = {k: v.regions for k, v in read_labels(folder).items()}
    hand.stage.focus()
    hand.press('Home', 'Enter')
    kernel.slow = True
    hand.press('PageDown', 'PageDown')  # the second page was fetched ahead, the third has to come
    hand.type('XYZ')
    kernel.let(widget)
    hand.wait_page(THREE)
    hand.wait_saved()
    assert not read_labels(folder)[THREE].touched
    hand.stage.focus()
    hand.press('Control+z')
    page.wait_for_timeout(200)
    hand.wait_saved()
    assert read_labels(folder)[THREE].regions == was[THREE]  # it got the first line of the second page


def test_done_pressed_twice_is_done(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'twice', 3)
    line = dict(id='r1', points=[[.1, .1], [.9, .1], [.9, .2], [.1, .2]], shape='rectangle', text='a', mark='', paragraph=None, label=['line'], index=None)
    Labeller(FsdlHandwritingDataset(folder), 'Ann', None).store.append([dict(op='status', page=TWO, status='blank'), dict(op='put', page=ONE, region=line)])
    folder, kernel, widget, hand = mount(folder=folder)
    page.wait_for_timeout(200)
    assert hand.current == ONE
    kernel.slow = True  # the next open page is the third, which was not fetched ahead
    hand.stage.focus()
    hand.press('Control+Enter', 'Control+Enter')
    page.wait_for_timeout(100)
    kernel.let(widget)
    hand.wait_page(THREE)
    hand.wait_saved()
    assert read_labels(folder)[ONE].status == 'done'


def test_newlines_of_a_transcript_outlive_a_correction(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'lines', 2, labelled=True)
    meta = FsdlHandwritingDataset(folder).meta
    one, *rest = read_export(meta.file).pages
    first, *others = one.regions
    write_export([one.replace(regions=(first.replace(text='Dear\nSir'), *others)), *rest], meta.file)
    update_metadata(folder)
    folder, kernel, widget, hand = mount(folder=folder)
    hand.stage.focus()
    hand.press('Home', 'Enter')
    hand.type('!')
    hand.press('Enter')
    hand.wait_saved()
    assert texts(folder, ONE)[0] in ('Dear\nSir!', 'Dear Sir!')  # it was 'DearSir!'


MODIFIERS = dict(altKey=1, ctrlKey=2, metaKey=4, shiftKey=8)

def test_what_was_pressed_is_what_is_saved(mount, page):
    """Real key events, as Chromium gets them: each press that gives a character gives that one to the transcript, and nothing is marked, zoomed or copied.

    A dead key gives nothing yet, and the letter after it comes with its accent."""
    cases = [o for o in json.loads(Path(__file__).with_name('key_cases.json').read_text(encoding='utf-8')) if o['gives'] and o['layout'] not in ('any', 'Lithuanian')]
    cases = [o for o in cases if not {'keyCode', 'isComposing', 'altGraph', 'ctrlKey'} & o['event'].keys()]  # Chromium of another system would tell them by other events
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15)
    cdp, wanted = page.context.new_cdp_session(page), ''
    for o in cases:
        e, typed = o['event'], o['gives'] == o['event']['key']
        how = dict(key=e['key'], code=e['code'], modifiers=sum(v for k, v in MODIFIERS.items() if e.get(k)), windowsVirtualKeyCode=ord(e['code'][-1]) if e['code'][:3] in ('Key', 'Dig') else 0)
        cdp.send('Input.dispatchKeyEvent', dict(how, type='keyDown', **({'text': e['key']} if typed else {})))
        cdp.send('Input.dispatchKeyEvent', dict(how, type='keyUp'))
        if not typed: cdp.send('Input.insertText', dict(text='ñ'))
        wanted += e['key'] if typed else 'ñ'
        assert hand.field.input_value() == wanted, o
    hand.press('Enter')
    hand.wait_saved()
    line, = read_labels(folder)[ONE].regions
    assert (line.text, line.mark, line.paragraph) == (wanted, '', None) and len(cases) > 40
    hand.press('Alt+i')  # a plain letter that Alt of this system does not type
    hand.wait_saved()
    assert read_labels(folder)[ONE].regions[0].mark == 'illegible'
    hand.press('F8', 'F9', 'F9', 'F2')
    hand.wait_saved()
    assert [(r.text, r.mark) for r in read_labels(folder)[ONE].regions] == [(wanted, ''), ('', '')]


def test_undo_goes_on_when_the_text_is_as_before(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.press('Escape')
    hand.draw(.1, .2, .9, .25, 'xy')
    for _ in range(4):  # the field's own undo in one step or two, then the widget's
        if len(hand.rows) > 1: hand.press('Control+z')
    assert hand.rows == ['one']


def test_undo_takes_back_a_character_of_the_row(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15, 'ab')
    hand.press('Alt+1')
    hand.type('c')
    assert hand.field.input_value() == 'ab’c'
    for _ in range(5):
        if hand.lines(): hand.press('Control+z')
    assert hand.lines() == []


def test_the_focus_is_never_lost(mount, page):
    folder, kernel, widget, hand = mount(suggest=True)
    hand.wait(lambda: len(hand.lines()) > 5, 'suggestions')
    lost = []
    def press(name):
        hand.find(f'[data-action="{name}"]').first.focus()
        hand.press('Enter')
        page.wait_for_timeout(50)
        if page.evaluate(FOCUS) == 'lost': lost.append(name)
    for name in 'accept', 'undo', 'redo', 'accept-all', 'undo', 'delete-all': press(name)
    while hand.lines(): press('delete')
    hand.draw(.1, .1, .9, .2)
    hand.press('Control+z')  # in the transcript, which has no line now
    if page.evaluate(FOCUS) == 'lost': lost.append('Ctrl+Z in the transcript')
    hand.draw(.1, .1, .9, .2)
    hand.press('PageDown')
    hand.wait_page(TWO)
    if page.evaluate(FOCUS) == 'lost': lost.append('PageDown in the transcript')
    assert lost == []


def test_a_corner_of_a_polygon_may_be_where_another_line_has_a_handle(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .2, 'x')
    hand.press('Escape')
    hand.button('polygon')
    for p in (.3, .25), (.3, .22), (.9, .2), (.9, .3): hand.click(*p)
    hand.press('Enter')
    hand.wait_saved()
    assert [len(r.points) for r in read_labels(folder)[ONE].regions] == [4, 4]


def test_lines_are_not_suggested_twice(mount, page):
    folder, kernel, widget, hand = mount(suggest=True)
    hand.wait(lambda: len(hand.lines()) > 5, 'suggestions')
    n = len(hand.lines())
    hand.button('suggest')
    page.wait_for_timeout(500)
    assert len(hand.lines()) == n


def test_numbers_of_numpy_are_numbers(mount):
    def model(im): return [Region(tuple(map(tuple, np.array([[.1, .1], [.5, .1], [.5, .2], [.1, .2]]))), 'found')]
    lab = mount(suggest=model)[1].lab
    assert [r.text for r in lab.store.page(ONE).suggestions] == ['found']


def test_an_export_with_marked_lines_can_be_suggested(mount, tmp_path):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .2, 'one')
    hand.draw(.1, .3, .9, .4)
    hand.press('Alt+i')
    hand.wait_saved()
    export_labels(folder)
    lab = Labeller(FsdlHandwritingDataset(mk_dataset(tmp_path/'other', 2)), 'Bob', FsdlHandwritingDataset(folder).meta.file)
    assert lab.suggest(ONE) == 2


def test_a_function_that_finds_nothing_is_asked_once(mount, page):
    asked = []
    def nothing(im):
        asked.append(1)
        return []
    folder, kernel, widget, hand = mount(2, suggest=nothing)
    for id_ in TWO, ONE, TWO, ONE: hand.open(id_)
    page.wait_for_timeout(200)
    assert len(asked) == 2


@pytest.mark.long
def test_an_error_of_the_next_page_is_not_shown_on_this_one(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'broken', 2)
    (folder/'pages'/TWO).write_bytes((folder/'pages'/TWO).read_bytes()[:3000])
    folder, kernel, widget, hand = mount(folder=folder, suggest=True)
    page.wait_for_timeout(500)
    assert hand.current == ONE and not hand.find('.note').is_visible()


def test_a_page_that_is_done_stays_done_when_the_edit_is_taken_back(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.press('Control+Enter')
    hand.wait_page(TWO)
    hand.open(ONE)
    hand.stage.focus()
    hand.press('n', 'Control+z')
    hand.wait_saved()
    assert read_labels(folder)[ONE].status == 'done'


def suggested(mount, typed=1):
    "A page with suggestions, of which `typed` were accepted by typing, and the focus in the field."
    folder, kernel, widget, hand = mount(suggest=True)
    hand.wait(lambda: len(hand.lines()) > 5, 'suggestions')
    hand.stage.focus()
    hand.press('Home', 'Enter')
    for i in range(typed):
        hand.type(f'line {i}')
        hand.press('Enter')
    hand.wait_saved()
    return folder, kernel, hand, len(hand.lines()) - typed

QUESTION = """el => { const q = el.querySelector('.question'), text = id => el.querySelector('#' + CSS.escape(id)).textContent
    return q.hidden ? null : {role: q.getAttribute('role'), modal: q.getAttribute('aria-modal'), name: text(q.getAttribute('aria-labelledby')), why: text(q.getAttribute('aria-describedby')),
        choices: [...q.querySelectorAll('button')].map(b => b.textContent), focus: document.activeElement.textContent, waits: [...el.children].every(o => o === q || o.inert)} }"""

@pytest.mark.long
def test_done_asks_what_undecided_suggestions_are(mount, page):
    folder, kernel, hand, n = suggested(mount)
    asked = lambda: hand.root.evaluate(QUESTION)
    assert hand.status == f'Still open: {n}' and 'Complete' not in hand.find('.side').inner_text() and f'({n} open)' in hand.find('option').first.inner_text()
    assert asked() is None and not hand.find('.done.ready').count()
    hand.press('Control+Enter')
    assert asked() == dict(role='alertdialog', modal='true', name=f'{n} suggested lines are undecided', why=asked()['why'], waits=True,
                           choices=['Label them', 'They are not text', 'Leave the page open'], focus='Label them')
    seen = []
    for key in 'Tab', 'ArrowRight', 'Tab', 'Shift+Tab', 'Control+Enter', 'x', 'PageDown':  # the focus goes round, and no key gets past the question
        hand.press(key)
        seen.append(asked()['focus'])
    assert seen == ['They are not text', 'Leave the page open', 'Label them'] + ['Leave the page open']*4
    page.mouse.click(*hand.at(.5, .9))
    assert asked()['focus'] == 'Leave the page open' and len(hand.lines()) == n + 1
    hand.press('Escape')
    assert asked() is None and page.evaluate(FOCUS) == 'transcript' and hand.current == ONE and not hand.find(':scope > [inert]').count()
    hand.press('Control+Enter', 'Enter')  # label them
    assert asked() is None and page.evaluate(FOCUS) == 'transcript' and 'suggested' in hand.selected()['cls']
    hand.press('Control+Enter')
    hand.button('leave-open')
    assert asked() is None and page.evaluate(FOCUS) == 'transcript' and 'stays open' in hand.live
    hand.wait_saved()
    labels = read_labels(folder)[ONE]
    assert (labels.status, len(labels.regions), len(labels.suggestions)) == ('open', 1, n)


@pytest.mark.long
def test_suggestions_that_are_no_text_go_with_done_in_one_step(mount, page):
    folder, kernel, hand, n = suggested(mount)
    hand.press('Control+Enter', 'Tab', 'Enter')
    hand.wait_page(TWO).wait_saved()
    labels = read_labels(folder)[ONE]
    assert (labels.status, len(labels.regions), len(labels.suggestions)) == ('done', 1, 0)
    hand.press('Control+z')
    hand.wait_page(ONE).wait_saved()
    labels = read_labels(folder)[ONE]
    assert (labels.status, len(labels.regions), len(labels.suggestions)) == ('open', 1, n) and 'suggestions dismissed' in hand.live
    hand.press('Control+Shift+Z')
    hand.wait(lambda: read_labels(folder)[ONE].status == 'done', 'done again')
    hand.wait_saved()
    assert read_labels(folder)[ONE].suggestions == () and hand.status == '✓ Page done'


@pytest.mark.parametrize('how', ['question', 'button', pytest.param('list', marks=pytest.mark.long)])
def test_a_page_whose_suggestions_are_no_text_is_blank(mount, page, how):
    folder, kernel, hand, n = suggested(mount, typed=0)
    assert hand.status == f'Still open: {n + 1}'
    if how == 'question': hand.press('Control+Enter', 'Tab', 'Enter')
    elif how == 'button': hand.button('blank')
    else:
        hand.button('delete-all')
        hand.press('Control+Enter')
        assert hand.root.evaluate(QUESTION) is None and hand.status == 'Still open: 1'
        hand.button('blank')
    hand.wait_page(TWO).wait_saved()
    labels = read_labels(folder)[ONE]
    assert (labels.status, labels.suggestions) == ('blank', ())


def test_an_old_page_that_is_done_with_suggestions_stays_so_and_says_it(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'data', 2)
    offered = dict(op='suggest', page=ONE, by='line finder', regions=[dict(id=f's{i}', points=[[.1, .2 + i/10], [.9, .2 + i/10], [.9, .25 + i/10], [.1, .25 + i/10]]) for i in range(3)])
    store = LabelStore(folder, 'Ann')
    line = dict(op='put', page=ONE, region=dict(id='a', points=[[.1, .1], [.9, .1], [.9, .15], [.1, .15]], text='one'))
    store.append([line, dict(op='status', page=ONE, status='done')])
    Journal(folder/'labels'/'Ann.jsonl', 'Ann').add(offered)  # as an older version left it
    folder, kernel, widget, hand = mount(folder=folder)
    hand.open(ONE)
    assert hand.status == '✓ Page done, and still open:' and '3 suggested lines are undecided' in hand.find('.work').inner_text()
    assert repr(kernel.lab).endswith('1 of 2 pages done, 1 to label, 2 open problems, 3 suggestions undecided, some on pages called done (1)')
    assert export_labels(folder).total()['done'] == 1


@pytest.mark.parametrize('status,note', [('done', '1 line suggested: the page is open again.'), ('blank', '1 line suggested: the page is open again.'),
                                         ('skipped', '1 line suggested: the page is open again.'), ('open', '')])
@pytest.mark.long
def test_lines_that_are_found_on_a_page_that_is_done_open_it_again_in_one_step(mount, page, status, note):
    found = []
    folder, kernel, widget, hand = mount(2, suggest=lambda im: found)
    if status in ('done', 'open'): hand.draw(.1, .1, .9, .2, 'one')
    if status == 'done': hand.press('Control+Enter')
    if status in ('blank', 'skipped'): hand.button('blank' if status == 'blank' else 'skip')
    hand.open(ONE)
    hand.wait_saved()
    assert read_labels(folder)[ONE].status == status
    found.append(Region(((.1, .5), (.9, .5), (.9, .6), (.1, .6))))
    hand.button('suggest')
    hand.wait(lambda: hand.live == '1 line suggested.', 'what is said')
    at = lambda: (lambda o: (o.status, len(o.suggestions)))(read_labels(folder)[ONE])
    assert at() == ('open', 1) and (hand.find('.note').inner_text().startswith(note) if note else not hand.find('.note').is_visible())
    assert 'open' in hand.status and hand.find('option').first.inner_text().startswith('○')
    hand.stage.focus()
    for key, then in ('Control+z', (status, 0)), ('Control+Shift+Z', ('open', 1)), ('Control+z', (status, 0)):
        hand.press(key)
        hand.wait_saved()
        hand.wait(lambda: at() == then, f'{key}: {then}')
    assert len(hand.lines()) == (status in ('done', 'open')) and hand.live == 'Undone: 1 line suggested'
    assert LabelStore(folder, 'Ann').problems == [] and not page.seen.page_errors


def test_lines_that_are_found_on_a_page_that_only_the_export_calls_done_open_it_too(mount, page, tmp_path):
    found, folder = Region(((.1, .97), (.9, .97), (.9, .99), (.1, .99))), mk_dataset(tmp_path/'done', 2, labelled=True)
    file = FsdlHandwritingDataset(folder).meta.file
    write_export([p.replace(metadata=dict(status='done')) for p in read_export(file).pages], file)
    update_metadata(folder)
    folder, kernel, widget, hand = mount(folder=folder, suggest=lambda im: [found])
    was = read_labels(folder)[ONE]
    assert was.status == 'done' and not was.touched
    hand.button('suggest')
    hand.wait(lambda: 'the page is open again' in hand.find('.note').inner_text(), 'the note')
    now = read_labels(folder)[ONE]
    assert now.status == 'open' and len(now.suggestions) == 1 and now.regions == was.regions
    assert export_labels(folder).pages[0].states == ('undone', 'begun')
    hand.stage.focus()
    hand.press('Control+z')
    hand.wait_saved()
    hand.wait(lambda: (lambda o: (o.status, o.suggestions))(read_labels(folder)[ONE]) == ('done', ()), 'as it was')
    assert not export_labels(folder).pages or export_labels(folder).total()['undone'] == 0


def drafts(folder):
    "The texts that are half typed on the first page."
    labels = read_labels(folder)[ONE]
    return [r.text for r in labels.regions if r.id in labels.drafts]



def test_a_half_typed_line_stays_half_typed_until_it_is_confirmed(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.draw(.1, .2, .9, .25, 'Half a li')  # drawing on confirms the line before
    hand.wait_saved()
    picked = lambda: hand.find('option').first.inner_text()
    assert hand.status == 'Complete: press Done' and '(complete)' in picked()  # while somebody types on, list and picker say the same
    hand.press('Escape')
    hand.wait_saved()
    assert '(1 open)' in picked()
    assert drafts(folder) == ['Half a li'] and 'draft' in hand.find('.row').nth(1).get_attribute('class')
    assert hand.status == 'Still open: 1' and 'Line 2: half typed' in hand.find('.work').inner_text()
    assert not any(e.get('draft') is not True for e in LabelStore(folder, 'Ann').history(ONE) if e['op'] in ('set', 'text') and e.get('to', e).get('text') == 'Half a li')
    changes = export_labels(folder)
    assert '1 page with lines that are half typed: page_001.jpg' in changes.notes and FsdlHandwritingDataset(folder).begun == [ONE]
    assert '1 line half typed' in str(FsdlHandwritingDataset(folder).problems.of('page-not-done')[0])
    hand.press('Control+Enter')  # Done goes to it
    hand.wait_saved()
    assert read_labels(folder)[ONE].status == 'open' and page.evaluate(FOCUS) == 'transcript' and hand.live == 'Not done: 1 open. Line 2: half typed, Enter confirms it'
    hand.press('End')
    hand.type('ne')
    hand.press('Escape', 'Enter', 'Enter')
    hand.wait_saved()
    assert drafts(folder) == [] and texts(folder, ONE) == ['one', 'Half a line'] and hand.status == 'Complete: press Done'
    hand.press('Control+Enter')
    hand.wait_page(TWO).wait_saved()
    assert read_labels(folder)[ONE].status == 'done'


@pytest.mark.long
def test_going_on_confirms_what_was_typed_and_leaving_does_not(mount, page):
    folder, kernel, widget, hand = mount()
    three_lines(hand)
    def leave(how):
        if how == 'list': hand.find('.row').nth(1).click()
        elif how == 'click': hand.click(.5, .225)
        elif how == 'blur': page.evaluate('() => document.activeElement.blur()')
        elif how == 'gone': widget.remove()
        else: hand.press(how)
    for i, how in enumerate(['Enter', 'Tab', 'ArrowDown', 'list', 'click', 'F2', 'Escape', 'Control+s', 'blur', 'PageDown', 'gone']):
        if hand.current != ONE: hand.open(ONE)
        hand.stage.focus()
        hand.press('v', 'Home', 'Enter', 'Control+a')
        hand.type(text := f'half {i}')
        hand.wait(lambda: text in drafts(folder), 'a draft')
        leave(how)
        if how in ('Enter', 'Tab', 'ArrowDown', 'list', 'click', 'F2'): hand.wait(lambda: text not in drafts(folder), f'{how}: confirmed')
        else:
            if how == 'PageDown': hand.wait_page(TWO)
            page.wait_for_timeout(150)  # for what should not come
            assert text in drafts(folder), how
        if how == 'blur':  # what is confirmed, and then typed and taken back, is no draft
            hand.field.focus()
            hand.press('Enter', 'ArrowUp')
            hand.type('x')
            hand.press('Backspace', 'Escape')
            hand.wait(lambda: text not in drafts(folder), 'no draft')


def test_a_page_that_somebody_else_labelled_says_so(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'data', 2)
    line = dict(op='put', page=ONE, region=dict(id='a', points=[[.1, .1], [.9, .1], [.9, .15], [.1, .15]], text='by Bob'))
    LabelStore(folder, 'Bob').append([line, dict(op='status', page=ONE, status='done')])
    export_labels(folder)
    folder, kernel, widget, hand = mount(folder=folder)
    hand.open(ONE)
    assert hand.lines() == [] and hand.find('.hint').inner_text() == 'Bob has labelled this page; you begin on an empty one.' and hand.live.endswith('on an empty one.')
    hand.draw(.1, .2, .9, .25, 'by Ann')
    hand.press('Enter')
    hand.wait_saved()
    assert not hand.find('.hint').count() and texts(folder, ONE) == ['by Ann'] and texts(folder, ONE, 'Bob') == ['by Bob']
    hint = lambda name, **kw: Labeller(FsdlHandwritingDataset(folder), name, None, **kw)._page(ONE, False)[0]['page']
    assert hint('Zoe')['hint'] == 'Ann and Bob have labelled this page; you begin on an empty one.' and hint('Ann')['hint'] == ''
    assert (hint('Zoe', blind=True)['hint'], hint('Zoe', blind=True)['regions']) == ('', ())
    begun = hint('Zoe', start_from='Bob')
    assert begun['hint'] == 'You begin with the labels of Bob.' and [r['text'] for r in begun['regions']] == ['by Bob'] and begun['status'] == 'open'
    with pytest.raises(ValueError, match="no labels by 'Eve' to start from; there are labels by 'Ann', 'Bob'"): label(folder, 'Zoe', start_from='Eve')


def test_skip_does_not_undo_done(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.press('Control+Enter')
    hand.wait_page(TWO)
    hand.open(ONE)
    if hand.find('[data-action="skip"]').is_enabled(): hand.button('skip')
    hand.wait_saved()
    assert read_labels(folder)[ONE].status == 'done'


@pytest.mark.long
def test_paragraphs_stay_groups_when_lines_change_places(mount, page):
    folder, kernel, widget, hand = mount()
    three_lines(hand)
    hand.press('Tab', 'b', 'Alt+ArrowUp')  # b begins the second paragraph, and goes before a
    hand.wait_saved()
    numbers = [r.paragraph or 1 for r in read_labels(folder)[ONE].regions]
    assert numbers == sorted(numbers)


@pytest.mark.long
def test_the_page_can_not_be_lost_by_the_wheel(mount, page):
    folder, kernel, widget, hand = mount()
    page.mouse.move(*hand.at(.5, .5))
    for _ in range(8): page.mouse.wheel(0, 200)
    page.wait_for_timeout(100)
    image, stage = hand.find('image').bounding_box(), hand.stage.bounding_box()
    assert image['y'] + image['height'] > stage['y'] + 20


def test_page_keys_in_the_rules_scroll_the_rules(mount, page):
    folder, kernel, widget, hand = mount()
    hand.button('help')
    hand.press('PageDown')
    page.wait_for_timeout(200)
    assert hand.current == ONE


def test_guidelines_of_somebody_else_do_not_stop_the_page(mount, page, tmp_path):
    folder = mk_dataset(tmp_path/'rules', 1)
    (folder/'guidelines.md').write_text('<!--'*60_000)
    folder, kernel, widget, hand = mount(folder=folder)
    start = time.monotonic()
    hand.button('guidelines')
    page.evaluate('() => 1')
    assert time.monotonic() - start < 3


def test_there_is_no_copy_where_there_is_no_room(mount, page):
    folder, kernel, widget, hand = mount()
    hand.draw(.1, .9, .9, .99, 'x')
    hand.press('Escape', 'd', 'd', 'd')
    hand.wait_saved()
    points = [r.points for r in read_labels(folder)[ONE].regions]
    assert len(points) == len(set(points))


@pytest.mark.long
def test_another_kernels_typing_is_seen_when_this_widget_is_used_again(page, fake_widgets, tmp_path):
    folder, widgets = mk_dataset(tmp_path/'shared', 2), fake_widgets()
    hands = []
    for i in range(2):  # as in two notebooks side by side
        widgets.mount(*widget_files(), answer=Kernel(Labeller(FsdlHandwritingDataset(folder), 'Ann', None)))
        hands.append(Hand(page, page.locator('.fsdl-labeller').nth(i)).wait_page())
    a, b = hands
    a.draw(.1, .1, .9, .2, 'one')
    a.press('Enter')
    a.wait_saved()
    b.stage.focus()
    b.wait(lambda: b.rows == ['one'], 'the line')
    a.field.focus()
    a.type(' more')
    a.press('Enter')
    a.wait_saved()
    b.stage.focus()
    page.wait_for_timeout(300)
    b.press('Home', 'ArrowRight')  # only the shape
    b.wait_saved()
    assert texts(folder, ONE) == ['one more']


@pytest.mark.parametrize('what', ['numpy', 'marked', 'nan', 'shape', 'no points'])
@pytest.mark.filterwarnings('ignore:.*left out')
def test_one_odd_suggestion_does_not_cost_the_others(tmp_path, what):
    good = Region(((.1, .1), (.9, .1), (.9, .2), (.1, .2)), label=('line',))
    odd = {'numpy': good.replace(points=tuple(map(tuple, np.array(good.points) + [0, .3]))), 'marked': good.replace(points=((.1, .5), (.9, .5), (.9, .6)), label=('line', 'illegible')),
           'nan': good.replace(points=((float('nan'), .1), (.2, .2), (.3, .3))), 'shape': good.replace(points=((.1, .5), (.9, .5), (.9, .6)), shape='ellipse'), 'no points': good.replace(points=())}[what]
    kernel = Labeller(FsdlHandwritingDataset(mk_dataset(tmp_path/'data', 1)), 'Ann', lambda im: [good, odd])
    assert kernel.suggest(ONE) == (1 if what in ('nan', 'no points') else 2)


def test_a_page_that_left_the_export_does_not_stop_the_others(tmp_path):
    folder = mk_dataset(tmp_path/'data', 3)
    lab, meta = Labeller(FsdlHandwritingDataset(folder), 'Ann', None), FsdlHandwritingDataset(folder).meta
    write_export(read_export(meta.file).pages[:1], meta.file)
    update_metadata(folder)
    (said, _), = lab.answer(dict(kind='open', page=TWO, session='s'))
    assert said['kind'] == 'error' and TWO in said['error']
    (said, _), = lab.answer(dict(kind='hello', session='s'))
    assert [o['id'] for o in said['pages']] == [ONE] and '0 of 1 pages' in repr(lab)


def test_new_images_in_a_folder_become_pages_when_it_is_opened_for_labelling(tmp_path):  # as its metadata.toml says
    for i in range(3): Image.new('L', (300, 400), 250 - i).save(tmp_path/f's{i}.png')
    assert len(label(tmp_path, 'Ann').ids) == 3
    Image.new('L', (310, 400), 250).save(tmp_path/'s3.png')
    assert len(label(tmp_path, 'Ann').ids) == 4


@pytest.mark.long
def test_what_the_browser_kept_waits_for_the_disk_and_goes_first(page, fake_widgets, tmp_path):
    "The tab died while the disk was full, and the disk is still full when the widget comes back."
    folder = mk_dataset(tmp_path/'data', 1)
    lab, full = Labeller(FsdlHandwritingDataset(folder), 'Ann', None), [False]
    append = lab.store.append
    def fail(*events):
        if full[0]: raise OSError(28, 'No space left on device')
        return append(*events)
    lab.store.append = fail
    fw = fake_widgets()
    first = fw.mount(*widget_files(), answer=lambda c, b: list(lab.answer(c)))
    hand = Hand(page).wait_page()
    hand.draw(.1, .1, .9, .15, 'before')
    hand.press('Enter')
    hand.wait_saved()
    full[0] = True
    hand.draw(.1, .3, .9, .35, 'on a full disk')
    hand.press('Enter')
    hand.wait(lambda: hand.saved == 'unsaved', 'unsaved')
    first.remove()
    fw.mount(*widget_files(), answer=lambda c, b: list(lab.answer(c)))
    hand = Hand(page).wait_page()
    hand.wait(lambda: hand.saved == 'unsaved' and hand.rows == ['before', 'on a full disk'], 'what was kept, unsaved')
    hand.draw(.1, .5, .9, .55, 'later')
    hand.press('Enter')
    assert hand.saved == 'unsaved' and texts(folder, ONE) == ['before']
    full[0] = False
    hand.wait_saved()
    assert texts(folder, ONE) == ['before', 'on a full disk', 'later']


def test_each_bar_is_one_row_in_a_window_of_1280_pixels(mount):
    "JupyterLab leaves 1112 of them to a widget; with other fonts it may take a little more."
    folder, kernel, widget, hand = mount()
    highs = hand.root.evaluate('''(el, width) => {
        el.style.width = `${width}px`
        return [...el.querySelectorAll('.bar')].map(o => o.offsetHeight / o.querySelector('button').offsetHeight)
    }''', 1075)
    assert highs == [1, 1]


@pytest.mark.long
@pytest.mark.parametrize('width', [640, 800, 900, 960, 1030, 1280])
def test_nothing_moves_the_picture_under_the_hand(page, fake_widgets, tmp_path, width):
    "Bars that wrap when a message or a button comes would move the picture while somebody draws on it."
    page.set_viewport_size(dict(width=width, height=900))
    folder = mk_dataset(tmp_path/'data', 3)
    lab, full = Labeller(FsdlHandwritingDataset(folder), 'Ann', lambda picture: [Region([[.1, .6], [.9, .6], [.9, .65], [.1, .65]])]), [False]
    append = lab.store.append
    def fail(*events):
        if full[0]: raise OSError(28, 'No space left on device, and then a long text about what was to be written and where that was to go')
        return append(*events)
    lab.store.append = fail
    fake_widgets().mount(*widget_files(), answer=lambda c, b: list(lab.answer(c)))
    hand, tops = Hand(page).wait_page(), {}
    def look(what): # scrolling to the transcript after a drawing is meant
        tops[what] = page.evaluate("""() => {
            const [root, stage, side, typer] = ['.fsdl-labeller', '.stage', '.side', '.typer'].map(o => document.querySelector(o).getBoundingClientRect())
            return [stage.top - root.top, side.top - root.top, root.height - typer.height].map(Math.round)
        }""")
    look('at first')
    hand.wait(lambda: len(hand.lines()) == 1, 'the suggestion')
    look('a suggestion')
    hand.draw(.1, .1, .9, .15, 'a rectangle')
    hand.press('Escape')
    look('a rectangle')
    hand.press('t')
    look('a polygon')
    hand.press('x')
    look('a mark')
    hand.press('x', 'Shift+A')
    look('all accepted')
    hand.wait_saved()
    full[0] = True
    for i in range(12): hand.draw(.1, .2 + .03*i, .9, .22 + .03*i, 'x')
    hand.wait(lambda: hand.saved == 'unsaved', 'unsaved')
    look('not saved')
    full[0] = False
    hand.wait_saved()
    look('saved')
    hand.press('Escape', 'v')
    look('another tool')
    assert all(o == tops['at first'] for o in tops.values()), tops
