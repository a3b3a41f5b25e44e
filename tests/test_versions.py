"""Pins, updates and tracking on real repositories: with git and git-lfs, damaged byte by byte, killed at any moment, two at once, on a full disk."""
import os, random, shutil, signal, subprocess, sys
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings, strategies as st
from PIL import Image

from fsdl_handwriting_data.core.exports import parse_export, read_export, write_export
from fsdl_handwriting_data.versioning.git import git_state
from fsdl_handwriting_data.versioning.history import read_at
from plain_git import run_git
from fsdl_handwriting_data.versioning.lists import sha256sums, write_bag
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.versioning.image_list import read_pins
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset
from fsdl_handwriting_data.pages.sample import make_sample
from fsdl_handwriting_data.versioning.update import update_dataset

from commands import run


@pytest.fixture(scope='module')
def drawn(tmp_path_factory):
    "A drawn dataset of three pages, pinned."
    folder = make_sample(tmp_path_factory.mktemp('drawn')/'letters', n_pages=3, seed=3, progress=False)
    pin_images(folder, progress=False)
    return folder


@pytest.fixture
def letters(drawn, tmp_path): return Path(shutil.copytree(drawn, tmp_path/'letters'))


@pytest.fixture
def home(tmp_path, monkeypatch):
    "No settings of git but those made by the test."
    (tmp_path/'home').mkdir()
    monkeypatch.setenv('HOME', str(tmp_path/'home'))
    monkeypatch.setenv('GIT_CONFIG_NOSYSTEM', '1')
    return tmp_path/'home'


@pytest.fixture
def project(home, tmp_path, drawn):
    "A repository with a dataset in it that nobody tracks yet."
    top = tmp_path/'project'
    shutil.copytree(drawn, top/'data'/'letters')
    run_git(top, 'init', '-q', '-b', 'main')
    return top


def retype(folder, old=b'a', new=b'e'):
    "Change a text of the export."
    path = read_metadata(folder).file
    head, _, rest = path.read_bytes().partition(b'"notes":')
    path.write_bytes(head + b'"notes":' + rest.replace(old, new, 1))


def accepted(folder):
    "What `--accept-loss` is given by somebody who read what is lost: the number that a dry run says, and 'unknown' where it says so."
    losses = update_dataset(folder, dry=True).losses
    n = sum(o.kind != 'unseen' for o in losses)
    return [str(n)]*bool(n) + ['unknown']*(n < len(losses))


# ---------------------------------------------------------------------------------------------- git and git-lfs

def test_the_road_through_git_and_git_lfs(project, home, tmp_path, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    folder, bare, clone = project/'data'/'letters', tmp_path/'bare.git', tmp_path/'clone'
    subprocess.run(['git', 'init', '-q', '--bare', '-b', 'main', bare], check=True)
    assert run('fsdl_track', folder).returncode == 0
    assert 'already kept' in run('fsdl_track', folder).stdout
    assert run('fsdl_update_metadata', folder).returncode == 0  # .gitattributes is a file of the dataset
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    run_git(project, 'remote', 'add', 'origin', bare.as_uri())
    run_git(project, 'push', '-q', 'origin', 'main')
    assert run_git(project, 'show', 'HEAD:data/letters/letters.jsonl').startswith(b'version https://git-lfs')
    assert run_git(project, 'show', 'HEAD:data/letters/pages/page_001.jpg').startswith(b'version https://git-lfs')
    assert run_git(project, 'show', 'HEAD:data/letters/images.csv').startswith(b'id,sha256,bytes')

    subprocess.run(['git', 'clone', '-q', bare.as_uri(), clone], check=True, env=os.environ | {'GIT_LFS_SKIP_SMUDGE': '1'})
    res = run('fsdl_verify', clone/'data'/'letters')
    assert res.returncode == 1 and 'not pulled' in res.stdout + res.stderr, res
    said = [str(o) for o in verify_dataset(clone/'data'/'letters', progress=False)]
    assert len(said) == 4 and all('the right version, not pulled' in o for o in said), said  # the export, and each image of the list
    run_git(clone, 'lfs', 'install', '--local')
    run_git(clone, 'lfs', 'pull')
    res = run('fsdl_verify', clone/'data'/'letters')
    assert res.returncode == 0 and 'each with its image' in res.stdout, res
    assert git_state(clone).commit == git_state(project).commit and not git_state(clone).dirty


def test_git_diff_speaks_of_lines(project, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    folder = project/'data'/'letters'
    assert run('fsdl_track', folder).returncode == 0
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    page = read_export(folder/'letters.jsonl').pages[1]
    pages = [p.replace(regions=(p.regions[0].replace(text='Dear Nobody'), *p.regions[1:])) if p.id == page.id else p
             for p in read_export(folder/'letters.jsonl').pages]
    write_export(pages, folder/'letters.jsonl')
    text = run_git(project, 'diff', '-U0', '--', 'data/letters/letters.jsonl').decode()
    changed = [o for o in text.splitlines() if o[:3] in ('-  ', '+  ')]  # of a region; the page's own line changes with its record
    assert len(changed) == 2 and page.regions[0].text in changed[0] and 'Dear Nobody' in changed[1], text
    assert page.id in text, text  # the page's name stands over the change
    run_git(project, 'commit', '-qam', 'Retyped')
    assert 'Dear Nobody' in run_git(project, 'diff', 'HEAD~1').decode()
    res = run('fsdl_diff', 'HEAD~1', 'HEAD', cwd=folder)
    assert res.returncode == 0 and '1 text changed' in res.stdout and 'Dear Nobody' in res.stdout, res  # (a text that is all another is shown whole)
    assert '1 text changed' in run('fsdl_diff', 'HEAD~1:data/letters/letters.jsonl', 'data/letters', cwd=project).stdout
    for name in 'html.py', 'hashlib.py': (project/name).write_text(f'open({str(project/"ran")!r}, "w")\n')
    assert 'Dear Nobody' in run_git(project, 'diff', 'HEAD~1').decode() and not (project/'ran').exists()  # no program of the repository is run
    driver = run_git(project, 'config', 'diff.fsdl.textconv').decode().strip()
    run_git(project, 'config', 'diff.fsdl.textconv', driver.replace(sys.executable, '/no/python'))
    assert 'Dear Nobody' in run_git(project, 'diff', 'HEAD~1').decode()  # an environment that is gone: the file as it is


def test_a_diff_across_a_rename_and_into_a_closed_pipe(project):
    folder = project/'data'/'letters'
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    (folder/'letters.jsonl').rename(folder/'post.jsonl')
    meta = folder/'metadata.toml'
    meta.write_text(meta.read_text().replace('letters.jsonl"', 'post.jsonl"'))
    res = run('fsdl_diff', 'HEAD', folder, cwd=project)
    assert res.returncode == 0 and 'nothing changed' in res.stdout, res
    write_export([p.replace(regions=()) for p in read_export(folder/'post.jsonl').pages]*300, folder/'post.jsonl')
    both = subprocess.run(f'{Path(sys.executable).parent}/fsdl_diff HEAD {folder} --json | head -c 10', shell=True,
                          cwd=project, capture_output=True, text=True)
    assert both.stderr == '' and len(both.stdout) == 10, both


def test_files_that_git_has_as_they_are_are_named_and_can_be_moved(project, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    folder = project/'data'/'letters'
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    (folder/'.gitattributes').write_text('*.pdf binary')
    res = run('fsdl_track', folder)
    assert '4 of its files are in git as they are' in res.stdout, res
    assert (folder/'.gitattributes').read_text().startswith('*.pdf binary\n')
    run_git(project, 'add', '--renormalize', '.')
    assert run_git(project, 'show', ':data/letters/letters.jsonl').startswith(b'version https://git-lfs')
    assert 'as they are' not in run('fsdl_track', folder).stdout


def test_tracking_says_what_is_missing(project, letters, tmp_path):
    assert 'git init' in run('fsdl_track', letters).stderr
    bin_ = tmp_path/'bin'
    bin_.mkdir()
    (bin_/'git').symlink_to(shutil.which('git'))
    env = os.environ | {'PATH': str(bin_), 'GIT_EXEC_PATH': str(bin_)}
    res = run('fsdl_track', project/'data'/'letters', env=env)
    assert res.returncode == 1 and 'git-lfs is not installed' in res.stderr, res
    assert not (project/'data'/'letters'/'.gitattributes').exists()


# ---------------------------------------------------------------------------------------------- update, check, hooks

def test_an_update_says_what_changed_and_refuses_losses(project):
    folder = project/'data'/'letters'
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    assert 'Nothing to update' in run('fsdl_update_metadata', folder).stdout
    retype(folder)
    assert run('fsdl_update_metadata', '--check', folder).returncode == 1
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 0 and '1 text changed' in res.stdout and 'Updating metadata SHA-256' in res.stdout, res
    assert run('fsdl_update_metadata', '--check', folder).returncode == 0
    run_git(project, 'commit', '-qam', 'Retyped')
    pages, before = read_export(folder/'letters.jsonl').pages, (folder/'metadata.toml').read_bytes()
    write_export([p.replace(regions=(), annotated=False) if i == 1 else p for i, p in enumerate(pages)], folder/'letters.jsonl')
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 1 and pages[1].id in res.stderr and '--accept-loss' in res.stderr, res
    assert (folder/'metadata.toml').read_bytes() == before
    for bare in ['--accept-loss', folder], [folder, '--accept-loss'], [folder, '--accept-loss', '1'], [folder, '--accept-loss', pages[0].id]:
        res = run('fsdl_update_metadata', *bare)
        assert res.returncode == 1 and f'--accept-loss {len(pages[1].regions)} takes' in res.stderr, res
    assert (folder/'metadata.toml').read_bytes() == before
    assert run('fsdl_update_metadata', folder, '--dry', '--accept-loss', pages[1].id).returncode == 0 and (folder/'metadata.toml').read_bytes() == before
    assert run('fsdl_update_metadata', '--accept-loss', *accepted(folder), folder).returncode == 0
    assert run('fsdl_verify', folder).returncode == 0


def test_what_git_should_have_and_has_not_is_not_blessed(letters, project, tmp_path):
    old = shutil.copy(letters/'letters.jsonl', tmp_path/'old.jsonl')
    retype(letters)
    before = (letters/'metadata.toml').read_bytes()
    for args in [], ['--dry'], ['--accept-loss', '1'], ['--accept-loss']:
        res = run('fsdl_update_metadata', letters, *args)  # in no repository, and without journals
        assert res.returncode == 1 and 'nobody can see what was lost' in res.stdout + res.stderr, res
        assert '--old FILE' in res.stdout + res.stderr and '--accept-loss unknown' in res.stdout + res.stderr and (letters/'metadata.toml').read_bytes() == before, res
    copy = shutil.copytree(letters, tmp_path/'copy')
    res = run('fsdl_update_metadata', copy, '--old', old)
    assert res.returncode == 0 and '1 text changed' in res.stdout, res
    assert run('fsdl_update_metadata', letters, '--accept-loss', 'unknown').returncode == 0 and 'Nothing to update' in run('fsdl_update_metadata', letters).stdout
    folder = project/'data'/'letters'
    (folder/'letters.jsonl').write_bytes(b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'4'*64 + b'\nsize 9\n')
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'A pointer to what is elsewhere')
    shutil.copy(letters/'letters.jsonl', folder)
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 1 and '--old' in res.stderr, res
    res = run('fsdl_update_metadata', folder, '--old', old)
    assert res.returncode == 0 and '1 text changed' in res.stdout, res


def test_the_hooks_for_pre_commit_stop_a_commit(project, root):
    hooks = {o['id']: o for o in yaml.safe_load((root/'.pre-commit-hooks.yaml').read_text())}
    hook, folder = hooks['fsdl-check'], project/'data'/'letters'
    (project/'package.json').write_text('{}')
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    script = project/'.git'/'hooks'/'pre-commit'  # as pre-commit runs it: the entry, at the top of the repository
    script.parent.mkdir(exist_ok=True)
    script.write_text(f"#!/bin/sh\nexport PATH='{Path(sys.executable).parent}':\"$PATH\"\nexec {hook['entry']}\n")
    script.chmod(0o755)
    retype(folder)
    (project/'package.json').write_text('{"a": 1}')
    res = subprocess.run(['git', 'commit', '-qam', 'Retyped'], cwd=project, capture_output=True, text=True)
    assert res.returncode == 1 and 'mismatch: letters.jsonl' in res.stdout + res.stderr, res
    res = subprocess.run(['git', '--literal-pathspecs', 'commit', '-qam', 'Retyped'], cwd=project, capture_output=True, text=True)
    assert res.returncode == 1 and 'mismatch: letters.jsonl' in res.stdout + res.stderr, res  # as some editors call git
    assert run('fsdl_update_metadata', folder).returncode == 0
    subprocess.run(['git', 'commit', '-qam', 'Retyped'], cwd=project, check=True, capture_output=True)
    run_git(project, 'rm', '-q', '--cached', 'data/letters/letters.jsonl')
    (folder/'letters.jsonl').rename(folder/'elsewhere')
    res = subprocess.run(['git', 'commit', '-qm', 'Without the export'], cwd=project, capture_output=True, text=True)
    assert res.returncode == 1 and 'missing: letters.jsonl' in res.stdout + res.stderr, res
    assert set(hooks) == {'fsdl-check', 'fsdl-update'} and all(o['always_run'] and not o['pass_filenames'] for o in hooks.values())


def clone_of(project, at, *args, **env):
    subprocess.run(['git', 'clone', '-q', *args, project.as_uri(), at], check=True, capture_output=True, env=os.environ | env)
    return at/'data'/'letters'


def test_line_ends_that_git_changes_get_no_hash(project, tmp_path):
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    folder = clone_of(project, tmp_path/'windows', '-c', 'core.autocrlf=true')
    before = (folder/'metadata.toml').read_bytes()
    retype(folder)
    for args in [], ['--check'], ['--accept-loss']:
        res = run('fsdl_update_metadata', folder, *args)
        assert res.returncode == 1 and 'letters.jsonl' in res.stdout + res.stderr and 'other line ends' in res.stdout + res.stderr, res
    run_git(folder, 'checkout', '--', 'letters.jsonl')
    (folder/'.gitattributes').write_text('* -text\n')  # half of the advice: nothing is converted any more, and git takes the files for unchanged
    assert 'images.csv' in run('fsdl_update_metadata', folder).stderr and (folder/'metadata.toml').read_bytes() == before
    (folder/'.gitattributes').unlink()
    assert 'images.csv' in run('fsdl_update_metadata', folder).stderr and (folder/'metadata.toml').read_bytes() == before


def test_clones_that_did_not_pull_and_sparse_ones_may_commit(project, tmp_path, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    (project/'data'/'letters'/'guide.pdf').write_bytes(b'%PDF'*300)
    (project/'.gitattributes').write_text('*.pdf filter=lfs diff=lfs merge=lfs\nimages.csv filter=lfs diff=lfs merge=lfs\n')
    (project/'.gitignore').write_text('notes.txt\n')
    (project/'data'/'letters'/'notes.txt').write_text('mine')  # which others don't get, so it has no hash
    assert run('fsdl_track', project/'data'/'letters').returncode == 0 == run('fsdl_update_metadata', project/'data'/'letters').returncode
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    folder = clone_of(project, tmp_path/'clone', GIT_LFS_SKIP_SMUDGE='1')
    assert 'all agrees' in run('fsdl_update_metadata', '--check', cwd=tmp_path/'clone').stdout
    toml = (folder/'metadata.toml').read_bytes()
    assert run('fsdl_update_metadata', cwd=tmp_path/'clone').returncode == 0 and (folder/'metadata.toml').read_bytes() == toml  # hashes of pointers are none
    (folder/'letters.jsonl').write_text((folder/'letters.jsonl').read_text().replace('sha256:', 'sha256:0')[:-1])
    assert run('fsdl_update_metadata', '--check', cwd=tmp_path/'clone').returncode == 1
    run_git(tmp_path/'clone', 'checkout', '.')
    run_git(tmp_path/'clone', 'sparse-checkout', 'set', '--no-cone', 'data/letters/metadata.toml')
    assert not (folder/'letters.jsonl').exists()
    res = run('fsdl_update_metadata', '--check', '--hook', cwd=tmp_path/'clone')
    assert res.returncode == 0 and 'nothing to do' in res.stdout and 'its data file is not here' in res.stdout, res
    assert run('fsdl_update_metadata', '--check', cwd=tmp_path/'clone').returncode == 5


def test_a_partial_clone_says_what_it_lacks(project, tmp_path):
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    retype(project/'data'/'letters')
    assert run('fsdl_update_metadata', project/'data'/'letters').returncode == 0
    run_git(project, 'commit', '-qam', 'Retyped')
    run_git(project, 'config', 'uploadpack.allowFilter', 'true')
    clone_of(project, tmp_path/'clone', '--filter=blob:none')
    run_git(tmp_path/'clone', 'remote', 'set-url', 'origin', (tmp_path/'gone').as_uri())
    res = run('fsdl_diff', 'HEAD~1', 'data/letters', cwd=tmp_path/'clone')
    assert res.returncode != 0 and ('partial clone' in res.stderr or 'promisor remote' in res.stderr), res


def test_a_merge_of_two_that_added_pages_loses_nothing(project, tmp_path):
    "Both sides added a page and pinned it: the other side's version and pins are known, and a swapped image is named."
    run_git(project, 'add', '.')
    run_git(project, 'commit', '-qm', 'Letters')
    sides = [clone_of(project, tmp_path/n) for n in ('ann', 'bob')]
    def add(folder, n):
        pages = read_export(folder/'letters.jsonl').pages
        shutil.copy(folder/'pages'/'page_003.jpg', folder/'pages'/f'page_{n}.jpg')
        write_export([*pages, pages[2].replace(url=pages[2].url.replace('page_003', f'page_{n}'))], folder/'letters.jsonl')
        assert run('fsdl_update_metadata', folder).returncode == 0 == run('fsdl_pin', folder).returncode
        run_git(folder, 'add', '.')
        run_git(folder, 'commit', '-qm', f'Page {n}')
    for folder, n in zip(sides, (104, 105)): add(folder, n)
    ann, bob = sides
    run_git(ann, 'fetch', '-q', bob.parent.parent.as_uri(), 'main:bob')
    merge = subprocess.run(['git', 'merge', 'bob'], cwd=ann, capture_output=True, text=True)
    assert 'CONFLICT' in merge.stdout, merge
    assert (ann/'images.csv').read_text().count('<<<<<<<') == 1
    run_git(ann, 'checkout', '--theirs', 'metadata.toml', 'letters.jsonl')
    shutil.copy(ann/'pages'/'page_001.jpg', ann/'pages'/'page_002.jpg')
    res = run('fsdl_pin', ann)
    assert res.returncode == 1 and 'changed: page_002.jpg' in res.stdout + res.stderr, res  # the marks are gone, and bob's pins stand
    run_git(ann, 'checkout', 'HEAD', '--', 'pages')
    both = read_export(ann/'letters.jsonl').pages
    mine = [p for p in read_export_at(ann, 'HEAD') if p.id == 'page_104.jpg']
    write_export([*both, *mine], ann/'letters.jsonl')
    res = run('fsdl_update_metadata', ann)
    assert res.returncode == 0 and '+1 page' in res.stdout, res
    res = run('fsdl_pin', ann)
    assert res.returncode == 0 and '1 added' in res.stdout, res
    assert run('fsdl_verify', ann).returncode == 0


def test_one_side_of_a_merge_is_not_lost_without_a_word(project):
    folder = project/'data'/'letters'
    commit = lambda *args: run_git(project, 'commit', '-qam', 'x', *args)
    run_git(project, 'add', '.')
    commit()
    first, ids = read_export(folder/'letters.jsonl').pages, lambda: [p.id for p in read_export(folder/'letters.jsonl').pages]
    run_git(project, 'checkout', '-q', '-b', 'theirs')
    write_export([*first, first[2].replace(url=first[2].url.replace('page_003', 'page_104'))], folder/'letters.jsonl')
    assert run('fsdl_update_metadata', folder).returncode == 0
    commit()
    run_git(project, 'checkout', '-q', 'main')
    write_export([first[0], first[1]], folder/'letters.jsonl')  # a page taken out, which is meant
    assert run('fsdl_update_metadata', folder, '--accept-loss', 'page_003.jpg').returncode == 0
    commit()
    assert b'CONFLICT' in subprocess.run(['git', 'merge', 'theirs'], cwd=project, capture_output=True).stdout
    for side, lost in ('--ours', 'page_104.jpg'), ('--theirs', None):
        run_git(folder, 'checkout', side, 'metadata.toml', 'letters.jsonl')
        res = run('fsdl_update_metadata', folder)
        assert (res.returncode, 'page_104.jpg' in res.stderr) == ((1, True) if lost else (0, False)), res
    pages = {p.id: p for p in read_export(folder/'letters.jsonl').pages}
    write_export([pages['page_001.jpg'], pages['page_002.jpg'], pages['page_104.jpg']], folder/'letters.jsonl')
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 0 and '-1 page' in res.stdout, res  # the one that main had taken out
    write_export([pages['page_001.jpg'], pages['page_104.jpg']], folder/'letters.jsonl')
    res = run('fsdl_update_metadata', folder)
    assert res.returncode == 1 and 'page_002.jpg' in res.stderr and 'page_003.jpg' not in res.stderr, res
    assert ids() == ['page_001.jpg', 'page_104.jpg']


def read_export_at(folder, revision): return parse_export(read_at(revision, folder/'letters.jsonl')).pages


def test_marks_of_a_conflict_in_the_list_of_images_are_said(letters):
    text = (letters/'images.csv').read_text()
    (letters/'images.csv').write_text('\n'.join([*text.splitlines()[:3], '<<<<<<< HEAD', *text.splitlines()[3:],
                                                 '=======', '>>>>>>> other', '']))
    retype(letters)
    for command in 'fsdl_update_metadata', 'fsdl_verify':
        res = run(command, letters)
        assert res.returncode == 1 and ('delete its marks' in res.stderr + res.stdout or command == 'fsdl_verify'), res
    (letters/'images.csv').write_text(text)
    assert run('fsdl_update_metadata', letters, '--accept-loss', 'unknown').returncode == 0 == run('fsdl_pin', letters).returncode
    assert run('fsdl_verify', letters).returncode == 0


def test_two_pointers_in_a_conflict_are_said(letters):
    old, new = 'a'*64, 'b'*64
    (letters/'letters.jsonl').write_text(f'version https://git-lfs.github.com/spec/v1\n<<<<<<< HEAD\noid sha256:{old}\nsize 5\n=======\noid sha256:{new}\nsize 6\n>>>>>>> other\n')
    for args in ['fsdl_update_metadata', letters], ['fsdl_update_metadata', letters, '--check'], ['fsdl_verify', letters]:
        res = run(*args)
        assert res.returncode == 1 and 'checkout --ours' in res.stdout + res.stderr and 'git lfs pull' not in res.stdout + res.stderr, res


# ---------------------------------------------------------------------------------------------- verify

def told(folder):
    "What verifying says, one text for each fault."
    try: return [str(o) for o in verify_dataset(folder, progress=False)]
    except MetadataError as e: return [str(e)]


def own_files(folder): return sorted(p for p in folder.rglob('*') if p.is_file() and p.name != 'downloads.csv')


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_flipped_byte_of_any_file_is_found_and_the_file_named(drawn, data):
    path = data.draw(st.sampled_from(own_files(drawn)))
    was = path.read_bytes()
    i, xor = data.draw(st.integers(0, len(was) - 1)), data.draw(st.integers(1, 255))
    path.write_bytes(was[:i] + bytes([was[i] ^ xor]) + was[i + 1:])
    try: said = told(drawn)
    finally: path.write_bytes(was)
    assert any(path.relative_to(drawn).as_posix() in o for o in said), (path, i, xor, said)


@pytest.mark.long
def test_every_byte_of_every_small_file_is_watched(drawn):
    rest = random.Random(4)
    for path in own_files(drawn):
        was = path.read_bytes()
        for i in range(len(was)) if len(was) < 3000 else rest.sample(range(len(was)), 200):
            path.write_bytes(was[:i] + bytes([was[i] ^ (1 << rest.randrange(8))]) + was[i + 1:])
            said = told(drawn)
            assert any(path.relative_to(drawn).as_posix() in o for o in said), (path, i, said)
        path.write_bytes(was)
    assert not told(drawn)


def test_verify_names_every_kind_of_fault_and_counts_them(letters):
    assert run('fsdl_verify', letters).returncode == 0
    pages = letters/'pages'
    (pages/'page_001.jpg').rename(pages/'stranger.jpg')
    (pages/'page_002.jpg').write_bytes(b'<html>gone</html>')
    (pages/'page_003.jpg').write_bytes(b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'0'*64 + b'\nsize 7\n')
    res = run('fsdl_verify', letters)
    for o in 'missing: pages/page_001.jpg', 'mismatch: pages/page_002.jpg', 'a web page', 'pointer: pages/page_003.jpg', "nobody's: pages/stranger.jpg": assert o in res.stdout + res.stderr, res
    assert res.returncode == 1 and '4 wrong' in res.stdout + res.stderr
    assert run('fsdl_verify', '--no-images', letters).returncode == 0


def test_pins_by_command(letters):
    Image.new('L', (100, 80), 200).save(letters/'pages'/'page_002.jpg')
    res = run('fsdl_pin', letters)
    assert res.returncode == 1 and 'changed: page_002.jpg: was' in res.stderr and '--accept page_002.jpg' in res.stderr, res
    assert run('fsdl_pin', letters, '--add-new').returncode == 0  # looks at new ones only
    assert run('fsdl_verify', letters).returncode == 1
    res = run('fsdl_pin', letters, '--accept', 'page_002.jpg')
    assert res.returncode == 0 and '1 accepted' in res.stdout, res
    assert run('fsdl_verify', letters).returncode == 0
    assert 'no page' in run('fsdl_pin', letters, '--accept', 'page_009.jpg').stderr


def test_lists_are_read_by_the_tools_they_are_for(letters, tmp_path, need):
    need(shutil.which('sha256sum'), 'sha256sum', 'apt-get install coreutils')
    pooch, bagit = pytest.importorskip('pooch'), pytest.importorskip('bagit')
    res = subprocess.run(['sha256sum', '-c', '--strict'], input=sha256sums(letters), cwd=letters, capture_output=True, text=True)
    assert res.returncode == 0 and len(res.stdout.splitlines()) == 7, res
    bag = bagit.Bag(str(write_bag(letters, tmp_path/'whole', copy_images=True)))
    bag.validate()
    holey = bagit.Bag(str(write_bag(letters, tmp_path/'holey')))
    assert [f for _, _, f in holey.fetch_entries()] == [f'data/pages/page_00{i}.jpg' for i in (1, 2, 3)]
    shutil.copytree(letters/'pages', tmp_path/'holey'/'data'/'pages')
    (tmp_path/'holey'/'data'/'pages'/'downloads.csv').unlink(missing_ok=True)
    bagit.Bag(str(tmp_path/'holey')).validate()
    assert 'sha256sum' in run('fsdl_pin', '--help').stdout
    pooch.make_registry(str(letters/'pages'), str(tmp_path/'registry.txt'))
    (letters/'images.csv').unlink()
    meta = read_metadata(letters)
    meta.path.write_text(meta.path.read_text().split('[pins]')[0])
    for p in (letters/'pages').iterdir(): p.unlink()
    res = run('fsdl_pin', letters, '--registry', tmp_path/'registry.txt')
    assert res.returncode == 0 and len(read_pins(read_metadata(letters))) == 3, res


# ---------------------------------------------------------------------------------------------- kills, two at once, no room

KILLED = '''
import os, signal, sys
from pathlib import Path
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.update import update_dataset
from fsdl_handwriting_data.versioning.track import track
what, folder, last = sys.argv[1], sys.argv[2], int(sys.argv[3])
seen = 0
def hook(event, args):
    global seen
    if event.split('.')[0] not in ('open', 'os', 'subprocess', 'shutil', 'fcntl', 'tempfile'): return
    seen += 1
    if seen == last: os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
dict(pin=lambda: pin_images(folder, accept=['*'], progress=False), update=lambda: update_dataset(folder), track=lambda: track(folder))[what]()
os.write(1, str(seen).encode())
'''


def killed_at(what, folder, n):
    "Run `what` on `folder`, killed at its `n`th step; gives the number of steps if it came to its end."
    res = subprocess.run([sys.executable, '-c', KILLED, what, folder, str(n)], capture_output=True, text=True, timeout=120)
    assert res.returncode in (0, -signal.SIGKILL), res.stderr
    return int(res.stdout) if res.returncode == 0 else None


def state(folder):
    "All that a version consists of; a list or text that is cut short or mixed up is an error here."
    faults = [o for o in verify_dataset(folder, images=False, progress=False) if o.file != 'letters.jsonl' and o.file != '.gitattributes']
    assert not faults, faults
    meta = read_metadata(folder)
    attributes = folder/'.gitattributes'
    return meta.path.read_bytes(), tuple(read_pins(meta).values()), attributes.read_bytes() if attributes.exists() else None


def kills(what, make, folder, moments):
    "Kill `what` at `moments` random steps; each leaves the old or the new state, and the next run comes to the new one."
    make()
    old = state(folder)
    steps = killed_at(what, folder, 0)
    new, seen, rest = state(folder), set(), random.Random(7)
    assert old != new
    for n in [*rest.choices(range(1, steps - 2), k=moments - 3), steps - 2, steps - 1, steps]:  # the last ones are after the renaming
        make()
        assert killed_at(what, folder, n) is None
        now = state(folder)
        assert now in (old, new), (what, n, steps)
        seen.add(now == new)
        killed_at(what, folder, 0)
        assert state(folder) == new, (what, n, steps)
        left = [p.name for p in folder.rglob('.*') if p.name not in ('.gitattributes', '.lock') and '.part' in p.name
                and 'images.csv' in p.name]
        assert not left, left
    return steps, seen


@pytest.mark.long
@pytest.mark.skipif(os.name != 'posix', reason='sends POSIX signals')
def test_killed_at_any_of_fifty_moments_update_pin_and_track_leave_the_old_or_the_new_state(project, tmp_path, note, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    first, folder = Path(shutil.copytree(project, tmp_path/'first')), project/'data'/'letters'

    def fresh():
        shutil.rmtree(project)
        shutil.copytree(first, project)

    def changed():
        fresh()
        Image.new('L', (100, 80), 200).save(folder/'pages'/'page_002.jpg')

    def relabelled():
        fresh()
        run_git(project, 'add', '.')
        run_git(project, 'commit', '-qm', 'Letters')
        retype(folder)

    for what, make, moments in ('pin', changed, 20), ('update', relabelled, 15), ('track', fresh, 15):
        steps, seen = kills(what, make, folder, moments)
        note(f'{what}: killed at {moments} of {steps} steps, {"old and new" if len(seen) == 2 else "one"} state seen')


def test_two_that_pin_at_once_make_one_list(letters):
    (letters/'images.csv').unlink()
    meta = read_metadata(letters)
    meta.path.write_text(meta.path.read_text().split('[pins]')[0])
    code = 'import sys; from fsdl_handwriting_data.versioning.pins import pin_images; [pin_images(sys.argv[1], progress=False) for _ in range(10)]'
    both = [subprocess.Popen([sys.executable, '-c', code, letters]) for _ in range(3)]
    assert [o.wait(timeout=60) for o in both] == [0, 0, 0]
    assert not verify_dataset(letters, progress=False) and len(read_pins(read_metadata(letters))) == 3


def test_on_a_full_disk_pins_stay_as_they_were(drawn, tiny_disk):
    disk = tiny_disk('2m')
    folder = Path(shutil.copytree(drawn, disk.path/'letters'))
    (folder/'pages'/'page_002.jpg').write_bytes((folder/'pages'/'page_001.jpg').read_bytes())
    before = state(folder)
    disk.fill()
    res = run('fsdl_pin', folder, '--accept', 'page_002.jpg')
    assert res.returncode == 1 and 'No space left' in res.stderr, res
    assert state(folder) == before
