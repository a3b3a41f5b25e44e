"""A hand at the labelling widget: the same in JupyterLab, in Notebook 7 and in a page without Jupyter.

    hand = Hand(page)                       # the first widget of the page
    hand.draw(.1, .1, .9, .15, 'Dear Sir,') # a drag on the page, in fractions of it, then typing
    hand.press('Enter'); hand.wait_saved()
"""
import shutil
from pathlib import Path

from browser import drag, wait_for

from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.core.places import find_dataset


def mk_dataset(folder, pages=3, labelled=False):
    "A dataset of the first `pages` pages of the sample, without labels unless `labelled`."
    src, folder = find_dataset('sample_handwriting'), Path(folder)
    ds = FsdlHandwritingDataset(src)
    (folder/'pages').mkdir(parents=True)
    for o in 'metadata.toml', ds.meta.filename: shutil.copy(src/o, folder)
    kept = read_export(folder/ds.meta.filename).pages[:pages]
    for p in kept: shutil.copy(src/'pages'/p.id, folder/'pages')
    write_export([p if labelled else p.replace(regions=(), annotated=False, metadata=None) for p in kept], folder/ds.meta.filename)
    update_metadata(folder)
    return folder


def cell(folder, annotator='Ann', suggest=None):
    "The code that shows the widget in a notebook beside the dataset's folder."
    return f'from fsdl_handwriting_data.labelling.labeller import label\nlabel({folder.name!r}, annotator={annotator!r}, suggest={suggest!r})'


def read_labels(folder, annotator='Ann'):
    "What is on the disk: page id → labels, read by a store of its own."
    store = LabelStore(folder, annotator)
    return {id_: store.page(id_) for id_ in FsdlHandwritingDataset(folder, verify=False).pages}


def texts(folder, id_, annotator='Ann'):
    "The transcripts of a page that are on the disk, in reading order."
    return [r.text for r in read_labels(folder, annotator)[id_].regions]


class Hand:
    "Mouse and keyboard at one widget. It counts what it does: `drags`, and `keys` beyond the characters of transcripts."

    def __init__(self, page, root=None):
        self.page, self.root, self.drags, self.keys = page, root or page.locator('.fsdl-labeller').first, 0, 0

    # ---- what is shown

    def find(self, selector): return self.root.locator(selector)
    @property
    def stage(self): return self.find('.stage')
    @property
    def field(self): return self.find('.transcript')
    @property
    def live(self): return self.find('.live').inner_text()
    @property
    def saved(self): return self.find('.saved').get_attribute('data-state')
    @property
    def current(self): return self.find('select').input_value()
    @property
    def rows(self): return [o.strip() for o in self.find('.row span').all_inner_texts()]
    @property
    def status(self): return self.find('.work-head').inner_text()

    def lines(self):
        "The lines and suggestions of the page: dicts with id, points (pixels), cls, name, in the order of the list."
        return self.root.evaluate("""el => [...el.querySelectorAll('.row')].map(row => {
            const g = el.querySelector(`.shapes [data-id="${row.dataset.id}"]`)
            return {id: row.dataset.id, cls: g.getAttribute('class'), name: g.getAttribute('aria-label'),
                    points: g.querySelector('polygon').getAttribute('points').split(' ').map(p => p.split(',').map(Number))}
        })""")

    def selected(self): return next((o for o in self.lines() if 'selected' in o['cls'].split()), None)

    # ---- waiting

    def wait(self, check, what, timeout=10):
        "Wait until `check()` is true."
        def asked():
            self.page.wait_for_timeout(5)  # lets messages arrive
            return check()
        return wait_for(asked, what, timeout, every=.005,
                        more=lambda: f'the widget says: {self.find(".saved").inner_text()!r}, {self.live!r}, rows {self.rows}')

    def wait_saved(self, timeout=10): self.wait(lambda: self.saved == 'saved', 'everything saved', timeout)
    def wait_page(self, id_=None, timeout=15):
        "Wait until a page (`id_`, or any) is shown with its picture."
        self.wait(lambda: self.find('image[href]').count() and (not id_ or self.current == id_)
                  and self.stage.get_attribute('aria-busy') is None, f'page {id_}', timeout)
        return self

    # ---- doing

    def at(self, x, y):
        "The place in the viewport of the place (x, y) on the page, in fractions."
        return self.root.evaluate("""(el, [x, y]) => { const r = el.querySelector('.stage image').getBoundingClientRect()
            return [r.left + x*r.width, r.top + y*r.height] }""", [x, y])

    def drag(self, *places, pointer='mouse'):
        "Press at the first of the (x, y) places on the page, release at the last."
        self.drags += 1
        points = [self.at(*p) for p in places]
        (x1, y1), (x2, y2) = points[-2:]
        drag(self.page, points[:-1] + [((x1 + x2)/2, (y1 + y2)/2), (x2, y2)], pointer)

    def click(self, x, y): self.page.mouse.click(*self.at(x, y))

    def press(self, *keys):
        for k in keys:
            self.keys += 1
            self.page.keyboard.press(k)

    def type(self, text): self.page.keyboard.type(text)

    def draw(self, x1, y1, x2, y2, text=''):
        "Draw a rectangle and type what it says."
        self.drag((x1, y1), (x2, y2))
        self.type(text)

    def button(self, name): self.find(f'[data-action="{name}"]').click()

    def open(self, id_):
        "Go to a page by the list of pages."
        self.find('select').select_option(id_)
        return self.wait_page(id_)
