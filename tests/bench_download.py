"""How fast, how lean and how safe `download` is beside others, measured on this machine: `make bench-download`. Figures, not verdicts.

`python tests/bench_download.py [B1 B2 …] [--pairs 5] [--images 2000] [--out FILE]` prints a table for each benchmark; FILE gets each turn as JSON, and
nbs/figures/download.json (or another file: `--figures FILE`) what the notebook shows: medians and ratios (figures.py).
Contenders take turns, each time in a process of its own (bench_peers.py), so that what slows the machine down for a while slows all of them down; what
counts is the ratio within one turn. Servers are on 127.0.0.1, files in memory where that can be, and all of it is gone at the end."""
import argparse, asyncio, hashlib, importlib.metadata, importlib.util, io, itertools, json, os, platform, re, shutil, signal, socket, statistics, subprocess
import sys, tempfile, threading, time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import figures

PEERS = Path(__file__).with_name('bench_peers.py')
LIMIT = 600  # seconds for one run of a contender, at most
PAUSE = .05  # seconds that the slow server takes for a connection, and for the first byte of an answer
NEEDS = dict(pooch='pooch', img2dataset='img2dataset', aria2='aria2c', curl='curl', sha256sum='sha256sum')  # a module or a command
COMMANDS = 'aria2', 'curl', 'sha256sum'


class Entry(NamedTuple):
    "A contender: its name in the tables, which function of bench_peers.py it is, what it does and checks, and with which options."
    label: str
    name: str
    says: str
    options: dict = {}


class Claim(NamedTuple):
    "What is compared: ours with another, by 'seconds', 'whole' or 'peak'; more than 1 is better for ours. What is hoped for, and what would be fine."
    ours: str
    other: str
    target: float | None = None
    stretch: float | None = None
    by: str = 'seconds'


CHECKED = 'sha256 and size checked, sound and whole at every moment: written aside, then renamed; report and ledger'
LIGHT = 'no hash is known: kind, size in the header, end mark and length checked; written aside, then renamed; report and ledger'
RAW = 'sha256 checked; written aside, then renamed; no other care at all'
COURSE = 'checks nothing; a broken download stays under the final name'


# ---------------------------------------------------------------------------------------------- images and servers

def draw_page(rng, size=(900, 1200)):
    "The JPEG of a page with lines of something like handwriting on noisy paper, about 330 KB."
    import numpy as np
    from PIL import Image, ImageDraw
    im = Image.new('L', size, 238)
    for y in range(70, size[1] - 50, 44):
        x = np.arange(60, rng.integers(size[0] - 250, size[0] - 60), 4)
        letters = np.repeat(rng.choice([.4, .7, 1.8], len(x)//12 + 1), 12)[:len(x)]*9*np.sin(x/5 + np.cumsum(rng.normal(0, .4, len(x)))/2)
        ImageDraw.Draw(im).line(list(zip(x.tolist(), (y + letters + np.cumsum(rng.normal(0, .3, len(x)))).tolist())), fill=45, width=3)
    paper = rng.normal(0, 6.5, (size[1], size[0], 1)) + np.array([6, 0, -12])
    f = io.BytesIO()
    Image.fromarray((np.asarray(im)[..., None] + paper).clip(0, 255).astype(np.uint8)).save(f, 'JPEG', quality=85)
    return f.getvalue()


def draw_pages(folder, n, seed=0):
    "`n` different pages in `folder`: (name, sha256, size) of each. There are 24 drawings; a comment in the file makes each page another one."
    import numpy as np
    rng = np.random.default_rng(seed)
    drawings, rows = [draw_page(rng) for _ in range(min(n, 24))], []
    for i in range(n):
        page = drawings[i % len(drawings)]
        page = page[:20] + b'\xff\xfe\x00\x22' + rng.bytes(32) + page[20:]  # after its JFIF header
        (folder/f'page_{i:04}.jpg').write_bytes(page)
        rows.append((f'page_{i:04}.jpg', hashlib.sha256(page).hexdigest(), len(page)))
    return rows


def free_port():
    with socket.create_server(('127.0.0.1', 0)) as s: return s.getsockname()[1]


def signal_group(process, kind):
    "Send a signal to `process`, which we started, and to those it started."
    with suppress(ProcessLookupError): os.killpg(process.pid, kind)


def stop(process):
    "End `process` and those it started."
    for kind in signal.SIGTERM, signal.SIGKILL:
        if process.poll() is None: signal_group(process, kind)
        with suppress(subprocess.TimeoutExpired): return process.wait(5)


NGINX = """daemon off; master_process off; worker_processes 1; pid {home}/pid; error_log {home}/error.log;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; types {{ image/jpeg jpg; }}
  client_body_temp_path {home}/a; proxy_temp_path {home}/b; fastcgi_temp_path {home}/c; uwsgi_temp_path {home}/d; scgi_temp_path {home}/e;
  server {{ listen 127.0.0.1:{port} backlog=1024; root {folder}; }}
}}
"""


@contextmanager
def nginx(folder, home):
    "nginx that serves `folder`; gives its address."
    home.mkdir()
    port = free_port()
    (home/'nginx.conf').write_text(NGINX.format(home=home, folder=folder, port=port))
    process = subprocess.Popen(['nginx', '-p', home, '-e', home/'error.log', '-c', home/'nginx.conf'], start_new_session=True)
    try:
        for _ in range(100):
            try: socket.create_connection(('127.0.0.1', port), 1).close()
            except OSError: time.sleep(.05)
            else: break
        else: raise SystemExit(f'nginx does not start: {(home/"error.log").read_text()}')
        yield f'http://127.0.0.1:{port}'
    finally: stop(process)


@contextmanager
def paused(folder, pause):
    "A server in a process of its own that takes `pause` seconds for a connection and for each answer; gives its address."
    process = subprocess.Popen([sys.executable, __file__, 'serve', folder, str(pause)], stdin=subprocess.PIPE,
                               stdout=subprocess.PIPE, start_new_session=True)
    try: yield f'http://127.0.0.1:{int(process.stdout.readline())}'
    finally: stop(process)


async def serve(folder, pause):
    "Serve `folder` until the standard input ends; the first line it prints is the port."
    loop, tasks, ended = asyncio.get_running_loop(), set(), asyncio.Event()
    head = 'HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: {}\r\n\r\n'
    answers = {f'/{p.name}'.encode(): (head.format(p.stat().st_size).encode(), p) for p in Path(folder).glob('*.jpg')}
    missing = b'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n', os.devnull
    async def connection(sock):
        with sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.sleep(pause)
            data = b''
            try:
                while True:
                    while b'\r\n\r\n' not in data:
                        more = await loop.sock_recv(sock, 65536)
                        if not more: return
                        data += more
                    request, _, data = data.partition(b'\r\n\r\n')
                    await asyncio.sleep(pause)
                    first, body = answers.get(request.split(b' ')[1], missing)
                    sock.send(first, socket.MSG_MORE)
                    with open(body, 'rb') as f: await loop.sock_sendfile(sock, f)
                    if b'\r\nconnection: close' in request.lower(): return
            except OSError: pass
    with socket.create_server(('127.0.0.1', 0), backlog=1024) as listener:
        listener.setblocking(False)
        loop.add_reader(sys.stdin, ended.set)
        print(listener.getsockname()[1], flush=True)
        async def accept():
            while True:
                sock, _ = await loop.sock_accept(listener)
                tasks.add(task := asyncio.create_task(connection(sock)))
                task.add_done_callback(tasks.discard)
        accepting = asyncio.create_task(accept())
        await ended.wait()
        accepting.cancel()


# ---------------------------------------------------------------------------------------------- one run of a contender

RUNNING = set()  # processes of contenders


def tree(pid):
    "`pid` and the processes below it (Linux)."
    yield pid
    for f in Path(f'/proc/{pid}/task').glob('*/children'):
        try: below = f.read_text().split()
        except OSError: continue
        for o in below: yield from tree(int(o))


def memory(pid):
    "The most memory (MB) that process `pid` had so far; 0 where that is not known."
    try: return int(re.search(r'VmHWM:\s*(\d+)', Path(f'/proc/{pid}/status').read_text())[1])/1024
    except (OSError, TypeError): return 0


def environment():
    "The environment for contenders: no proxies, nothing that looks something up, no files left beside sources."
    env = {k: v for k, v in os.environ.items() if not k.lower().endswith('_proxy')}
    return env | dict(NO_ALBUMENTATIONS_UPDATE='1', WANDB_MODE='disabled', PYTHONDONTWRITEBYTECODE='1', MPLBACKEND='agg')


def run(entry, rows, folder, limit=LIMIT, **options):
    "Let the contender `entry` fetch `rows` into `folder`: its figures. `whole`: seconds from start to end of the process; `code` None: it had to be stopped."
    job, log = folder.with_suffix('.json'), folder.with_suffix('.log')
    job.write_text(json.dumps(dict(rows=rows, folder=str(folder)) | entry.options | options))
    out, done = folder.with_suffix('.out'), threading.Event()
    with out.open('wb') as stdout, log.open('wb') as stderr:
        start = time.perf_counter()
        process = subprocess.Popen([sys.executable, PEERS, entry.name, job], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                                   env=environment(), start_new_session=True)
        peak, ended = 0, []
        def watch():
            nonlocal peak
            while not done.wait(.1):
                pids = list(tree(process.pid))
                peak = max(peak, sum(memory(o) for o in pids[entry.name in COMMANDS:]))
                if time.perf_counter() - start > limit + 3*len(ended) and len(ended) < 2:  # first kindly: others then clear up after it
                    ended.append(signal.SIGKILL if ended else signal.SIGTERM)
                    signal_group(process, ended[-1])
        watcher = threading.Thread(target=watch, daemon=True)
        watcher.start()
        RUNNING.add(process)
        _, status, used = os.wait4(process.pid, 0)
        whole, process.returncode = time.perf_counter() - start, os.waitstatus_to_exitcode(status)
        RUNNING.discard(process)
        done.set()
        watcher.join()
    if ended:
        time.sleep(.5)
        signal_group(process, signal.SIGKILL)
    try: res = json.loads(out.read_text(errors='replace').strip().splitlines()[-1])
    except (IndexError, ValueError): res = dict(seconds=None, cpu=None, peak=0)
    if entry.name not in COMMANDS: peak = max(peak, res['peak'])
    return res | dict(whole=whole, whole_cpu=used.ru_utime + used.ru_stime, peak=peak, code=None if ended else process.returncode)


def right(rows, folder):
    "How many of `rows` are in `folder` with the right bytes, under whatever name ends as an image's does."
    files = [p for p in folder.rglob('*.jpg') if not p.name.startswith('.')]
    with ThreadPoolExecutor() as pool: found = set(pool.map(lambda p: hashlib.sha256(p.read_bytes()).hexdigest(), files))
    return sum(sha256 in found for _, _, sha256, _ in rows)


# ---------------------------------------------------------------------------------------------- all runs of a benchmark

def spread(values, form='{:.2f}'):
    "The median of `values`, and from where to where they reach."
    if not values: return '–'
    low, mid, high = (form.format(o) for o in (min(values), statistics.median(values), max(values)))
    return f'{mid} ({low} to {high})' if len(values) > 1 else mid


class Bench:
    "The images, the servers, and what was measured so far."

    def __init__(self, home, images, pairs, out, figures_file):
        self.home, self.images, self.pairs, self.out, self.stack, self.res = home, images, pairs, out, ExitStack(), {}
        self.figures_file, self.versions = figures_file, machine()['versions']
        self.missing, self.warm = set(), set()
        (home/'pages').mkdir()
        self.pages = draw_pages(home/'pages', images)

    def rows(self, url, n=None): return [(id_, f'{url}/{id_}', sha256, size) for id_, sha256, size in self.pages[:n]]

    def fast(self):
        "The address of nginx."
        if not hasattr(self, 'fast_url'):
            if shutil.which('nginx'): server = nginx(self.home/'pages', self.home/'nginx')
            else:
                print('nginx is not here: the pages are served by this script, so the figures are no limits.\n')
                server = paused(self.home/'pages', 0)
            self.fast_url = self.stack.enter_context(server)
        return self.fast_url

    def slow(self):
        "The address of the server that takes its time."
        if not hasattr(self, 'slow_url'): self.slow_url = self.stack.enter_context(paused(self.home/'pages', PAUSE))
        return self.slow_url

    def there(self, entry):
        "Can `entry` be run here?"
        need = NEEDS.get(entry.name)
        return not need or bool(shutil.which(need) or importlib.util.find_spec(need))

    def able(self, entries):
        "Those of `entries` that can be run here; the others are named."
        for e in entries:
            if not self.there(e): print(f'Not measured: {e.label}. {NEEDS[e.name]} is not here.\n')
        return [e for e in entries if self.there(e)]

    def turn(self, entry, rows, keep=None):
        "One run of `entry`: its figures."
        folder = keep or self.home/'got'
        if not keep: folder.mkdir()
        try:
            res = run(entry, rows, folder)
            res['right'] = len(rows) if keep and res['code'] == 0 else right(rows, folder)
            if res['code'] != 0 or res['right'] < len(rows):
                log = folder.with_suffix('.log').read_text(errors='replace').strip().splitlines()
                print(f'{entry.label}: {res["right"]} of {len(rows)} files, exit code {res["code"]}. {log[-1] if log else ""}\n', file=sys.stderr)
            return res
        finally:
            if not keep: shutil.rmtree(folder)

    def contest(self, key, title, entries, rows, claims=(), keep=None, by='seconds', unit='pages', ideal={}):
        "Let `entries` take turns at `rows`, and print what came of it."
        print(f'\n## {key}: {title}\n', flush=True)
        entries = self.able(entries)
        for e in entries:  # once before it counts
            if e.label not in self.warm: self.turn(e, rows[:20], keep)
            self.warm.add(e.label)
        turns = {e.label: [] for e in entries}
        for _ in range(self.pairs):
            for e in entries: turns[e.label].append(self.turn(e, rows, keep))
        cpu_by = 'cpu' if by == 'seconds' else 'whole_cpu'
        print(f'| contender | {unit}/s | CPU ms each | peak MB | right | what it does |\n|---|---|---|---|---|---|')
        for e in entries:
            ok = [o for o in turns[e.label] if o['code'] == 0]
            cells = [e.label, spread([len(rows)/o[by] for o in ok], '{:.0f}'), spread([o[cpu_by]*1000/len(rows) for o in ok]),
                     spread([o['peak'] for o in ok], '{:.0f}').split(' ')[0],
                     f"{min(o['right'] for o in turns[e.label])} of {len(rows)}", e.says]
            print(f"| {' | '.join(cells)} |")
        print()
        told = [self.claim(c._replace(by=by), turns) for c in claims if {c.ours, c.other} <= set(turns)]
        self.store(key, title, turns, told, len(rows))
        contenders = {}
        for label, runs in turns.items():
            ok = [o for o in runs if o['code'] == 0]
            contenders[label] = {f'{unit}/s': figures.figure(len(rows)/o[by] for o in ok),
                                 'ms of CPU each': figures.figure(o[cpu_by]*1000/len(rows) for o in ok),
                                 'MB at most': figures.figure(o['peak'] for o in ok), 'right': figures.figure(o['right'] for o in runs)}
            if label in ideal: contenders[label]['times the latency alone'] = figures.figure(o['seconds']/ideal[label] for o in ok)
        self.keep(key, title, len(rows), contenders, told)
        return turns

    def claim(self, c, turns):
        "Print what the turns say about the claim `c`."
        pairs = [(a, b) for a, b in zip(turns[c.ours], turns[c.other]) if a['code'] == b['code'] == 0]
        ratios = [b[c.by]/a[c.by] for a, b in pairs]
        mid = statistics.median(ratios) if ratios else 0
        goal = f'; target {c.target:g}' + (f', stretch {c.stretch:g}' if c.stretch else '') if c.target else ''
        verdict = 'not measured' if not ratios else 'stretch met' if c.stretch and mid >= c.stretch else 'met' if mid >= (c.target or 0) else 'missed'
        goal += f': {verdict}' if c.target or not ratios else ''
        if c.by == 'peak': print(f'- {c.other} takes {spread(ratios)} times the memory of **{c.ours}**, {len(ratios)} turns{goal}')
        else: print(f'- **{c.ours}** is {spread(ratios)} times as fast as {c.other}, {len(ratios)} turns{goal}')
        return dict(c._asdict(), ratios=ratios, median=mid, verdict=verdict)

    def keep(self, key, title, n, contenders, claims=()):
        "Write the medians and ratios that the notebook shows."
        ratios = [figures.ratio(o['ours'], o['other'], o['ratios'], o['by'], target=o['target'], stretch=o['stretch'],
                                verdict=o['verdict']) for o in claims]
        figures.keep(self.figures_file, key, title, n, self.pairs, contenders, ratios, self.versions)

    def store(self, key, title, turns, claims, n, **more):
        "Keep the figures, and write all of them."
        self.res[key] = dict(title=title, n=n, turns=turns, claims=claims, **more)
        if self.out: self.out.write_text(json.dumps(dict(machine=machine(), pairs=self.pairs, benchmarks=self.res), indent=1))
        print(flush=True)

    # ------------------------------------------------------------------------------------------ the benchmarks

    def b1(self):
        "against the course's code, without latency"
        entries = [Entry('ours, 8 workers', 'ours', CHECKED, dict(workers=8)),
                   Entry('course, 8 workers', 'course', COURSE, dict(workers=8)),
                   Entry('ours without hashes, 8 workers', 'ours', LIGHT, dict(workers=8, hashes=False))]
        self.contest('B1', "8 workers, nginx, against the course's code", entries, self.rows(self.fast()),
                     [Claim('ours, 8 workers', 'course, 8 workers', 1, 1.25),
                      Claim('ours without hashes, 8 workers', 'course, 8 workers', 1, 1.25)])

    def b2(self):
        "against the course's code, with latency"
        cores = os.cpu_count() or 1
        course, default = f'course, its default of {min(32, cores + 4)} workers', 'ours, default of 32 workers'
        entries = [Entry(default, 'ours', CHECKED), Entry('ours, 64 workers', 'ours', CHECKED, dict(workers=64)),
                   Entry(course, 'course', COURSE),
                   Entry('course, 32 workers', 'course', COURSE, dict(workers=32)),
                   Entry('raw sockets, 64 threads', 'raw_socket', RAW, dict(workers=64))]
        n = max(1, self.images//2)
        ideal = {label: -(-n//workers)*PAUSE + PAUSE for label, workers in ((default, 32), ('ours, 64 workers', 64))}
        turns = self.contest('B2', f"{PAUSE*1000:.0f} ms for a connection and for the first byte, against the course's code", entries, self.rows(self.slow(), n),
                             [Claim(default, course, 9), Claim('ours, 64 workers', course, 9, 15), Claim(default, 'course, 32 workers'),
                              Claim('ours, 64 workers', 'raw sockets, 64 threads')], ideal=ideal)
        for label, seconds in ideal.items():
            times = spread([o['seconds']/seconds for o in turns.get(label, []) if o['seconds']])
            print(f'- {label}: the latency alone takes {seconds:.2f} s; the run takes {times} times that')

    def b3(self):
        "against pooch, with hashes, without and with latency"
        says = 'sha256 checked in a second pass; written aside, then moved; no retries by default'
        for part, url, n, workers in ('B3 without latency', self.fast, None, 8), ('B3 with latency', self.slow, self.images//2, 32):
            mine = f'ours, {workers} workers'
            entries = [Entry(mine, 'ours', CHECKED, dict(workers=workers))]
            for size, how in (1024, 'its default chunks of 1 KB'), (1 << 16, 'chunks of 64 KB'):
                entries.append(Entry(f'pooch, {workers} threads, {how}', 'pooch', says, dict(workers=workers, chunk=size)))
            self.contest(part, 'against pooch, with hashes, equal threads', entries, self.rows(url(), n),
                         [Claim(mine, entries[1].label, 4, 6), Claim(mine, entries[2].label)])

    def b4(self):
        "end to end against img2dataset"
        note = 'bytes as they came, under numbers in place of names; writes a table of results; exit code 0 whatever happens'
        for part, decode, target, mine, says in (('B4 bytes', False, 3, 'ours, sha256 checked', CHECKED),
                                                 ('B4 decode', True, 1.5, 'ours, decoded', 'each image decoded whole; ' + LIGHT)):
            other = 'img2dataset, 2 processes, ' + ('decoded, not encoded again' if decode else 'nothing decoded')
            entries = [Entry(mine, 'ours', says, dict(decode=decode, hashes=not decode)),
                       Entry(other, 'img2dataset', note, dict(workers=16, decode=decode))]
            self.contest(part, 'whole runs with the start of Python, against img2dataset', entries,
                         self.rows(self.fast()), [Claim(mine, other, target)], by='whole')

    def b5(self):
        "against aria2 with checksums"
        entries = [Entry('ours, 8 workers', 'ours', CHECKED, dict(workers=8)),
                   Entry('aria2c -j8, checksums', 'aria2',
                         'sha256 checked in a pass of its own; writes under the final name, with a control file', dict(workers=8))]
        self.contest('B5', '8 workers, nginx, with sha256, against aria2c', entries, self.rows(self.fast()),
                     [Claim('ours, 8 workers', 'aria2c -j8, checksums', 1.1, 1.4)])

    def b6(self):
        "against what can be done at all"
        entries = [Entry('ours, 8 workers', 'ours', CHECKED, dict(workers=8)),
                   Entry('curl --parallel 8', 'curl', 'checks no hash; writes under the final name', dict(workers=8)),
                   Entry('raw sockets, 8 threads', 'raw_socket', RAW, dict(workers=8))]
        self.contest('B6', '8 workers, nginx, against what can be done at all', entries, self.rows(self.fast()),
                     [Claim('ours, 8 workers', 'curl --parallel 8', .5), Claim('ours, 8 workers', 'raw sockets, 8 threads', .55)])

    def b7(self):
        "a second run, all files there"
        rows, folder, cores = self.rows(self.fast()), self.home/'warm', os.cpu_count() or 1
        ledger, hashed, pooch = 'ours, ledger', "ours, verify='hash'", 'pooch, 8 threads, warm'
        entries = [Entry(ledger, 'ours', 'size and time of each file are as the ledger says'),
                   Entry(pooch, 'pooch', 'hashes each file', dict(workers=8)),
                   Entry(hashed, 'ours', 'hashes each file', dict(verify='hash')),
                   Entry('sha256sum', 'sha256sum', 'hashes each file', dict(workers=1)),
                   Entry(f'sha256sum, {cores} processes', 'sha256sum', 'hashes each file', dict(workers=cores))]
        if not self.there(entries[0]): return self.able(entries[:1])
        folder.mkdir()
        if (first := run(entries[0], rows, folder))['code'] != 0: return print(f'## B7: the first run failed: {first}')
        self.contest('B7', 'a second run, all files there', entries, rows,
                     [Claim(ledger, pooch, 20), Claim(hashed, 'sha256sum', 1), Claim(hashed, pooch)], keep=folder, unit='files')
        print('- the target of the ledger is more than 50,000 files/s')
        shutil.rmtree(folder)

    def b8(self):
        "faults of servers"
        from fault_server import FaultServer
        faults = {'half body, full length': ['half-length'], 'half body, no length': ['half-no-length'],
                  'half body, chunked': ['half-chunked'],
                  '200 + HTML': ['html'], '200 + LFS pointer': ['lfs'], '200 + empty': ['empty'], 'one byte flipped': ['flip'],
                  '403 with XML': ['403-xml'], '404': ['404'], '503, then good': ['then-good'], 'reset once mid-body': ['reset-once'],
                  'redirect loop, redirect to file:': ['redirect-loop', 'redirect-file'],
                  '200 B/s for ever': ['drip'], 'accepts, never answers': ['never']}
        wait = dict(timeout=2, retries=2, workers=4)
        mine = dict(workers=4, deadline=12, limits=dict(connect=2, read=2, total=6, tries=3, pause=.1))
        entries = [Entry('ours', 'ours', CHECKED, mine),
                   Entry('ours, no hash', 'ours', LIGHT, mine | dict(hashes=False)), Entry('course', 'course', COURSE),
                   Entry('pooch + hash', 'pooch', 'sha256', wait),
                   Entry('pooch', 'pooch', 'nothing known to check', wait | dict(hashes=False)),
                   Entry('img2dataset', 'img2dataset', 'nothing decoded', wait),
                   Entry('img2dataset, decode', 'img2dataset', 'decodes', wait | dict(decode=True)),
                   Entry('aria2c + sha256', 'aria2', 'sha256', wait),
                   Entry('aria2c', 'aria2', 'nothing known to check', wait | dict(hashes=False)),
                   Entry('curl', 'curl', 'no hash', wait),
                   Entry('curl, careful', 'curl', '--fail --remove-on-error --retry-all-errors', wait | dict(careful=True))]
        print(f'\n## B8: {len(faults)} faults of servers\n', flush=True)
        entries, page = self.able(entries), (self.home/'pages'/self.pages[0][0]).read_bytes()
        digest, names = hashlib.sha256(page).hexdigest(), {}
        for i, j in itertools.product(range(len(entries)), range(len(faults) + 1)): names[i, j] = f'page_{i}_{j}.jpg'
        with FaultServer({o: page for o in names.values()}) as server:
            def one(i, j, fault):
                "What becomes of one fault: a letter and the exit code."
                folder, name = self.home/f'fault_{i}_{j}_{fault}', names[i, j]
                folder.mkdir()
                options = dict(n=1) if fault == 'then-good' else {}
                res = run(entries[i], [(name, server.at(fault, name, **options), digest, len(page))], folder, limit=25)
                files = [p for p in folder.rglob('*.jpg') if not p.name.startswith('.')]
                good = [p.read_bytes() == page for p in files]
                letter = '–' if not files else 'G' if all(good) else 'P' if folder.joinpath(name + '.aria2').exists() else 'B'
                shutil.rmtree(folder)
                code = 'hang' if res['code'] is None else res['code']
                return dict(shown=f'{letter}/{code}', passed=(letter, code) == ('G', 0) or letter == '–'
                            and code not in (0, 'hang'), seconds=res['whole'])
            todo = [(i, j, o) for i in range(len(entries)) for j, kinds in enumerate([['good'], *faults.values()]) for o in kinds]
            pool = ThreadPoolExecutor(3)
            try: got = dict(zip(todo, pool.map(lambda o: one(*o), todo)))
            finally: pool.shutdown(wait=False, cancel_futures=True)
        print(f"| fault | {' | '.join(e.label for e in entries)} |\n|---|{'---|'*len(entries)}")
        for j, (label, kinds) in enumerate({'none': ['good'], **faults}.items()):
            print(f"| {label} | " + ' | '.join(', '.join(got[i, j, o]['shown'] for o in kinds) for i in range(len(entries))) + ' |')
        score = [got[i, 0, 'good']['passed'] and sum(  # who fails without a fault shows nothing
            all(got[i, j, o]['passed'] for o in kinds) for j, kinds in enumerate(faults.values(), 1)) for i in range(len(entries))]
        print('| **passed** | ' + ' | '.join('fails always' if o is False else f'**{o}/{len(faults)}**' for o in score) + ' |\n')
        print('What is left under the final name, and the exit code. G: the right file, B: wrong bytes, P: a part, with a control file beside it, –: nothing; '
              'hang: stopped after 25 seconds. Passed: the right file and 0, or nothing and not 0. Each contender has the time limits and two retries, '
              'as far as it offers them; where no hash is known, nobody can see a flipped byte: ours can pass 13. Target: 14, and 13 without hashes.\n')
        self.store('B8', 'faults of servers', [dict(entry=entries[i].label, fault=o, **v) for (i, j, o), v in got.items()], [],
                   len(faults), score=dict(zip([e.label for e in entries], score)))
        self.keep('B8', 'faults of servers', len(faults), {e.label: {f'of {len(faults)}': figures.figure([o])} for e, o in zip(entries, score)})

    def b9(self):
        "memory of a million rows"
        n = 500*self.images
        mine, other = 'ours, with a stub for a row', 'submit all, as_completed'
        entries = self.able([Entry(mine, 'ours_million',
                                   'a window of rows, report and ledger; the rows are made one by one', dict(workers=32)),
                             Entry(other, 'submit_all', 'a task for each row; nothing is saved', dict(workers=32))])
        print(f'\n## B9: {n:,} rows, nothing fetched: memory\n', flush=True)
        turns = {e.label: [] for e in entries}
        for _ in range(min(2, self.pairs)):
            for e in entries:
                folder = self.home/'million'
                folder.mkdir()
                turns[e.label].append(res := run(e, [], folder, n=n))
                if res['code'] != 0:
                    print(f'{e.label}: exit code {res["code"]}. '
                          + folder.with_suffix('.log').read_text(errors='replace')[-300:], file=sys.stderr)
                shutil.rmtree(folder)
        print('| contender | peak MB | seconds | what it does |\n|---|---|---|---|')
        for e in entries:
            ok = [o for o in turns[e.label] if o['code'] == 0]
            print(f"| {e.label} | {spread([o['peak'] for o in ok], '{:.0f}')} | {spread([o['seconds'] for o in ok], '{:.1f}')} | {e.says} |")
        print()
        told = [self.claim(Claim(mine, other, 10, by='peak'), turns)] if len(turns) == 2 else []
        self.store('B9', 'memory of a million rows', turns, told, n)
        ok = {label: [o for o in runs if o['code'] == 0] for label, runs in turns.items()}
        contenders = {label: {'MB at most': figures.figure(o['peak'] for o in runs), 'seconds': figures.figure(o['seconds'] for o in runs)}
                      for label, runs in ok.items()}
        self.keep('B9', 'memory of a million rows', n, contenders, told)


def machine():
    "What this was measured with."
    def version(name):
        try: return importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError: return None
    def says(*args):
        try: return re.search(r'\d+\.\d[\d.]*', (o := subprocess.run(args, capture_output=True, text=True)).stdout + o.stderr)[0]
        except (OSError, TypeError): return None
    return dict(cores=os.cpu_count(), system=platform.system(), processor=platform.machine(), python=platform.python_version(),
                load=[round(o, 2) for o in os.getloadavg()], time=time.strftime('%Y-%m-%d %H:%M'),
                versions={o: version(o) for o in ('urllib3', 'requests', 'pillow', 'pooch', 'img2dataset')} |
                         dict(curl=says('curl', '-V'), aria2=says('aria2c', '-v'), nginx=says('nginx', '-v'),
                              sha256sum=says('sha256sum', '--version')))


def place(need):
    "Where files may be, in memory if there is room for `need` bytes."
    shm = Path('/dev/shm')
    return shm if shm.is_dir() and os.access(shm, os.W_OK) and shutil.disk_usage(shm).free > need else None


def main():
    names = [f'B{i}' for i in range(1, 10)]
    parser = argparse.ArgumentParser(description='How fast, how lean and how safe download is beside others.')
    parser.add_argument('benchmarks', nargs='*', metavar='B', help='which: '
                        + ', '.join(f'{o} {getattr(Bench, o.lower()).__doc__}' for o in names))
    parser.add_argument('--pairs', type=int, default=5, help='how often each contender takes its turn (5)')
    parser.add_argument('--images', type=int, default=2000,
                        help='how many images (2000); half of them with latency, 500 rows for each in B9')
    parser.add_argument('--out', type=Path, help='a file for each turn, as JSON')
    parser.add_argument('--figures', type=Path, default=figures.FOLDER/'download.json', help='the file the notebook reads (nbs/figures/download.json)')
    args = parser.parse_args()
    chosen = [o.upper() for o in args.benchmarks] or names
    if wrong := set(chosen) - set(names): parser.error(f"no such benchmark: {', '.join(sorted(wrong))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    m = machine()
    print(f"# Benchmarks of `download`\n\n{m['cores']} cores, {m['system']} {m['processor']}, Python {m['python']}, load {m['load'][0]}, "
          + ', '.join(f"{k} {v or 'not here'}" for k, v in m['versions'].items()))
    print(f'{args.images:,} images of about 330 KB, {args.pairs} turns; median (lowest to highest). The machine may have other work: only ratios count.')
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix='fsdl_bench_', dir=place(args.images*350_000*4)) as tmp:
        bench = Bench(Path(tmp), args.images, args.pairs, args.out, args.figures)
        try:
            with bench.stack:
                for o in chosen: getattr(bench, o.lower())()
        finally:
            for o in list(RUNNING): stop(o)
    print(f'\nLoad at the end {os.getloadavg()[0]:.2f}; {time.monotonic() - start:.0f} s in all.')


if __name__ == '__main__':
    if sys.argv[1:2] == ['serve']: asyncio.run(serve(sys.argv[2], float(sys.argv[3])))
    else: main()
