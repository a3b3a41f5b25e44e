"""Whole downloads: killed, interrupted, two at once, on a full disk, with other executors, to other file systems, watched on a screen, and by the command."""
import csv, hashlib, importlib.util, io, json, multiprocessing, os, random, re, shutil, signal, socket, subprocess, sys, threading, time, tracemalloc
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from PIL import Image

import download_runs
from browser import wait_for
from download_runs import Server, images, png, silent, start, wanted, work
from fsdl_handwriting_data.core.checks import image_problem
from fsdl_handwriting_data.fetching.limits import Limits
from fsdl_handwriting_data.fetching.fetch import Fetched
from fsdl_handwriting_data.fetching.table import Wanted
from fsdl_handwriting_data.fetching.download import download
from fsdl_handwriting_data.pages.sample import make_sample
from commands import command, run

POSIX = pytest.mark.skipif(os.name != 'posix', reason='sends POSIX signals')
TABLE = 'downloads.csv'
COLUMNS = 'id,status,cause,attempts,bytes,seconds,sha256,mark,url,reason'.split(',')
QUICK = Limits(pause=.01)
sha = lambda data: hashlib.sha256(data).hexdigest()


# ---------------------------------------------------------------------------------------------- what a folder must look like

def look(folder, files):
    "The names in `folder` that have the right bytes, and its temporary files; nothing else may be there."
    names = set(os.listdir(folder)) if Path(folder).exists() else set()
    temporary = {o for o in names if re.fullmatch(r'\..*\.part(\.json)?', o)}
    whole = names - temporary - {TABLE}
    assert whole <= set(files), f'files that nobody wanted: {sorted(whole - set(files))}'
    for o in whole: assert (Path(folder)/o).read_bytes() == files[o], f'{o} is not as it is on the server'
    return whole, temporary


def table(folder):
    "The rows of the table in `folder`, by id."
    with (Path(folder)/TABLE).open(encoding='utf-8', newline='') as f:
        reader = csv.DictReader(f)
        assert reader.fieldnames == COLUMNS
        rows = list(reader)
    assert len({o['id'] for o in rows}) == len(rows), 'an id is in the table twice'
    return {o['id']: o for o in rows}


def check_whole(folder, files):
    "Everything is there, right, in the table, and there is nothing else."
    whole, temporary = look(folder, files)
    assert whole == set(files) and not temporary, f'missing: {sorted(set(files) - whole)}; left over: {sorted(temporary)}'
    rows = table(folder)
    assert list(rows) == list(files)
    for k, v in files.items():
        assert rows[k]['status'] in ('done', 'skipped') and not rows[k]['cause'] and not rows[k]['reason'], rows[k]
        assert (rows[k]['bytes'], rows[k]['sha256']) == (str(len(v)), sha(v)), rows[k]


@pytest.fixture(scope='module')
def forks():
    "Starts processes that have the library already; each can be killed."
    if os.name != 'posix': pytest.skip('forks')
    context = multiprocessing.get_context('forkserver')
    context.set_forkserver_preload(['pytest', 'fsdl_handwriting_data.fetching.download'])
    made = []
    def mk(job, go=None):
        p = context.Process(target=work, args=(job, go))
        p.start()
        made.append(p)
        return p
    mk.context = context
    yield mk
    for p in made:
        if p.is_alive(): p.kill()
        p.join()


# ---------------------------------------------------------------------------------------------- killed

def killed_runs(forks, tmp_path, note, kills, seed):
    files, rng = images(16, seed, large=7, size=6_000_000), random.Random(seed)
    total, parts, found, resumed, tables, alive = sum(map(len, files.values())), 0, 0, 0, 0, 0
    with Server(files, pause=.001) as s:
        for n in range(kills):
            folder = tmp_path/f'run {n}'
            s.forget()
            p = forks(dict(rows=s.rows(), folder=str(folder), how=dict(workers=4)))
            if n % 5 == 3:  # all files are there, and the table is written
                wait_for(lambda: not p.is_alive() or set(files) <= set(os.listdir(folder) if folder.exists() else ()),
                         'all files', 60, every=.0002)
                time.sleep(rng.random()*.04)
            else:
                goal = total*(n + rng.random())/kills
                wait_for(lambda: s.sent >= goal or not p.is_alive(), 'the moment', 60, every=.0005)
                time.sleep(rng.random()*.02)
            alive += p.is_alive()
            p.kill()
            p.join()
            whole, temporary = look(folder, files)
            if (folder/TABLE).exists(): tables += bool(table(folder))
            parts, found = parts + bool(temporary), found + len(whole)
            s.forget()
            report = download(wanted(s.rows()), folder, limits=QUICK, progress=False)
            asked = [o for o, _ in s.seen]
            assert not whole & set(asked), f'moment {n}: fetched again although whole: {sorted(whole & set(asked))}'
            assert {o.id for o in report.of('done')} == set(files) - whole and {o.id for o in report.of('skipped')} == whole, f'moment {n}: {report}'
            check_whole(folder, files)
            resumed += sum(bool(range_) for _, range_ in s.seen)
            shutil.rmtree(folder)
    assert alive >= kills//2, 'most processes were to be killed while they downloaded'
    assert parts >= kills//2 and found >= kills and resumed, f'{parts} times a temporary file, {found} whole files, {resumed} resumed: too few to prove anything'
    note(f'download: {alive} of {kills} killed half way, {parts} with temporary files, {found} files kept, {resumed} resumed, {tables} tables; no wrong byte, nothing left over')


@pytest.mark.long
@POSIX
def test_a_run_killed_at_a_random_moment_leaves_right_files_only_and_the_next_one_does_the_rest(forks, tmp_path, note):
    killed_runs(forks, tmp_path, note, kills=4, seed=1)


@POSIX
@pytest.mark.long
def test_fifty_random_moments(forks, tmp_path, note): killed_runs(forks, tmp_path, note, kills=50, seed=2)


@pytest.mark.parametrize('whose', ['page 000.png', 'page 001.png', 'nobody.png'])
def test_what_dead_processes_left_is_deleted(tmp_path, whose):
    "Parts of a file that is there or that nobody wants any more: with their description, without it, with half of it; and a description without its part."
    files = images(2, 10, large=0)
    with Server(files) as s:
        download(wanted(s.rows()), tmp_path, progress=False)
        name = lambda n: f'.{whose}.{sha(whose.encode())[:12]}.{n:032x}.part'
        about = json.dumps(dict(url=f'{s.url}/{whose}', sha256='', etag='"x"', modified='', length='9'))
        for n, part, text in (1, b'1234', about), (2, b'1234', ''), (3, b'1234', about[:20]), (4, b'', about):
            if part: (tmp_path/name(n)).write_bytes(part)
            if text: (tmp_path/f'{name(n)}.json').write_text(text)
        left = look(tmp_path, files)[1]
        assert len(left) == 6
        for o in left: os.utime(tmp_path/o, (time.time() - 30*86_400,)*2)
        assert download(wanted(s.rows()), tmp_path, progress=False).counts == {'skipped': 2}
        check_whole(tmp_path, files)


# ---------------------------------------------------------------------------------------------- two at once

def both(forks, s, tmp_path, no_locks, **how):
    "Two processes that start together on one folder; they, and the folder."
    folder, go = tmp_path/'both', forks.context.Event()
    jobs = [dict(rows=s.rows(), folder=str(folder), no_locks=no_locks, out=str(tmp_path/f'{n}.json'),
                 how=dict(workers=4, **how)) for n in range(2)]
    two = [forks(o, go) for o in jobs]
    time.sleep(.6)  # both have imported the library, and wait
    go.set()
    return folder, two, lambda: [json.loads(Path(o['out']).read_text()) for o in jobs]


@POSIX
@pytest.mark.parametrize('no_locks', [pytest.param(False, marks=pytest.mark.long, id='locks'), pytest.param(True, id='no locks')])
def test_two_processes_at_once_on_one_folder(forks, tmp_path, no_locks):
    files = images(16, 3, large=7, size=6_000_000)
    with Server(files, pause=.004) as s:
        folder, two, said = both(forks, s, tmp_path, no_locks)
        for p in two: p.join(60)
        assert [p.exitcode for p in two] == [0, 0]
        a, b = said()
        assert max(a['start'], b['start']) < min(a['end'], b['end']), 'they did not run at once'
        asked = [o for o, _ in s.seen]
        assert len(asked) > len(set(asked)) == len(files), 'no file was fetched by both: nothing was proved'
        for o in a, b: assert sum(o['counts'].values()) == len(files) and not o['failures']
        check_whole(folder, files)


@pytest.mark.long
@POSIX
@pytest.mark.parametrize('no_locks', [pytest.param(False, marks=pytest.mark.long, id='locks'), pytest.param(True, id='no locks')])
def test_one_of_two_is_killed_while_the_other_runs(forks, tmp_path, no_locks):
    files = images(16, 4, large=7, size=6_000_000)
    total = sum(map(len, files.values()))
    with Server(files, pause=.004) as s:
        folder, (victim, other), said = both(forks, s, tmp_path, no_locks)
        wait_for(lambda: s.sent > total*.4, 'bytes on their way', every=.002)
        assert victim.is_alive() and other.is_alive()
        victim.kill()
        other.join(60)
        assert other.exitcode == 0
        assert look(folder, files)[0] == set(files)
        s.forget()
        assert download(wanted(s.rows()), folder, limits=QUICK, progress=False).counts == {'skipped': len(files)} and not s.seen
        check_whole(folder, files)


@pytest.mark.long
@POSIX
def test_a_process_that_comes_later_does_not_disturb_the_first(forks, tmp_path):
    files = images(6, 5, large=3, size=6_000_000)
    folder = tmp_path/'d'
    with Server(files, pause=.012) as s:
        job = dict(rows=s.rows(), folder=str(folder), no_locks=True, out=str(tmp_path/'a.json'), how=dict(workers=6))
        first = forks(job)
        wait_for(lambda: s.sent > 5_000_000, 'the first has begun', every=.002)
        assert look(folder, files)[1], 'there are temporary files of the first'
        second = forks(job | dict(out=str(tmp_path/'b.json')))
        for p in first, second: p.join(60)
        assert [first.exitcode, second.exitcode] == [0, 0]
        a, b = (json.loads((tmp_path/o).read_text()) for o in ('a.json', 'b.json'))
        assert b['start'] < a['end'], 'they did not run at once'
        check_whole(folder, files)


# ---------------------------------------------------------------------------------------------- Ctrl-C

def interrupt(p, timeout=2):
    "Send Ctrl-C; seconds until the process was gone."
    begin = time.monotonic()
    p.send_signal(signal.SIGINT)
    try: p.wait(10)
    finally:
        if p.poll() is None: p.kill()
    took = time.monotonic() - begin
    assert took < timeout, f'{took:.1f} s from Ctrl-C to the end'
    return took


@contextmanager
def running(job, **kw):
    p = start(job, **kw)
    try: yield p
    finally:
        if p.poll() is None: p.kill()
        p.wait()


@pytest.mark.long
@POSIX
def test_ctrl_c_among_servers_that_are_silent_and_that_drip(tmp_path, note):
    "Twice: the second run goes on from where the first was interrupted, and the third from there."
    files = images(8, 6, large=4, size=4_000_000)
    a, b = [k for k, v in files.items() if len(v) > 1_000_000]
    small = set(files) - {a, b}
    folder, out, took = tmp_path/'d', tmp_path/'out.json', []
    dripping = {'drip.png': files['page 000.png'], 'silent.png': files['page 001.png']}
    with Server(files | dripping, odd={'silent.png': silent}) as s:
        begin = there = {a: 0, b: 0}
        for goal in {a: 1_500_000, b: 2_900_000}, {a: 2_600_000, b: 3_700_000}:
            s.forget()
            s.stuck = goal | {'drip.png': 300}
            with running(dict(rows=s.rows(), folder=str(folder), out=str(out), how=dict(workers=12), limits=dict(min_speed=0))) as p:
                wait_for(lambda: look(folder, files)[0] == small and len({k for k, _ in s.seen}) >= 4
                         and s.sent >= sum(goal.values()) - sum(there.values()), 'all but the stuck ones', every=.01)
                time.sleep(.3)
                took.append(interrupt(p))
            assert p.returncode == 130 and json.loads(out.read_text())['interrupted']
            ranges = {k: int(r[6:-1]) for k, r in s.seen if r}
            assert all(ranges.get(k, 0) >= v for k, v in begin.items()), f'{ranges}, but there were {begin} bytes'
            whole, temporary = look(folder, files)
            assert whole == small
            for k, v in goal.items():
                kept = [o.stat().st_size for o in folder.glob(f'.{k}.*.part') if Path(f'{o}.json').exists()]
                assert kept and max(kept) >= v - download_runs.CHUNK, f'{k}: {v} bytes had come, kept are {kept} of {sorted(temporary)}'
            there, begin = goal, {k: v - download_runs.CHUNK for k, v in goal.items()}
        s.stuck, s.odd = {}, {}
        s.forget()
        assert download(wanted(s.rows()), folder, limits=QUICK, progress=False).counts == {'skipped': 6, 'done': 4}
        ranges = {k: int(r[6:-1]) for k, r in s.seen if r}
        assert all(ranges.get(k, 0) >= v for k, v in begin.items()) and not small & {k for k, _ in s.seen}, s.seen
        check_whole(folder, files | dripping)
    note(f'Ctrl-C: {max(took):.2f} s to the end of the process')


@pytest.mark.long
@POSIX
def test_after_an_interrupt_no_thread_goes_on_in_a_program_that_lives_on(tmp_path):
    "As in a notebook: the kernel stays."
    files = images(60, 7, large=10)
    folder, out = tmp_path/'d', tmp_path/'out.json'
    with Server(files, pause=.05) as s:
        with running(dict(rows=s.rows(), folder=str(folder), out=str(out), linger=1.2, how=dict(workers=4))) as p:
            wait_for(lambda: len(s.seen) > 8, 'some requests', every=.002)
            begin = time.time()
            p.send_signal(signal.SIGINT)
            wait_for(out.exists, 'download() has returned', 5, every=.005)
            before, asked = sorted(os.listdir(folder)), len(s.seen)
            p.wait(10)
        said = json.loads(out.read_text())
        assert p.returncode == 130 and said['threads'] == [] and len(s.seen) == asked < len(files)
        assert sorted(os.listdir(folder)) == before and 0 < len(look(folder, files)[0]) < len(files)
        assert out.stat().st_mtime - begin < 2 + 1.2


def full_backlog():
    "A socket that listens and whose queue is full, with those who wait in it: to connect takes for ever."
    s = socket.socket()
    s.bind(('127.0.0.1', 0))
    s.listen(0)
    waiting = []
    for _ in range(8):
        c = socket.socket()
        c.settimeout(.2)
        waiting.append(c)
        try: c.connect(s.getsockname())
        except TimeoutError: return s, waiting
    pytest.skip('this system never lets a queue be full')


@pytest.mark.long
@POSIX
def test_ctrl_c_while_connecting_and_asking_for_an_address_take_for_ever(tmp_path, note):
    listening, waiting = full_backlog()
    hosts = f'127.0.0.1:{listening.getsockname()[1]}', 'slow.example.org'
    rows, out = [[f'{i}.png', [f'http://{hosts[i % 2]}/{i}.png']] for i in range(20)], tmp_path/'out.json'
    try:
        with running(dict(rows=rows, folder=str(tmp_path/'d'), out=str(out), slow_names=True, limits=dict(connect=60),
                          how=dict(workers=4))) as p:
            wait_for((tmp_path/'d').exists, 'the run has begun')
            time.sleep(.5)
            assert p.poll() is None and not out.exists(), 'it was to wait'
            took = interrupt(p)
        assert p.returncode == 130 and json.loads(out.read_text())['interrupted']
        assert not look(tmp_path/'d', {})[0]
        note(f'Ctrl-C while connecting: {took:.2f} s')
    finally:
        for o in listening, *waiting: o.close()


@POSIX
def test_ctrl_c_with_the_threads_of_the_caller(tmp_path):
    files = images(6, 17, large=0)
    out = tmp_path/'out.json'
    with Server(files | {'drip.png': files['page 000.png']}, stuck={'drip.png': 300}, drip=.05) as s:
        with running(dict(rows=s.rows(), folder=str(tmp_path/'d'), out=str(out), threads=3, limits=dict(min_speed=0, total=20))) as p:
            wait_for(lambda: look(tmp_path/'d', files)[0] == set(files) and 'drip.png' in [k for k, _ in s.seen], 'all but one', every=.01)
            interrupt(p)
        assert p.returncode == 130 and json.loads(out.read_text())['interrupted']
        assert look(tmp_path/'d', files)[0] == set(files)


# ---------------------------------------------------------------------------------------------- a full disk

@POSIX
def test_a_disk_that_fills_up_is_named_for_each_file_and_the_next_run_goes_on(tiny_disk, tmp_path):
    files = images(12, 8, large=3, size=600_000)
    folder = tiny_disk('1m').path/'pages'
    with Server(files) as s:
        report = download(wanted(s.rows()), folder, workers=2, limits=QUICK, progress=False)
        failed = report.of('failed')
        assert failed and {o.cause for o in failed} == {'disk'} and all('space' in o.reason for o in failed), report.failures()
        whole, _ = look(folder, files)
        assert whole == {o.id for o in report.of('done')} and whole
        s.forget()
        bigger = tmp_path/'larger disk'
        shutil.copytree(folder, bigger)
        report = download(wanted(s.rows()), bigger, limits=QUICK, progress=False)
        assert not report.failures() and not whole & {k for k, _ in s.seen}
        check_whole(bigger, files)


@POSIX
def test_a_full_disk_that_is_named_by_an_address(fsspec, tiny_disk):
    files = dict(large=png(random.Random(9), 1000, 3000)) | images(3, 9, large=0)
    folder = tiny_disk('1m').path/'pages'
    with Server(files) as s: report = download(wanted(s.rows(hashed=False)), folder.as_uri(), workers=1, limits=QUICK, progress=False)
    assert [(o.status, o.cause) for o in report][0] == ('failed', 'disk'), report
    assert look(folder, files)[0] == {o.id for o in report.of('done')}


@POSIX
def test_after_a_full_disk_nothing_more_is_asked_for_and_nothing_is_left_over(tiny_disk):
    "A million files are not fetched for nothing; what failed gives its space back."
    files = dict(large=png(random.Random(9), 1000, 3000)) | images(5, 9, large=0)
    disk = tiny_disk('1m')
    with Server(files) as s:
        report = download(wanted(s.rows(hashed=False)), disk.path/'pages', workers=1, limits=QUICK, progress=False)
        assert {(o.status, o.cause) for o in report} == {('failed', 'disk')} and 'space' in report[0].reason and 'not tried' in report[5].reason, report.failures()
        assert {k for k, _ in s.seen} == {'large'} and look(disk.path/'pages', files) == (set(), set())
        report = download(wanted(s.rows(hashed=False)[1:]), disk.path/'pages', workers=1, limits=QUICK, progress=False)
        assert report.counts == {'done': 5} and look(disk.path/'pages', files) == (set(files) - {'large'}, set())


# ---------------------------------------------------------------------------------------------- executors

class Wrapped(Executor):
    "An executor that knows nothing but `submit`, as those of other packages, and counts."
    def __init__(self, inner): self.inner, self.submits, self.ahead, self.most, self.lock = inner, 0, 0, 0, threading.Lock()

    def submit(self, fn, /, *args, **kw):
        with self.lock: self.submits, self.ahead, self.most = self.submits + 1, self.ahead + 1, max(self.most, self.ahead + 1)
        future = self.inner.submit(fn, *args, **kw)
        future.add_done_callback(self.done)
        return future

    def done(self, _):
        with self.lock: self.ahead -= 1

    def map(self, *args, **kw): raise AssertionError('only submit is sure to be there')
    def shutdown(self, *args, **kw): raise AssertionError("the caller's executor was shut down")
    __enter__ = shutdown


def html(handler): handler.answer(200, b'<!DOCTYPE html><html>Sign in</html>', 'text/html')


def half(handler):
    data = handler.server.files['page 000.png']
    handler.send_response(200)
    handler.send_header('Content-Length', str(len(data)))
    handler.end_headers()
    handler.write(data[:len(data)//2], 0)
    handler.close_connection = True


def gone(status): return lambda handler: handler.answer(status, b'no', 'text/plain')


ODD = {'html.png': html, 'half.png': half, '403.png': gone(403), '410.png': gone(410), '503.png': gone(503), 'noend.png': None}


def mixed(s, tmp_path, n=120):
    "Rows that go well and rows that fail in many ways, each the same way every time."
    good = s.rows(ids=[f'page {i:03}.png' for i in range(n)])
    (tmp_path/'mirror').mkdir(exist_ok=True)
    (tmp_path/'mirror'/'page 001.png').write_bytes(s.files['page 001.png'])
    data = s.files['page 001.png']
    bad = [['lost.png', [f'{s.url}/lost.png']], *([k, [f'{s.url}/{k}']] for k in ODD),
           ['wrong hash.png', [f'{s.url}/page 001.png'], 'ab'*32, -1],
           ['wrong size.png', [f'{s.url}/page 001.png'], sha(data), len(data) + 1],
           ['second place.png', [f'{s.url}/lost too.png', f'{s.url}/page 001.png'], sha(data), len(data)],
           ['from a folder.png', [str(tmp_path/'mirror'/'page 001.png')]],
           ['no file.png', [str(tmp_path/'mirror'/'nothing.png')]], ['scheme.png', ['gopher://127.0.0.1/x']],
           ['no place.png', []], ['a/../b?.png', [f'{s.url}/page 001.png'], sha(data)]]
    rng = random.Random(0)
    rows = good + bad
    rng.shuffle(rows)
    return rows


def results(executor, s, rows, folder, **how):
    "Everything about a run that must not depend on where the rows were fetched."
    folder.mkdir(parents=True, exist_ok=True)
    for i in range(0, 20, 2): (folder/f'page {i:03}.png').write_bytes(s.files[f'page {i:03}.png'])  # there already, right
    (folder/'page 021.png').write_bytes(s.files['page 021.png'][:-1] + b'!')  # there, and wrong by its hash
    kw = dict(executor=executor) if executor is not None else {}
    report = download(wanted(rows), folder, limits=Limits(tries=2, pause=.01), progress=False, **kw, **how)
    saved = [{k: v for k, v in o.items() if k not in ('seconds', 'mark')} for o in table(folder).values()]
    fields = [(o.id, o.status, o.cause, o.reason, o.url, o.attempts, o.bytes, o.sha256, Path(o.file).name if o.file
               else '') for o in report]
    text = json.dumps([fields, saved]).replace(str(folder), 'FOLDER')
    return json.loads(text)


@pytest.fixture(scope='module')
def many():
    files = images(300, 11, large=0) | {f'large {i}.png': png(random.Random(i), 1000, 1500) for i in range(2)}
    odd = dict(ODD, **{'noend.png': lambda handler: handler.answer(200, files['page 000.png'][:-2000])})
    with Server(files, odd=odd) as s: yield s


@pytest.fixture(scope='module')
def dask(need, tmp_path_factory):
    "A Dask cluster on this machine: 2 processes with 2 threads each, and its client."
    need(importlib.util.find_spec('distributed'), 'distributed', 'pip install fsdl_handwriting_data[cluster]')
    import dask
    from distributed import Client, LocalCluster
    with dask.config.set({'temporary-directory': str(tmp_path_factory.mktemp('dask'))}), \
         LocalCluster(n_workers=2, threads_per_worker=2, dashboard_address='127.0.0.1:0', host='127.0.0.1',
                      silence_logs=50) as cluster, Client(cluster) as client: yield cluster, client


def still_works(executor): assert executor.submit(len, 'abc').result(20) == 3


@pytest.mark.long
def test_threads_processes_and_dask_give_the_same_table(many, dask, tmp_path):
    rows = mixed(many, tmp_path)
    want = results(None, many, rows, tmp_path/'own')
    counts = {k: sum(o[1] == k for o in want[0]) for k in ('done', 'skipped', 'failed')}
    causes = {o[0]: o[2] for o in want[0] if o[1] == 'failed'}
    assert counts['skipped'] == 10 and counts['failed'] >= 11 and sum(counts.values()) == len(rows)
    assert causes | {'lost.png': 'http-404', '403.png': 'http-403', '410.png': 'http-410', '503.png': 'http-503',
                     'html.png': 'not-image', 'half.png': 'truncated',
                     'noend.png': 'not-image', 'wrong hash.png': 'hash', 'no file.png': 'no-file', 'scheme.png': 'address'} == causes
    with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn')) as processes:
        for name, executor in dict(threads=threads, processes=processes, dask=dask[1].get_executor()).items():
            got = results(executor, many, rows, tmp_path/name)
            for a, b in zip(want[0] + want[1], got[0] + got[1]): assert a == b, name
            assert got == want
            assert look_of(tmp_path/name) == look_of(tmp_path/'own') and len(look_of(tmp_path/'own')) > 100
            still_works(executor)


def look_of(folder): return {o: sha((folder/o).read_bytes()) for o in os.listdir(folder) if o != TABLE}


@pytest.mark.long
def test_an_executor_gets_batches_and_only_some_ahead_and_stays_open(many, tmp_path):
    rows = many.rows(ids=[f'page {i:03}.png' for i in range(300)])
    with ThreadPoolExecutor(2) as inner:
        ex = Wrapped(inner)
        assert download(wanted(rows), tmp_path/'automatic', executor=ex, progress=False).counts == {'done': 300}
        assert 10 <= ex.submits <= 20, f'{ex.submits} batches for 300 rows'
        still_works(inner)
        ex = Wrapped(inner)
        assert download([Wanted(f'{i}.png', ()) for i in range(2000)], tmp_path/'none', executor=ex, progress=False).causes == {'address': 2000} and ex.submits == 40
        for batch in 1, 7:
            ex = Wrapped(inner)
            assert download(wanted(rows[:70]), tmp_path/f'by {batch}', executor=ex, batch=batch, progress=False).counts == {'done': 70}
            assert ex.submits == 70//batch
        ex = Wrapped(inner)
        assert download(wanted(rows), tmp_path/'automatic', executor=ex, progress=False).counts == {'skipped': 300} and ex.submits <= 20


@pytest.mark.long
def test_no_more_than_so_many_workers_at_once_whoever_does_the_work(tmp_path):
    files = images(24, 18, large=0)
    with Server(files, pause=.02) as s, ThreadPoolExecutor(4) as pool:
        for name, kw, most in ('own', dict(workers=3), 3), ('per host', dict(workers=8, per_host=2), 2), ('batches', dict(executor=pool, batch=3, workers=1), 1):
            s.forget()
            assert download(wanted(s.rows()), tmp_path/name, progress=False, **kw).counts == {'done': 24}
            assert 0 < s.most <= most, f'{name}: {s.most} requests at once'
            assert s.most == most


def aside(f, *args, **kw):
    "Call `f` in a thread that does not keep the tests from ending; a future."
    job = Future()
    def work():
        try: job.set_result(f(*args, **kw))
        except BaseException as e: job.set_exception(e)
    threading.Thread(target=work, daemon=True).start()
    return job


@pytest.mark.long
def test_many_runs_at_once_in_one_program(tmp_path):
    files = images(24, 16, large=0)
    with Server(files, pause=.03) as s:
        jobs = [aside(download, wanted(s.rows()), tmp_path/f'{n}', workers=2, limits=QUICK, progress=False) for n in range(8)]
        end = time.monotonic() + 15
        for n, job in enumerate(jobs):
            report = job.result(max(.1, end - time.monotonic()))
            assert report.counts == {'done': 24}, report.summary()
            check_whole(tmp_path/f'{n}', files)


@pytest.mark.long
@POSIX
@pytest.mark.parametrize('batch', [20, 1])  # with 1, not all has been handed out when the process dies
def test_a_process_of_a_pool_that_dies_loses_only_rows_that_are_named(many, tmp_path, batch):
    rows, files = many.rows(ids=[f'page {i:03}.png' for i in range(300)]), {k: v for k, v in many.files.items() if k.startswith('page')}
    many.forget()
    many.pause = .02
    try:
        pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context('spawn'))
        job = aside(download, wanted(rows), tmp_path/'d', executor=pool, batch=batch, limits=QUICK, progress=False)
        wait_for(lambda: len(many.seen) > 60, 'some requests', every=.002)
        os.kill(next(iter(pool._processes)), signal.SIGKILL)
        report = job.result(30)
        pool.shutdown()
    finally: many.pause = 0
    lost = report.of('failed')
    assert lost and {o.cause for o in lost} == {'executor'} and all(o.reason for o in lost) and len(report.of('done')) >= 20, report
    assert [o.id for o in report] == list(files) and len(table(tmp_path/'d')) == 300
    whole, _ = look(tmp_path/'d', files)
    assert {o.id for o in report.of('done')} <= whole
    many.forget()
    assert not download(wanted(rows), tmp_path/'d', progress=False, limits=QUICK).failures()
    assert not whole & {k for k, _ in many.seen} and many.seen
    check_whole(tmp_path/'d', files)


@POSIX
@pytest.mark.long
def test_a_dask_worker_that_dies_changes_nothing(many, dask, tmp_path):
    cluster, client = dask
    rows, files = many.rows(ids=[f'page {i:03}.png' for i in range(300)]), {k: v for k, v in many.files.items() if k.startswith('page')}
    many.forget()
    many.pause = .03
    try:
        job = aside(download, wanted(rows), tmp_path/'d', executor=client.get_executor(), batch=20, limits=QUICK, progress=False)
        wait_for(lambda: len(many.seen) > 60, 'some requests', every=.002)
        assert not job.done()
        worker = next(iter(cluster.workers.values()))
        old = worker.pid
        os.kill(old, signal.SIGKILL)
        report = job.result(90)
        wait_for(lambda: worker.pid not in (old, None), 'Dask starts another process in its place')
    finally: many.pause = 0
    assert not report.failures() and [o.id for o in report] == list(files)
    whole, _ = look(tmp_path/'d', files)
    assert whole == set(files)
    assert download(wanted(rows), tmp_path/'d', progress=False, limits=QUICK).counts == {'skipped': 300}
    check_whole(tmp_path/'d', files)
    still_works(client.get_executor())


def test_an_executor_that_is_shut_down_and_a_row_that_cannot_be_sent_are_named(many, tmp_path):
    rows = many.rows(ids=[f'page {i:03}.png' for i in range(60)])
    ex = ThreadPoolExecutor(1)
    ex.shutdown()
    report = download(wanted(rows), tmp_path/'shut', executor=ex, progress=False)
    assert {(o.status, o.cause) for o in report} == {('failed', 'executor')} and len(report) == 60 and len(table(tmp_path/'shut')) == 60
    class Broken(Wrapped):
        def submit(self, fn, /, *args, **kw):
            self.submits += 1
            if self.submits != 2: return self.inner.submit(fn, *args, **kw)
            f = Future()
            f.set_exception(MemoryError('a worker ran out of memory'))
            return f
    with ThreadPoolExecutor(1) as inner:
        report = download(wanted(rows), tmp_path/'broken', executor=Broken(inner), batch=20, progress=False)
    assert [o.status for o in report] == ['done']*20 + ['failed']*20 + ['done']*20
    assert {o.cause for o in report.of('failed')} == {'executor'} and 'out of memory' in report[20].reason


# ---------------------------------------------------------------------------------------------- other file systems

@pytest.fixture
def fsspec(need):
    need(importlib.util.find_spec('fsspec'), 'fsspec', 'pip install fsdl_handwriting_data[cloud]')
    import fsspec
    yield fsspec
    fs = fsspec.filesystem('memory')
    fs.store.clear()


def test_pages_from_other_file_systems_only_if_allowed(fsspec, tmp_path):
    files = images(4, 12, large=4)
    for k, v in files.items():
        (tmp_path/k).write_bytes(v)
        fsspec.filesystem('memory').pipe(f'/box/{k}', v)
    for scheme, base in dict(memory='memory://box', file=tmp_path.as_uri().replace('%20', ' ')).items():
        rows = [Wanted(k, (f'{base}/{k}',), sha(v) if i % 2 else '') for i, (k, v) in enumerate(files.items())]
        report = download(rows, tmp_path/f'refused {scheme}', progress=False)
        assert {(o.status, o.cause) for o in report} == {('failed', 'address')} and scheme in report[0].reason and len(report) == 4
        assert look(tmp_path/f'refused {scheme}', files)[0] == set()
        limits = Limits(schemes=('http', 'https', scheme), pause=.01)
        assert download(rows, tmp_path/scheme, limits=limits, progress=False).counts == {'done': 4}
        check_whole(tmp_path/scheme, files)
        missing = download([Wanted('x.png', (f'{base}/nothing.png',))], tmp_path/f'missing {scheme}', limits=limits, progress=False)[0]
        assert missing.status == 'failed' and missing.attempts <= 1 and missing.reason, missing
        small = download(rows, tmp_path/f'small {scheme}', limits=Limits(schemes=(scheme,), max_bytes=1_000_000), progress=False)
        assert [(o.status, o.cause) for o in small] == [('done', '')]*3 + [('failed', 'too-large')]


@pytest.mark.parametrize('kind', ['memory', 'file'])
def test_pages_into_other_file_systems(fsspec, many, tmp_path, kind):
    names = [f'page {i:03}.png' for i in range(12)] + ['large 1.png']
    files = {k: many.files[k] for k in names}
    rows = many.rows(ids=names) + [[k, [f'{many.url}/{k}']]
                                   for k in ('html.png', 'half.png', 'lost.png', 'noend.png')] + [['wrong.png', [f'{many.url}/page 001.png'], 'ab'*32]]
    folder = 'memory://bucket/pages' if kind == 'memory' else (tmp_path/'pages').as_uri()
    fs, root = fsspec.url_to_fs(folder)
    objects = lambda: {o.removeprefix(root).lstrip('/') for o in fs.find(root)}
    many.forget()
    report = download(wanted(rows), folder, limits=Limits(tries=2, pause=.01), progress=False)
    assert report.counts == {'done': 13, 'failed': 5} and [o.cause for o in report[-5:]] == ['not-image', 'truncated', 'http-404', 'not-image', 'hash'], report.failures()
    assert objects() == {*files, TABLE}
    for k, v in files.items(): assert fs.cat_file(f'{root}/{k}') == v
    saved = list(csv.DictReader(fs.cat_file(f'{root}/{TABLE}').decode().splitlines()))
    assert [(o['id'], o['status'], o['cause']) for o in saved] == [(o.id, o.status, o.cause) for o in report]
    many.forget()
    report = download(wanted(rows), folder, limits=Limits(tries=2, pause=.01), progress=False)
    assert report.counts == {'skipped': 13, 'failed': 5} and not set(files) - {'page 001.png'} & {k for k, _ in many.seen} and objects() == {*files, TABLE}
    fs.rm_file(f'{root}/page 003.png')  # one is lost, one is damaged
    fs.pipe_file(f'{root}/page 005.png', files['page 005.png'][:-1])
    report = download(wanted(rows[:13]), folder, progress=False)
    assert {o.id for o in report.of('done')} == {'page 003.png', 'page 005.png'} and not report.failures()
    for k, v in files.items(): assert fs.cat_file(f'{root}/{k}') == v
    assert objects() == {*files, TABLE}


# ---------------------------------------------------------------------------------------------- the bar

def on_a_terminal(job, columns=100):
    "What a process writes to a terminal (a pseudo-terminal) on stdout and stderr."
    import fcntl, pty, struct, termios
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack('HHHH', 30, columns, 0, 0))
    with running(job, stdout=theirs, stderr=theirs, stdin=theirs, env=os.environ | {'TERM': 'xterm'}) as p:
        os.close(theirs)
        res = b''
        with suppress(OSError):  # Linux: the other side is closed
            while data := os.read(ours, 65536): res += data
        assert p.wait(20) == 0
    os.close(ours)
    return res.decode()


@pytest.mark.long
@POSIX
def test_on_a_terminal_there_is_one_bar_in_one_line_with_files_and_speed(tmp_path):
    files = images(40, 13, large=10, size=1_500_000)
    with Server(files, pause=.02) as s:
        text = on_a_terminal(dict(rows=s.rows(), folder=str(tmp_path/'d'), how=dict(progress=True, workers=4)))
    text = text.replace('\r\n', '\n')
    lines = text.rstrip('\n').split('\n')
    assert len(lines) == 1 and '\x1b[A' not in text and 'Traceback' not in text, text[-2000:]
    states = [o for o in re.split(r'\r|\x1b\[K', lines[0]) if o.strip()]
    counts = [int(m[1]) for o in states if (m := re.search(r'(\d+)/40\b', o))]
    assert len(counts) >= 4 and counts == sorted(counts) and counts[-1] == 40 and len(set(counts)) >= 3, states
    assert re.search(r'\d MB/s', states[-1]) and any(re.search(r'[1-9]\d*(\.\d+)? ?MB/s|0\.[1-9] ?MB/s', o) for o in states), states[-3:]
    assert max(map(len, states)) <= 100, 'a line that is wider than the terminal is broken into two'
    check_whole(tmp_path/'d', files)


@pytest.mark.long
@POSIX
def test_in_a_log_there_is_no_bar(tmp_path):
    files = images(40, 13, large=10, size=1_500_000)
    with Server(files, pause=.02) as s, running(dict(rows=s.rows(), folder=str(tmp_path/'d'), how=dict(progress=True, workers=4)),
                                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as p:
        text = p.communicate(timeout=60)[0]
    assert p.returncode == 0 and not re.search(r'[\x00-\x08\x0b-\x1f]', text) and text.count('\n') <= 4, repr(text[:2000])
    check_whole(tmp_path/'d', files)


@pytest.mark.parametrize('blocked', [pytest.param(False, marks=pytest.mark.long, id='ipywidgets'),
                                     pytest.param(True, marks=pytest.mark.long, id='no ipywidgets')])
def test_in_a_notebook_there_is_one_bar_with_and_without_ipywidgets(need, tmp_path, blocked):
    for o in 'nbclient', 'ipykernel': need(importlib.util.find_spec(o), o, f'pip install {o}')
    if not blocked: need(importlib.util.find_spec('ipywidgets'), 'ipywidgets', 'pip install ipywidgets')
    files = images(30, 14, large=10, size=1_500_000)
    with Server(files, pause=.02) as s:
        cells = ["import sys; sys.modules['ipywidgets'] = None" if blocked else 'import ipywidgets',
                 'from fsdl_handwriting_data.fetching.table import Wanted; from fsdl_handwriting_data.fetching.download import download',
                 f'report = download({dict((o[0], tuple(o[1])) for o in s.rows())!r}, {str(tmp_path/"d")!r}, workers=4)', 'print(dict(report.counts))']
        cells = [dict(cell_type='code', id=f'c{i}', metadata={}, execution_count=None, outputs=[], source=o) for i, o in enumerate(cells)]
        (tmp_path/'x.ipynb').write_text(json.dumps(dict(cells=cells,
                                                        metadata=dict(kernelspec=dict(name='python3', display_name='')), nbformat=4, nbformat_minor=5)))
        res = subprocess.run([sys.executable, '-m', 'jupyter', 'execute', '--inplace', 'x.ipynb'], cwd=tmp_path,
                             capture_output=True, text=True, timeout=90)
    assert res.returncode == 0, res.stderr[-2000:]
    outputs = [o['outputs'] for o in json.loads((tmp_path/'x.ipynb').read_text())['cells']]
    text = lambda o: ''.join(o.get('text', ''))
    assert [(o['output_type'], text(o)) for o in outputs[3]] == [('stream', "{'done': 30}\n")]
    widgets = [o for o in outputs[2] if 'application/vnd.jupyter.widget-view+json' in o.get('data', {})]
    streams = ''.join(map(text, outputs[2]))
    shown = [o.split('\r')[-1] for o in streams.rstrip('\n').split('\n') if o.strip()]  # what is left on the screen of each line
    assert 'Traceback' not in streams and not any(o['output_type'] == 'error' for cell in outputs for o in cell)
    bars = [o for o in shown if '30/30' in o] + [o for o in outputs[2]
                                                 if '30/30' in str(o.get('data', {}).get('text/html', '')
                                                                   or o.get('data', {}).get('text/plain', ''))]
    if blocked: assert not widgets and len(bars) == 1 and len(shown) <= 3 and len(outputs[2]) <= 40, (shown, outputs[2][:5])
    else: assert len(widgets) + len(bars) == 1 and len(shown) <= 2, (shown, outputs[2][:5])
    said = ''.join(map(text, outputs[1]))
    assert not said or blocked and 'TqdmWarning: IProgress not found' in said and said.count('\n') <= 2, f'importing says something: {said}'
    check_whole(tmp_path/'d', files)


# ---------------------------------------------------------------------------------------------- the command

@pytest.fixture(scope='module')
def drawn(tmp_path_factory): return make_sample(tmp_path_factory.mktemp('drawn')/'letters', n_pages=4, seed=3, progress=False)


@pytest.fixture
def far(drawn, tmp_path):
    "A dataset with only its description and its export, and the server that has its pages; and the pages. No address leads off this machine."
    pages = {p.name: p.read_bytes() for p in sorted((drawn/'pages').iterdir())}
    with Server({f'pages/{k}': v for k, v in pages.items()}) as s:
        folder = tmp_path/'letters'
        folder.mkdir()
        export = (drawn/'letters.jsonl').read_text(encoding='utf-8').replace('https://sample.invalid/sample_handwriting', s.url)
        assert export.count(f'{s.url}/pages/') == 4 and 'sample.invalid' not in export
        (folder/'letters.jsonl').write_bytes(export.encode())
        (folder/'metadata.toml').write_text(f"url = '{s.url}/letters.jsonl'\nfilename = 'letters.jsonl'\nsha256 = '{sha(export.encode())}'\n")
        yield folder, s, pages


def test_the_command_with_all_there(far):
    folder, s, pages = far
    res = run('fsdl_download', folder, '--quiet')
    assert res.returncode == 0 and res.stderr == '' and '4 done' in res.stdout and look(folder/'pages', pages)[0] == set(pages)
    s.forget()
    res = run('fsdl_download', folder)
    assert res.returncode == 0 and '4 skipped' in res.stdout and not s.seen and 'Traceback' not in res.stderr
    res = run('fsdl_download', folder, '--verify', 'hash', '--offline', '--json')
    said = json.loads(res.stdout)
    assert res.returncode == 0 and isinstance(said, dict) and not s.seen and '"skipped"' in res.stdout


@pytest.mark.long
def test_the_command_when_pages_fail(far):
    folder, s, pages = far
    lost = s.files.pop('pages/page_002.jpg')
    res = run('fsdl_download', folder, '--quiet')
    assert res.returncode == 1 and 'page_002.jpg' in res.stderr and '404' in res.stderr and 'Traceback' not in res.stderr and '3 done' in res.stdout
    assert look(folder/'pages', pages)[0] == set(pages) - {'page_002.jpg'}
    res = run('fsdl_download', folder, '--quiet', '--json', '--allow-failures', 1)
    said = json.loads(res.stdout)
    assert res.returncode == 0 and isinstance(said, dict) and 'page_002.jpg' in res.stdout and 'http-404' in res.stdout
    s.forget()
    assert run('fsdl_download', folder, '--quiet', '--offline').returncode == 1 and not s.seen
    s.files['pages/page_002.jpg'] = lost
    assert run('fsdl_download', folder, '--quiet').returncode == 0 and [k for k, _ in s.seen] == ['pages/page_002.jpg']
    assert look(folder/'pages', pages) == (set(pages), set())


def image_problem_of(data, tmp_path):
    (tmp_path/'x').write_bytes(data)
    return image_problem(tmp_path/'x'), bool(image_problem(tmp_path/'x', decode=True))


@pytest.mark.long
def test_the_command_decodes_if_it_is_to(far, tmp_path):
    folder, s, pages = far
    with Image.open(io.BytesIO(pages['page_003.jpg'])) as im: data = bytearray(png(random.Random(0), *im.size))
    data[len(data)//2] ^= 255  # in the middle: the check sum of the chunk is wrong
    s.files['pages/page_003.jpg'] = bytes(data)
    assert image_problem_of(data, tmp_path) == (None, True), 'only decoding can find it'
    res = run('fsdl_download', folder, '--quiet', '--decode')
    assert res.returncode == 1 and 'page_003.jpg' in res.stderr and not (folder/'pages'/'page_003.jpg').exists()


MANY_WORDS = """
import contextlib, io, json, sys
from fsdl_handwriting_data.commands.data import fsdl_download
for args in json.loads(sys.argv.pop()):
    out, err = io.StringIO(), io.StringIO()
    sys.argv[1:] = args
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try: fsdl_download()
        except SystemExit as e: code = e.code
        else: code = 0
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


def test_wrong_words_of_the_command(far, tmp_path):
    folder, s, _ = far
    res = run('fsdl_download', 'no such dataset')
    assert res.returncode == 2 and 'no such dataset' in res.stderr and 'Traceback' not in res.stderr and not res.stdout
    words = [[], ['no such dataset'],
             *([str(folder), *o]
               for o in (['--workers', '0'], ['--workers', 'x'], ['--per-host', '-1'], ['--verify', 'maybe'], ['--deadline', '-1'],
                                                                     ['--allow-failures', '-1'], ['--nonsense']))]
    (tmp_path/'words.py').write_text(MANY_WORDS)
    res = subprocess.run([sys.executable, 'words.py', json.dumps(words)], capture_output=True, text=True, cwd=tmp_path, timeout=60)
    said = [json.loads(o) for o in res.stdout.splitlines()]
    assert len(said) == len(words), res.stderr
    for args, (code, out, err) in zip(words, said):
        assert code == 2 and err.strip() and 'Traceback' not in err and not out, (args, code, out, err)
    assert not s.seen and not (folder/'pages').exists()


def test_the_help_of_the_command():
    res = run('fsdl_download', '--help', env=os.environ | {'COLUMNS': '100'})
    assert res.returncode == 0 and not res.stderr and max(map(len, res.stdout.splitlines())) <= 100
    for o in 'workers', 'per-host', 'verify', 'decode', 'offline', 'deadline', 'allow-failures', 'json', 'quiet', 'home':
        assert (m := re.search(rf'^  --{o}\b.*(?:\n {{8,}}.*)?', res.stdout, re.M)) and len(re.sub(r'--\S+( [A-Z{{][\S]*)?', '', m[0]).split()) >= 2, f'--{o} is not explained'
    assert 'exit' in res.stdout and 'None' not in res.stdout


@pytest.mark.long
def test_the_command_ends_by_its_deadline(far):
    folder, s, pages = far
    s.odd['pages/page_004.jpg'] = silent
    begin = time.monotonic()
    res = run('fsdl_download', folder, '--quiet', '--deadline', 1)
    assert res.returncode == 1 and time.monotonic() - begin < 6 and 'page_004.jpg' in res.stderr and '3 done' in res.stdout
    assert look(folder/'pages', pages)[0] == set(pages) - {'page_004.jpg'}


@POSIX
def test_ctrl_c_at_the_command(far):
    folder, s, pages = far
    s.odd['pages/page_004.jpg'] = silent
    p = subprocess.Popen(command('fsdl_download', folder, '--quiet'), stderr=subprocess.PIPE, text=True)
    wait_for(lambda: len(look(folder/'pages', pages)[0]) == 3, 'the three others', every=.01, more=lambda: s.seen)
    interrupt(p)
    assert p.returncode == 130 and 'Traceback' not in p.stderr.read()
    assert look(folder/'pages', pages) == (set(pages) - {'page_004.jpg'}, set())


# ---------------------------------------------------------------------------------------------- the whole run's deadline

@pytest.mark.long
@pytest.mark.parametrize('how', ['own threads', 'executor'])
def test_the_deadline_of_the_run_ends_it_and_names_the_rest(tmp_path, how):
    files = images(12, 15, large=0)
    rows_after = [f'late {i:02}.png' for i in range(30)]
    more = {k: files['page 000.png'] for k in rows_after}
    with Server(files | more, odd={'stuck.png': silent, 'slow.png': silent}) as s, ThreadPoolExecutor(2) as pool:
        rows = s.rows(hashed=False, ids=files) + [[k, [f'{s.url}/{k}']] for k in ('stuck.png', 'slow.png')] + s.rows(hashed=False, ids=rows_after)
        kw = dict(workers=2) if how == 'own threads' else dict(executor=pool, batch=1)
        begin = time.monotonic()
        report = download(wanted(rows), tmp_path/'d', deadline=1.5, progress=False, **kw)
        took = time.monotonic() - begin
        assert 1.4 < took < 4, f'{took:.1f} s'
        assert [o.id for o in report] == [o[0] for o in rows]
        assert {o.cause for o in report.of('failed')} == {'deadline'} and len(report.of('failed')) >= 2 and len(report.of('done')) >= 8
        assert {'stuck.png', 'slow.png'} <= {o.id for o in report.of('failed')} and 'late 29.png' in {o.id for o in report.of('failed')}
        assert all(o.attempts == 0 for o in report if o.id == 'late 29.png') and len(table(tmp_path/'d')) == len(rows)
        whole, temporary = look(tmp_path/'d', files | more)
        assert whole == {o.id for o in report.of('done')} and not temporary
        s.forget()
        rows = [o for o in rows if o[0] not in ('stuck.png', 'slow.png')]
        assert not download(wanted(rows), tmp_path/'d', progress=False).failures() and not whole & {k for k, _ in s.seen}


# ---------------------------------------------------------------------------------------------- a million rows

class Endless:
    "`n` rows that are made when they are asked for, and how many were."
    def __init__(self, n): self.n, self.made = n, 0

    def __iter__(self):
        for i in range(self.n):
            self.made += 1
            yield Wanted(f'page_{i:07}.jpg', (f'https://pages.example.org/some/longer/path/of/the/pages/page_{i:07}.jpg',))


def stream(monkeypatch, tmp_path, n, once, wrapped):
    "Run `n` rows past a stubbed fetch: the most rows that were taken ahead of those that are through, and the peak of memory in bytes."
    rows, lock, ahead, fetched = Endless(n), threading.Lock(), [0], [0]
    def fetch(path, *args, **kw):
        with lock:
            fetched[0] += 1
            ahead[0] = max(ahead[0], rows.made % (n + 1) - fetched[0])
        return Fetched(Path(path).name, 'done', bytes=1, sha256=sha(os.fsencode(path)), mark='1',
                       url='https://pages.example.org/some/longer/path', attempts=1, file=str(path))
    monkeypatch.setattr('fsdl_handwriting_data.fetching.workers.fetch_file', fetch)
    with ThreadPoolExecutor(2) as inner:
        kw = dict(executor=Wrapped(inner)) if wrapped else dict(workers=4)
        tracemalloc.start()
        try:
            report = download(iter(rows) if once else rows, tmp_path/'d', progress=False, **kw)
            peak = tracemalloc.get_traced_memory()[1]
        finally: tracemalloc.stop()
    assert len(report) == n and report.counts == {'done': n} and fetched[0] == n
    for i in 0, n//2, n - 1: assert report[i].id == f'page_{i:07}.jpg' and report[i].sha256 == sha(os.fsencode(tmp_path/'d'/report[i].id))
    with (tmp_path/'d'/TABLE).open() as f: assert sum(1 for _ in f) == n + 1
    if wrapped: assert kw['executor'].most <= 300 and n/50 <= kw['executor'].submits <= n/50 + 2
    return ahead[0], peak


@pytest.mark.parametrize('n, once, wrapped',
                         [(5000, True, False),
                          *(pytest.param(*o, marks=pytest.mark.long) for o in ((200_000, True, False), (50_000, True, True)))])
@pytest.mark.long
def test_rows_stream_through_a_window(monkeypatch, tmp_path, n, once, wrapped, note):
    ahead, peak = stream(monkeypatch, tmp_path, n, once, wrapped)
    assert 0 < ahead <= (15_000 if wrapped else 200)
    assert peak < 25e6 + n*200 + wrapped*10e6, f'{peak/1e6:.0f} MB'
    note(f'{n} rows from a generator{" by an executor" if wrapped else ""}: at most {ahead} ahead, {peak/1e6:.0f} MB at most')


def test_rows_that_are_asked_for_twice_to_see_clashes_stream_too(monkeypatch, tmp_path):
    rows, n = Endless(5000), 5000
    ahead, fetched = 0, 0
    def fetch(path, *args, **kw):
        nonlocal ahead, fetched
        fetched += 1
        ahead = max(ahead, rows.made - n - fetched)
        return Fetched(Path(path).name, 'done', bytes=1, sha256='ab'*32, mark='1', attempts=1, file=str(path))
    monkeypatch.setattr('fsdl_handwriting_data.fetching.workers.fetch_file', fetch)
    assert download(rows, tmp_path/'d', workers=1, progress=False).counts == {'done': n} and rows.made == 2*n and 0 < ahead <= 100
