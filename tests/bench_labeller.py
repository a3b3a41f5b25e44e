"""How fast the labelling widget feels, measured inside the page of a real JupyterLab: `make bench-labeller`. Figures, not verdicts."""
import statistics, time

from labelling import Hand, mk_dataset

from fsdl_handwriting_data.annotations import Region, read_export, write_export
from fsdl_handwriting_data.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.metadata import update_metadata

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


def test_keys_on_a_page_of_two_hundred_lines(journey, page, lab, note):
    folder = mk_dataset(lab.folder/'many', 1, labelled=True)
    meta = FsdlHandwritingDataset(folder).meta
    one, = read_export(meta.file).pages
    box = lambda i, j: ((.02 + .095*j, .02 + .048*i), (.11 + .095*j, .02 + .048*i), (.11 + .095*j, .06 + .048*i), (.02 + .095*j, .06 + .048*i))
    w, h = one.size
    regions = [Region(box(i, j), f'word {i} {j}', 'rectangle', w, h, ('line',)) for i in range(20) for j in range(10)]
    write_export([one.replace(regions=tuple(regions))], meta.file)
    update_metadata(folder)
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
        note(f'200 lines on a page: {len(times)} keys and presses, {how}, answered after {statistics.median(times):.0f} ms (median), {max(times):.0f} ms (slowest); aim 50 ms')


def test_next_page(journey, page, note):
    folder, nb, hand = journey(pages=8, labelled=True)
    times = []
    for i in range(2, 8):
        page.wait_for_timeout(400)  # somebody looks at a page for a moment; meanwhile the next is fetched
        times.append(hand.root.evaluate(NEXT, f'page_00{i}.jpg'))
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
    note(f'the widget could be used {statistics.median(times):.1f} s after its cell was run in a new kernel (median of 3), {max(times):.1f} s (slowest); aim 2 s')
