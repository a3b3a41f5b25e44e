"""Killed at every step: whoever comes after a program that was killed, or whose disk failed, finds the old dataset or the new one, and the next run leaves nothing behind.

A step is anything that changes a file: opening it to write, writing (which is stopped half way), waiting for the disk, renaming, deleting, linking, making a folder, copying.
A child of this process counts them and is killed before its k-th, or is told there that the disk failed.
"""
import builtins, errno, io, os, random, shutil, signal, subprocess, sys, tempfile, time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from fsdl_handwriting_data.pages import card
from fsdl_handwriting_data.pages.card import write_card
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.versioning.lists import write_bag
from fsdl_handwriting_data.core.files import MetadataError, write_atomic
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.verify import verify
from fsdl_handwriting_data.core.writing import dataset_lock
from fsdl_handwriting_data.pages.new_dataset import new_dataset
from fsdl_handwriting_data.versioning.image_list import read_pins
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset
from fsdl_handwriting_data.versioning.update import update_dataset
from fsdl_handwriting_data.versioning.track import track
from fsdl_handwriting_data.pages.writers import write_writers
from fsdl_handwriting_data.training.splits import split_pages, write_split

pytestmark = pytest.mark.skipif(sys.platform != 'linux', reason='forks, and looks into /proc')
HAS_LFS = bool(shutil.which('git-lfs'))


# ---------------------------------------------------------------------------------------------- a child that is killed

class Steps:
    "Counts what a process changes below `top`, and calls `end` before the `at`-th step."
    def __init__(self, top, at, end): self.top, self.at, self.end, self.n = os.fsencode(os.path.realpath(top)), at, end, 0

    def is_ours(self, path, folder=-1):
        if isinstance(path, int): path = os.readlink(f'/proc/self/fd/{path}')
        if not isinstance(path, (str, bytes, os.PathLike)): return False
        path = os.fsencode(path)
        if not os.path.isabs(path) and isinstance(folder, int) and folder >= 0: path = os.path.join(os.fsencode(os.readlink(f'/proc/self/fd/{folder}')), path)
        return os.path.abspath(path).startswith(self.top)

    def step(self):
        self.n += 1
        if self.n == self.at: self.end()

    def heard(self, event, args):
        if event == 'open':
            if isinstance(args[2], int) and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and self.is_ours(args[0]): self.step()
        elif event == 'os.mkdir' and args[-1] in (-1, None) and os.path.isdir(args[0]): pass  # it is there: nothing changes, and no disk can be too full for that
        elif event in ('os.remove', 'os.rmdir', 'os.mkdir', 'os.chmod', 'os.utime', 'os.truncate'):
            if self.is_ours(args[0], args[-1] if event in ('os.remove', 'os.rmdir', 'os.mkdir') else -1): self.step()
        elif event in ('os.rename', 'os.link', 'os.symlink', 'shutil.copyfile'):
            if any(self.is_ours(o) for o in args[:2]): self.step()

    def listen(self):
        "From here on."
        steps, fsync, write = self, os.fsync, os.write

        class Raw(io.FileIO):
            "A file whose writing can be stopped half way."
            def write(self, data):
                data = bytes(data)
                steps.n += 1
                if steps.n == steps.at:
                    super().write(data[:len(data)//2])
                    steps.end()
                return super().write(data)

        def opened(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
            if not set(mode) & set('wxa+') or not isinstance(file, (str, os.PathLike)) or not steps.is_ours(file):
                return plain(file, mode, buffering, encoding, errors, newline, closefd, opener)
            raw = Raw(file, mode.replace('b', '').replace('t', ''))
            buffered = io.BufferedRandom(raw) if '+' in mode else io.BufferedWriter(raw)
            return buffered if 'b' in mode else io.TextIOWrapper(buffered, encoding, errors, newline)
        plain = builtins.open

        def synced(fd):
            if self.is_ours(fd): self.step()
            return fsync(fd)

        def wrote(fd, data):
            if self.is_ours(fd):
                self.n += 1
                if self.n == self.at:
                    write(fd, data[:len(data)//2])
                    self.end()
            return write(fd, data)
        os.fsync, os.write, builtins.open, io.open = synced, wrote, opened, opened
        sys.addaudithook(self.heard)


def kill(): os.kill(os.getpid(), signal.SIGKILL)


def fail(number):
    def end(): raise OSError(number, os.strerror(number))
    return end


def run(do, folder, at=0, end=kill):
    "Run `do(folder)` in a child, ended at its `at`-th step; gives how it ended ('killed', 'done', or the error) and how many steps there were."
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        said = 'done'
        try:
            os.close(r)
            steps = Steps(folder.parent, at, end)
            steps.listen()
            try: do(folder)
            except BaseException as e: said = f'{type(e).__name__}: {e}'
            steps.at = 0
            os.write(w, f'{steps.n} {said}'.encode(errors='replace'))
        finally: os._exit(0)
    os.close(w)
    with os.fdopen(r, 'rb') as f: said = f.read().decode()
    status = os.waitpid(pid, 0)[1]
    if os.WIFSIGNALED(status): return 'killed', at
    n, _, how = said.partition(' ')
    return how, int(n)


# ---------------------------------------------------------------------------------------------- datasets

def image(path, i, size=(120, 80)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new('L', size, 255 - i % 200).save(path, 'PNG')


def git(folder, *args): subprocess.run(['git', *args], cwd=folder, check=True, capture_output=True)


POINTS = [[.1, .1], [.9, .1], [.9, .5], [.1, .5]]


def label(folder, i, text, annotator='bob'):
    LabelStore(folder, annotator).append([{'op': 'put', 'page': f'p{i}.png', 'region': {'id': f'r{i}', 'points': POINTS, 'text': text}}])


def make(folder, pages=3, repo=False, labels=False, pinned=False):
    "A dataset in `folder`; with one image more beside it, for `new`."
    for i in range(pages): image(folder.parent/'scans'/f'p{i}.png', i)
    for i in range(2): image(folder.parent/'more'/f'q{i}.png', 100 + i)
    folder.mkdir()
    if repo: git(folder, 'init', '-q')
    new_dataset(folder, folder.parent/'scans', progress=False)
    if labels:
        for i in range(pages): label(folder, i, f'text {i}')
    if pinned: pin_images(folder, progress=False)
    if repo:
        git(folder, 'add', '-A')
        git(folder, 'commit', '-qm', 'first')


def edited(folder):
    "A person changed labels with another program, and the readme."
    file = folder/'letters.jsonl'
    file.write_bytes(file.read_bytes().replace(b'notDone', b'skipped'))
    (folder/'readme.md').write_text('# Letters, looked at\n')


def write_this_card(folder, drawn={}):
    "Write the card; the pictures, which take long, are drawn once for all runs."
    if not drawn: drawn.update(card.card_pictures(FsdlHandwritingDataset(folder)))
    was, card.card_pictures = card.card_pictures, lambda ds: dict(drawn)
    try: write_card(folder)
    finally: card.card_pictures = was


def bag(folder):
    if not (folder.parent/'bags'/'bag').exists(): write_bag(folder, folder.parent/'bags'/'bag')


def add(folder, images):
    "As `fsdl_new`, which exits with 1 if an image failed; the others are pages."
    if bad := new_dataset(folder, images, progress=False).of('failed'): raise NotAllAdded(bad)


class NotAllAdded(RuntimeError): "Images that failed."


def first(folder): add(folder, folder.parent/'scans')
def more(folder): add(folder, folder.parent/'more')
def pin(folder): pin_images(folder, progress=False)
def accept(folder): pin_images(folder, accept=['*'], progress=False)
def update(folder): update_dataset(folder, accept_loss=True)
def split(folder): write_split(folder, split_pages(folder, shares=(1, 1, 1)))
def anew(folder): write_split(folder, split_pages(folder, shares=(1, 0, 0), given={}), accept=True)
def writers(folder): write_writers(folder, {'p0.png': 'Ann', 'p1.png': 'Bob'})


KINDS = {  # name → what is run, how the dataset is made, what is done to it then
    'export': (export_labels, dict(labels=True), None),
    'export, pinned, in git': (export_labels, dict(labels=True, pinned=True, repo=True), None),
    'first new': (first, None, None),
    'new': (more, {}, None),
    'new, pinned': (more, dict(pinned=True), None),
    'new, pinned, in git': (more, dict(pinned=True, repo=True), None),
    'pin': (pin, dict(labels=True), None),
    'pin --accept': (accept, dict(pinned=True), lambda d: image(d/'pages'/'p1.png', 77)),
    'card': (write_this_card, dict(labels=True), None),
    'card, pinned': (write_this_card, dict(labels=True, pinned=True), None),
    'update, in git': (update, dict(repo=True), edited),
    'update, pinned, in git': (update, dict(repo=True, pinned=True), edited),
    'track': (track, dict(repo=True), None),
    'track, pinned': (track, dict(repo=True, pinned=True), None),
    'bag': (bag, dict(pinned=True), None),
    'split': (split, {}, None),
    'split, pinned, in git': (split, dict(pinned=True, repo=True), None),
    'split anew': (anew, dict(labels=True), split),
    'writers': (writers, dict(pinned=True), None),
}
NEEDS_LFS = {'track', 'track, pinned'}
WRONG_BEFORE = {'pin --accept', 'update, in git', 'update, pinned, in git'}  # what a person changed is wrong until the command is through
FREE = {'card'}  # files without a hash: each one is old or new


def seen(folder):
    "What everybody sees of a dataset: its files, but for those of git and of labelling."
    skip = lambda p: any(o.startswith('.') and o != '.gitattributes' for o in p.relative_to(folder).parts) or 'labels' in p.relative_to(folder).parts
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob('*')) if p.is_file() and not skip(p)}


def everything(top):
    "The names of all files and folders, hidden ones too; of git's own folder what this library puts there."
    return sorted(p.relative_to(top).as_posix() for p in top.rglob('*') if '/.git/' not in p.as_posix() or '/.git/fsdl/' in p.as_posix())


class Bench:
    "One kind of command, on a dataset that is made anew for each run."
    def __init__(self, top, kind):
        self.kind, (self.do, how, then) = kind, KINDS[kind]
        self.first, self.here = top/'first', top/'here'/'letters'
        (self.first/'letters').parent.mkdir(parents=True)
        if how is None:
            for i in range(3): image(self.first/'scans'/f'p{i}.png', i)
        else: make(self.first/'letters', **how)
        if then: then(self.first/'letters')
        self.old = seen(self.first/'letters') if how is not None else {}
        self.fresh()
        self.do(self.here)
        self.new, self.all = seen(self.here), everything(self.here.parent)
        assert self.new != self.old or kind == 'bag'
        assert verify_dataset(self.here, progress=False).ok, [*verify_dataset(self.here, progress=False)]
        self.fresh()
        how, self.steps = run(self.do, self.here)
        assert how == 'done', how

    def fresh(self):
        shutil.rmtree(self.here.parent, ignore_errors=True)
        shutil.copytree(self.first, self.here.parent, symlinks=True)

    def check(self, k, how):
        "What stands after an end at the `k`-th step is old or new, and right; after the next run it is new, and nothing is left behind."
        where = f'{self.kind}, step {k} of {self.steps} ({how})'
        if (self.here/'metadata.toml').exists():
            faults = verify_dataset(self.here, progress=False)
            now = seen(self.here)
            if now != self.new and self.kind in WRONG_BEFORE: assert now == self.old, where
            else: assert faults.ok, (where, [*map(str, faults)])
            if self.kind in FREE: assert all(now.get(o) in (self.old.get(o), self.new.get(o)) for o in {*now, *self.old, *self.new}), where
            else: assert now in (self.old, self.new), (where, sorted(o for o in {*now, *self.new} if now.get(o) != self.new.get(o)), sorted(o for o in {*now, *self.old} if now.get(o) != self.old.get(o)))
            FsdlHandwritingDataset(self.here, verify=self.kind not in WRONG_BEFORE).pages
            read_pins(read_metadata(self.here)) if self.kind != 'pin --accept' else None
        else:
            now = {}
            assert self.kind == 'first new', where
            with pytest.raises(MetadataError, match='no such file'): verify_dataset(self.here, progress=False)
        is_old = self.kind == 'bag' and not (self.here.parent/'bags'/'bag').exists()
        assert self.kind != 'bag' or is_old or everything(self.here.parent) == self.all, where
        self.do(self.here)
        assert seen(self.here) == self.new, where
        assert verify_dataset(self.here, progress=False).ok, where
        assert everything(self.here.parent) == self.all, (where, sorted({*everything(self.here.parent)} ^ {*self.all}))
        return 'new' if now == self.new and not is_old else 'old' if now == self.old else 'between'

    def killed(self, *ks):
        "Killed at each of the steps `ks`, one run after the other on what the one before left."
        self.fresh()
        for k in ks: how, _ = run(self.do, self.here, k)
        assert how == 'killed' or len(ks) > 1, (self.kind, ks, how)
        return self.check(ks[-1], how)

    def failed(self, k, number):
        "The disk fails at the `k`-th step. That is said, unless all is as if it had not."
        self.fresh()
        how, _ = run(self.do, self.here, k, fail(number))
        if how.startswith('NotAllAdded'): return self.check_rest(k), how
        state = self.check(k, how)
        assert how != 'done' or state == 'new', (self.kind, k, how)
        return state, how


    def check_rest(self, k):
        "Some image could not be written, which was said: the others are pages, and the next run adds it behind them."
        assert verify_dataset(self.here, progress=False).ok, (self.kind, k)
        self.do(self.here)
        here = everything(self.here.parent)  # git may keep one version more, that of between
        assert verify_dataset(self.here, progress=False).ok and not [o for o in here if o.endswith(('.part', '.lock', '.fetched'))], (self.kind, k, here)
        assert [o for o in here if '/.git/' not in o] == [o for o in self.all if '/.git/' not in o], (self.kind, k, here)
        return 'a part'


@pytest.fixture
def top(tmp_path):
    "A folder in memory, if there is one: a thousand datasets are made there."
    shm = Path('/dev/shm')
    if not os.access(shm, os.W_OK): yield tmp_path
    else:
        path = Path(tempfile.mkdtemp(prefix='fsdl-kills-', dir=shm))
        yield path
        shutil.rmtree(path, ignore_errors=True)


def benches(top, need, kinds=tuple(KINDS)):
    for i, kind in enumerate(kinds):
        if kind in NEEDS_LFS and not HAS_LFS: need(HAS_LFS, 'git-lfs', 'apt-get install git-lfs')
        yield Bench(top/str(i), kind)


FAULTS = errno.EIO, errno.ENOSPC


def test_killed_and_failed_at_some_steps(top, note, need):
    rng, states, said = random.Random(12), Counter(), Counter()
    kinds = rng.sample([*KINDS], 4)
    for b in benches(top, need, kinds):
        states[b.killed(rng.randint(1, b.steps))] += 1
        states[b.killed(*(rng.randint(1, b.steps) for _ in range(3)))] += 1
        state, how = b.failed(rng.randint(1, b.steps), rng.choice(FAULTS))
        said[how.partition(':')[0]] += 1
    note(f'killed at {2*len(kinds)} steps, some of them again in the next runs: {dict(states)}; the disk failed at {len(kinds)}: {dict(said)}')


@pytest.mark.long
def test_the_disk_fails_at_many_steps(top, note, need):
    rng, said = random.Random(3), Counter()
    for b in benches(top, need):
        for k in rng.sample(range(1, b.steps + 1), min(8, b.steps)): said[b.failed(k, rng.choice(FAULTS))[1].partition(':')[0]] += 1
    note(f'the disk failed at {said.total()} steps: {dict(said)}; what is left is old or new, and the next run is through')


@pytest.mark.long
def test_killed_at_every_step(top, note, need):
    start, states, total = time.monotonic(), Counter(), 0
    for b in benches(top, need):
        got = Counter(b.killed(k) for k in range(1, b.steps + 1))
        note(f'  {b.kind}: {b.steps} steps: ' + ', '.join(f'{v} {k}' for k, v in sorted(got.items())))
        states += got
        total += b.steps
    note(f'killed at each of {total} steps of {len(KINDS)} kinds: 0 wrong between, 0 left behind; {dict(states)}; {time.monotonic() - start:.0f} s')


# ---------------------------------------------------------------------------------------------- where nothing can be written, by hand, and by others

def unfinished(folder):
    "The dataset as it is when a program was killed right after pages began to count: the export, the list of images, and the images wait."
    make(folder, pinned=True)
    new = folder.parent/'new'
    shutil.copytree(folder, new/'letters')
    new_dataset(new/'letters', folder.parent/'more', progress=False)
    after, meta = seen(new/'letters'), read_metadata(new/'letters')
    for name in 'letters.jsonl', 'images.csv':
        (folder/f'.{name}.{meta.hashes[name][:16]}.part').write_bytes(after[name])
    wait = folder/'pages'/f'.new.{meta.sha256[:16]}.part'
    wait.mkdir()
    for name in ('q0.png', 'q1.png'): (wait/name).write_bytes(after[f'pages/{name}'])
    (folder/'metadata.toml').write_bytes(after['metadata.toml'])
    return after


def in_child(do, user=None):
    "What `do` gives in a child of this process, as text; `user`: as another one."
    r, w = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.close(r)
            if user is not None and os.geteuid() == 0: os.setgid(user), os.setuid(user)
            try: said = do()
            except BaseException as e: said = f'{type(e).__name__}: {e}'
            os.write(w, str(said).encode(errors='replace'))
        finally: os._exit(0)
    os.close(w)
    with os.fdopen(r, 'rb') as f: said = f.read().decode()
    os.waitpid(pid, 0)
    return said


def test_where_nothing_can_be_written_files_are_read_where_they_wait(top):
    folder = top/'letters'
    after = unfinished(folder)
    os.chmod(top, 0o755)
    folders = [folder, folder/'pages', *folder.glob('pages/.new.*')]
    before = everything(folder)
    for o in folders: o.chmod(0o555)

    def read():
        ds = FsdlHandwritingDataset(folder)
        with Image.open(ds.page_path('q1.png')) as im: im.load()
        return [*map(str, verify_dataset(folder, progress=False))], len(ds.pages), len(ds.page_filenames), len(ds.pins)
    try: assert in_child(read, user=65534) == '([], 5, 5, 5)'
    finally:
        for o in folders: o.chmod(0o755)
    assert everything(folder) == before
    assert verify_dataset(folder, progress=False).ok and seen(folder) == after  # where something can be written they are put in their places
    assert [o for o in everything(folder) if '.part' in o] == []


def test_what_waits_and_is_not_described_is_never_taken_nor_is_a_link(top):
    folder = top/'letters'
    after = unfinished(folder)
    wait = next(folder.glob('pages/.new.*'))
    (top/'secret').write_bytes(b'secret')
    (wait/'q0.png').unlink()
    (wait/'q0.png').symlink_to(top/'secret')
    part = next(folder.glob('.images.csv.*'))
    part.rename(top/'elsewhere')
    part.symlink_to(top/'elsewhere')
    (folder/f'.letters.jsonl.{"0"*16}.part').write_bytes(b'never described')
    meta = read_metadata(folder)
    assert not (folder/'pages'/'q0.png').exists() and (folder/'pages'/'q1.png').read_bytes() == after['pages/q1.png']
    assert not (folder/'images.csv').is_symlink() and meta.file.read_bytes() == after['letters.jsonl']
    (top/'elsewhere').replace(part)
    (wait/'q0.png').unlink()
    (wait/'q0.png').write_bytes(after['pages/q0.png'])
    with dataset_lock(folder): pass
    assert seen(folder) == after and [o for o in everything(folder) if '.part' in o] == []


def test_parts_of_living_programs_and_of_downloads_stay_and_others_go_from_every_folder(top):
    folder = top/'letters'
    make(folder, labels=True)
    hexes = '0123456789abcdef'*2
    live = [f'pages/.p9.png.{hexes[:12]}.{hexes}.part', f'pages/.downloads.csv.{hexes}.part', '.notes.part', f'.{hexes[:16]}.part']
    dead = [f'.letters.jsonl.{hexes}.part', f'labels/.bob.jsonl.{hexes}.part', f'.card.md.{hexes[:16]}.part', f'.{"x"*40}.{hexes}.part', f'.letters_pages.png.{hexes}.part']
    for o in (*live, *dead): (folder/o).write_bytes(b'half')
    (folder/'pages'/f'.new.{hexes}.part').mkdir()
    (folder/'pages'/f'.new.{hexes}.part'/'p9.png').write_bytes(b'half')
    with write_atomic(folder/'sums.sha256') as f:  # by a program that is at work
        f.write(b'1')
        held = Path(f.name)
        assert 'True' in in_child(lambda: update_dataset(folder) and False or held.exists())
        f.write(b'2')
    assert (folder/'sums.sha256').read_bytes() == b'12'
    assert {o for o in everything(folder) if '.part' in o} == {*live}


def readers(folder, n, do):
    "How often `do` fails of `n` times beside a child that adds pages and exports labels without an end; and how many versions were seen."
    pid = os.fork()
    if not pid:
        try:
            for i in range(100_000):
                label(folder, i % 3, f'text {i}')
                export_labels(folder)
                if not i % 5:
                    image(folder.parent/'more'/f'n{i}.png', i)
                    new_dataset(folder, folder.parent/'more'/f'n{i}.png', progress=False)
        finally: os._exit(1)
    errors, versions = Counter(), set()
    try:
        for _ in range(n):
            try: versions.add(do())
            except Exception as e: errors[f'{type(e).__name__}: {e}'[:200]] += 1
        assert os.waitpid(pid, os.WNOHANG) == (0, 0), 'the writer ended'
    finally:
        with suppress(ProcessLookupError): os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return errors, len(versions)


def test_readers_beside_writers(top, note):
    folder = top/'letters'
    make(folder, labels=True, pinned=True)

    def read():
        ds = FsdlHandwritingDataset(folder)
        text, pins = ''.join(r.text for p in ds.pages.values() for r in p.regions), ds.pins
        assert len(pins) >= len(ds.pages) and len(ds.page_filenames) == len(ds.pages)
        return text, len(pins)
    start = time.monotonic()
    errors, versions = readers(folder, 200, read)
    wrong, _ = readers(folder, 20, lambda: verify_dataset(folder, progress=False).ok or [][1])
    assert not errors and not wrong, (errors, wrong)
    note(f'200 reads and 20 checks beside a writer: 0 errors, {versions} versions seen, {time.monotonic() - start:.1f} s')


# ---------------------------------------------------------------------------------------------- no locks

def no_locks():
    "From here on the disk of this process has no locks, as with some network drives."
    import fcntl
    def flock(*_): raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
    fcntl.flock = flock


def together(folder, *works):
    "Run `works` at once, each in a child without locks; gives what each one said: '' or its error."
    go, res = [os.pipe() for _ in works], []
    def child(do, wait):
        def run():
            no_locks()
            os.read(wait, 1)
            do()
            return ''
        return run
    pids = []
    for do, (wait, _) in zip(works, go):
        r, w = os.pipe()
        pid = os.fork()
        if not pid:
            said = ''
            try: said = child(do, wait)()
            except BaseException as e: said = f'{type(e).__name__}: {e}'
            finally:
                os.write(w, said.encode(errors='replace'))
                os._exit(0)
        os.close(w)
        pids.append((pid, r))
    for _, w in go: os.write(w, b'x')
    for pid, r in pids:
        with os.fdopen(r, 'rb') as f: res.append(f.read().decode())
        os.waitpid(pid, 0)
    for o in go: os.close(o[0]), os.close(o[1])
    return res


def without_locks(top, n, note, only=''):
    "`n` rounds of pairs of programs at once: what one of them added is there, or it said that it is not; and the dataset is never wrong unless that was said."
    pairs = {'new, new': lambda d: [lambda: new_dataset(d, top/'q', progress=False), lambda: new_dataset(d, top/'r', progress=False)],
             'new, export': lambda d: [lambda: new_dataset(d, top/'q', progress=False), lambda: export_labels(d)],
             'pinned: new, new': lambda d: [lambda: new_dataset(d, top/'q', progress=False), lambda: new_dataset(d, top/'r', progress=False)],
             'pinned: new, pin': lambda d: [lambda: new_dataset(d, top/'q', progress=False), lambda: pin_images(d, progress=False)],
             'pinned: export, card': lambda d: [lambda: export_labels(d), lambda: write_this_card(d)],
             'first new, first new': lambda d: [lambda: new_dataset(d, top/'q', progress=False), lambda: new_dataset(d, top/'r', progress=False)]}
    for name in 'qr':
        for i in range(3): image(top/name/f'{name}{i}.png', i + 10*ord(name))
    told, wrong = Counter(), Counter()
    for pair, works in pairs.items():
        if only not in pair: continue
        first = top/pair/'first'
        if 'first' not in pair: make(first/'letters', labels=True, pinned='pinned' in pair)
        for i in range(n):
            here = top/pair/str(i)/'letters'
            if 'first' not in pair: shutil.copytree(first/'letters', here)
            else: here.mkdir(parents=True)
            said = together(here, *works(here))
            text = (here/'letters.jsonl').read_text() if verify(here).ok else ''
            wanted = {'new': lambda name: all(f'{name}{k}.png' in text for k in range(3)), 'export': lambda name: 'text 2' in text}
            for what, name, why in zip(pair.removeprefix('pinned: ').replace('first ', '').split(', '), 'qr', said):
                told[pair] += bool(why)
                if not why and not wanted.get(what, lambda _: True)(name): wrong[f'{pair}: lost and not told: {said}, {verify(here).status}, {everything(here)}'] += 1
            if not any(said) and not verify_dataset(here, progress=False).ok: wrong[f'{pair}: wrong and not told'] += 1
            shutil.rmtree(here.parent)
    note(f'no locks: {n} rounds of each of {len(pairs)} pairs; told: {dict(told)}; silent: 0')
    assert not wrong, (wrong, told)


def test_where_there_are_no_locks_nothing_is_lost_without_a_word(top, note): without_locks(top, 1, note)


@pytest.mark.long
def test_where_there_are_no_locks_often(top, note): without_locks(top, 6, note)


NO_LOCKS = """import errno, fcntl, os, sys
def flock(*_): raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))
fcntl.flock = flock
from fsdl_handwriting_data.commands.data import fsdl_new
fsdl_new(sys.argv[1], images=sys.argv[2:], quiet=True)"""


def test_a_command_says_that_the_disk_has_no_locks(top):
    image(top/'scans'/'p1.png', 1)
    res = subprocess.run([sys.executable, '-c', NO_LOCKS, top/'letters', top/'scans'], capture_output=True, text=True)
    assert res.returncode == 0 and res.stderr == f'warning: {top/"letters"}: this disk has no locks: run one program at a time here\n', res.stderr
