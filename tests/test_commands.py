"""The commands as a person runs them: in processes of their own, on folders that get killed, shared, and replaced by pointers."""
import os, shutil, signal, subprocess, sys, threading, time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from fsdl_handwriting_data.commands import data as cli, labels as cli_labels, versions as cli_versions
from fsdl_handwriting_data.core.files import sha256_of
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import dataset_lock
from fsdl_handwriting_data.pages.sample import make_sample

from commands import command, run, start

POSIX = pytest.mark.skipif(os.name != 'posix', reason='sends POSIX signals')


@pytest.fixture(scope='module')
def drawn(tmp_path_factory):
    "A drawn dataset of six pages."
    return make_sample(tmp_path_factory.mktemp('drawn')/'letters', n_pages=6, seed=3, progress=False)


class SlowHandler(SimpleHTTPRequestHandler):
    "Sends each file in eight parts with a pause after each, so that a client can be stopped in the middle of one."
    protocol_version, pause = 'HTTP/1.1', .01

    def log_message(self, *args): pass

    def copyfile(self, source, outputfile):
        data = source.read()
        for i in range(8):
            outputfile.write(data[i*len(data)//8:(i + 1)*len(data)//8])
            outputfile.flush()
            time.sleep(self.pause)


@pytest.fixture
def far(drawn, tmp_path):
    "A dataset folder with only its description and export, and its pages on a slow server."
    class Server(ThreadingHTTPServer):
        def handle_error(self, *_): pass  # clients are killed on purpose

    server = Server(('127.0.0.1', 0), lambda *a: SlowHandler(*a, directory=str(drawn)))
    threading.Thread(target=server.serve_forever, kwargs={'poll_interval': .05}, daemon=True).start()
    folder = tmp_path/'letters'
    folder.mkdir()
    shutil.copy(drawn/'letters.jsonl', folder)
    text = (drawn/'metadata.toml').read_text().split('[mirrors]')[0]
    (folder/'metadata.toml').write_text(f"{text}[mirrors]\n'https://sample.invalid/sample_handwriting' = 'http://127.0.0.1:{server.server_port}'\n")
    yield folder
    server.shutdown()
    server.server_close()


def wrong_pages(folder, drawn):
    "The files under a final name that are not the drawn page, whole and unchanged."
    return [p.name for p in (folder/'pages').glob('[!.]*.jpg') if sha256_of(p) != sha256_of(drawn/'pages'/p.name)]


@POSIX
def test_an_interrupted_download_says_so_by_its_exit_status_and_the_next_run_leaves_no_part(far, drawn):
    p = subprocess.Popen(command('fsdl_download', far, '--quiet', '--private', '--workers', 1), stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not list(far.glob('pages/*')) and time.monotonic() < end: time.sleep(.01)
    p.send_signal(signal.SIGINT)
    _, err = p.communicate(timeout=30)
    assert p.returncode == 130 and 'Traceback' not in err
    assert wrong_pages(far, drawn) == [] and all(p.name.endswith(('.part', '.part.json')) for p in far.glob('pages/.*'))
    assert run('fsdl_download', far, '--quiet', '--private').returncode == 0
    assert wrong_pages(far, drawn) == [] and len(list(far.glob('pages/[!.]*.jpg'))) == 6 and list(far.glob('pages/.*')) == []


def test_a_page_that_cannot_be_had_is_named_counted_and_a_failure(far):
    text = (far/'letters.jsonl').read_text()
    (far/'letters.jsonl').write_text(text.replace('page_002.jpg', 'page_999.jpg'))
    assert run('fsdl_verify', far).returncode == 1
    assert 'Updating metadata SHA-256' in run('fsdl_update_metadata', far, '--accept-loss', 'unknown').stdout  # in no repository
    res = run('fsdl_download', far, '--quiet', '--private')
    assert res.returncode == 1 and '5 done, 0 skipped, 1 failed' in res.stdout and 'page_999.jpg' in res.stderr and '404' in res.stderr


@pytest.mark.parametrize('name', ['fsdl_verify', 'fsdl_update_metadata', 'fsdl_download', 'fsdl_look'])
def test_an_unknown_dataset_is_one_line_and_an_error(name, tmp_path):
    res = start(name, 'no_such_dataset', cwd=tmp_path)
    assert res.returncode == (2 if name == 'fsdl_download' else 1) and res.stderr.startswith('error: no dataset') and len(res.stderr.splitlines()) == 1


def test_known_datasets_are_found_from_any_folder_and_kept_where_the_variable_says(tmp_path):
    env = os.environ | {'FSDL_HANDWRITING_DATA': str(tmp_path/'data')}
    res = start('fsdl_verify', 'sample_handwriting', cwd=tmp_path, env=env)
    assert res.returncode == 0, res.stderr
    assert verify(tmp_path/'data'/'sample_handwriting').ok
    res = run('fsdl_verify', 'iam', cwd=tmp_path, env=env)
    assert res.returncode == 1 and res.stdout.startswith('missing') and 'f3c9e87a' in res.stdout
    assert run('fsdl_look', 'sample_handwriting', '--pages', 2, '--lines', 3, cwd=tmp_path, env=env).returncode == 0
    assert (tmp_path/'sample_handwriting_pages.png').exists()


@POSIX
def test_the_courses_task_updates_the_metadata_of_the_courses_dataset(root, tmp_path):
    shutil.copytree(root/'tasks', tmp_path/'tasks')
    folder = tmp_path/'data'/'raw'/'fsdl_handwriting'
    folder.mkdir(parents=True)
    shutil.copy(root/'data'/'raw'/'fsdl_handwriting'/'metadata.toml', folder)
    (folder/'fsdl_handwriting.json').write_text('{"content": "http://host/1.jpg","annotation":null,"extras":null,"metadata":null}\n')
    env = os.environ | {'PATH': os.pathsep.join([str(Path(sys.executable).parent), os.environ['PATH']])}
    before = (folder/'metadata.toml').read_text()
    update = lambda *args: subprocess.run([tmp_path/'tasks'/'update_fsdl_paragraphs_metadata.sh', *args], capture_output=True, text=True, env=env, cwd='/')
    res = update()
    assert res.returncode == 1 and '--old FILE' in res.stderr and (folder/'metadata.toml').read_text() == before, res  # the export before is nowhere
    for said, args in ('Updating metadata SHA-256', ['--accept-loss', 'unknown']), ('Nothing to update: SHA-256 matches', []):
        res = update(*args)
        assert res.returncode == 0 and said in res.stdout, res.stderr
    after = (folder/'metadata.toml').read_text()
    assert after == before.replace('720d6c72b4317a9a5492630a1c9f6d83a20d36101a29311a5cf7825c1d60c180', read_metadata(folder).sha256)


def test_a_clone_without_git_lfs_holds_a_pointer_that_is_recognised(drawn, tmp_path, need):
    need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')
    folder = Path(shutil.copytree(drawn, tmp_path/'repo'/'letters')).parent
    git = lambda *args: subprocess.run(['git', *map(str, args)], cwd=folder, check=True, capture_output=True, env=os.environ | {'GIT_LFS_SKIP_SMUDGE': '1'})
    git('init', '-q')
    git('lfs', 'install', '--local')
    git('lfs', 'track', '*.jsonl')
    git('add', '.')
    git('commit', '-q', '-m', 'labels')
    git('clone', '-q', folder, tmp_path/'clone')
    res = run('fsdl_verify', tmp_path/'clone'/'letters')
    assert res.returncode == 1 and res.stdout.startswith('pointer') and 'git lfs pull' in res.stdout and 'the right version, not pulled yet' in res.stdout
    res = run('fsdl_update_metadata', tmp_path/'clone'/'letters')
    assert res.returncode == 0 and 'git lfs pull' in res.stdout  # nothing is to be written, and what to do is said
    pointer = next((tmp_path/'clone'/'letters').glob('*.jsonl'))
    right = pointer.read_text()
    pointer.write_text(right.replace(right.split('sha256:')[1][:8], '0'*8))
    res = run('fsdl_update_metadata', tmp_path/'clone'/'letters')
    assert res.returncode == 1 and 'git lfs pull' in res.stderr  # of another version
    pointer.write_text(right)
    subprocess.run(['git', 'lfs', 'pull'], cwd=tmp_path/'clone', check=True, capture_output=True)
    assert run('fsdl_verify', tmp_path/'clone'/'letters').returncode == 0


def bar(folder, name):
    "Put a folder where the file `name` should be, or a file where a folder should be."
    if (folder/name).is_dir(): shutil.rmtree(folder/name)
    else: (folder/name).unlink(missing_ok=True)
    if name in ('pages', 'labels', 'out'): (folder/name).write_text('a file')
    else: (folder/name/'x').mkdir(parents=True)


@pytest.fixture
def say(capsys):
    "A function that runs a command in this process; its exit code and what it says."
    def run_here(command, *args, **kw):
        code = 0
        try: command(*map(str, args), **kw)
        except SystemExit as e: code = e.code
        return code, ''.join(capsys.readouterr())
    return run_here


@pytest.mark.long
@pytest.mark.parametrize('name', ['card.md', 'croissant.json', 'images.csv', 'pages', 'labels', 'out', '.lock'])
def test_what_stands_in_the_place_of_another_is_said_in_words(drawn, tmp_path, name, say):
    folder = shutil.copytree(drawn, tmp_path/'letters')
    say(cli_versions.fsdl_pin, folder, quiet=True)
    before = (folder/'metadata.toml').read_bytes()
    bar(folder, name)
    code, said = say(cli.fsdl_card, folder)
    if name in ('card.md', 'croissant.json'):
        assert code == 1 and f'{name}: this is no regular file' in said and (folder/'metadata.toml').read_bytes() == before and not [*folder.glob('.*.part')]
    more = [say(cli.fsdl_download, folder, offline=True), say(cli_versions.fsdl_verify, folder), say(cli_versions.fsdl_pin, folder), say(cli_labels.fsdl_export, folder), say(cli.fsdl_look, folder, out=str(folder/'out'), pages=1, lines=1),
            say(cli.fsdl_card, folder, out=str(folder/'out')), say(cli.fsdl_new, folder, images=[str(drawn/'pages')], quiet=True)]
    for o in said, *(text for _, text in more): assert 'Errno' not in o and 'Traceback' not in o


def test_a_file_of_somebody_else_with_the_name_of_the_lock_stays(drawn, tmp_path):
    folder = shutil.copytree(drawn, tmp_path/'letters')
    for text in 'mine', '':
        (folder/'.lock').write_text(text)
        with dataset_lock(folder): pass
        assert (folder/'.lock').exists() == bool(text)
