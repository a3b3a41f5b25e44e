"""How fast the labelling widget feels, measured inside the page of a real JupyterLab: `make bench-labeller`. Figures, not verdicts.
Medians go into nbs/figures/labeller.json (figures.py), or into the file that FSDL_FIGURES names."""
import os, statistics, time

import figures
from labelling import Hand, mk_dataset

from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.core.writing import update_metadata

FEEL = """el => {
    // milliseconds from each key or press of the pointer until the browser has painted what came of it
    const times = window.__times = []
    const watch = e => {
        const t = performance.now()
        requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => times.push(performance.now() - t); c.port2.postMessage(0) })
    }
    for (const o of ['keydown', 'pointerdown', 'pointerup']) el.addEventListener(o, watch, true)
}"""

NEXT = """(el, id) => new Promise(done => {
    // milliseconds from PageDown until the picture and the lines of page `id` are painted
    const t = performance.now(), stage = el.querySelector('.stage'), was = el.querySelector('image').getAttribute('href')
    stage.focus()
    stage.dispatchEvent(new KeyboardEvent('keydown', {key: 'PageDown', bubbles: true, cancelable: true}))
    const look = async () => {
        const href = el.querySelector('image').getAttribute('href')
        if (el.querySelector('select').value !== id || href === was || !el.querySelector('.row')) return requestAnimationFrame(look)
        const picture = new Image()
        picture.src = href
        await picture.decode()
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - t)))
    }
    look()
})"""


def many_lines(folder, rows, cols, points=4):
    "A dataset of one page with `rows` × `cols` typed lines, with so many points each."
    folder = mk_dataset(folder, 1, labelled=True)
    meta = FsdlHandwritingDataset(folder).meta
    one, = read_export(meta.file).pages
    dx, dy, (w, h) = .96/cols, .96/rows, one.size
    def ring(i, j):
        xs = [.02 + dx*(j + .95*k/(points//2 - 1)) for k in range(points//2)]
        return (*((x, .02 + dy*i) for x in xs), *((x, .02 + dy*(i + .85)) for x in reversed(xs)))
    regions = [Region(ring(i, j), f'word {i} {j}', 'polygon' if points > 4 else 'rectangle', w, h, ('line',))
               for i in range(rows) for j in range(cols)]
    write_export([one.replace(regions=tuple(regions))], meta.file)
    update_metadata(folder)
    return folder


def keep(key, title, n, turns, contenders, ratios=()):
    "Write one benchmark: milliseconds by what they are of."
    file = os.environ.get('FSDL_FIGURES') or figures.FOLDER/'labeller.json'
    figures.keep(file, key, title, n, turns, contenders, ratios, ('jupyterlab', 'anywidget', 'playwright'))


class Busy:
    "How long the page's main thread is at work, by what."
    def __init__(self, page):
        self.cdp = page.context.new_cdp_session(page)
        self.cdp.send('Performance.enable')

    def __call__(self): return {o['name']: o['value']*1000 for o in self.cdp.send('Performance.getMetrics')['metrics']}['TaskDuration']


def test_keys_on_pages_of_20_and_of_700_lines(lab, new_page, request, note):
    """In turn, several rounds in one run, so that a busy machine is busy for both; the ratio is what counts. A key is painted with the next frame at the soonest;
    so it is told as well how long the main thread was at work for it. The lines are polygons of 30 points, as the line finder makes them."""
    from labelling import cell
    rounds, hands, busy = 5, {}, {}
    for n, (rows, cols) in {20: (20, 1), 700: (70, 10)}.items():
        page = new_page()
        folder = many_lines(lab.folder/f'lines_{n}_{request.node.name}', rows, cols, 30)
        lab.open(page, f'lines_{n}.ipynb', [cell(folder)]).run_all()
        hand, busy[n] = Hand(page).wait_page(), Busy(page)
        hands[n] = hand
        assert len(hand.lines()) == n
        hand.root.evaluate(FEEL)
    shown, work = ({(what, n): [] for what in ('a character', 'the next line', 'undo', 'a drag') for n in hands} for _ in range(2))
    def timed(n, what, act, *each):
        hand = hands[n]
        for o in each:
            hand.page.evaluate('() => { window.__times.length = 0 }')
            began = busy[n]()
            act(hand, o)
            hand.page.wait_for_timeout(80)
            work[what, n].append(busy[n]() - began)
            shown[what, n] += hand.page.evaluate('() => window.__times')
    press = lambda hand, key: hand.press(key)
    for i in range(rounds):
        for n, hand in hands.items():
            hand.stage.focus()
            hand.press('v', 'Home', 'Enter')
            hand.page.wait_for_timeout(300)
            timed(n, 'a character', press, *'typedinacrowd')
            hand.page.wait_for_timeout(500)
            timed(n, 'the next line', press, *['Enter']*6)
            hand.press('Escape')
            for _ in range(3):
                hand.press('ArrowRight')
                hand.page.wait_for_timeout(1100)
                timed(n, 'undo', press, 'Control+z')
            hand.press('Home')
            x = .06 if n == 700 else .5
            timed(n, 'a drag', lambda hand, o: hand.drag((x, .025), (x + .003, .027)), 0)
            hand.press('Control+z')
            hand.wait_saved()
    short, long = {}, {}
    for what in dict.fromkeys(w for w, _ in work):
        for kind, times in ('painted after', shown), ('work for it:', work):
            a, b = (statistics.median(times[what, n]) for n in (20, 700))
            short.setdefault(what, {})[kind] = times[what, 20]
            long.setdefault(what, {})[kind] = times[what, 700]
            note(f'{what}: {kind} {a:.1f} ms at 20 lines and {b:.1f} ms at 700 (medians of {len(times[what, 20])}, {rounds} rounds in turn): {b/a:.1f} ×')
    for what in short:
        contenders = {label: {f'ms {kind.strip(":")}': figures.figure(v) for kind, v in o.items()} for label, o in (('20 lines', short[what]), ('700 lines', long[what]))}
        keep(f'keys, {what}', f'{what}: pages of 20 and of 700 lines, in turn', len(short[what]['painted after']), rounds, contenders)


def test_keys_on_a_page_of_two_hundred_lines(journey, page, lab, note):
    folder = many_lines(lab.folder/'many', 20, 10)
    _, nb, hand = journey(folder=folder)
    assert len(hand.lines()) == 200
    hand.root.evaluate(FEEL)
    def work(pause):
        hand.stage.focus()
        page.evaluate('() => { window.__times.length = 0 }')
        def press(*keys):
            for k in keys:
                hand.press(k)
                if pause: page.wait_for_timeout(pause)
        press('v', 'Home', *['Tab', 'ArrowRight', 'ArrowDown', 'Control+ArrowRight', 'b', 'x', 'x', 'Alt+ArrowDown']*5, 'Enter')
        page.keyboard.type('typed in a crowd', delay=pause)
        press(*['Enter', 'ArrowDown', 'Alt+d', 'Control+z']*5, 'Escape', 'v')
        for i in range(5): hand.drag((.05 + .095*i, .03), (.052 + .095*i, .032))
        hand.wait_saved()
        return page.evaluate('() => window.__times')
    for pause, how in (100, 'ten a second, a fast hand'), (0, 'as fast as they can be sent'), (100, 'ten a second again'):
        times = work(pause)
        keep(f'200 lines, {how}', f'200 lines on a page, {how}', len(times), 1, {'ours': {'ms': figures.figure(times)}})
        note(f'200 lines on a page: {len(times)} keys and presses, {how}, answered after {statistics.median(times):.0f} ms (median), {max(times):.0f} ms (slowest); aim 50 ms')


def test_next_page(journey, page, note):
    folder, nb, hand = journey(pages=8, labelled=True)
    times = []
    for i in range(2, 8):
        page.wait_for_timeout(400)  # somebody looks at a page for a moment; meanwhile the next is fetched
        times.append(hand.root.evaluate(NEXT, f'page_00{i}.jpg'))
    keep('next page', 'the next page is painted', len(times), 1, {'ours': {'ms': figures.figure(times)}})
    note(f'the next page was painted after {statistics.median(times):.0f} ms (median of {len(times)}), {max(times):.0f} ms (slowest); aim 300 ms')


def test_first_page_after_the_cell_is_run(journey, page, lab, note):
    folder, nb, _ = journey(pages=12, run=False)
    times = []
    for i in range(3):
        if i: nb.restart_kernel()  # the cell imports the library anew
        start = time.monotonic()
        run = nb.start(0)
        Hand(page).wait_page()
        times.append(time.monotonic() - start)
        nb.finish(run)
        nb.page.evaluate('() => __fsdl.app.commands.execute("notebook:clear-cell-output")')
        page.locator('.fsdl-labeller').wait_for(state='detached')
    keep('first page', 'the widget can be used after its cell is run in a new kernel', 3, 1, {'ours': {'seconds': figures.figure(times)}})
    note(f'the widget could be used {statistics.median(times):.1f} s after its cell was run in a new kernel (median of 3), {max(times):.1f} s (slowest); aim 2 s')
