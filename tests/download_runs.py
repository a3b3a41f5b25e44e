"""What the tests of whole downloads stand on: a server with a memory, images of many sizes, and a process that downloads them to be killed.

The server answers as an object store does (ETag, Range), as slowly as it is told, from the memory of the test: what is right is known without
the code under test. `python download_runs.py JOB` is the process; JOB is JSON."""
import hashlib, io, json, random, re, subprocess, sys, threading, time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

CHUNK = 1 << 16


def png(rng, width, height):
    "An image like no other, of about `width` times `height` bytes."
    from PIL import Image
    f = io.BytesIO()
    Image.frombytes('L', (width, height), rng.randbytes(width*height)).save(f, 'PNG', compress_level=0)
    return f.getvalue()


def images(n, seed=0, large=8, size=3_000_000):
    "`n` images by name: every `large`th has about `size` bytes, the others from 2 to 90 KB; the same ones for the same `seed`."
    rng = random.Random(seed)
    small = lambda: (rng.randrange(50, 300), rng.randrange(40, 300))
    return {f'page {i:03}.png': png(rng, *(2000, size//2000) if large and i % large == large - 1 else small()) for i in range(n)}


class Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = 'HTTP/1.1', True

    def log_message(self, *args): pass

    def do_GET(self):
        s, path, range_ = self.server, unquote(urlsplit(self.path).path)[1:], self.headers.get('Range', '')
        with s.lock: s.seen.append((path, range_))
        answer = s.odd.get(path)
        if callable(answer): return answer(self)
        if answer is not None: return self.answer(*answer)
        if path not in s.files: return self.answer(404, b'there is no such page', 'text/plain')
        data, start = s.files[path], 0
        etag = f'"{hashlib.sha256(data).hexdigest()[:20]}"'
        if (m := re.fullmatch(r'bytes=(\d+)-', range_)) and self.headers.get('If-Range', etag) == etag and int(m[1]) < len(data):
            start = int(m[1])
        self.send_response(206 if start else 200)
        for k, v in {'Content-Type': 'image/png', 'Content-Length': len(data) - start, 'ETag': etag, 'Accept-Ranges': 'bytes'}.items():
            self.send_header(k, str(v))
        if start: self.send_header('Content-Range', f'bytes {start}-{len(data) - 1}/{len(data)}')
        self.end_headers()
        stop = s.stuck.get(path, len(data))
        with s.at_once():  # until it is known that the client lacks a byte yet
            *most, last = range(start, max(stop, start + 1), CHUNK)
            for i in most: self.write(data[i:i + CHUNK], s.pause)
            time.sleep(s.pause)
        self.write(data[last:min(last + CHUNK, stop)], 0)
        if stop < len(data):  # now one byte at a time: for ever, as far as anybody can wait
            for i in range(max(start, stop), len(data)):
                if s.closed.wait(s.drip): return
                self.write(data[i:i + 1], 0)

    def write(self, data, pause):
        self.wfile.write(data)
        with self.server.lock: self.server.sent += len(data)
        if pause: time.sleep(pause)

    def answer(self, status, body=b'', kind='image/png', **headers):
        self.send_response(status)
        for k, v in {'Content-Type': kind, 'Content-Length': len(body), **headers}.items(): self.send_header(k.replace('_', '-'), str(v))
        self.end_headers()
        self.write(body, 0)


def silent(handler): handler.server.closed.wait(120)


class Server(ThreadingHTTPServer):
    """Serves `files` (path → bytes) on 127.0.0.1, with a `pause` after each 64 KB; a context manager.

    `odd` has other answers: (status, body, type), or a function that gets the handler. `stuck` says after how many bytes of a path only
    drops come, one each `drip` seconds. `seen` lists (path, Range header) of each request, `sent` counts bytes of bodies, `most` is how many
    bodies of `files` there were at once at most."""
    request_queue_size, daemon_threads, block_on_close = 128, True, False

    def __init__(self, files, pause=0., odd=(), stuck=(), drip=.2):
        super().__init__(('127.0.0.1', 0), Handler)
        self.files, self.pause, self.odd, self.stuck, self.drip = dict(files), pause, dict(odd), dict(stuck), drip
        self.seen, self.sent, self.now, self.most, self.lock, self.closed = [], 0, 0, 0, threading.Lock(), threading.Event()
        self.url = f'http://127.0.0.1:{self.server_port}'

    def __enter__(self):
        threading.Thread(target=self.serve_forever, kwargs={'poll_interval': .05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.closed.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_): pass  # clients are killed on purpose

    def forget(self):
        "Count from here."
        with self.lock: self.seen, self.sent, self.most = [], 0, 0

    @contextmanager
    def at_once(self):
        "Count what is on its way."
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        try: yield
        finally:
            with self.lock: self.now -= 1

    def rows(self, hashed=True, ids=None):
        "What is wanted, as plain lists; every second row has a hash and a size, if `hashed`."
        return [[k, [f'{self.url}/{k}'], *([hashlib.sha256(v).hexdigest(), len(v)] if hashed and i % 2 else ['', -1])]
                for i, (k, v) in enumerate(self.files.items()) if ids is None or k in ids]


def wanted(rows):
    from fsdl_handwriting_data.fetching.table import Wanted
    return [Wanted(id_, tuple(o if '://' in o else Path(o) for o in places), *rest) for id_, places, *rest in rows]


def no_locks():
    "File locks that lock nothing, as on some network disks."
    import fcntl
    fcntl.flock = fcntl.lockf = lambda *args, **kw: None


def work(job, go=None):
    """Download what `job` says, and write into the file `job['out']` when, and what became of it.

    Also: `no_locks`; `slow_names`: no name server answers for slow.example.org; `threads`: in a pool of the caller's, of so many; `linger`: stay for so many seconds after an interrupt."""
    from fsdl_handwriting_data.fetching.limits import Limits
    from fsdl_handwriting_data.fetching.download import download
    if job.get('no_locks'): no_locks()
    if job.get('slow_names'):
        import socket
        ask = socket.getaddrinfo
        socket.getaddrinfo = lambda host, *args, **kw: time.sleep(60) if host == 'slow.example.org' else ask(host, *args, **kw)
    how = dict(progress=False) | job.get('how', {})
    if 'limits' in job: how['limits'] = Limits(**job['limits'])
    if 'threads' in job:
        from concurrent.futures import ThreadPoolExecutor
        how['executor'] = ThreadPoolExecutor(job['threads'])
    if go: go.wait(60)
    start = time.time()
    say = lambda **kw: Path(job['out']).write_text(json.dumps(dict(start=start, end=time.time(), **kw))) if 'out' in job else None
    try: report = download(wanted(job['rows']), job['folder'], **how)
    except KeyboardInterrupt:
        say(interrupted=True)
        if job.get('linger'):
            time.sleep(job['linger'])
            say(interrupted=True, threads=[t.name for t in threading.enumerate() if not t.daemon and t is not threading.main_thread()])
        sys.exit(130)
    say(counts=dict(report.counts), failures=report.failures(), causes=[o.cause for o in report])
    if job.get('must', True): report.raise_if_failed()


def start(job, **kw):
    "A process of its own that does `job`."
    return subprocess.Popen([sys.executable, __file__, json.dumps(job)], **kw)


if __name__ == '__main__': work(json.loads(sys.argv[1]))
