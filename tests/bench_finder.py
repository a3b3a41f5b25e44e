"""How many lines of real pages the line finder finds: `make bench-finder`. Figures, not verdicts.

`python tests/bench_finder.py [--data ../shared/data] [--workers 2]` measures on the datasets below that lie in the folder (they are not in this project) and writes
nbs/figures/line_finder.json (or another file: `--figures FILE`), which `pages/10_line_finder` shows. Recall and precision are of all lines of a row at IoU 0.5; their
intervals hold 95 % of what 2,000 samples of its documents give, drawn with replacement, as a document is mostly by one writer."""
import argparse, re, sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

import figures
from fsdl_handwriting_data.core.exports import read_export
from fsdl_handwriting_data.pages.images import open_page
from fsdl_handwriting_data.pages.line_finder import find_lines
from fsdl_handwriting_data.versioning.matching import Detection, detection_scores

LOOKED_AT = '0054-0', '0183-0', '0213-0', '0228-5', '0045-1'  # of the testaments, while the finder was made
DOCUMENT = {'testaments': r'A[A-Z]+\d*_\d+', 'testaments_more': r'A[A-Z]+\d*_\d+', 'copiste': r'wikitexte_\d+'}  # elsewhere each page is one
WHAT = {'testaments': 'French wills, 1898–1918', 'testaments_more': 'French wills, 1898–1918', 'copiste': 'French, 2024, volunteers copy texts',
        'celestine': 'French letters, 1914–15, one or two hands', 'tessier': 'a French letter, 20th century, one hand',
        'stanford': 'English letters, 1905, partly typed or printed'}
SEEN, FIGURES_SEEN, SAME = 'looked at while the finder was made', 'only their figures were seen', 'of documents of the eight'
UNSEEN = 'unseen'


def document(data, id_):
    "What a page belongs to."
    found = re.search(DOCUMENT[data], id_) if data in DOCUMENT else None
    return found[0] if found else id_


def row_of(data, id_, known):
    "How far the makers of the finder knew a page; `known`: the documents of the first eight pages."
    if data == 'testaments': return SEEN if any(o in id_ for o in LOOKED_AT) else FIGURES_SEEN
    return SAME if data == 'testaments_more' and document(data, id_) in known else UNSEEN


def score(folder, page):
    "What is found on a page."
    return detection_scores(page.regions, find_lines(open_page(folder/'pages'/page.id, page.size)))


def told(matched, of):
    "The part `matched` of `of`, by document, and where 95 % of samples of the documents have it."
    matched, of = np.array(matched), np.array(of)
    picks = np.random.default_rng(0).integers(0, len(of), (2000, len(of)))
    n, all_ = matched[picks].sum(1), of[picks].sum(1)
    low, high = np.percentile(n[all_ > 0]/all_[all_ > 0], (2.5, 97.5)).round(4).tolist()
    value = round(int(matched.sum())/int(of.sum()), 4)
    return dict(value=value, low=min(low, value), high=max(high, value), matched=int(matched.sum()), of=int(of.sum()))


def measured(pages):
    "The row of some `pages`: (document, what was found)."
    by = {}
    for doc, o in pages: by[doc] = by.get(doc, Detection()) + o
    cols = {k: [getattr(o, k) for o in by.values()] for k in ('matched', 'truth', 'found')}
    return dict(pages=dict(n=len(pages), documents=len(by)), recall=told(cols['matched'], cols['truth']),
                precision=told(cols['matched'], cols['found']))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition('\n')[0])
    parser.add_argument('--data', type=Path, default=figures.ROOT.parent/'shared'/'data', help='the folder of the datasets')
    parser.add_argument('--figures', type=Path, default=figures.FOLDER/'line_finder.json', help='the file the notebook reads')
    parser.add_argument('--workers', type=int, default=2)
    args = parser.parse_args()
    rows, known = {}, set()
    with ProcessPoolExecutor(args.workers) as pool:
        for data, what in WHAT.items():
            folder = args.data/data
            if not folder.is_dir():
                print(f'{data}: not in {args.data}, left out', file=sys.stderr)
                continue
            pages = [p for p in read_export(folder/f'{data}.jsonl')[0] if p.regions and (folder/'pages'/p.id).is_file()]
            if data == 'testaments': known = {document(data, p.id) for p in pages}
            for p, o in zip(pages, pool.map(partial(score, folder), pages)):
                rows.setdefault(f'{data}, {row_of(data, p.id, known)}', []).append((document(data, p.id), o))
    if not rows: sys.exit(f'none of {", ".join(WHAT)} is in {args.data}')
    contenders = {k: {'what': dict(says=WHAT[k.split(',')[0]])} | measured(v) for k, v in rows.items()}
    for k, o in contenders.items(): print(f"{k}: {o['pages']}, recall {o['recall']}, precision {o['precision']}")
    figures.keep(args.figures, 'real pages', 'lines found on real pages, IoU 0.5', sum(map(len, rows.values())), 1, contenders, versions=('numpy', 'pillow'))


if __name__ == '__main__': main()
