"""Updates in the middle of merges, rebases and other work of git, on real repositories: what each side had is not lost without a word."""
import builtins, hashlib, json, os, shutil, subprocess
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.versioning.compare import diff_exports
from plain_git import run_git
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset
from fsdl_handwriting_data.versioning.changes import LossError
from fsdl_handwriting_data.versioning.page_diff import Loss
from fsdl_handwriting_data.versioning.merges import Side, losses
from fsdl_handwriting_data.versioning.update import check_dataset, update_dataset
from fsdl_handwriting_data.versioning.track import track

from test_versions import accepted, clone_of, drawn, home, project  # noqa: F401


START = {1: 'a b c', 2: 'd e', 3: 'f g h i'}


class Repo:
    """A repository with a dataset whose pages are texts by number: `repo({1: 'a b', 2: 'c'})` writes the export, `repo.keep()` updates and
    commits, `repo.side('theirs')` starts a branch at the first commit."""
    def __init__(self, top, folder='data/letters', first=None):
        self.top, self.folder = top, top/folder
        self.first = first or read_export(self.folder/'letters.jsonl').pages[0]

    def __call__(self, pages):
        line = self.first.regions[0]
        rows = lambda texts: tuple(line.replace(points=tuple((x, y*.02 + .05*i) for x, y in line.points), text=o) for i, o in enumerate(texts.split()))
        write_export([self.first.replace(url=f'pages/page_{n}.jpg', regions=rows(texts)) for n, texts in pages.items()], self.folder/'letters.jsonl')
        return self

    def keep(self, accept=False):
        done, text = self.update(accept)
        assert done, text
        self.git('add', '.')
        self.git('commit', '-qm', 'x')

    def git(self, *args, fails=False):
        res = subprocess.run(['git', *args], cwd=self.top, capture_output=True, text=True)
        assert bool(res.returncode) == fails, res
        return res.stdout

    def side(self, name): self.git('checkout', '-q', '-b', name, 'start')

    def update(self, accept=False):
        "Whether an update is made, and what is said."
        try: return True, str(update_dataset(self.folder, accept_loss=accepted(self.folder) if accept else ()))
        except MetadataError as e: return False, str(e)

    def check(self): return check_dataset(self.folder)

    def refused(self, *words):
        "An update is refused, with one loss for each of the `words`; gives what is said."
        done, text = self.update()
        losses = [o for o in text.splitlines() if 'loss: ' in o]
        assert not done and len(losses) == len(words) and all(any(w in o for o in losses) for w in words), text
        return text

    def fine(self, *words):
        done, text = self.update()
        assert done and 'loss: ' not in text and all(o in text for o in words), text


@pytest.fixture
def merging(project):
    "A repository with three pages, at its first commit, `start`."
    (project/'data'/'letters'/'images.csv').unlink()
    meta = project/'data'/'letters'/'metadata.toml'
    meta.write_text(meta.read_text().split('[pins]')[0])
    repo = Repo(project)
    repo(START).keep(accept=True)
    repo.git('tag', 'start')
    return repo


def beside_readme(repo):
    "A merge in progress whose only conflict is in another file."
    for name in 'ours', 'theirs':
        repo.side(name)
        (repo.top/'README.md').write_text(name)
        repo.git('add', '.')
        repo.git('commit', '-qm', name)
    repo.git('checkout', '-q', 'ours')
    assert 'CONFLICT' in repo.git('merge', 'theirs', fails=True)


def test_a_merge_of_other_files_hides_no_loss(merging):
    beside_readme(merging)
    merging({1: 'a b c'}).refused('page_2', 'page_3')
    assert merging.update(accept=True)[0]
    merging.fine()
    merging({1: 'a b c', 2: 'd e'}).fine('+1 page', 'accepted before')  # one of them is back
    assert not merging.check()
    merging({1: 'a b c', 2: 'd e', 4: 'x'}).fine('+1 page')
    merging({1: 'a b c', 2: 'd e'}).refused('page_4')  # also what came in the middle of the merge


@pytest.mark.long
def test_a_new_dataset_in_the_middle_of_a_merge(merging):
    beside_readme(merging)
    shutil.copytree(merging.folder, merging.top/'data'/'new')
    new = Repo(merging.top, 'data/new', merging.first)
    new({**START, 4: 'x'}).fine('+1 page')
    new({4: 'x'}).refused('page_1', 'page_2', 'page_3')


@pytest.mark.long
def test_a_conflict_in_an_export_that_nobody_updated_is_no_new_version(merging):
    for name, n in ('ours', 4), ('theirs', 5):
        merging.side(name)
        merging({**START, n: 'x'})
        merging.git('commit', '-qam', name)
    merging.git('checkout', '-q', 'ours')
    assert 'CONFLICT' in merging.git('merge', 'theirs', fails=True) and '<<<<<<<' in (merging.folder/'letters.jsonl').read_text()
    done, text = merging.update()
    assert not done and 'can not be read' in text, text
    merging.git('checkout', '--theirs', 'data/letters/letters.jsonl')
    merging.refused('page_4.jpg')  # our version was committed, though no update described it
    merging({**START, 4: 'x', 5: 'x'}).fine('+2 pages')


def test_a_rebase_that_has_ended_is_none(merging):
    merging.side('ours')
    (merging.top/'README.md').write_text('ours')
    merging.git('add', '.')
    merging.git('commit', '-qm', 'ours')
    merging.side('theirs')
    (merging.top/'README.md').write_text('theirs')
    merging({**START, 4: 'x'}).keep()
    assert 'CONFLICT' in merging.git('rebase', 'ours', fails=True)
    merging({**START}).refused('page_4')  # the other side's counts while it goes on
    merging.git('checkout', '--', 'data')
    (merging.top/'README.md').write_text('both')
    merging.git('add', '.')
    merging.git('-c', 'core.editor=true', 'rebase', '--continue')
    merging({4: 'x'}).refused('page_1', 'page_2', 'page_3')
    merging(START).keep(accept=True)
    merging({**START, 5: 'x'}).fine('+1 page')


def two(repo, ours, theirs):
    for name, pages in ('ours', ours), ('theirs', theirs):
        repo.side(name)
        repo(pages).keep(accept=True)
    repo.git('checkout', '-q', 'ours')
    assert 'CONFLICT' in repo.git('merge', 'theirs', fails=True)


def take(repo, side): repo.git('checkout', side, 'data/letters')


@pytest.mark.long
def test_a_page_that_one_side_corrected_and_the_other_took_out(merging):
    two(merging, {1: 'a b c', 2: 'd e'}, {**START, 3: 'F G H I'})
    take(merging, '--ours')
    assert 'at MERGE_HEAD' in merging.refused('page_3')
    assert any('page_3' in o and '--accept-loss' in o for o in merging.check())
    assert merging.update(accept=True)[0]
    merging.fine('accepted before')
    assert not merging.check()


@pytest.mark.long
def test_texts_that_one_side_emptied_are_known_where_lines_were_counted_anew(merging):
    two(merging, {**START, 3: 'g h i'}, {**START, 1: 'a c'})
    take(merging, '--theirs')
    merging.fine()  # the line is there again
    merging({**START, 1: 'a c', 3: 'g h i'}).fine()


@pytest.mark.long
def test_each_head_of_a_merge_of_many_counts(merging):
    for name, n in ('one', 4), ('two', 5), ('three', 6):
        merging.side(name)
        merging({**START, n: 'x'}).keep()
    merging.git('merge', '--no-commit', '-s', 'ours', 'one', 'two')
    merging.refused('page_4', 'page_5')
    merging({**START, 4: 'x', 6: 'x'}).refused('page_5')
    merging({**START, 4: 'x', 5: 'x', 6: 'x'}).fine('+2 pages')


@pytest.mark.long
def test_a_folder_that_one_side_renamed_is_the_same_dataset(merging):
    merging.side('ours')
    merging.git('mv', 'data/letters', 'data/post')
    ours = Repo(merging.top, 'data/post', merging.first)
    ours({**START, 4: 'x'}).keep()
    merging.side('theirs')
    merging({**START, 5: 'x'}).keep()
    merging.git('checkout', '-q', 'ours')
    assert 'CONFLICT' in merging.git('merge', 'theirs', fails=True)
    for side, lost in ('--ours', 'page_5'), ('--theirs', 'page_4'):
        merging.git('checkout', side, 'data/post')
        ours.refused(lost)
    ours({**START, 4: 'x', 5: 'x'}).fine()


@pytest.mark.long
def test_without_a_common_past_all_of_both_counts(merging):
    merging({**START, 4: 'x'}).keep()
    merging.git('checkout', '-q', '--orphan', 'theirs')
    merging({**START, 5: 'x'}).keep(accept=True)
    merging.git('checkout', '-q', 'main')
    assert 'CONFLICT' in merging.git('merge', '--allow-unrelated-histories', 'theirs', fails=True)
    for side, lost in ('--theirs', 'page_4'), ('--ours', 'page_5'):
        take(merging, side)
        merging.refused(lost)
    merging({**START, 4: 'x', 5: 'x'}).fine()


@pytest.mark.long
def test_a_merge_in_a_clone_that_did_not_pull(merging, tmp_path, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    track(merging.folder)
    merging.git('add', '.')
    merging.git('commit', '-qm', 'Tracked')
    merging.git('tag', '-f', 'start')
    two(merging, {**START, 4: 'x'}, {1: 'a b c', 2: 'd e', 5: 'x'})
    merging.git('merge', '--abort')
    folder = clone_of(merging.top, tmp_path/'clone', GIT_LFS_SKIP_SMUDGE='1')
    clone = Repo(tmp_path/'clone', first=merging.first)
    run_git(clone.top, 'config', 'filter.lfs.smudge', 'git-lfs smudge --skip -- %f')
    run_git(clone.top, 'config', 'filter.lfs.process', 'git-lfs filter-process --skip')
    assert 'CONFLICT' in clone.git('merge', 'origin/theirs', fails=True)
    for side in '--ours', '--theirs':
        take(clone, side)
        done, text = clone.update()
        assert not done and 'git lfs' in text, text
        assert any('git lfs fetch --all' in o for o in clone.check())
    run_git(clone.top, 'lfs', 'install', '--local', '--force')
    run_git(clone.top, 'lfs', 'fetch', '--all')
    for side, lost in ('--theirs', 'page_4'), ('--ours', 'page_5'):
        (folder/'letters.jsonl').unlink()
        take(clone, side)
        clone.refused(lost)


@pytest.mark.long
def test_an_accepted_pin_does_not_fall_back_in_a_merge(project):
    folder, keep = project/'data'/'letters', lambda: (run_git(project, 'add', '.'), run_git(project, 'commit', '-qm', 'x'))
    keep()
    run_git(project, 'tag', 'start')
    shutil.copy(folder/'pages'/'page_002.jpg', folder/'pages'/'page_001.jpg')
    pin_images(folder, accept=['page_001.jpg'], progress=False)
    keep()
    run_git(project, 'checkout', '-q', '-b', 'theirs', 'start')
    (folder/'readme.md').write_text('Letters')
    update_dataset(folder)
    keep()
    run_git(project, 'checkout', '-q', 'main')
    assert subprocess.run(['git', 'merge', 'theirs'], cwd=project, capture_output=True).returncode
    run_git(folder, 'checkout', '--theirs', 'metadata.toml')
    run_git(folder, 'checkout', 'theirs', '--', 'images.csv')
    with pytest.raises(LossError, match=r'the pin of page_001.jpg became another hash \(at HEAD\)'): update_dataset(folder)
    run_git(folder, 'checkout', 'main', '--', 'images.csv')
    update_dataset(folder)
    assert verify_dataset(folder, progress=False).ok


def test_verifying_needs_no_git(project, tmp_path, monkeypatch):
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'x')
    (tmp_path/'bin').mkdir()
    monkeypatch.setenv('PATH', str(tmp_path/'bin'))
    assert verify_dataset(project/'data'/'letters', progress=False).ok


@pytest.mark.long
def test_line_ends_that_a_clone_would_get(project):
    (project/'.gitattributes').write_text('* text=auto eol=crlf\n')
    folder = project/'data'/'letters'
    with pytest.raises(MetadataError, match='letters.jsonl.*other line ends'): update_dataset(folder)
    track(folder)
    update_dataset(folder)


def test_outside_a_merge_each_loss_is_a_question_of_its_own(merging):
    merging({1: 'a b c', 2: 'd e'}).keep(accept=True)
    merging({**START, 3: 'P Q R S'}).keep()
    merging({1: 'a b c', 2: 'd e'}).refused('page_3')


@pytest.mark.long
def test_pins_of_a_dataset_that_no_side_has_count_in_a_merge(merging, drawn):
    beside_readme(merging)
    folder = shutil.copytree(drawn, merging.top/'data'/'new')
    (folder/'readme.md').write_text('Letters')
    update_dataset(folder)  # which keeps the list for comparing
    table = folder/'images.csv'
    first = table.read_text().splitlines()[1].split(',')[1]
    table.write_text(table.read_text().replace(first, 'a'*64))
    with pytest.raises(LossError, match='became another hash'): update_dataset(folder)


# ---------------------------------------------------------------------------------------------- any edits

def export(pages):
    "The export with these `pages`: number → texts."
    box = lambda i: ((.1, .05*i), (.9, .05*i), (.9, .05*i + .04), (.1, .05*i + .04))
    return b''.join(json.dumps({'content': f'pages/p{n}.png', 'annotation': [{'label': ['line'], 'shape': 'rectangle', 'points': box(i), 'notes': o, 'imageWidth': 100, 'imageHeight': 150}
                    for i, o in enumerate(texts)], 'extras': None, 'metadata': {}}).encode() + b'\n' for n, texts in sorted(pages.items()))


def side(name, pages): return Side(name, hashlib.sha256(data := export(pages)).hexdigest(), data)


TEXTS = st.lists(st.sampled_from(['Dear Bob,', 'it rained', 'all day', 'yours', '']), max_size=4)
EDITS = st.dictionaries(st.integers(0, 5), st.one_of(st.none(), TEXTS), max_size=4)  # page → its new texts, or None: taken out


def edited(pages, edits): return {k: v for k, v in (pages | edits).items() if v is not None}


def told(base, ours, theirs, now):
    "The pages of which losses are told."
    sides = side('HEAD', ours), side('MERGE_HEAD', theirs)
    return {o.page.split('.png')[0] for o in losses(side('base', base), sides, side('', now), sides[0])}


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 5), TEXTS, max_size=6), EDITS, EDITS)
def test_of_any_edits_on_different_pages_nothing_is_lost_by_joining_them_and_all_by_leaving_one_out(base, mine, others):
    others = {k: v for k, v in others.items() if k not in mine}
    ours, theirs = edited(base, mine), edited(base, others)
    assert told(base, ours, theirs, edited(ours, others)) == set()
    lost = {o.page.split('.png')[0] for o in diff_exports(export(theirs), export(ours), by_lines=False).losses}  # all of theirs that is not in ours
    touched = {f'p{k}' for k in others if base.get(k) != theirs.get(k)}
    assert told(base, ours, theirs, ours) == lost & touched
    if mine and others: assert told(base, ours, theirs, {}) >= {f'p{k}' for k, v in others.items() if v}  # what nobody took out


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.integers(0, 5), TEXTS, max_size=6), EDITS, EDITS, EDITS)
def test_of_any_result_no_more_is_told_than_each_side_lost_and_no_page_that_both_had_goes_without_a_word(base, mine, others, last):
    ours, theirs = edited(base, mine), edited(base, others)
    now = edited(edited(ours, others), last)
    lost = lambda old: {o.page.split('.png')[0] for o in diff_exports(export(old), export(now), by_lines=False).losses}
    assert told(base, ours, theirs, now) <= lost(ours) | lost(theirs)
    assert told(base, ours, theirs, now) >= {f'p{k}' for k, v in ours.items() if v and k in theirs and theirs[k] and k not in now}


PAGES = st.dictionaries(st.integers(0, 3), TEXTS, max_size=4)
HASHES = st.dictionaries(st.sampled_from(['p0.png', 'p1.png', 'p2.png']), st.sampled_from('abc'), max_size=3)
VERSION = st.builds(lambda pages, pins: side('', pages)._replace(pins=pins), PAGES, HASHES)
COMMON = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@contextmanager
def no_files():
    "No file is opened and no program is run meanwhile."
    def refuse(*args, **kw): raise AssertionError(f'{args} is opened or run')
    with pytest.MonkeyPatch.context() as patch:
        for where, names in (builtins, ['open']), (os, ['open', 'stat', 'listdir', 'scandir']), (subprocess, ['run', 'Popen']):
            for o in names: patch.setattr(where, o, refuse)
        yield


@COMMON
@given(VERSION, VERSION, VERSION, VERSION)
def test_the_losses_of_a_merge_are_values_of_values(base, ours, theirs, now):
    "They need no file, no program and no repository, and are the same again; which side is named first changes the names' order only."
    sides = [ours._replace(name='HEAD'), theirs._replace(name='MERGE_HEAD')]
    before = [(o.data, dict(o.pins)) for o in (base, *sides, now)]
    with no_files(): found = losses(base, sides, now, ours)
    assert found == losses(base, sides, now, ours) and [(o.data, dict(o.pins)) for o in (base, *sides, now)] == before
    count = lambda some: sorted((o.key, sorted(o.sides)) for o in some)
    assert count(found) == count(losses(base, sides[::-1], now, ours))


@COMMON
@given(VERSION, VERSION)
def test_a_side_as_it_is_loses_nothing_where_the_others_did_nothing(base, ours):
    assert losses(base, [ours, base._replace(name='MERGE_HEAD')], ours) == [] == losses(base, [base], base)


@COMMON
@given(VERSION, VERSION, VERSION, VERSION, HASHES)
def test_a_pin_is_counted_once_and_lost_only_if_no_side_that_changed_it_has_it_so(base, ours, theirs, now, was):
    sides = [ours._replace(name='HEAD'), theirs._replace(name='MERGE_HEAD')]
    known = [Loss('pin', 'in other words', page=k, text=v, now=now.pins[k]) for k, v in was.items() if now.pins.get(k, v) != v]
    found = [o for o in losses(base, sides, now, pins=known) if o.kind == 'pin']
    assert len({o.key for o in found}) == len(found)
    expected = {(k, v) for o in sides for k, v in o.pins.items() if now.pins.get(k, v) != v and not (base.pins.get(k) == v and now.pins[k] in [s.pins.get(k) for s in sides])}
    expected |= {(o.page, o.text) for o in known if o.now not in [s.pins.get(o.page) for s in sides]}
    assert {(o.page, o.text) for o in found} == expected


@COMMON
@given(VERSION, VERSION, VERSION, VERSION)
def test_what_is_not_here_is_said_and_hides_no_other_loss(base, ours, theirs, now):
    sides = [ours._replace(name='HEAD', data=None), theirs._replace(name='MERGE_HEAD')]
    found = losses(base, sides, now)
    fine = {now.sha256, *[base.sha256]*(now.sha256 in (ours.sha256, theirs.sha256))}
    if ours.sha256 not in fine: assert ('unseen', ours.sha256) in [(o.kind, o.text) for o in found]
    if theirs.sha256 not in fine | {ours.sha256}:  # nobody can say that the other side did it
        assert {o.key for o in diff_exports(theirs.data, now.data, by_lines=False).losses} <= {o.key for o in found}
