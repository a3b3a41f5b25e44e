"""The contenders of bench_download.py, each run in a process of its own: `python bench_peers.py NAME JOB`.

JOB is a JSON file: `rows` (id, address, sha256, size), `folder`, `workers`, and options of the contender. A contender gets ready and gives a function that
does the work and gives the exit code; the seconds and the CPU time of that function, and the peak of memory, are the last line that is printed."""
import hashlib, json, os, re, socket, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

CONTENDERS = {}


def contender(f):
    "Make `f` known by its name."
    CONTENDERS[f.__name__] = f
    return f


@contender
def ours(job):
    "`download` of this library."
    from functools import partial

    from fsdl_handwriting_data.core.checks import image_problem
    from fsdl_handwriting_data.fetching.table import Wanted
    from fsdl_handwriting_data.fetching.download import download
    from fsdl_handwriting_data.fetching.limits import Limits
    wanted = [Wanted(id_, (url,), sha256, size) if job.hashes else Wanted(id_, (url,)) for id_, url, sha256, size in job.rows]
    how = dict(workers=job.workers) if job.workers else {}
    how |= dict(limits=Limits(**job.limits)) if job.limits else {}
    how |= dict(check=partial(image_problem, decode=True)) if job.decode else {}
    return lambda: int(download(wanted, job.folder, verify=job.verify, deadline=job.deadline, **how).counts['failed'] > 0)


@contender
def course(job):
    "What the course does: each file from an address to its name, in threads, with a bar; errors are printed."
    from urllib.request import urlretrieve

    from tqdm import tqdm
    def run():
        with ThreadPoolExecutor(job.workers) as pool:
            tasks = [pool.submit(urlretrieve, url, job.folder/id_) for id_, url, *_ in job.rows]
            for task in tqdm(as_completed(tasks), total=len(tasks)):
                try: task.result()
                except Exception as e: print('Error', e)
        return 0
    return run


@contender
def pooch(job):
    "Pooch's `fetch` in threads."
    import pooch
    pooch.get_logger().setLevel('WARNING')
    known = {id_: f'sha256:{sha256}' if job.hashes else None for id_, _, sha256, _ in job.rows}
    store = pooch.create(path=job.folder, base_url='', registry=known, urls={id_: url for id_, url, *_ in job.rows},
                         retry_if_failed=job.retries)
    get = pooch.HTTPDownloader(chunk_size=job.chunk, **dict(timeout=job.timeout) if job.timeout else {})
    def run():
        with ThreadPoolExecutor(job.workers) as pool:
            for task in [pool.submit(store.fetch, id_, downloader=get) for id_ in known]: task.result()
        return 0
    return run


@contender
def img2dataset(job):
    "Two processes of img2dataset that keep the bytes as they come; with `decode` they decode each, but do not encode it again."
    from img2dataset import download
    urls = job.folder.with_suffix('.txt')
    urls.write_text(''.join(f'{url}\n' for _, url, *_ in job.rows))
    def run():
        download(url_list=str(urls), output_folder=str(job.folder), processes_count=2, thread_count=job.workers,
                 resize_mode='no', skip_reencode=True,
                 disable_all_reencoding=not job.decode, output_format='files',
                 number_sample_per_shard=max(1, -(-len(job.rows)//8)), retries=job.retries,
                 **dict(timeout=job.timeout) if job.timeout else {})
        return 0
    return run


def command(job, config, text, *args):
    "A run of the command `args`, which reads `text` from a file `config`."
    config.write_text(text)
    return lambda: subprocess.run(args, stdin=subprocess.DEVNULL).returncode


@contender
def aria2(job):
    "aria2c with a list of addresses and, if wanted, checksums."
    config = job.folder.with_suffix('.txt')
    text = ''.join(f'{url}\n out={id_}\n' + f' checksum=sha-256={sha256}\n'*job.hashes for id_, url, sha256, _ in job.rows)
    limits = [f'--connect-timeout={job.timeout}', f'--timeout={job.timeout}', '--lowest-speed-limit=1K',
              f'--max-tries={job.retries + 1}', '--retry-wait=1']
    return command(job, config, text, 'aria2c', '--no-conf', '-q', f'-j{job.workers}', '-x1', '-s1',
                   '--file-allocation=none', '--auto-file-renaming=false',
                   '--allow-overwrite=true', '-d', job.folder, '-i', config, *limits*bool(job.timeout))


@contender
def curl(job):
    "curl --parallel with a list of addresses."
    config = job.folder.with_suffix('.txt')
    text = ''.join(f'url = "{url}"\noutput = "{job.folder/id_}"\n' for id_, url, *_ in job.rows)
    limits = ['--connect-timeout', str(job.timeout), '--max-time', str(3*(job.timeout or 0)), '--retry', str(job.retries)]
    careful = ['--fail', '--remove-on-error', '--retry-all-errors']
    return command(job, config, text, 'curl', '-q', '--silent', '--location', '--max-redirs', '5', '--parallel', '--parallel-immediate',
                   '--parallel-max', str(job.workers), '-K', config, *limits*bool(job.timeout), *careful*job.careful)


@contender
def raw_socket(job):
    "As little Python as can fetch, hash, write and rename: a kept connection and a buffer for each thread."
    todo = iter(job.rows)
    def work(_):
        host = urlsplit(job.rows[0][1])
        buf = bytearray(1 << 20)
        view = memoryview(buf)
        with socket.create_connection((host.hostname, host.port)) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for id_, url, sha256, _ in todo:
                sock.sendall(f'GET {urlsplit(url).path} HTTP/1.1\r\nHost: {host.netloc}\r\n\r\n'.encode())
                n = 0
                while (end := buf.find(b'\r\n\r\n', 0, n)) < 0:
                    got = sock.recv_into(view[n:])
                    if not got: raise OSError('the server went away')
                    n += got
                start = end + 4
                stop = start + int(re.search(rb'(?i)\ncontent-length: *(\d+)', buf[:end])[1])
                while n < stop: n += sock.recv_into(view[n:stop], stop - n, socket.MSG_WAITALL)
                if hashlib.sha256(view[start:stop]).hexdigest() != sha256: raise OSError(f'{id_}: wrong bytes')
                part = job.folder/f'.{id_}.part'
                with open(part, 'wb', buffering=0) as f: f.write(view[start:stop])
                os.replace(part, job.folder/id_)
    def run():
        with ThreadPoolExecutor(job.workers) as pool: list(pool.map(work, range(job.workers)))
        return 0
    return run


@contender
def sha256sum(job):
    "coreutils over all the files, in `workers` processes."
    lists = [job.folder.with_suffix(f'.{i}.txt') for i in range(job.workers)]
    for i, f in enumerate(lists): f.write_text(''.join(f'{sha256}  {job.folder/id_}\n' for id_, _, sha256, _ in job.rows[i::job.workers]))
    def run(): return max([task.wait() for task in [subprocess.Popen(['sha256sum', '--quiet', '-c', f]) for f in lists]])
    return run


class Million:
    "`n` rows that can be gone through again and again, and are nowhere kept."
    def __init__(self, n, row): self.n, self.row = n, row
    def __len__(self): return self.n
    def __iter__(self): return map(self.row, range(self.n))


@contender
def ours_million(job):
    "`download` of this library, with a stub in place of what fetches one file: windows, report and table are real."
    from fsdl_handwriting_data.fetching import workers
    from fsdl_handwriting_data.fetching.download import download
    from fsdl_handwriting_data.fetching.fetch import Fetched
    from fsdl_handwriting_data.fetching.table import Wanted
    def stub(path, places, *args, **kwargs):
        name = os.path.basename(path)
        return Fetched(name, 'done', url=places[0], attempts=1, bytes=330_000,
                       sha256=hashlib.sha256(name.encode()).hexdigest(), mark=str(time.time_ns()), file=path)
    workers.fetch_file = stub
    rows = Million(job.n, lambda i: Wanted(f'page_{i:07}.jpg', (f'http://127.0.0.1:9/{i:07}.jpg',)))
    return lambda: int(download(rows, job.folder, workers=job.workers).counts['done'] != job.n)


@contender
def submit_all(job):
    "A task in a thread pool for each row, all at once, and `as_completed`; the stub is as small as ours."
    rows = Million(job.n, lambda i: (f'page_{i:07}.jpg', (f'http://127.0.0.1:9/{i:07}.jpg',)))
    def fetch(row): return row[0], 'done'
    def run():
        with ThreadPoolExecutor(job.workers) as pool:
            tasks = {pool.submit(fetch, row): row[0] for row in rows}
            states = {tasks[task]: task.result()[1] for task in as_completed(tasks)}
        return int(len(states) != job.n)
    return run


def cpu():
    "Seconds of CPU that this process and its ended children took."
    t = os.times()
    return t.user + t.system + t.children_user + t.children_system


def peak():
    "The most memory (MB) this process had so far; 0 where that is not known."
    try: return int(re.search(r'VmHWM:\s*(\d+)', Path('/proc/self/status').read_text())[1])/1024
    except OSError: return 0


def main(name, file):
    job = dict(workers=None, hashes=True, decode=False, verify='ledger', deadline=None, limits=None, chunk=1024,
               timeout=None, retries=0, careful=False, rows=())
    job = SimpleNamespace(**job | json.loads(Path(file).read_text()))
    job.folder = Path(job.folder)
    run = CONTENDERS[name](job)
    before, start = cpu(), time.perf_counter()
    code = run()
    print('\n' + json.dumps(dict(seconds=time.perf_counter() - start, cpu=cpu() - before, peak=peak())))
    return code


if __name__ == '__main__': sys.exit(main(*sys.argv[1:]))
