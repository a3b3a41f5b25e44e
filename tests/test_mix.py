"""Pages that several datasets have: IAM's form in FSDL Handwriting, and real pages that were saved anew, stand on one side and are taken once."""

import numpy as np
import pytest
from PIL import Image

from iam_fixture import write_iam

from fsdl_handwriting_data import LinesDataset, ParagraphsDataset, combine, make_trainset, open_dataset
from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.core.shown import InputError
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.training.adaptors import rows_as
from fsdl_handwriting_data.training.copies import find_copies
from fsdl_handwriting_data.training.split_proof import LeakError
from fsdl_handwriting_data.training.splits import split_pages, write_split

FORM = '85a46e90-8af1___a01-000u.jpg'  # as the course's export calls its first page


def dataset(folder, pages):
    "A dataset of `pages`: id → (page, picture)."
    (folder/'pages').mkdir(parents=True)
    for id_, (_, im) in pages.items(): im.save(folder/'pages'/id_, quality=60)
    plain = lambda o: o.replace(image_width=None, image_height=None)
    records = [Page(f'pages/{id_}', tuple(map(plain, p.regions))) for id_, (p, _) in pages.items()]
    write_export(records, folder/f'{folder.name}.jsonl')
    (folder/'metadata.toml').write_text(f"url = ''\nfilename = '{folder.name}.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    return open_dataset(folder)


@pytest.fixture(scope='module')
def shared(root):
    if not (root.parent/'shared'/'data').is_dir(): pytest.skip('the real data is not here: ../shared/data')
    return root.parent/'shared'/'data'


@pytest.fixture(scope='module')
def iam(tmp_path_factory): return open_dataset(write_iam(tmp_path_factory.mktemp('mix')/'iam'))


@pytest.fixture(scope='module', params=['the same', 'smaller', 'cut'])
def fsdl(iam, tmp_path_factory, request):
    "The form as a page of FSDL Handwriting, in three ways, and a page of its own."
    im, own = iam.open_page('a01-000u', 'L'), iam.open_page('c03-000a', 'L')
    if request.param == 'smaller': im = im.resize((im.width*2//3, im.height*2//3))
    if request.param == 'cut': im = im.crop((0, im.height//5, im.width, im.height))
    some, other = iam.pages['a01-000u'], iam.pages['m01-049']
    new = other.replace(regions=tuple(o.replace(text=f'a text of its own {i}') for i, o in enumerate(other.regions)))
    return dataset(tmp_path_factory.mktemp('mix')/'fsdl', {FORM: (some, im), 'b7___page_0001.jpg': (new, own.transpose(Image.Transpose.FLIP_LEFT_RIGHT))})


def sides(mix, source, id_): return {o.side for o in mix.lines if (o.source, o.page_id) == (source, id_)}


@pytest.mark.parametrize('seed', range(3))
def test_the_form_is_taken_once_and_stands_on_one_side(iam, fsdl, seed):
    mix = combine(iam, fsdl, seed=seed, cache=False)
    assert not sides(mix, 'fsdl', FORM) and len(sides(mix, 'iam', 'a01-000u')) == 1 and sides(mix, 'fsdl', 'b7___page_0001.jpg')
    assert {(o.page, o.source) for o in mix.dropped.of('duplicate')} == {(FORM, 'fsdl')}
    assert len(mix) + len(mix.dropped) == sum(len(p.regions) for o in (iam, fsdl) for p in o.pages.values())
    assert all('a01-000u of iam' in o.message for o in mix.dropped.of('duplicate')) and 'stands on two sides' in mix.split.proof()
    assert f'{FORM} of fsdl' in mix.report()
    turned = combine(fsdl, iam, seed=seed, cache=False)
    assert sides(turned, 'fsdl', FORM) and not sides(turned, 'iam', 'a01-000u') and turned.paragraphs().dropped.counts()['duplicate'] == 3


def test_sides_that_are_given_and_would_leak_do_not_where_the_copy_is_left_out(iam, fsdl):
    given = {'iam': {'a01-000u': 'train'}, 'fsdl': {FORM: 'test'}}
    split = split_pages([iam, fsdl], given=given)
    with pytest.raises(LeakError): split.proof()
    mix = combine(iam, fsdl, split=split, cache=False)
    assert 'stands on two sides' in mix.split.proof() and not sides(mix, 'fsdl', FORM)
    assert not sides(combine(iam, fsdl, split=given, cache=False), 'fsdl', FORM)


def test_a_training_set_has_it_once(iam, fsdl, tmp_path):
    rep = make_trainset([iam, fsdl], tmp_path/'set', 'imagefolder', progress=False)
    assert sum(rep.lines.values()) + len(rep.left) == rep.total
    assert {o.page for o in rep.left.of('duplicate')} == {FORM} and FORM in str(rep) and rep.split.ids('aside')['fsdl'] == [FORM]
    assert f'fsdl,{FORM},0,duplicate' in (tmp_path/'set'/'left_out.csv').read_text()
    whole = make_trainset({'fsdl': fsdl, 'iam': iam}, tmp_path/'pages', 'imagefolder', 'page', progress=False)
    assert {o.page for o in whole.left.of('duplicate')} == {'a01-000u'}


def test_real_pages_that_were_saved_anew_are_found_and_no_others(shared, tmp_path):
    copiste = open_dataset(shared/'copiste')
    ids = [*copiste.pages][::9]
    few = dataset(tmp_path/'few', {k: (copiste.pages[k], copiste.open_page(k, 'L')) for k in ids})
    smaller = {f'scan_{i}.jpg': (copiste.pages[k], copiste.open_page(k, 'L').reduce(2)) for i, k in enumerate(ids[:8])}
    again = dataset(tmp_path/'again', smaller)
    found = find_copies([few, again])
    assert {(o.page, o.other) for o in found} == {(f'scan_{i}.jpg', k) for i, k in enumerate(ids[:8])}
    mix = combine(few, again, cache=False)
    assert {o.source for o in mix.split.rows if o.side == 'aside'} == {'again'} and 'stands on two sides' in mix.split.proof()


# ---------------------------------------------------------------------------------------------- which of two stays

def region(y, text, **more): return Region(((.1, y), (.9, y), (.9, y + .15), (.1, y + .15)), text, **more)


def noise(seed, size=(160, 120)): return Image.fromarray(np.random.default_rng(seed).integers(0, 255, size[::-1], np.uint8))


def two(folder, first, second):
    "Two datasets with one picture, which says `first` in one and `second` in the other."
    return [dataset(folder/k, {f'{k}.png': (Page(k, tuple(o)), noise(1))}) for k, o in (('a', first), ('b', second))]


GOOD = [region(.1, 'dear sir'), region(.4, 'dear madam')]


@pytest.mark.parametrize('worse', [[region(.1, '???', label=('line', 'illegible'))], [GOOD[0], region(.4, '')]], ids=['illegible', 'begun'])
def test_the_copy_with_more_lines_to_learn_from_stays(tmp_path, worse):
    both = two(tmp_path, worse, GOOD)
    assert [(o.source, o.other_source) for o in find_copies(both)] == [('a', 'b')]
    made = make_trainset(both, tmp_path/'set', 'imagefolder', split='none', progress=False)
    assert made.rows.total() == 2 and {o.source for o in made.left} == {'a'} and len(made.left) == len(worse)


def test_one_picture_with_two_texts_is_no_copy(tmp_path):
    both = two(tmp_path, [region(.1, 'dear sir and madam')], [region(.6, 'yours for ever and a day')])
    assert not find_copies(both)
    assert make_trainset(both, tmp_path/'set', 'imagefolder', split='none', progress=False).rows.total() == 2


def test_a_page_that_nobody_uses_stands_for_no_other(tmp_path):
    a, b = two(tmp_path, GOOD, GOOD)
    write_split(a, split_pages(a, given={'a': {'a.png': 'aside'}}))
    both = [open_dataset(a.folder), b]
    made = make_trainset(both, tmp_path/'set', 'imagefolder', progress=False)
    assert made.left.counts() == {'aside': 2} and made.rows.total() == 2
    for split in made.split, {'b.png': 'train'}:
        mix = combine(*both, split=split, cache=False)
        assert [o.source for o in mix.lines if o.side == 'train'] == ['b', 'b'] and not mix.dropped.of('duplicate')


def test_the_order_of_datasets_makes_another_set(tmp_path):
    a, b = two(tmp_path, GOOD, GOOD)
    make_trainset([a, b], tmp_path/'set', 'imagefolder', progress=False)
    with pytest.raises(InputError, match='another set'): make_trainset([b, a], tmp_path/'set', 'imagefolder', progress=False)
    assert not make_trainset([a, b], tmp_path/'set', 'imagefolder', progress=False, seed=np.int64(1)).new


def test_a_set_that_is_read_again_has_the_limits_that_were_asked_for(tmp_path):
    ds = dataset(tmp_path/'a', {'a.png': (Page('a', tuple(GOOD)), noise(1)), 'b.png': (Page('b', (region(.1, 'a much longer text'),)), noise(2))})
    image = ds.page_path('b.png')
    data = image.read_bytes()
    image.unlink()
    lines = LinesDataset(open_dataset(ds.folder), cache=False)
    with pytest.warns(UserWarning, match='no picture'): lines[:1], lines.longest, lines.widest
    image.write_bytes(data)
    lines.sources = {'a': open_dataset(ds.folder)}
    lines.load_or_generate_data()
    assert len(lines) == 3 and not lines.dropped and lines.max_length is lines.max_width is None
    assert lines[lines.lines[2].line_id][1] == 'a much longer text'


def test_an_epoch_is_not_weighted_again(tmp_path):
    both = [dataset(tmp_path/k, {f'{k}.png': (Page(k, tuple(region(y, f'{k} {y}') for y in (.1, .3, .5, .7))), noise(i))}) for i, k in enumerate('ab')]
    mix = combine(*both, weights=np.array([2, .5]), split=None, cache=False)
    epoch = mix.epoch(0)
    assert mix.draws() == epoch.draws() == {'a': 8, 'b': 2} and len(epoch) == len(epoch.epoch(0)) == 10
    for bad in (dict(weights=2), dict(weights={1, 2}), dict(seed=-1), dict(seed=None)):
        with pytest.raises(InputError, match='weights|seed'): combine(*both, **bad)
    with pytest.raises(InputError, match='no dataset'): combine({})


def test_a_paragraph_with_less_than_a_pixel_and_one_with_a_line_break(tmp_path):
    thin = Region(((-.5, .1), (.0005, .1), (.0005, .25), (-.5, .25)), 'thin')
    ds = dataset(tmp_path/'a', {'a.png': (Page('a', (thin,)), noise(1)), 'b.png': (Page('b', (region(.1, 'first\nhalf'), region(.4, 'second'))), noise(2))})
    paragraphs = ParagraphsDataset(ds)
    assert paragraphs[0][0].shape == (18, 1) and ParagraphsDataset(ds, (64, 64)).core_target(0).shape == (64, 64)
    assert [line.text for o in rows_as(paragraphs) for line in o.lines] == ['thin', 'first\nhalf', 'second']
    assert len(paragraphs[:1]) == 1
