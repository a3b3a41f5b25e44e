"""Pages that several datasets have: IAM's form in FSDL Handwriting, and real pages that were saved anew, stand on one side and are taken once."""

import pytest
from PIL import Image

from iam_fixture import write_iam

from fsdl_handwriting_data import combine, make_trainset, open_dataset
from fsdl_handwriting_data.core.annotations import Page
from fsdl_handwriting_data.core.exports import write_export
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.training.copies import find_copies
from fsdl_handwriting_data.training.split_proof import LeakError
from fsdl_handwriting_data.training.splits import split_pages

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
