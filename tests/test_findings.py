"""Findings are known by kind, place and value: with every sentence in other words the library accepts, counts, tries again and pins as before."""
import hashlib, os
from io import BytesIO

import pytest
from PIL import Image

from fsdl_handwriting_data.core import checks, pictures
from fsdl_handwriting_data.core.findings import Finding, Findings
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.verify import content_hash
from fsdl_handwriting_data.fetching.fetch import fetch_file
from fsdl_handwriting_data.versioning import changes, compare, merges, page_diff, pins
from fsdl_handwriting_data.versioning.changes import LossError
from fsdl_handwriting_data.versioning.merges import Side, losses
from fsdl_handwriting_data.versioning.update import check_dataset, update_dataset

from test_losses import EDITS, letters, pages_of, tracked, write  # noqa: F401
from test_merges import beside_readme, merging, side  # noqa: F401
from test_versions import drawn, home, project  # noqa: F401


def other_words(kind):
    "Findings of the class `kind` are made with other words from now on."
    def make(which, message, *args, **kw): return kind(which, ''.join(reversed(message)).swapcase() + ' §', *args, **kw)
    make.kinds = kind.kinds
    return make


@pytest.fixture
def reworded(monkeypatch):
    "A call after which all losses, and all that is wrong with files, are said in other words."
    def reword():
        for o in page_diff, compare, changes, merges: monkeypatch.setattr(o, 'Loss', other_words(page_diff.Loss))
        monkeypatch.setattr(checks, 'FileFault', other_words(checks.FileFault))
        for o in changes, merges: monkeypatch.setattr(o, 'why_unseen', lambda *args: 'nobody knows')
        monkeypatch.setattr(pins, 'image_pin', _pin_in_other_words(pins.image_pin))
    return reword


def _pin_in_other_words(image_pin):
    def pin(*args):
        try: return image_pin(*args)
        except ValueError as e: raise ValueError(f'§ {str(e)[::-1]}') from None
    return pin


def test_the_words_are_others(tracked, reworded):
    write(tracked, EDITS['1 line gone'][0](pages_of(tracked)))
    before = update_dataset(tracked, dry=True).losses
    reworded()
    now = update_dataset(tracked, dry=True).losses
    assert [o.message for o in now] != [o.message for o in before] and [o.key for o in now] == [o.key for o in before] != []


@pytest.mark.parametrize('edit', ['8 of 18 lines gone', '17 texts cut to 3 letters', 'an annotation is null', 'a page gone'])
def test_what_was_shown_and_accepted_is_known_in_other_words(edit, tracked, reworded):
    old, n = (tracked/'metadata.toml').read_bytes(), EDITS[edit][1]
    write(tracked, EDITS[edit][0](pages_of(tracked)))
    with pytest.raises(LossError): update_dataset(tracked)
    reworded()
    update_dataset(tracked, accept_loss=n)  # the number that was shown
    (tracked/'metadata.toml').write_bytes(old)  # the same again
    assert not update_dataset(tracked, dry=True).losses
    write(tracked, EDITS[edit][0](pages_of(tracked))[1:])
    with pytest.raises(LossError): update_dataset(tracked)  # and no other


def test_a_record_that_can_not_be_read_is_accepted_whatever_is_said_of_it_and_wherever_it_stands(tracked, reworded):
    old = (tracked/'metadata.toml').read_bytes()
    lines = (tracked/'letters.jsonl').read_bytes().splitlines(keepends=True)
    (tracked/'letters.jsonl').write_bytes(b''.join([*lines, b'{"content": 3}\n']))
    update_dataset(tracked, accept_loss=1)
    reworded()
    (tracked/'metadata.toml').write_bytes(old)
    (tracked/'letters.jsonl').write_bytes(b''.join([lines[0], b'{"content": 3}\n', *lines[1:]]))
    assert not update_dataset(tracked, dry=True).losses
    (tracked/'letters.jsonl').write_bytes(b''.join([*lines, b'{"content": 4}\n']))
    assert [o.kind for o in update_dataset(tracked, dry=True).losses] == ['unread']


def test_in_a_merge_an_accepted_loss_stays_accepted_in_other_words(merging, reworded):
    beside_readme(merging)
    merging({1: 'a b c', 2: 'd e'}).refused('page_3')
    done, text = merging.update(accept=True)
    assert done, text
    reworded()
    merging.fine('accepted before')
    assert not merging.check()
    assert not merging({1: 'a b c'}).update()[0]  # and no other


def test_the_losses_of_a_merge_are_the_same_in_other_words(reworded):
    sides = side('HEAD', {1: ['Dear Bob,'], 2: ['it rained']}), side('MERGE_HEAD', {1: ['Dear Bob,', 'yours'], 3: ['all day']})
    sides = sides[0]._replace(pins={'p1.png': 'a'}), sides[1]._replace(pins={'p1.png': 'b'})
    base, now = side('', {1: ['Dear Bob,']}), side('', {1: ['Dear']})._replace(pins={'p1.png': 'c'})
    told = lambda: [(o.key, o.sides) for o in losses(base, sides, now, Side('', 'a'*64))]
    before = told()
    reworded()
    assert told() == before and {o[0][0] for o in before} == {'cut', 'line', 'removed', 'pin', 'unseen'}


FILES = {'web page': (b'<html>gone</html>', 'not-image'), 'nothing': (b'', 'not-image'), 'cut': ('cut', 'not-image'), 'bomb': ('bomb', 'bomb')}


def jpeg():
    out = BytesIO()
    Image.new('L', (300, 400)).save(out, 'JPEG')
    return out.getvalue()


@pytest.mark.parametrize('name', FILES)
def test_causes_of_a_download_go_by_kinds(name, tmp_path, reworded):
    whole, (data, cause) = jpeg(), FILES[name]
    frame = whole.index(b'\xff\xc0') + 5  # height and width
    data = {'cut': whole[:len(whole)//2], 'bomb': whole[:frame] + b'\xff\x00\xff\x00' + whole[frame + 4:]}.get(data, data)
    (tmp_path/'from.jpg').write_bytes(data)
    ways = {}, dict(sha256='a'*64), dict(sha256=hashlib.sha256(data).hexdigest())
    ask = lambda: [fetch_file(tmp_path/'to.jpg', [tmp_path/'from.jpg'], **kw) for kw in ways]
    before = ask()
    reworded()
    after = ask()
    assert [(o.status, o.cause, o.attempts) for o in after] == [(o.status, o.cause, o.attempts) for o in before]
    assert [o.cause for o in before] == [cause, 'hash', cause] and before[0].reason != after[0].reason


def test_a_pin_stands_where_its_image_is_not_here_whatever_is_said_of_that(project, reworded):
    folder = project/'data'/'letters'
    os.unlink(folder/'pages'/'page_001.jpg')
    reworded()
    report = pins.pin_images(folder, progress=False)
    assert {o.status for o in report} == {'same'} and content_hash(folder/'images.csv') == read_metadata(folder).pins['images.csv']


def test_a_list_of_findings_is_a_table_for_pandas(tracked):
    write(tracked, EDITS['1 line gone'][0](pages_of(tracked)))
    rows = Findings(update_dataset(tracked, dry=True).losses).as_dicts(dataset='letters')
    assert [(o['dataset'], o['kind'], o['page'], o['region']) for o in rows] == [('letters', 'line', 'p0.jpg', 17)]
    assert all(issubclass(o, Finding) for o in (page_diff.Loss, checks.FileFault, pictures.Problem))
