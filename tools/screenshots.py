"""Draw the pictures of the labelling widget and of the download: a real JupyterLab, a real Chromium, real pages (`make screenshots` runs it).

    python tools/screenshots.py          into nbs/images
    python tools/screenshots.py FOLDER   every state, light and dark, into FOLDER to look at
"""
import sys, tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT/'tests')]

from playwright.sync_api import sync_playwright

from browser import CHROMIUM_FLAGS, Lab, find_chromium, watched_page
from labelling import Hand, mk_dataset

from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset

RULES = """# How we label
- Type what you **see**, not what is meant: keep the writer's spelling.
- A word that is crossed out is typed as it was, if it can be read.
- A line that nobody can read is marked *illegible* (`X`), not left empty.
- A hyphen at the end of a line stays.
"""
DOCS = {'labeller': ('first_lines', False), 'labeller_suggestions': ('suggestions', True), 'labeller_polygon': ('polygon', False)}


def lines(id_): return FsdlHandwritingDataset('sample_handwriting').pages[id_].regions


def box(region):
    xs, ys = zip(*region.points)
    return min(xs), min(ys), max(xs), max(ys)


def typing(hand, page):
    for r in lines('page_001.jpg')[:4]: hand.draw(*box(r), r.text)
    r = lines('page_001.jpg')[4]
    hand.draw(*box(r), r.text[:21])
    hand.wait_saved()


def first_lines(hand, page):
    "In the middle of a page: the next line is drawn, and waits for its text."
    for r in lines('page_001.jpg')[:4]: hand.draw(*box(r), r.text)
    hand.draw(*box(lines('page_001.jpg')[5]))
    typing_at = lines('page_001.jpg')[4]
    hand.draw(*box(typing_at), typing_at.text[:21])
    hand.wait_saved()


def suggestions(hand, page):
    hand.wait(lambda: len(hand.lines()) > 8, 'suggestions')
    for r in lines('page_001.jpg')[:3]:
        hand.find('.transcript').focus()
        hand.page.keyboard.press('Control+a')
        hand.type(r.text)
        hand.press('Enter')
    hand.wait_saved()


def polygon(hand, page):
    hand.button('polygon')
    for p in lines('page_001.jpg')[2].points: hand.click(*p)
    hand.press('Enter')
    hand.type(lines('page_001.jpg')[2].text)
    hand.press('Enter', 'Escape', 'v', 'z', '.', '.', '.')
    hand.wait_saved()


def ring(hand, page):
    hand.button('polygon')
    for p in lines('page_001.jpg')[2].points[:4]: hand.click(*p)
    hand.page.mouse.move(*hand.at(.5, .5))


def still_open(hand, page):
    typing(hand, page)
    hand.draw(*box(lines('page_001.jpg')[5]))
    hand.press('Escape', 'x', 'Control+Enter')
    hand.draw(*box(lines('page_001.jpg')[6]), ' two  spaces')
    hand.draw(*box(lines('page_001.jpg')[7]))
    hand.press('Control+Enter')


def help_panel(hand, page): hand.button('help')
def guidelines(hand, page): hand.button('guidelines')
def empty(hand, page): pass


def narrow(hand, page):
    page.set_viewport_size(dict(width=420, height=900))
    typing(hand, page)


def not_saved(hand, page, lab=None):
    typing(hand, page)
    lab.kill_kernel(page.notebook)
    page.locator('.jp-Dialog').wait_for()
    page.keyboard.press('Enter')
    hand.draw(*box(lines('page_001.jpg')[5]), 'typed while nobody answers')
    hand.wait(lambda: hand.saved == 'unsaved', 'unsaved')


STATES = [empty, typing, first_lines, suggestions, polygon, ring, still_open, help_panel, guidelines, narrow, not_saved]


def shoot(lab, browser, state, dark, path, height=1000):
    "One state of the widget, in a notebook of its own."
    name = f'{state.__name__}_{dark}'
    folder = mk_dataset(lab.folder/name, 3)
    (folder/'guidelines.md').write_text(RULES)
    page = watched_page(browser, dark=dark, viewport=(1280, height))
    page.notebook = f'{name}.ipynb'
    suggest = '' if state is suggestions else ', suggest=None'
    nb = lab.open(page, page.notebook,
                  [f"from fsdl_handwriting_data.labelling.labeller import label\n\nlabel('{name}', annotator='Ann'{suggest})"], dark=dark)
    nb.run_all()
    hand = Hand(page).wait_page('page_001.jpg')
    page.locator('.jp-Cell').first.scroll_into_view_if_needed()
    state(hand, page, *([lab] if state is not_saved else []))
    if state is not ring: page.mouse.move(5, 5)
    page.wait_for_timeout(200)
    if path.suffix == '.png': page.screenshot(path=path)
    else: hand.root.screenshot(path=path, type='jpeg', quality=88, animations='disabled')
    page.context.close()
    print(path.name, flush=True)


FAR = """import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from fsdl_handwriting_data.core.places import find_dataset

class Far(SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *args): pass
    def do_GET(self):
        time.sleep(.3)
        if 'page_003' in self.path and 'year_2' in self.path: return self.send_error(404)
        self.path = self.path.split('?')[0]
        super().do_GET()

server = ThreadingHTTPServer(('127.0.0.1', 0), partial(Far, directory=find_dataset('sample_handwriting')/'pages'))
Thread(target=server.serve_forever, daemon=True).start()
def year(n, pages):
    return {f'{y}_{i:03}.jpg': [f'http://127.0.0.1:{server.server_port}/page_{i%12 + 1:03}.jpg?year_{n}'] for y in [1860 + n] for i in range(pages)}
letters, diaries = year(2, 96), year(7, 2000)
from fsdl_handwriting_data.fetching.download import download"""


def shoot_download(lab, browser, path, dark=False):
    "A download that is through, with its report, and one on its way with its bar."
    page = watched_page(browser, dark=dark, viewport=(1000, 700))
    nb = lab.open(page, f'download_{dark}.ipynb',
                  [FAR, f"download(letters, 'letters{'_dark'*dark}')", f"download(diaries, 'diaries{'_dark'*dark}')"], dark=dark)
    page.keyboard.press('Escape')
    page.locator('.jp-Cell').first.click()
    page.evaluate('() => { __fsdl.start("notebook:run-all-cells", null) }')
    bars = page.locator('.jp-OutputArea').filter(has_text='MB/s')
    bars.nth(1).wait_for(timeout=60_000)
    page.wait_for_timeout(6000)
    cells = page.locator('.jp-Cell')
    cells.nth(2).scroll_into_view_if_needed()
    boxes = [cells.nth(i).bounding_box() for i in (1, 2)]
    top = boxes[0]['y']
    page.screenshot(path=path, clip=dict(x=boxes[0]['x'], y=top, width=boxes[0]['width'], height=boxes[1]['y'] + boxes[1]['height'] - top),
                    **({} if path.suffix == '.png' else dict(type='jpeg', quality=90)))
    page.context.close()
    print(path.name, flush=True)


def main():
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    todo = [(s, d, out/f'{s.__name__}_{"dark" if d else "light"}.png') for s in STATES for d in (False, True)] if out else \
           [(globals()[s], d, ROOT/'nbs'/'images'/f'{name}.jpg') for name, (s, d) in DOCS.items()]
    todo[0][2].parent.mkdir(parents=True, exist_ok=True)
    lab = Lab(Path(tempfile.mkdtemp())/'work').start()
    try:
        with sync_playwright() as pw:
            browser = pw.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
            for o in todo: shoot(lab, browser, *o)
            for dark in (False, True) if out else (False,):
                shoot_download(lab, browser, out/f'download_{"dark" if dark else "light"}.png' if out
                               else ROOT/'nbs'/'images'/'download.jpg', dark)
            browser.close()
    finally: lab.close()


if __name__ == '__main__': main()
