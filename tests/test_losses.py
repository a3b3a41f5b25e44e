"""What is lost, on every road: the table of edits that were once blessed, journals that settle it, losses that are accepted and no others, checks that looked at nothing."""
import json, shutil, subprocess, sys
from pathlib import Path

import pytest

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import export_bytes, read_export, write_export
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.git import run_git
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.changes import LossError
from fsdl_handwriting_data.versioning.update import check_dataset, update_dataset

from commands import run
from test_versions import drawn, home, project  # noqa: F401


WORDS = 'Dear Anna, it rained all day and nobody came to see the garden; yours, and write soon'.split()


def box(k): return ((.1, .04*k + .02), (.9, .04*k + .02), (.9, .04*k + .05), (.1, .04*k + .05))
def text_of(page, k): return ' '.join(WORDS[(page + k + i) % len(WORDS)] for i in range(4)) + f' {page}-{k}'
def letter(n, lines=18):
    return Page(f'pages/p{n}.jpg',
                tuple(Region(box(k), text_of(n, k), image_width=600, image_height=800, label=('line',)) for k in range(lines)))


@pytest.fixture
def letters(tmp_path, home):
    "A dataset of six pages with 18 lines each, in no repository."
    folder = tmp_path/'letters'
    folder.mkdir()
    write_export([letter(n) for n in range(6)], folder/'letters.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'letters.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    return folder


@pytest.fixture
def tracked(letters):
    "The same, in a repository."
    run_git(letters, 'init', '-q', '-b', 'main')
    commit(letters)
    return letters


def with_line(page, text, k):
    return page.replace(regions=(*page.regions,
                                 Region(((.2, .04*k), (.7, .04*k), (.7, .04*k + .02), (.2, .04*k + .02)), text,
                                        image_width=600, image_height=800, label=('line',))))
def half(r): return r.replace(points=tuple((min(2*x, 1), y) for x, y in r.points))
def commit(folder): run_git(folder, 'add', '.'), run_git(folder, 'commit', '-qm', 'x')
def pages_of(folder): return read_export(folder/'letters.jsonl').pages
def write(folder, pages): write_export(pages, folder/'letters.jsonl')
def first(pages, *regions): return [pages[0].replace(regions=regions), *pages[1:]]
def retyped(pages, n, change):
    return first(pages, *(r.replace(text=change(r.text)) if k < n else r for k, r in enumerate(pages[0].regions)))


# ---------------------------------------------------------------------------------------------- the table: what
# somebody did to the export, and how many losses that is

EDITS = {
    '1 line gone': (lambda ps: first(ps, *ps[0].regions[:-1]), 1),
    '8 of 18 lines gone': (lambda ps: first(ps, *ps[0].regions[:-8]), 8),
    'the last line of all pages gone': (lambda ps: [p.replace(regions=p.regions[:-1]) for p in ps], 6),
    '8 lines of each page gone': (lambda ps: [p.replace(regions=p.regions[:-8]) for p in ps], 48),
    '17 texts cut to 3 letters': (lambda ps: retyped(ps, 17, lambda o: o[:3]), 17),
    '1 text emptied': (lambda ps: retyped(ps, 1, lambda o: ''), 1),
    '17 texts emptied': (lambda ps: retyped(ps, 17, lambda o: ' '), 17),
    'all lines of a page gone': (lambda ps: first(ps), 18),
    'an annotation is null': (lambda ps: [ps[0].replace(regions=(), annotated=False), *ps[1:]], 18),
    'a page gone': (lambda ps: ps[1:], 19),
    'the second half of each text': (lambda ps: retyped(ps, 18, lambda o: o[:len(o)//2]), 18),
    'a word of one text': (lambda ps: retyped(ps, 1, lambda o: o.replace('rained ', '')), 1),
    'spelling corrected': (lambda ps: retyped(ps, 18, lambda o: o.replace('rained', 'rainde').replace('garden', 'gardin')), 0),
    'words replaced': (lambda ps: retyped(ps, 18, lambda o: o.replace('nobody', 'no').replace('Anna,', 'Bob,')), 0),
    'in capitals, with other spaces': (lambda ps: retyped(ps, 18, lambda o: o.upper().replace(' ', '\u00a0 ')), 0),
    'joined': (lambda ps: first(ps, ps[0].regions[0].replace(text=' '.join(r.text for r in ps[0].regions[:3])), *ps[0].regions[3:]), 0),
    'split': (lambda ps: first(ps, *(r.replace(text=' '.join(r.text.split()[s])) if s.start is None
                                     else r.replace(text=' '.join(r.text.split()[s]), points=tuple((x, y + .74) for x, y in r.points))
                                     for r in ps[0].regions[:5] for s in (slice(None, 2), slice(2, None))), *ps[0].regions[5:]), 0),
    'moved to another page': (lambda ps: [ps[0].replace(regions=ps[0].regions[:-4]),
                                          ps[1].replace(regions=(*ps[1].regions,
                                                                 *(r.replace(points=box(19 + k)) for k,
                                                                   r in enumerate(ps[0].regions[-4:])))), *ps[2:]], 0),
    'one line moved to another page': (lambda ps: [ps[0].replace(regions=ps[0].regions[1:]), *ps[1:5],
                                                   ps[5].replace(regions=(*ps[5].regions, ps[0].regions[0]))], 0),
    'a line gone, and one that says the same drawn on another page': (lambda ps: [ps[0].replace(regions=ps[0].regions[1:]), with_line(ps[1], ps[0].regions[0].text, 19), *ps[2:]], 1),
    'a line gone, and one that says the same on a page that is new': (lambda ps: [ps[0].replace(regions=ps[0].regions[1:]), *ps[1:], with_line(letter(7), ps[0].regions[0].text, 19)], 1),
    'a line gone, and its text typed over another one': (lambda ps: [ps[0].replace(regions=ps[0].regions[1:]),
                                                                     ps[1].replace(regions=(ps[1].regions[0].replace(text=ps[0].regions[0].text), *ps[1].regions[1:])), *ps[2:]], 1),
    'a text emptied, and the same on another page': (lambda ps: [ps[0].replace(regions=(ps[0].regions[0].replace(text=''), *ps[0].regions[1:])), with_line(ps[1], ps[0].regions[0].text, 19), *ps[2:]], 1),
    'a page cut in two that are new': (lambda ps: [letter(7, 0).replace(regions=tuple(half(r) for r in ps[0].regions[:9])), letter(8, 0).replace(regions=tuple(half(r) for r in ps[0].regions[9:])), *ps[1:]], 1),
    'lines in another order, and moved': (lambda ps: first(ps, *(r.replace(points=tuple((x, y + .001) for x, y in r.points)) for r in ps[0].regions[::-1])), 0),
    'a page renamed': (lambda ps: [ps[0].replace(url='pages/P0.JPG'), *ps[1:]], 0),
    'all pages renamed': (lambda ps: [p.replace(url=p.url.replace('p', '%70').replace('%70ages', 'pages')) for p in ps], 0),
}


@pytest.mark.parametrize('name', EDITS)
def test_the_table_is_counted_line_by_line(name, letters):
    edit, n = EDITS[name]
    old = (letters/'letters.jsonl').read_bytes()
    write(letters, edit(pages_of(letters)))
    diff = diff_exports(old, letters/'letters.jsonl')
    assert len(diff.losses) == n, [str(o) for o in diff.losses]
    assert (f'(losses: {n})' in diff.summary()) == bool(n) == ('\nLOST: ' in str(diff)) == ('**Lost: ' in diff.markdown()) and len(json.loads(diff.to_json())['losses']) == n
    assert 'renamed' not in name or (diff.totals['pages_added'], diff.totals['pages_removed'],
                                     diff.totals['pages_renamed']) == (0, 0, 6 if 'all' in name else 1)


TOLD = ['1 line gone', '8 of 18 lines gone', 'the last line of all pages gone', '17 texts cut to 3 letters',
        'a page gone', 'words replaced', 'a page renamed']


@pytest.mark.parametrize('place', [pytest.param('git', marks=pytest.mark.long), 'no git', 'journals'])
def test_the_table_on_each_road_of_an_update(place, letters):
    if place == 'git':
        run_git(letters, 'init', '-q', '-b', 'main')
        commit(letters)
    if place == 'journals':  # Ann has read all pages, and exported one
        store = LabelStore(letters, 'Ann')
        for n in range(6): store.append(dict(op='text', page=f'p{n}.jpg', id='e3', text=text_of(n, 3) + '!'*(n == 4)))
        export_labels(letters)
    before, whole = (letters/'metadata.toml').read_bytes(), pages_of(letters)
    for name in TOLD:
        edit, n = EDITS[name]
        write(letters, edit(whole))
        update, expected = update_dataset(letters, dry=True), place != 'no git'
        assert len([o for o in update.losses if o.kind != 'unseen']) == n*expected, (name, str(update))
        assert any(o.kind == 'unseen' for o in update.losses) == (not expected)
        if not update.losses: continue
        for wrong in (), True, n + 1, ['p9.jpg']:
            with pytest.raises(LossError, match=f'--accept-loss {n} takes' if expected else '--accept-loss unknown'):
                update_dataset(letters, accept_loss=wrong)
        assert (letters/'metadata.toml').read_bytes() == before
    update = update_dataset(letters, accept_loss='unknown' if place == 'no git' else ())  # the last one loses nothing
    assert update.changes and update_dataset(letters).changes == ()


@pytest.mark.long
def test_the_command_says_the_number_and_takes_that_and_no_other(tracked):
    write(tracked, EDITS['the last line of all pages gone'][0](pages_of(tracked)))
    res = run('fsdl_update_metadata', tracked)
    assert res.returncode == 1 and 'LOST: 6 lines with text on 6 pages' in res.stderr and 'p5.jpg, region 17' in res.stderr and '--accept-loss 6 takes these 6 losses' in res.stderr, res
    assert run('fsdl_diff', 'HEAD', tracked, '--fail-on-loss').returncode == 1 and run('fsdl_diff', 'HEAD', tracked).returncode == 0
    for given in ['5'], ['7'], [], ['p9.jpg'], ['p0.jpg', '3']:
        res = run('fsdl_update_metadata', tracked, '--accept-loss', *given)
        assert res.returncode == 1 and '--accept-loss 6 takes these 6' in res.stderr, res
    res = run('fsdl_update_metadata', tracked, '--accept-loss', 'p0.jpg', 'p1.jpg')
    assert res.returncode == 1 and 'p5.jpg' in res.stderr, res  # four are left
    assert run('fsdl_update_metadata', tracked, '--dry', '--accept-loss', '6').returncode == 0
    assert run('fsdl_update_metadata', tracked, '--accept-loss', '6').returncode == 0 and run('fsdl_update_metadata', '--check', tracked).returncode == 0


@pytest.mark.parametrize('text,n', [('yes', 1), ('Dear Sir', 0)])
def test_a_short_text_on_another_page_is_another_line(text, n):
    line = lambda k: Region(box(k), text, image_width=600, image_height=800, label=('line',))
    old, new = [Page('p1.jpg', (line(0), line(1))), Page('p2.jpg', (line(2),))], [Page('p1.jpg', (line(0),)),
                                                                                  Page('p2.jpg', (line(2), line(1)))]
    assert len(diff_exports(export_bytes(old), export_bytes(new)).losses) == n


def test_each_line_of_another_page_is_the_partner_of_one():
    line = lambda k: Region(box(k), 'Dear Sir', image_width=600, image_height=800, label=('line',))
    old = [Page(f'p{i}.jpg', (line(0), Region(box(9), f'letter {i}'))) for i in range(5)]
    new = [*(p.replace(regions=p.regions[1:]) for p in old[:4]), old[4].replace(regions=(*old[4].regions, line(1), line(2)))]
    assert [o.page for o in diff_exports(export_bytes(old), export_bytes(new)).losses] == ['p2.jpg', 'p3.jpg']


def test_many_pages_are_named_up_to_twenty(letters):
    write(letters, pages := [letter(n, 2) for n in range(30)])
    old = (letters/'letters.jsonl').read_bytes()
    write(letters, [p.replace(regions=p.regions[:1]) for p in pages])
    text = str(diff_exports(old, letters/'letters.jsonl'))
    assert 'LOST: 30 lines with text on 30 pages' in text and '  p19.jpg, region 1: ' in text and '… and 10 more pages' in text


# ---------------------------------------------------------------------------------------------- accepted, and remembered by what it is

def test_accepting_one_loss_covers_no_other(tracked):
    whole = pages_of(tracked)
    write(tracked, first(whole, *whole[0].regions[:-1]))
    assert update_dataset(tracked, accept_loss=1).losses
    assert not check_dataset(tracked) and not update_dataset(tracked).losses
    write(tracked, first(whole, *whole[0].regions[:-2]))
    with pytest.raises(LossError, match='--accept-loss 1 takes'): update_dataset(tracked)  # the next line
    write(tracked, whole)
    update_dataset(tracked)
    write(tracked, first(whole, *whole[0].regions[:-1]))
    with pytest.raises(LossError, match='--accept-loss 1 takes'): update_dataset(tracked)  # it was back, and goes again


def test_equal_texts_are_accepted_one_by_one(tracked):
    lines = [Region(box(k), 'yes', image_width=600, image_height=800, label=('line',)) for k in range(5)]
    write(tracked, first(pages_of(tracked), *lines))
    update_dataset(tracked, accept_loss=18)
    commit(tracked)
    for n, told in (4, 1), (2, 2):
        write(tracked, first(pages_of(tracked), *lines[:n]))
        assert len(update_dataset(tracked, dry=True).losses) == told
        update_dataset(tracked, accept_loss=told)
        assert not check_dataset(tracked)


@pytest.mark.long
def test_a_pin_taken_out_on_purpose_passes_the_hook(project):
    folder, top = project/'data'/'letters', project
    run_git(top, 'add', '.')
    run_git(top, 'commit', '-qm', 'x')
    text = (folder/'images.csv').read_text().splitlines(keepends=True)
    (folder/'images.csv').write_text(''.join(text[:-1]))
    assert 'the pin of page_003.jpg' in run('fsdl_update_metadata', folder).stderr
    assert run('fsdl_update_metadata', folder, '--accept-loss', 'page_003.jpg').returncode == 0
    assert not [o for o in check_dataset(folder) if 'lost' in o]  # in the hook of the commit
    (folder/'images.csv').write_text(''.join(text[:-2]))
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 1 and 'page_002.jpg' in res.stderr and 'page_003.jpg' not in res.stderr, res


def test_a_hash_by_hand_is_seen_by_a_check(tracked):
    write(tracked, EDITS['8 of 18 lines gone'][0](pages_of(tracked)))
    update_metadata(tracked)
    assert any('p0.jpg' in o and '--accept-loss 8' in o for o in check_dataset(tracked))
    assert run('fsdl_update_metadata', '--check', tracked).returncode == 1


# ---------------------------------------------------------------------------------------------- what annotators did

def test_what_an_annotator_did_is_no_loss_and_no_more_than_that(tracked):
    store = LabelStore(tracked, 'Ann')
    store.append([dict(op='delete', page='p0.jpg', id='e1'), dict(op='text', page='p0.jpg', id='e2', text='Dear'),
                  dict(op='text', page='p1.jpg', id='e0', text='')])
    export_labels(tracked)  # which writes the hash itself
    run_git(tracked, 'checkout', '-q', '--', 'metadata.toml')
    update = update_dataset(tracked)
    assert not update.losses and any('3 lines with text on 2 pages: no loss, since an annotator did that' in o
                                     for o in update.notes), str(update)
    res = run('fsdl_diff', 'HEAD', tracked, '--fail-on-loss')
    assert res.returncode == 0 and 'not lost, since an annotator did that: 3 lines' in res.stdout, res
    assert len(diff_exports(run_git(tracked, 'show', 'HEAD:letters.jsonl'), (tracked/'letters.jsonl').read_bytes()).losses) == 3  # without the journals
    commit(tracked)
    pages = pages_of(tracked)
    write(tracked, first(pages, *pages[0].regions[:-1]))
    with pytest.raises(LossError, match='--accept-loss 1 takes'): update_dataset(tracked)  # nobody deleted that one


def test_an_outline_that_another_program_flattened_is_lost_whatever_the_annotator_typed(tracked):
    store, flat = LabelStore(tracked, 'Ann'), ((.1, .1),)*4
    store.append([dict(op='text', page='p0.jpg', id=f'e{k}', text=f'Dear Anna {k}') for k in range(3)])
    export_labels(tracked)
    commit(tracked)
    pages = pages_of(tracked)
    write(tracked, first(pages, *(r.replace(points=flat) for r in pages[0].regions[:3]), *pages[0].regions[3:]))
    assert [o.kind for o in update_dataset(tracked, dry=True).losses] == ['flat']*3
    store.append(dict(op='set', page='p0.jpg', id='e1', to=dict(points=flat, shape='rectangle'),
                      was=dict(points=pages[0].regions[1].points, shape='rectangle')))
    assert [o.region for o in update_dataset(tracked, dry=True).losses] == [0, 2]  # she drew that one so


def test_an_update_with_the_old_file_compares_also_if_the_hash_is_right(letters, tmp_path):
    good = shutil.copy(letters/'letters.jsonl', tmp_path/'good.jsonl')
    write(letters, EDITS['8 of 18 lines gone'][0](pages_of(letters)))
    update_metadata(letters)  # blessed
    res = run('fsdl_update_metadata', letters, '--old', good)
    assert res.returncode == 1 and 'LOST: 8 lines with text on 1 page' in res.stderr, res
    assert run('fsdl_update_metadata', letters, '--old', good, '--accept-loss', '8').returncode == 0
    assert 'Nothing to update' in run('fsdl_update_metadata', letters).stdout


def test_a_description_without_a_hash_has_nothing_to_lose(letters):
    (letters/'metadata.toml').write_text("url = ''\nfilename = 'letters.jsonl'\nsha256 = ''\n")
    res = run('fsdl_update_metadata', letters)
    assert res.returncode == 0 and 'the first version' in res.stdout, res


def test_journals_of_some_pages_only_say_what_they_can(letters):
    store = LabelStore(letters, 'Ann')
    store.append(dict(op='text', page='p0.jpg', id='e0', text='Dear Anna'))
    export_labels(letters)
    write(letters, EDITS['1 line gone'][0](pages_of(letters)))
    losses = update_dataset(letters, dry=True).losses
    assert [o.kind for o in losses] == ['line', 'unseen'] and '5 pages with texts are in no journal' in str(losses[1])
    with pytest.raises(LossError): update_dataset(letters, accept_loss=1)
    with pytest.raises(LossError): update_dataset(letters, accept_loss='unknown')
    assert update_dataset(letters, accept_loss=[1, 'unknown']).changes


def test_a_page_that_is_gone_and_in_no_journal_is_not_passed_over(letters):
    write(letters, pages_of(letters)[:2])
    update_metadata(letters)
    LabelStore(letters, 'Ann').append(dict(op='text', page='p0.jpg', id='e0', text='Dear Anna'))
    export_labels(letters)
    write(letters, pages_of(letters)[:1])  # page 1 is gone, and nobody labelled it here
    losses = update_dataset(letters, dry=True).losses
    assert [o.kind for o in losses] == ['unseen'] and 'pages that are in no journal had texts' in str(losses[0])
    with pytest.raises(LossError, match='--accept-loss unknown'): update_dataset(letters)


def test_an_older_version_put_back_is_a_loss_of_what_was_typed_since(tracked):
    LabelStore(tracked, 'Ann').append(dict(op='text', page='p0.jpg', id='e0', text=f'{text_of(0, 0)}, and what came after that'))
    export_labels(tracked)
    commit(tracked)
    run_git(tracked, 'cat-file', 'blob', 'HEAD~1:letters.jsonl')
    (tracked/'letters.jsonl').write_bytes(run_git(tracked, 'cat-file', 'blob', 'HEAD~1:letters.jsonl'))
    with pytest.raises(LossError, match='--accept-loss 1 '): update_dataset(tracked)


def test_a_number_takes_the_losses_that_were_shown(tracked):
    old = pages_of(tracked)
    write(tracked, first(old, *old[0].regions[:-1]))
    with pytest.raises(LossError, match='--accept-loss 1 '): update_dataset(tracked)
    write(tracked, [old[0], old[1].replace(regions=old[1].regions[:-1]), *old[2:]])
    with pytest.raises(LossError, match='1 of these losses were not among those shown'): update_dataset(tracked, 1)
    assert update_dataset(tracked, 1).new  # now it was


def test_pages_renamed_and_labelled_lose_nothing_without_an_earlier_version(letters):
    store = LabelStore(letters, 'Ann')
    for n in range(6): store.append(dict(op='text', page=f'p{n}.jpg', id='e0', text=f'{text_of(n, 0)}.'))
    export_labels(letters)
    write(letters, [p.replace(url=f'pages/P{n}.JPG') for n, p in enumerate(pages_of(letters))])
    assert not update_dataset(letters).losses


# ---------------------------------------------------------------------------------------------- renamed pages, unicode, pipes

@pytest.mark.parametrize('old, new', [('pages/p1.jpg', 'pages/letter_1.jpg'),
                                      ('http://h/a%20b.jpg', 'http://h/a b.jpg'), ('http://h/P1.JPG', 'http://h/P1.jpg'),
                                      ('pages/fu\u0308r.jpg', 'pages/f\u00fcr.jpg'),
                                      ('http://h/p%2520q.jpg', 'https://x/p q.JPG'), ('pages/STRASSE.jpg', 'pages/stra\u00dfe.jpg')])
def test_a_renamed_page_is_one_page_and_its_texts_are_compared(old, new, tmp_path):
    for name, url, text in ('old', old, 'hello'), ('new', new, 'hello!'):
        write_export([Page(url, (Region(box(1), text, image_width=600, image_height=800, label=('line',)),))], tmp_path/f'{name}.jsonl')
    diff = diff_exports(tmp_path/'old.jsonl', tmp_path/'new.jsonl')
    assert diff.summary() == '1 text changed, 1 page renamed' and not diff.losses and 'renamed, was ' in str(diff) and 'CER 0.200' in str(diff) and 'renamed, was ' in diff.markdown()
    (page,) = json.loads(diff.to_json())['pages']
    assert page['kinds'] == ['renamed'] and page['old_id'] == old.split('/')[-1]


def test_pages_that_could_be_two_are_said_and_not_guessed(letters):
    old = [letter(0, 2).replace(url='pages/a%20b.jpg')]
    write(letters, new := [letter(7, 2).replace(url='pages/a b.jpg'), letter(8, 2).replace(url='pages/A%2520b.jpg')])
    write_export(old, letters/'old.jsonl')
    diff = diff_exports(letters/'old.jsonl', letters/'letters.jsonl')
    assert (diff.totals['pages_added'], diff.totals['pages_removed'], len(diff.losses)) == (2, 1, 3) and len(new) == 2
    assert 'may be one page under another name, and was not guessed: a%20b.jpg' in str(diff) and 'May be one page' in diff.markdown()


def test_hashes_of_images_tell_renamed_pages(letters):
    blank = lambda name, sha: Page(f'pages/{name}.jpg', annotated=False, extras={'sha256': sha*64})
    write_export([blank('p1', 'a'), blank('p2', 'b')], letters/'old.jsonl')
    write(letters, [blank('x', 'B'), blank('y', 'c')])
    totals = diff_exports(letters/'old.jsonl', letters/'letters.jsonl').totals
    assert (totals['pages_renamed'], totals['pages_added'], totals['pages_removed']) == (1, 1, 1)


@pytest.mark.long
def test_pins_tell_renamed_pages_of_an_update(project):
    folder = project/'data'/'letters'
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'x')
    pages = [p.replace(regions=()) for p in pages_of(folder)]  # nothing but the images tells
    write(folder, pages)
    update_dataset(folder, accept_loss=['page_001.jpg', 'page_002.jpg', 'page_003.jpg'])
    run_git(project, 'commit', '-qam', 'x')
    (folder/'pages'/'page_002.jpg').rename(folder/'pages'/'second.jpg')
    write(folder, [p.replace(url=p.url.replace('page_002', 'second')) for p in pages])
    update = update_dataset(folder)
    assert not update.losses and '1 page renamed' in update.changes[0], str(update)


def test_only_the_form_of_unicode_is_said_in_words(letters):
    write(letters, first(pages_of(letters), Region(box(1), 'caf\u00e9', image_width=600, image_height=800)))
    old = (letters/'letters.jsonl').read_bytes()
    write(letters, first(pages_of(letters), Region(box(1), 'cafe\u0301', image_width=600, image_height=800)))
    diff = diff_exports(old, letters/'letters.jsonl')
    assert not diff.losses and all('another form of Unicode' in o and 'CER 0.000 (' not in o.split('region 0')[-1]
                                   for o in (str(diff), diff.markdown()))


@pytest.mark.long
def test_a_closed_pipe_is_no_loss(tracked):
    command = f'{Path(sys.executable).parent}/fsdl_diff'
    write(tracked, [p.replace(regions=tuple(r.replace(text=r.text + '!') for r in p.regions)) for p in pages_of(tracked)]*40)
    for extra, code in ('', 141), ('--fail-on-loss', 141):
        res = subprocess.run(['bash', '-c', f'set -o pipefail; {command} HEAD {tracked} --json {extra} | head -c 10'],
                             cwd=tracked, capture_output=True, text=True)
        assert res.returncode in (code, 1 if extra else code) and not res.stderr, res
    write(tracked, pages_of(tracked)[1:6])
    res = subprocess.run(['bash', '-c',
                          f'set -o pipefail; {command} HEAD {tracked} --json --fail-on-loss | head -c 10'],
                          cwd=tracked, capture_output=True, text=True)
    assert res.returncode == 1 and not res.stderr, res


# ---------------------------------------------------------------------------------------------- a check that looked at nothing

@pytest.mark.long
def test_a_check_that_looked_at_nothing_exits_5_and_says_what_it_left_out(tmp_path, home, letters):
    run_git(letters, 'init', '-q', '-b', 'main')
    commit(letters)
    outer = tmp_path/'outer'
    outer.mkdir()
    check = lambda *args, cwd=outer: run('fsdl_update_metadata', '--check', *args, cwd=cwd)
    assert check().returncode == 5 and str(outer) in check().stderr  # an empty folder, in no repository
    run_git(outer, 'init', '-q', '-b', 'main')
    assert check().returncode == 5 and 'in the git repository' in check().stderr
    subprocess.run(['git', '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', letters, 'data/letters'],
                   cwd=outer, check=True, capture_output=True)
    with open(outer/'data'/'letters'/'letters.jsonl', 'a') as f: f.write('x\n')
    res = check()
    assert res.returncode == 5 and 'left out: data/letters: in data/letters, a repository of its own, such as a submodule' in res.stderr, res
    assert check('data/letters').returncode == 1 == check(cwd=outer/'data'/'letters').returncode
    shutil.copytree(letters, outer/'hidden'/'letters', ignore=lambda *_: ['.git'])
    (outer/'.gitignore').write_text('hidden/\n')
    res = check()
    assert res.returncode == 5 and 'left out: hidden/letters: git leaves it out (.gitignore)' in res.stderr, res
    assert check('hidden/letters').returncode == 0
    (outer/'docs').mkdir()
    res = check(cwd=outer/'docs')  # a wrong folder
    assert res.returncode == 5 and str(outer/'docs') in res.stderr, res
    for args in ['--check', '--hook'], ['--hook']:
        res = run('fsdl_update_metadata', *args, cwd=outer)
        assert res.returncode == 0 and 'nothing to do' in res.stdout and 'left out: data/letters' in res.stdout, res
    assert run('fsdl_update_metadata', cwd=outer).returncode == 5


def test_a_check_of_an_empty_folder_exits_5(tmp_path, home):
    res = run('fsdl_update_metadata', '--check', cwd=home)
    assert res.returncode == 5 and str(home) in res.stderr, res


def test_hooks_have_nothing_to_do_without_a_dataset(root):
    import yaml
    entries = {o['id']: o['entry'] for o in yaml.safe_load((root/'.pre-commit-hooks.yaml').read_text())}
    assert entries == {'fsdl-check': 'fsdl_update_metadata --check --hook', 'fsdl-update': 'fsdl_update_metadata --hook'}


@pytest.mark.parametrize('step', [0, 1])
def test_of_losses_that_are_equal_as_many_are_accepted_as_were_shown(letters, step):
    "A page that stands there three times, word for word: to take one out was meant, to take out the last is asked about."
    twice, rest = letter(0, 1), [letter(n) for n in range(1, 4)]
    record = export_bytes([twice])
    file = letters/'letters.jsonl'
    file.write_bytes(record*3 + export_bytes(rest))
    update_metadata(letters)
    run_git(letters, 'init', '-q', '-b', 'main')
    commit(letters)
    old = (letters/'metadata.toml').read_bytes()
    file.write_bytes(record*2 + export_bytes(rest))
    n = len(update_dataset(letters, dry=True).losses)
    update_dataset(letters, accept_loss=n)
    (letters/'metadata.toml').write_bytes(old)
    assert not update_dataset(letters, dry=True).losses
    file.write_bytes(record*step + export_bytes(rest))
    lost = update_dataset(letters, dry=True).losses
    assert len(lost) == len(diff_exports(record*3 + export_bytes(rest), file).losses) - n > 0, lost
