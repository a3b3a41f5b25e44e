"""Journeys at the labelling widget in a real JupyterLab, with a real kernel and a real Chromium; what counts is what is on the disk."""
import pytest

from labelling import Hand, cell, mk_dataset, read_labels, texts

from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset

LABELS = str(FsdlHandwritingDataset('sample_handwriting').meta.file)


def by_mouse(hand, lines):
    "Draw lines and type them; the next drag ends the typing of the one before."
    for i, text in enumerate(lines): hand.draw(.1, .1 + .06*i, .9, .15 + .06*i, text)
    hand.press('Enter')


@pytest.mark.long
def test_a_page_from_nothing_by_mouse(journey, page):
    folder, nb, hand = journey()
    by_mouse(hand, ['Dear Sir,', 'thank you for', 'the pump.'])
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg') == ['Dear Sir,', 'thank you for', 'the pump.']
    hand.button('done')
    hand.wait_page('page_002.jpg')
    hand.wait_saved()
    labels = read_labels(folder)['page_001.jpg']
    assert labels.status == 'done' and [r.shape for r in labels.regions] == ['rectangle']*3
    (x1, y1), (x2, y2) = labels.regions[0].points[0], labels.regions[0].points[2]
    assert abs(x1 - .1) < .005 and abs(y1 - .1) < .005 and abs(x2 - .9) < .005 and abs(y2 - .15) < .005
    assert not page.seen.widget_errors and not page.seen.requests_outside


@pytest.mark.long
def test_a_page_from_nothing_by_keyboard_alone(journey, page):
    folder, nb, hand = journey()
    hand.stage.focus()  # as Tab does from the cell
    hand.press('n')
    for _ in range(4): hand.press('Shift+ArrowDown')
    hand.press('Control+ArrowRight', 'Enter')
    hand.type('one')
    hand.press('Alt+d')
    hand.type('two')
    hand.press('Alt+d')
    hand.type('three')
    hand.press('Alt+i', 'Control+Enter')
    hand.wait_page('page_002.jpg')
    hand.wait_saved()
    labels = read_labels(folder)['page_001.jpg']
    assert [(r.text, r.mark) for r in labels.regions] == [('one', ''), ('two', ''), ('three', 'illegible')] and labels.status == 'done'
    tops = [r.points[0][1] for r in labels.regions]
    assert tops == sorted(tops) and len(set(tops)) == 3


@pytest.mark.long
def test_the_whole_widget_can_be_reached_by_tab(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.press('Escape')
    seen = set()
    hand.find('[data-action="previous-page"]').focus()
    for _ in range(80):
        page.keyboard.press('Tab')
        inside = page.evaluate("() => { const a = document.activeElement; return a.closest('.fsdl-labeller') && (a.dataset.action || a.className || a.localName) }")
        if not inside: break
        seen.add(inside)
    assert {'select', 'stage', 'lines', 'transcript', 'done', 'illegible', 'paragraph'} <= seen, seen


@pytest.mark.long
def test_polygons_are_drawn_and_edited(journey, page):
    folder, nb, hand = journey()
    hand.button('polygon')
    for p in (.1, .1), (.5, .08), (.9, .1), (.9, .16), (.1, .16): hand.click(*p)
    hand.press('Enter')
    hand.type('polygon')
    hand.press('Escape', 'v')
    read = lambda: (hand.wait_saved(), read_labels(folder)['page_001.jpg'].regions[0].points)[1]
    assert len(read()) == 5
    hand.drag((.5, .08), (.5, .05))  # a corner by mouse
    assert abs(read()[1][1] - .05) < .005
    hand.drag((.3, .075), (.3, .04))  # a middle becomes a corner
    assert len(read()) == 6 and abs(read()[1][1] - .04) < .005
    hand.press('Delete')  # and goes again
    assert len(read()) == 5
    hand.press('.', 'ArrowUp')  # a corner by key
    before = read()
    hand.press('a')
    assert len(read()) == 6
    hand.press('t')
    assert len(read()) == 4 and read_labels(folder)['page_001.jpg'].regions[0].shape == 'rectangle'
    hand.press('Control+z', 'Control+z')
    assert read() == before


@pytest.mark.long
def test_a_line_is_cut_and_lines_are_joined(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .2, 'upper')
    hand.press('Escape')
    page.mouse.move(*hand.at(.5, .15))
    hand.press('s')
    hand.wait_saved()
    two = read_labels(folder)['page_001.jpg'].regions
    assert [r.text for r in two] == ['upper', ''] and abs(two[0].points[2][1] - .15) < .005 and two[0].points[2][1] == two[1].points[0][1]
    hand.press('Tab', 'Enter')
    hand.type('lower')
    hand.press('Escape', 'Shift+Tab', 'j')
    hand.wait_saved()
    one, = read_labels(folder)['page_001.jpg'].regions
    assert one.text == 'upper lower' and abs(one.points[2][1] - .2) < .005
    hand.press('Control+z')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg') == ['upper', 'lower']


@pytest.mark.long
def test_reading_order_and_paragraphs_by_key(journey, page):
    folder, nb, hand = journey()
    by_mouse(hand, ['a', 'b', 'c'])
    hand.press('Escape')
    hand.press('Alt+ArrowUp', 'b')
    hand.wait_saved()
    assert [(r.text, r.paragraph) for r in read_labels(folder)['page_001.jpg'].regions] == [('a', 1), ('c', 2), ('b', 2)]
    assert [o['name'] for o in hand.lines()] == ['Line 1 of 3, rectangle, a', 'Line 2 of 3, rectangle, c', 'Line 3 of 3, rectangle, b']


@pytest.mark.long
def test_undo_goes_over_shapes_texts_and_pages(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'one')
    hand.press('Enter')
    hand.open('page_002.jpg')
    hand.draw(.1, .2, .9, .25, 'two')
    hand.press('Escape')
    hand.press('Control+z', 'Control+z')
    hand.wait_saved()
    assert texts(folder, 'page_002.jpg') == []
    hand.press('Control+z')
    hand.wait_page('page_001.jpg')
    hand.wait(lambda: texts(folder, 'page_001.jpg') == [''], 'the text taken back')
    hand.press('Control+Shift+z', 'Control+Shift+z')
    hand.wait_page('page_002.jpg')
    hand.wait(lambda: texts(folder, 'page_001.jpg') == ['one'] and texts(folder, 'page_002.jpg') == [''], 'text and shape done again')


def test_done_means_done(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15)
    hand.press('Escape')
    page.mouse.click(*hand.at(.5, .5))  # a stray click is no line
    hand.drag((.3, .5), (.3005, .5005))
    assert len(hand.lines()) == 1
    hand.press('Control+Enter')
    assert 'Still open: 1' in hand.status and hand.current == 'page_001.jpg'
    assert hand.field.evaluate('el => el === document.activeElement')  # taken to what is open
    hand.press('Escape', 'x', 'Control+Enter')
    hand.wait_page('page_002.jpg')
    hand.find('[data-action="blank"]').click()
    hand.wait_page('page_003.jpg')
    hand.wait_saved()
    assert [read_labels(folder)[f'page_00{i}.jpg'].status for i in (1, 2, 3)] == ['done', 'blank', 'open']
    hand.open('page_001.jpg')
    hand.press('x')
    hand.wait_saved()
    assert read_labels(folder)['page_001.jpg'].status == 'open'  # no longer complete, so no longer done


@pytest.mark.long
def test_the_kernel_is_restarted_and_the_cell_run_again(journey, page):
    folder, nb, hand = journey()
    hand.open('page_002.jpg')
    by_mouse(hand, ['kept', 'too'])
    hand.wait_saved()
    nb.restart_kernel()
    nb.run_all()
    hand = Hand(page).wait_page('page_002.jpg')  # the same page
    assert hand.rows == ['kept', 'too']
    hand.draw(.1, .5, .9, .55, 'more')
    hand.press('Enter')
    hand.wait_saved()
    assert texts(folder, 'page_002.jpg') == ['kept', 'too', 'more']


@pytest.mark.long
def test_what_is_done_while_no_kernel_answers_is_kept_and_said(journey, page, lab):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'before')
    hand.press('Enter')
    hand.wait_saved()
    pid = lab.kill_kernel(nb.name)
    nb.page.locator('.jp-Dialog').wait_for()
    nb.dismiss_dialogs()
    hand.draw(.1, .2, .9, .25, 'while it was dead')
    hand.press('Enter')
    hand.wait(lambda: hand.saved == 'unsaved', 'an honest state')
    assert 'NOT SAVED' in hand.find('.saved').inner_text()
    nb.wait_back(pid)
    nb.run_all()
    hand = Hand(page).wait_page('page_001.jpg')
    hand.wait(lambda: hand.rows == ['before', 'while it was dead'], f'the kept line')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg') == ['before', 'while it was dead']


@pytest.mark.long
def test_the_tab_is_reloaded_in_the_middle_of_typing(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'half a sen')
    nb.reload()
    nb.run_all()
    hand = Hand(page).wait_page('page_001.jpg')
    hand.wait(lambda: hand.rows == ['half a sen'], 'the text')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg') == ['half a sen']


@pytest.mark.long
def test_undo_in_a_code_cell_leaves_the_widget_alone(journey, page):
    folder, nb, hand = journey()
    by_mouse(hand, ['one'])
    hand.wait_saved()
    nb.editor(0).click()
    page.keyboard.press('End')
    page.keyboard.type('  # note')
    page.keyboard.press('Control+z')
    assert hand.rows == ['one'] and '# note' not in nb.source(0)


@pytest.mark.long
def test_keys_in_the_widget_do_nothing_to_the_notebook(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'abc')
    hand.press('Escape')
    before = page.evaluate('() => __fsdl.cells.length'), nb.source(0)
    page.evaluate('() => __fsdl.app.commands.execute("notebook:enter-command-mode")')  # in which single letters are the notebook's
    hand.stage.focus()
    assert page.evaluate('() => __fsdl.panel.content.mode') == 'command'
    hand.press('a', 'b', 'd', 'd', 'x', 'z', 'm', 'y', 'r', 'Escape', 'j', 'k', 'Shift+Enter', 'Control+z')
    page.wait_for_timeout(300)
    assert (page.evaluate('() => __fsdl.cells.length'), nb.source(0)) == before


@pytest.mark.long
def test_two_widgets_on_one_page(journey, page, lab):
    a, b = (mk_dataset(lab.folder/f'two_{o}', 2) for o in 'ab')
    _, nb, _ = journey(*map(cell, (a, b)), folder=a)
    page.wait_for_function("() => document.querySelectorAll('.fsdl-labeller image[href]').length === 2")
    hands = [Hand(page, page.locator('.fsdl-labeller').nth(i)) for i in (0, 1)]
    for hand, text in zip(hands, ('first', 'second')):
        hand.root.scroll_into_view_if_needed()
        hand.draw(.1, .1, .9, .2, text)
        hand.press('Escape')
    hands[1].press('Control+z')
    for hand in hands: hand.wait_saved()
    assert (texts(a, 'page_001.jpg'), texts(b, 'page_001.jpg')) == (['first'], [''])


@pytest.mark.long
def test_two_widgets_on_one_dataset_show_each_others_work(journey, page, lab):
    folder = mk_dataset(lab.folder/'shared_by_two', 2)
    _, nb, _ = journey(cell(folder), cell(folder), folder=folder)
    page.wait_for_function("() => document.querySelectorAll('.fsdl-labeller image[href]').length === 2")
    one, two = [Hand(page, page.locator('.fsdl-labeller').nth(i)) for i in (0, 1)]
    one.root.scroll_into_view_if_needed()
    one.draw(.1, .1, .9, .2, 'from the first')
    one.press('Enter')
    one.wait_saved()
    two.root.scroll_into_view_if_needed()
    two.stage.focus()
    two.wait(lambda: two.rows == ['from the first'], 'the other widget to notice')


@pytest.mark.long
def test_two_annotators_have_a_history_each(journey, page, lab):
    folder, nb, hand = journey(annotator='Ann')
    by_mouse(hand, ['as Ann reads it'])
    hand.wait_saved()
    nb.set_source(0, cell(folder, 'Zoë'))
    nb.run_all()
    hand = Hand(page).wait_page()
    assert hand.rows == []
    by_mouse(hand, ['as Zoë reads it'])
    hand.wait_saved()
    assert (texts(folder, 'page_001.jpg', 'Ann'), texts(folder, 'page_001.jpg', 'Zoë')) == (['as Ann reads it'], ['as Zoë reads it'])


@pytest.mark.long
def test_suggestions_are_seen_accepted_and_counted(journey, page):
    folder, nb, hand = journey(suggest=True)
    hand.wait(lambda: len(hand.lines()) > 5, 'suggestions')
    n = len(hand.lines())
    assert all('suggested' in o['cls'] for o in hand.lines()) and not read_labels(folder)['page_001.jpg'].touched
    hand.stage.focus()
    hand.press('Tab') if not hand.selected() else None
    hand.press('Enter')
    hand.type('first')
    hand.press('Enter')
    hand.type('second')
    hand.press('Enter', 'Escape', 'Delete')
    hand.wait_saved()
    labels = read_labels(folder)['page_001.jpg']
    assert [r.text for r in labels.regions] == ['first', 'second'] and len(labels.suggestions) == n - 3


@pytest.mark.long
def test_right_to_left_and_composed_text(journey, page):
    folder, nb, hand = journey()
    hand.draw(.1, .1, .9, .15, 'שלום עולם')
    assert hand.field.evaluate("el => getComputedStyle(el).direction") == 'rtl'
    hand.draw(.1, .2, .9, .25)
    cdp = page.context.new_cdp_session(page)
    for text in 'n', 'ni', 'に': cdp.send('Input.imeSetComposition', dict(text=text, selectionStart=len(text), selectionEnd=len(text)))
    page.keyboard.press('Tab')  # while composing, no key of ours
    cdp.send('Input.insertText', dict(text='日本'))
    hand.press('Enter')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg')[0] == 'שלום עולם' and '日本' in texts(folder, 'page_001.jpg')[1]


@pytest.mark.long
@pytest.mark.parametrize('pointer', ['touch', 'pen'])
def test_touch_and_pen(journey, new_page, pointer):
    page = new_page(touch=True)
    folder, nb, hand = journey(page=page)
    hand.drag((.1, .1), (.9, .2), pointer=pointer)
    hand.type('drawn')
    hand.press('Enter')
    hand.wait_saved()
    region, = read_labels(folder)['page_001.jpg'].regions
    assert region.text == 'drawn' and abs(region.points[2][0] - .9) < .01


@pytest.mark.long
def test_notebook_7(journey, page):
    folder, nb, hand = journey(app='notebook')
    by_mouse(hand, ['in', 'Notebook 7'])
    hand.press('Escape', 'd', 'd', 'Control+z', 'Control+z')
    hand.wait_saved()
    assert texts(folder, 'page_001.jpg') == ['in', 'Notebook 7'] and len(nb.outputs(0)) == 1
    assert not page.seen.requests_outside


@pytest.mark.long
@pytest.mark.parametrize('suggest', [False, True], ids=['from scratch', 'from suggestions'])
def test_actions_for_each_line(journey, page, note, suggest):
    "Drags, and keys beyond the characters, for a page of twenty lines or so that becomes done."
    folder, nb, hand = journey(pages=2, suggest=LABELS if suggest else None)
    truth = {p.id: p for p in FsdlHandwritingDataset('sample_handwriting').pages.values()}
    hand.open('page_002.jpg')
    lines = truth['page_002.jpg'].regions
    if suggest:
        hand.wait(lambda: len(hand.lines()) == len(lines), 'suggestions')
        hand.find('.transcript').focus()
        for r in lines: hand.press('Enter')
    else:
        for r in lines:
            xs, ys = zip(*r.points)
            hand.draw(min(xs), min(ys), max(xs), max(ys), r.text)
    hand.press('Control+Enter')
    hand.wait_page('page_001.jpg')
    hand.wait_saved()
    labels = read_labels(folder)['page_002.jpg']
    assert labels.status == 'done' and [r.text for r in labels.regions] == [r.text for r in lines]
    per_line = (hand.drags + hand.keys)/len(lines)
    note(f"{'from suggestions' if suggest else 'from scratch'}: {hand.drags} drags and {hand.keys} keys for {len(lines)} lines: {per_line:.2f} a line")
    assert per_line <= (1.1 if suggest else 2)
