"""Properties of splits: whatever belongs together, whatever is given and however pages are listed, no tie crosses sides that could be kept on one, and what crosses is told.

The ties are found again here the slow way, each page with each other one."""
import random
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from PIL import Image
from fsdl_handwriting_data.commands.versions import fsdl_update_metadata
from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.pages.croissant import SPLITS
from fsdl_handwriting_data.pages.iam_forms import IamForm, IamLine, form_xml
from fsdl_handwriting_data.pages.opening import open_dataset
from fsdl_handwriting_data.pages.reader import HandwritingDataset
from fsdl_handwriting_data.pages.writers import write_writers
from fsdl_handwriting_data.training.copied_texts import FEWEST, LEAST, Pair, text_words
from fsdl_handwriting_data.training.alike import Known
from fsdl_handwriting_data.training.sides import ASIDE, SIDES, Joined, place, share_out
from fsdl_handwriting_data.training.split_list import Listed, list_bytes, list_split, parse_split, read_split
from fsdl_handwriting_data.training.split_proof import LeakError
from fsdl_handwriting_data.training.splits import SplitError, split_pages, write_split
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset

RELAXED = dict(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])
SOME, MANY = settings(max_examples=25, **RELAXED), settings(max_examples=500, **RELAXED)


class InMemory(HandwritingDataset):
    "Pages that lie in no folder."
    name, given_split, page_filenames_by_id, pins = 'letters', {}, {}, {}
    def __init__(self, pages, writers=()): self._pages, self._writers = {p.id: p for p in pages}, dict(writers)
    @property
    def pages(self): return self._pages
    @property
    def writers(self): return self._writers


def page(name, *texts): return Page(f'pages/{name}', tuple(Region(((.1, .1), (.9, .1), (.9, .2)), o) for o in texts))


# ---------------------------------------------------------------------------------------------- sides of any graph

@st.composite
def graphs(draw):
    "Pages, some with a given side, some new, and ties between any of them."
    n = draw(st.integers(1, 14))
    pages = []
    for i in range(n):
        side = draw(st.sampled_from(['', '', '', 'train', 'val', 'test', 'aside']))
        new = not side and draw(st.integers(0, 3)) == 0
        pages.append(Known(draw(st.sampled_from('ab')), f'p{i:02}', characters=draw(st.sampled_from([0, 1, 7, 100])), given=side, new=new))
    ends = st.integers(0, n - 1)
    pairs = draw(st.lists(st.tuples(ends, ends).filter(lambda o: o[0] != o[1]), max_size=20))
    return pages, [Pair(min(o), max(o), 1.) for o in pairs]


def holds(graph, follow):
    pages, pairs = graph
    sides = place(pages, pairs, (80, 10, 10), 1, follow)
    for o, side in zip(pages, sides):
        assert side in (*SIDES, ASIDE) and (not o.given or side == o.given), o
        if o.new and not follow: assert side in ('train', ASIDE), o
    for a, b, _ in pairs:
        if pages[a].given and pages[b].given: continue
        assert len({sides[a], sides[b]} - {ASIDE}) < 2, (a, b, sides)
    if not any(o.given for o in pages): assert ASIDE not in sides


@SOME
@given(graphs(), st.booleans())
def test_no_tie_of_a_free_page_crosses_sides_and_what_is_given_stays(graph, follow): holds(graph, follow)


@pytest.mark.long
@MANY
@given(graphs(), st.booleans())
def test_no_tie_of_a_free_page_crosses_sides_and_what_is_given_stays_many(graph, follow): holds(graph, follow)


@SOME
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=40), st.lists(st.integers(0, 100), min_size=2, max_size=5).filter(any), st.integers(0, 5))
def test_each_side_has_its_share_within_the_largest_group(sizes, shares, seed):
    sizes = {f'g{i}': n for i, n in enumerate(sizes)}
    found = share_out(sizes, shares, seed)
    wanted = [i for i, o in enumerate(shares) if o]
    assert found.keys() == sizes.keys() and {*found.values()} <= {*wanted}
    assert len({*found.values()}) == min(len(wanted), len(sizes))
    have = [sum(n for k, n in sizes.items() if found[k] == i) for i in range(len(shares))]
    off = [abs(n - sum(sizes.values())*o/sum(shares)) for n, o in zip(have, shares)]
    if len(sizes) >= 2*len(shares): assert max(off) <= max(sizes.values()) + 1e-6
    assert share_out(dict(reversed(sizes.items())), shares, seed) == found


# ---------------------------------------------------------------------------------------------- whole splits

words = st.sampled_from('a b c d e f g h'.split())
texts = st.lists(words, max_size=12).map(' '.join)

@st.composite
def datasets(draw, prefix='p'):
    "Pages of a few texts, which several may have copied, by a few writers."
    copied = draw(st.lists(st.lists(words, min_size=6, max_size=12).map(' '.join), max_size=3))
    res, writers = [], {}
    for i in range(draw(st.integers(1, 10))):
        text = draw(st.sampled_from(copied)) if copied and draw(st.booleans()) else draw(texts)
        res.append(page(f'{prefix}{i}.jpg', text, draw(texts)))
        if draw(st.booleans()): writers[res[-1].id] = draw(st.sampled_from(['Ann', 'ann ', 'Bob', 'Cleo', 'Dan']))
    return res, writers


def grams(page):
    w = text_words(r.text for r in page.regions if r.text.strip())
    return {tuple(w[i:i + 3]) for i in range(len(w) - 2)}


def tied(ds):
    "The pairs of pages that belong together, each compared with each other one."
    for (a, p), (b, q) in combinations(ds.pages.items(), 2):
        x, y, who = grams(p), grams(q), [' '.join(ds.writers.get(o, '').casefold().split()) for o in (a, b)]
        if who[0] and who[0] == who[1]: yield a, b
        elif len(x & y) >= FEWEST and len(x & y) >= LEAST*min(len(x), len(y)): yield a, b


def check_a_split_holds_and_is_the_same_in_any_order(made, rng):
    pages, writers = made
    ds = InMemory(pages, writers)
    split = split_pages(ds, given={})
    sides = split.sides()
    assert all(sides[a] == sides[b] for a, b in tied(ds)) and split.proof()
    groups = Joined(len(pages), ((list(ds.pages).index(a), list(ds.pages).index(b)) for a, b in tied(ds))).groups()
    assert len({o.group for o in split.rows}) == len(groups)
    for fold in split.folds(2) if len(groups) > 1 else (): assert all(fold.sides()[a] == fold.sides()[b] for a, b in tied(ds))
    other = InMemory(rng.sample(pages, len(pages)), writers)
    again = split_pages(other, given={})
    assert list_bytes(list_split(other, again.sides())) == list_bytes(list_split(ds, sides)) and again.rows == split.rows


@SOME
@given(datasets(), st.randoms(use_true_random=False))
def test_a_split_holds_and_is_the_same_in_any_order(made, rng): check_a_split_holds_and_is_the_same_in_any_order(made, rng)


@pytest.mark.long
@MANY
@given(datasets(), st.randoms(use_true_random=False))
def test_a_split_holds_and_is_the_same_in_any_order_many(made, rng): check_a_split_holds_and_is_the_same_in_any_order(made, rng)


def check_planted_leaks_are_found_all_and_only_these(made, rng):
    pages, writers = made
    ds = InMemory(pages, writers)
    sides = {k: rng.choice(SIDES) for k in ds.pages}
    split = split_pages(ds, given={'letters': sides})
    assert split.sides() == sides
    crossing = {frozenset(o) for o in tied(ds) if sides[o[0]] != sides[o[1]]}
    told = {frozenset((o.page, o.other)) for o in split.leaks}
    assert told <= crossing and bool(told) == bool(crossing)
    assert split.proof(strict=False).startswith('This split leaks' if crossing else 'No page')
    for a, b in crossing:  # each page that leaks to a side is told, with one of the pages there
        assert any({sides[x] for x in o} == {sides[a], sides[b]} for o in told)


@SOME
@given(datasets(), st.randoms(use_true_random=False))
def test_planted_leaks_are_found_all_and_only_these(made, rng): check_planted_leaks_are_found_all_and_only_these(made, rng)


@pytest.mark.long
@MANY
@given(datasets(), st.randoms(use_true_random=False))
def test_planted_leaks_are_found_all_and_only_these_many(made, rng): check_planted_leaks_are_found_all_and_only_these(made, rng)


def check_more_pages_move_no_page(first, more, follow):
    ds = InMemory(first[0], first[1])
    sides = split_pages(ds, given={}).sides()
    grown = InMemory([*more[0], *first[0]], {**more[1], **first[1]})
    split = split_pages(grown, given={'letters': sides}, new='shares' if follow else 'train')
    now = split.sides()
    assert {k: now[k] for k in sides} == sides and split.proof()
    if not follow: assert {now[p.id] for p in more[0]} <= {'train', ASIDE}
    assert {o.page for o in split.notes.of('new')} == {p.id for p in more[0]}


@SOME
@given(datasets(), datasets('q'), st.booleans())
def test_more_pages_move_no_page(first, more, follow): check_more_pages_move_no_page(first, more, follow)


@pytest.mark.long
@MANY
@given(datasets(), datasets('q'), st.booleans())
def test_more_pages_move_no_page_many(first, more, follow): check_more_pages_move_no_page(first, more, follow)


def test_a_text_that_many_copied_is_one_group():
    rng = random.Random(1)
    often = [f'word{i}' for i in range(80)]
    copies = InMemory([page(f'p{i}.jpg', ' '.join(w if rng.random() > .1 else f'slip{rng.random()}' for w in often)) for i in range(400)])
    split = split_pages(copies, given={})
    assert len({o.group for o in split.rows}) == 1 and len(split.ties) == 399
    prompts = [[f'w{rng.randrange(20_000)}' for _ in range(60)] for _ in range(500)]
    ds = InMemory([page(f'p{i}.jpg', ' '.join(prompts[rng.randrange(500)])) for i in range(1500)])
    split = split_pages(ds, given={})
    assert len({o.group for o in split.rows}) == len({o.regions for o in ds.pages.values()})
    assert max(abs(o['share'] - want) for o, want in zip(split.table(), split.shares)) < 1
    assert Counter(o.kind for o in split.ties) == {'prompt': 1500 - len({o.regions for o in ds.pages.values()})}


# ---------------------------------------------------------------------------------------------- IAM

PROMPTS = {k: ' '.join(f'{k}{o}' for o in 'the quick brown fox jumps over a lazy dog again'.split()) for k in 'abcdefgh'}
# form: its writer, the text that was copied, its list of the official split ('': in none)
FORMS = {'a01-000u': ('000', 'a', 'trainset'), 'a01-000x': ('001', 'a', 'testset'), 'a02-000': ('000', 'b', 'trainset'), 'b01-000': ('002', 'c', 'validationset1'),
         'b02-000': ('003', 'd', 'testset'), 'c01-000': ('004', 'e', ''), 'c02-000': ('003', 'f', ''), 'c03-000': ('005', 'd', ''), 'd01-000': ('000', 'g', '')}


@pytest.fixture
def iam(tmp_path):
    "A dataset in IAM's form, as the course ships it."
    folder = tmp_path/'iam'
    for o in 'xml', 'forms', 'task': (folder/'iamdb'/o).mkdir(parents=True)
    lists = {o: [] for o in ('trainset', 'validationset1', 'validationset2', 'testset')}
    for id_, (writer, text, name) in FORMS.items():
        line = IamLine(f'{id_}-00', PROMPTS[text], 'ok', (60, 300, 700, 350))
        (folder/'iamdb'/'xml'/f'{id_}.xml').write_bytes(form_xml(IamForm(id_, writer, (800, 1100), (line,), PROMPTS[text])))
        Image.new('L', (400, 550), 240).save(folder/'iamdb'/'forms'/f'{id_}.jpg')
        if name: lists[name].append(f'{id_}-00')
    for name, ids in lists.items(): (folder/'iamdb'/'task'/f'{name}.txt').write_text(''.join(f'{o}\n' for o in ids))
    (folder/'metadata.toml').write_text('reader = "iam"\n')
    return open_dataset(folder, split='official')


def test_iams_own_sides_stay_and_what_leaks_in_them_is_told(iam):
    split = split_pages(iam)
    sides = split.sides()
    assert {k: sides[k] for k in iam.given_split} == iam.given_split
    rest = {k: sides[k] for k, (_, _, name) in FORMS.items() if not name}
    assert rest == {'c01-000': 'train', 'c02-000': 'aside', 'c03-000': 'aside', 'd01-000': 'train'}  # by a writer, and with a text, of the test
    leak, = split.leaks
    assert (leak.kind, {leak.page, leak.other}) == ('prompt', {'a01-000u', 'a01-000x'}) and not split.leaks.of('writer')
    with pytest.raises(LeakError, match='Sides were given'): split.proof()
    assert split_pages(iam, given={}).proof() and split_pages(iam, new='shares').sides()['c02-000'] == 'test'


def test_a_page_with_the_form_that_iam_trains_on_is_trained_on(iam):
    other = InMemory([page('85a46e90___a02-000.jpg', PROMPTS['b']), page('x.jpg', PROMPTS['h'])])
    split = split_pages({'iam': iam, 'export': other}, by='page', given={'iam': iam.given_split})
    assert split.sides('export')['85a46e90___a02-000.jpg'] == 'train'
    assert [o.kind for o in split.ties if o.source != o.other_source] == ['form', 'prompt']


# ---------------------------------------------------------------------------------------------- splits.csv among sealed files

def a_folder(tmp_path):
    "A dataset of six pages with pictures."
    folder = tmp_path/'letters'
    (folder/'pages').mkdir(parents=True)
    pages = [page(f'p{i}.png', ' '.join(f'{i}{o}' for o in 'abcdef')) for i in range(6)]
    write_export([p.replace(regions=(p.regions[0].replace(image_width=80, image_height=60),)) for p in pages], folder/'letters.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'letters.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    rng = random.Random(2)
    for p in pages: Image.frombytes('L', (80, 60), rng.randbytes(4800)).save(folder/'pages'/p.id)
    return open_dataset(folder)


def test_a_split_is_sealed_with_its_dataset_and_an_edit_of_it_is_told(tmp_path):
    ds = a_folder(tmp_path)
    pin_images(ds.folder, progress=False)
    ds = open_dataset(ds.folder)
    split = split_pages(ds, shares=(50, 25, 25))
    write_split(ds, split)
    write_writers(ds.folder, {k: 'Ann' for k in ds.pages})
    assert verify_dataset(ds.folder, progress=False).ok and read_metadata(ds.folder).pins.keys() >= {SPLITS, 'writers.csv'}
    listed = read_split(ds.folder)
    held = [k for k, o in listed.items() if o.side in ('val', 'test')]
    assert held and all(listed[k].image == ds.pins[k].sha256[:16] for k in held)
    text = (ds.folder/SPLITS).read_text()
    (ds.folder/SPLITS).write_text(text.replace(',test,', ',train,'))
    with pytest.raises(MetadataError, match='fsdl_update_metadata'): split_pages(ds)
    assert not verify_dataset(ds.folder, progress=False).ok
    fsdl_update_metadata([str(ds.folder)])
    assert verify_dataset(ds.folder, progress=False).ok and not split_pages(ds).test['letters']
    with pytest.raises(SplitError, match='accept=True'): write_split(ds, replace(split, rows=tuple(o._replace(side='train') for o in split.rows)))
    (ds.folder/SPLITS).write_text(text)
    fsdl_update_metadata([str(ds.folder)])
    picture = ds.page_path(held[0])
    with Image.open(picture) as im: im.convert('L').rotate(180).save(picture)
    pin_images(ds.folder, accept=['*'], progress=False)
    with pytest.warns(UserWarning, match='another picture'): again = split_pages(open_dataset(ds.folder))
    assert {(o.kind, o.page) for o in again.notes.of('error')} == {('changed-image', held[0])}


def test_two_branches_that_split_apart_are_told(tmp_path):
    ds = a_folder(tmp_path)
    row = next(iter(ds.pages))
    for text, why in {f'page_id,split\n<<<<<<< HEAD\n{row},test\n=======\n{row},val\n>>>>>>> theirs\n': 'two sides of a merge',
                      f'page_id,split\n{row},test\nx.jpg,train\n{row},val\n': 'is there twice'}.items():
        (ds.folder/SPLITS).write_text(text)
        with pytest.raises(MetadataError, match=why): split_pages(ds)


GOOD = list_bytes({'p1.jpg': Listed('train', 'p1.jpg'), 'p 2.jpg': Listed('test', '=p1.jpg', '0123456789abcdef', 'f'*16), 'ä,"b".png': Listed('aside')})


@settings(max_examples=150, **RELAXED)
@given(st.binary(max_size=60) | st.builds(lambda i, n, new: GOOD[:i] + new + GOOD[i + n:], st.integers(0, len(GOOD)), st.integers(0, 9), st.binary(max_size=9)))
def test_no_list_makes_reading_a_split_fail_but_in_words(data):
    try: listed = parse_split(data)
    except MetadataError as e: assert str(e)
    else: assert all(o.side in (*SIDES, ASIDE) for o in listed.values()) and parse_split(list_bytes(listed)) == listed
