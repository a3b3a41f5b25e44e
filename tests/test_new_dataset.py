"""Datasets from scans as a person starts them: by the command, with odd names, killed at any write, on a disk that fills up."""
import hashlib, importlib.util, itertools, json, os, random, shutil, signal, subprocess, sys, time
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.core.exports import read_export, write_export
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.fetching.serve import serve_folder
from fsdl_handwriting_data.core.files import sha256_of
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import dataset_lock, update_metadata
from fsdl_handwriting_data.pages.new_dataset import dataset_from_images, new_dataset
from fsdl_handwriting_data.pages.sample import make_sample

from commands import command, run

POSIX = pytest.mark.skipif(os.name != 'posix', reason='forks, and sends POSIX signals')


def draw(path, i, size=(60, 80), **kw):
    "A small image that is like no other."
    im = Image.effect_noise(size, 30)
    ImageDraw.Draw(im).text((5, 5), str(i))
    path.parent.mkdir(parents=True, exist_ok=True)
    im.save(path, **kw)


def tree(folder):
    "Path → bytes of every file in `folder`."
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(Path(folder).rglob('*')) if p.is_file()}


@pytest.fixture
def scans(tmp_path):
    "A folder with five images, one of them lying on its side and one in a subfolder."
    exif = Image.Exif()
    exif[0x0112] = 6
    for i in range(3): draw(tmp_path/'scans'/f'{i}.jpg', i)
    draw(tmp_path/'scans'/'phone.jpg', 3, exif=exif)
    draw(tmp_path/'scans'/'box'/'4.png', 4)
    return tmp_path/'scans'


@pytest.fixture
def labelled(scans, tmp_path):
    "A dataset with one labelled page, and how it looked before more is added."
    folder = tmp_path/'labelled'
    new_dataset(folder, scans/'0.jpg', progress=False)
    ds = FsdlHandwritingDataset(folder)
    line = Region(((.1, .1), (.9, .1), (.9, .2), (.1, .2)), 'Hello ü', image_width=60, image_height=80)
    write_export([p.replace(regions=(line,), annotated=True) for p in ds.pages.values()], ds.meta.file)
    update_metadata(folder)
    return folder


# ---------------------------------------------------------------------------------------------- killed

def killed_at(n, f):
    "Run `f` in a process that is killed at its `n`th (from 0) step that changes a folder: before it if `n` is even, else after it; was it killed?"
    pid = os.fork()
    if not pid:
        numbers = itertools.count(0, 2)  # fetching has several threads, and each step a number of its own
        def deadly(step):
            def run(*args, **kw):
                count = next(numbers)
                if count == n: os.kill(os.getpid(), signal.SIGKILL)
                try: return step(*args, **kw)
                finally:
                    if count + 1 == n: os.kill(os.getpid(), signal.SIGKILL)
            return run
        for name in 'replace', 'link', 'mkdir', 'unlink', 'rmdir': setattr(os, name, deadly(getattr(os, name)))
        try: f()
        finally: os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


@pytest.mark.long
@POSIX
def test_a_new_dataset_killed_at_any_step_is_finished_by_the_next_run(scans, tmp_path, note):
    new_dataset(tmp_path/'whole'/'letters', scans, progress=False)
    want = tree(tmp_path/'whole')
    n = 0
    while True:
        top = tmp_path/f'killed_{n}'
        killed = killed_at(n, lambda: new_dataset(top/'letters', scans, progress=False))
        images = {k: v for k, v in tree(top).items() if not any(o.startswith('.') for o in Path(k).parts)}
        assert images.items() <= want.items(), f'step {n}: a file that is not as it will be'
        new_dataset(top/'letters', scans, progress=False)
        assert tree(top) == want, f'step {n}'
        if not killed: break
        n += 1
    assert n >= 16
    note(f'new dataset: killed before and after each of its {n//2} steps; each time the next run finished the work')


@pytest.mark.long
@POSIX
def test_pages_added_to_a_labelled_dataset_by_a_run_that_is_killed_at_any_step(labelled, scans, tmp_path, note):
    before, n = (labelled/'labelled.jsonl').read_bytes(), 0
    while True:
        folder = tmp_path/f'copy_{n}'/'labelled'
        shutil.copytree(labelled, folder)
        killed = killed_at(n, lambda: new_dataset(folder, scans, progress=False))
        assert (folder/'labelled.jsonl').read_bytes().startswith(before), f'step {n}: labels are lost'
        new_dataset(folder, scans, progress=False)
        assert (folder/'labelled.jsonl').read_bytes().startswith(before) and verify(folder).ok
        ds = FsdlHandwritingDataset(folder)
        assert len(ds.pages) == len(ds.page_filenames) == 5 and not ds.problems.of('error', 'warning'), f'step {n}'
        if not killed: break
        n += 1
    assert n >= 12
    note(f'pages added: killed before and after each of {n//2} steps; labels lost: 0')


@pytest.mark.long
@POSIX
def test_a_folder_of_images_killed_at_any_step_becomes_the_same_dataset(scans, tmp_path):
    whole, n = Path(shutil.copytree(scans, tmp_path/'whole'/'scans')), 0
    dataset_from_images(whole, progress=False)
    originals = tree(scans)
    while True:
        folder = Path(shutil.copytree(scans, tmp_path/f'killed_{n}'/'scans'))
        killed = killed_at(n, lambda: dataset_from_images(folder, progress=False))
        assert originals.items() <= tree(folder).items(), f'step {n}: an original was changed'
        dataset_from_images(folder, progress=False)
        assert tree(folder) == tree(whole), f'step {n}'
        if not killed: break
        n += 1
    assert n >= 16


@pytest.mark.long
@POSIX
def test_a_download_of_a_list_killed_at_any_step_is_finished_by_the_next_run(scans, tmp_path):
    with serve_folder(scans) as host:
        (tmp_path/'list.csv').write_text(f'form\n{host}/0.jpg\n{host}/phone.jpg\n')
        new_dataset(tmp_path/'whole'/'web', tmp_path/'list.csv', progress=False)
        want, n = tree(tmp_path/'whole'), 0
        assert len(want) == 5
        while True:
            folder = tmp_path/f'killed_{n}'/'web'
            killed = killed_at(n, lambda: new_dataset(folder, tmp_path/'list.csv', progress=False))
            new_dataset(folder, tmp_path/'list.csv', progress=False)
            assert tree(folder.parent) == want, f'step {n}'
            if not killed: break
            n += 1
    assert n >= 16


@POSIX
@pytest.mark.long
def test_two_hundred_images_by_a_command_that_is_killed_at_random_moments(tmp_path, note):
    for i in range(200): draw(tmp_path/'scans'/f'page {i}.jpg', i, size=(400, 600))
    rng, folder, kills, seen = random.Random(0), tmp_path/'letters', 0, []
    for _ in range(6):
        p = subprocess.Popen(command('fsdl_new', folder, '--images', tmp_path/'scans', '--quiet'), stdout=subprocess.DEVNULL)
        goal, end = rng.randrange(1, 150), time.monotonic() + 60
        while p.poll() is None and time.monotonic() < end and len(list(folder.glob('pages/.new.*/*'))) < goal: time.sleep(.002)
        kills += p.poll() is None
        p.kill()
        p.wait()
        seen.append(len(list(folder.glob('pages/.new.*/*'))))
        assert not list(folder.glob('pages/[!.]*')) and not (folder/'metadata.toml').exists()  # all of it counts, or nothing
    start = time.monotonic()
    res = run('fsdl_new', folder, '--images', tmp_path/'scans', '--quiet')
    first = time.monotonic() - start
    assert res.returncode == 0 and 'pages: 200' in repr(FsdlHandwritingDataset(folder)) and verify(folder).ok, res.stderr
    assert list(FsdlHandwritingDataset(folder).pages) == [f'page {i}.jpg' for i in range(200)]
    start = time.monotonic()
    assert '0 added, 200 skipped, 0 failed' in run('fsdl_new', folder, '--images', tmp_path/'scans', '--quiet').stdout
    note(f'200 images: {kills} of 6 runs were killed, with {seen} images waiting; the last run took {first:.1f} s, one with nothing to do {time.monotonic() - start:.1f} s')


@pytest.mark.long
@POSIX
def test_a_full_disk_is_named_for_each_image_and_the_next_run_goes_on(scans, tmp_path):
    import resource
    draw(scans/'large.png', 9, size=(900, 900))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    res = run('fsdl_new', tmp_path/'letters', '--images', scans, '--quiet', preexec_fn=limit)
    assert res.returncode == 1 and '6 images: 5 added' in res.stdout and 'failed: large.png: File too large' in res.stderr, res.stderr
    assert verify(tmp_path/'letters').ok and not list((tmp_path/'letters').rglob('.*'))
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300))  # now not even the export can be written
    res = run('fsdl_new', tmp_path/'small', '--images', scans, '--quiet', preexec_fn=limit)
    assert res.returncode == 1 and 'Traceback' not in res.stderr and not (tmp_path/'small'/'metadata.toml').exists()
    for name in 'letters', 'small':
        assert run('fsdl_new', tmp_path/name, '--images', scans, '--quiet').returncode == 0
        assert len(FsdlHandwritingDataset(tmp_path/name).page_filenames) == 6


@POSIX
def test_an_unreadable_file_and_folder_are_named(scans, tmp_path):
    if os.geteuid() == 0: pytest.skip('root reads everything')
    (scans/'0.jpg').chmod(0)
    (scans/'box').chmod(0)
    res = run('fsdl_new', tmp_path/'letters', '--images', scans, '--quiet')
    (scans/'box').chmod(0o700)
    assert res.returncode == 1 and 'failed: 0.jpg: Permission denied' in res.stderr and 'failed: box/: Permission denied' in res.stderr and '3 added' in res.stdout


@POSIX
def test_a_scan_that_was_edited_in_place_is_named(scans):
    dataset_from_images(scans, progress=False)
    export = (scans/'scans.jsonl').read_bytes()
    for name in '0.jpg', 'phone.jpg': draw(scans/name, 7, size=(70, 90))
    with pytest.warns(UserWarning, match='(?s)2 files.*0.jpg: it was changed after it became the page 0.jpg.*phone.jpg'):
        ds = dataset_from_images(scans, progress=False)
    assert len(ds.pages) == 5 and (scans/'scans.jsonl').read_bytes() == export


def test_addresses_with_the_same_bytes_are_named_as_such(scans, tmp_path):
    shutil.copy(scans/'0.jpg', scans/'twin.jpg')
    with serve_folder(scans) as host:
        for n in range(2):
            report = new_dataset(tmp_path/'d', [f'{host}/0.jpg', f'{host}/twin.jpg'], progress=False)
            assert report[1].reason == 'the same bytes as 0.jpg' and '(1 under another name)' in str(report)
    assert list(FsdlHandwritingDataset(tmp_path/'d').pages) == ['0.jpg']


def test_the_lock_waits_for_another_program_and_says_so(labelled, scans):
    with dataset_lock(labelled):
        with pytest.raises(OSError, match='another program has held'), dataset_lock(labelled, wait=.05): pass
    assert not (labelled/'.lock').exists()
    new_dataset(labelled, scans, progress=False)
    assert len(FsdlHandwritingDataset(labelled).pages) == 5 and not (labelled/'.lock').exists()


# ---------------------------------------------------------------------------------------------- names, and the whole road

ODD = ['a b.jpg', '100%.jpg', 'a%20b.jpg', 'ü.jpg', 'e\u0301té.jpg', '日本.jpg', "it's.jpg", '-rf.jpg', '$HOME.jpg',
       'a+b&c=d;e,f@g!.jpg', 'x..jpg', '(1) [2] {3}.jpg',
       'page #3.jpg', 'sep_a/1.jpg', 'sep a/deep/1.jpg', 'emoji 👩‍🎓.jpg', ' lead.jpg', 'noend', 'ABC.JPEG', 'ü'*100 + '.jpg']
if os.name == 'posix': ODD += ['what?.jpg', 'a:b.jpg', 'a"b*c|d.jpg', 'back\\slash.jpg', 'line\nend.jpg', 'CON.jpg', 'end .jpg.', '<x>.jpg']


def test_odd_names_through_the_command_line(tmp_path, note):
    for i, name in enumerate(ODD): draw(tmp_path/'scans'/name, i, format='JPEG')
    if sys.platform == 'linux':
        Path(os.fsdecode(os.fsencode(tmp_path/'scans') + b'/latin\xfc.jpg')).write_bytes((tmp_path/'scans'/'a b.jpg').read_bytes() + b'.')
    folder = tmp_path/"Anna's ü letters"
    res = run('fsdl_new', folder, '--images', tmp_path/'scans', '--quiet')
    assert res.returncode == 0, res.stderr
    ds = FsdlHandwritingDataset(folder)
    total = len(ODD) + (sys.platform == 'linux')
    assert len(ds.pages) == len(ds.page_filenames) == total and not ds.problems.of('error', 'warning')
    assert {'a b.jpg', '100%.jpg', 'a%20b.jpg', 'ü.jpg', 'été.jpg', 'page _3.jpg', 'sep_a_1.jpg', 'sep a_deep_1.jpg',
            'ABC.JPEG'} <= set(ds.pages)
    assert not any(set(id_) & set('<>:"/\\|?*#\n') for id_ in ds.pages) and len({id_.casefold() for id_ in ds.pages}) == total
    assert [o.status for o in ds.load_or_generate_data(progress=False)] == ['skipped']*total
    assert f'0 added, {total} skipped' in run('fsdl_new', folder, '--images', tmp_path/'scans', '--quiet').stdout
    single = [o for o in ODD if '/' not in o and not o.startswith(' ')]
    res = run('fsdl_new', tmp_path/'single', '--images', *[tmp_path/'scans'/o for o in single], '--quiet')
    assert res.returncode == 0 and f'{len(single)} added' in res.stdout, res.stderr
    note(f'{total} odd names went through the command line')


@pytest.mark.long
def test_pages_published_later_are_found_by_one_line(scans, tmp_path):
    for url in '', 'https://pages.invalid/letters':
        folder = tmp_path/('with_url' if url else 'without')/'letters'
        args = ['--url', url] if url else []
        assert run('fsdl_new', folder, '--images', scans, '--quiet', *args).returncode == 0
        export = (folder/'letters.jsonl').read_bytes()
        (folder/'pages').rename(tmp_path/'server')
        with serve_folder(tmp_path/'server') as host:
            with (folder/'metadata.toml').open('a') as f:
                f.write(f"[mirrors]\n'{url}/' = '{host}/'\n" if url else f"[mirrors]\n'pages/' = '{host}/'\n")
            res = run('fsdl_download', folder, '--quiet', '--private')
        assert res.returncode == 0 and '5 done' in res.stdout, res.stderr
        (folder/'pages'/'downloads.csv').unlink()
        assert tree(folder/'pages') == tree(tmp_path/'server') and (folder/'letters.jsonl').read_bytes() == export
        shutil.rmtree(tmp_path/'server')


@pytest.mark.long
def test_a_pdf_of_scans_gives_its_scans_back(tmp_path, need):
    need(importlib.util.find_spec('pypdfium2'), 'pypdfium2', 'pip install fsdl_handwriting_data[pdf]')
    pages = make_sample(tmp_path/'drawn', n_pages=3, seed=5, progress=False)/'pages'
    ims = [Image.open(p) for p in sorted(pages.iterdir())]
    ims[0].save(tmp_path/'scan ü.pdf', save_all=True, append_images=ims[1:], resolution=150)
    res = run('fsdl_new', tmp_path/'letters', '--images', tmp_path/'scan ü.pdf', '--quiet')
    assert res.returncode == 0 and '3 added' in res.stdout, res.stderr
    ds = FsdlHandwritingDataset(tmp_path/'letters')
    assert list(ds.pages) == [f'scan ü_00{n}.jpg' for n in (1, 2, 3)]
    for path, im in zip(ds.page_filenames, ims):
        with Image.open(path) as got: assert got.size == im.size and path.read_bytes() in (tmp_path/'scan ü.pdf').read_bytes()
    assert '0 added, 3 skipped' in run('fsdl_new', tmp_path/'letters', '--images', tmp_path/'scan ü.pdf', '--quiet').stdout


def test_without_the_package_for_pdf_the_others_are_added_and_the_message_says_what_to_install(scans, tmp_path):
    (scans/'a.pdf').write_bytes(b'%PDF-1.4')
    code = "import sys; sys.modules['pypdfium2'] = None; from fsdl_handwriting_data.pages.new_dataset import new_dataset; print(*new_dataset(*sys.argv[1:], progress=False), sep='\\n')"
    res = subprocess.run([sys.executable, '-c', code, str(tmp_path/'letters'), str(scans)], capture_output=True, text=True)
    assert 'failed: a.pdf: reading a PDF needs pypdfium2: pip install fsdl_handwriting_data[pdf]' in res.stdout and res.stdout.count('added: ') == 5, res.stderr


@pytest.mark.long
def test_new_look_verify_and_download_of_real_pages(root, tmp_path, note):
    src = root.parent/'shared'/'data'/'testaments'/'pages'
    if not src.is_dir():
        note('The real pages are not here (../shared/data), so no dataset was made of them.')
        pytest.skip('the real pages are not here')
    res = run('fsdl_new', 'wills', '--images', src, '--quiet', cwd=tmp_path)
    assert res.returncode == 0 and '8 images: 8 added, 0 skipped, 0 failed' in res.stdout, res.stderr
    assert {k: sha256_of(src/k) for k in os.listdir(src)} == {k: sha256_of(tmp_path/'wills'/'pages'/k) for k in os.listdir(src)}
    assert run('fsdl_verify', 'wills', cwd=tmp_path).returncode == 0
    assert '8 skipped' in run('fsdl_download', 'wills', '--quiet', cwd=tmp_path).stdout
    res = run('fsdl_look', 'wills', cwd=tmp_path)
    assert res.returncode == 0 and 'no page is labelled yet' in res.stdout and (tmp_path/'wills_pages.png').stat().st_size > 50_000, res.stderr
    for p in FsdlHandwritingDataset(tmp_path/'wills').pages.values():
        with Image.open(src/p.id) as im:
            assert im.size == (p.extras['width'], p.extras['height']) and p.extras['sha256'] == hashlib.sha256((src/p.id).read_bytes()).hexdigest()


def test_the_export_is_one_that_the_reader_of_exports_finds_nothing_wrong_with(scans, tmp_path):
    new_dataset(tmp_path/'letters', scans, progress=False)
    pages, problems = read_export(tmp_path/'letters'/'letters.jsonl')
    assert problems.counts() == {'null-annotation': 5}
    for line in (tmp_path/'letters'/'letters.jsonl').read_text(encoding='utf-8').splitlines():
        assert list(json.loads(line)) == ['content', 'annotation', 'extras', 'metadata']


def test_an_empty_folder_is_told_without_a_bar(tmp_path):
    (empty := tmp_path/'empty').mkdir()
    for name, *args in ('fsdl_label', empty), ('fsdl_new', tmp_path/'new', '--images', empty):
        res = run(name, *args)
        assert res.returncode == 1 and 'there is no image' in res.stderr and res.stderr.count('\n') == 1 and 'images:' not in res.stderr + res.stdout, res
    assert not (tmp_path/'new').exists() and not any(empty.iterdir())
