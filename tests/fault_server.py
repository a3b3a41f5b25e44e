"""A web server on this machine that misbehaves on purpose; the first part of a path says how: `/half-length/page_1.jpg`.

`with FaultServer(images) as server:` serves the bytes `images[name]` at `server.at(fault, name, option=…)`. Every request is in `server.seen`, and
`server.sent` counts the bytes of bodies that left, both by path. `FAULTS` has all faults; the fault `plan` takes one after the other from
`server.plans[name]`, and is good after the last. A fault that depends on what happened before counts the requests for its path.
"""
import email.utils, gzip, hashlib, itertools, re, select, socket, ssl, struct, subprocess, threading, time, zlib
from collections import Counter
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlsplit

FAULTS = {}
REASONS = {200: 'OK', 204: 'No Content', 206: 'Partial Content', 302: 'Found', 304: 'Not Modified', 403: 'Forbidden',
           404: 'Not Found', 410: 'Gone',
           416: 'Range Not Satisfiable', 429: 'Too Many Requests', 500: 'Internal Server Error', 503: 'Service Unavailable'}
HTML = b'<!DOCTYPE html>\n<html><head><title>Quota exceeded</title></head><body>Too many users have viewed this file</body></html>\n'
S3_XML = (b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
          b'<RequestId>0123456789ABCDEF</RequestId></Error>')
POINTER = b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'ab'*32 + b'\nsize 330000\n'


class Seen(NamedTuple):
    "A request as it came."
    method: str
    target: str    # as in the first line of the request: not decoded
    headers: dict  # names in lower case
    time: float    # time.monotonic()
    connection: int

    @property
    def path(self): return self.target.partition('?')[0]


class Close(Exception): "The connection is to be closed."


def fault(f):
    "Make `f` the fault of its name, with `-` for `_`."
    FAULTS[f.__name__.strip('_').replace('_', '-')] = f
    return f


def etag_of(body, kind='strong'): return {'strong': '"{}"', 'weak': 'W/"{}"'}[kind].format(hashlib.sha256(body).hexdigest()[:16])


class Exchange:
    "One request, and the means to answer it."

    def __init__(self, server, sock, seen, n):
        self.server, self.sock, self.seen, self.n = server, sock, seen, n
        where = urlsplit(seen.target)
        self.fault, _, name = where.path.lstrip('/').partition('/')
        self.name, self.opt = unquote_to_bytes(name).decode('utf-8', 'replace'), dict(parse_qsl(where.query, keep_blank_values=True))
        self.body = server.images.get(self.name, b'')
        # another image, of the same size if there is one
        self.other = next((o for _, k, o in sorted((abs(len(o) - len(self.body)), k, o) for k,
                                                   o in server.images.items()) if k != self.name), b'')

    def raw(self, data):
        "Send `data` as it is."
        try: self.sock.sendall(data)
        except OSError: raise Close from None

    def head(self, status=200, *headers, version='1.1'):
        "Send the head of an answer; `headers` are lines."
        lines = [f'HTTP/{version} {status} {REASONS.get(status, "Odd")}', *headers]
        self.raw(('\r\n'.join(lines) + '\r\n\r\n').encode('latin-1'))

    def send(self, data):
        "Send a part of a body, which is counted."
        self.raw(data)
        with self.server.lock: self.server.sent[self.seen.path] += len(data)

    def reply(self, status, body=b'', *headers, kind='image/jpeg'):
        "A whole answer."
        self.head(status, f'Content-Type: {kind}', f'Content-Length: {len(body)}', *headers)
        self.send(body)

    def wait(self, seconds=60):
        "Do nothing for a while; the server's end ends it, and so does the client's."
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self.server.ended.wait(min(left, .05)): raise Close
            if self.server.tls: continue
            try:
                if select.select([self.sock], [], [], 0)[0] and not self.sock.recv(1, socket.MSG_PEEK): raise Close
            except (OSError, ValueError): raise Close from None

    def reset(self):
        "Break the connection off, without a farewell."
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        raise Close

    def serve(self, body, etag='', honour_range=True, check_if_range=True):
        "`body`, or the part that was asked for."
        headers = [f'ETag: {etag}']*bool(etag)
        m = re.fullmatch(r'bytes=(\d+)-', self.seen.headers.get('range', ''))
        condition = self.seen.headers.get('if-range')
        if not m or not honour_range or check_if_range and condition and (condition != etag or etag.startswith('W/')):
            return self.reply(200, body, *headers, *['Accept-Ranges: bytes']*honour_range)
        start = int(m[1])
        if start >= len(body): return self.reply(416, b'', f'Content-Range: bytes */{len(body)}')
        self.reply(206, body[start:], f'Content-Range: bytes {start}-{len(body) - 1}/{len(body)}', *headers)


# ---------------------------------------------------------------------------------------------- bodies

@fault
def good(x): x.serve(x.body, etag_of(x.body, x.opt['etag']) if 'etag' in x.opt else '')

@fault
def half_length(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    x.send(x.body[:len(x.body)//2])
    raise Close

@fault
def half_no_length(x):
    x.head(200, 'Content-Type: image/jpeg', 'Connection: close')
    x.send(x.body[:len(x.body)//2])
    raise Close

def chunk(data): return b'%x\r\n%s\r\n' % (len(data), data)

@fault
def half_chunked(x):
    x.head(200, 'Content-Type: image/jpeg', 'Transfer-Encoding: chunked')
    x.send(chunk(x.body[:len(x.body)//2]))
    raise Close

@fault
def mid_chunk(x):
    x.head(200, 'Content-Type: image/jpeg', 'Transfer-Encoding: chunked')
    x.send(chunk(x.body)[:len(x.body)//2])
    raise Close

@fault
def chunked(x):
    x.head(200, 'Content-Type: image/jpeg', 'Transfer-Encoding: chunked')
    for i in range(0, len(x.body), 5000): x.send(chunk(x.body[i:i + 5000]))
    x.raw(b'0\r\n\r\n')

@fault
def bad_chunk(x):
    x.head(200, 'Content-Type: image/jpeg', 'Transfer-Encoding: chunked')
    x.send(chunk(x.body[:1000]) + b'zz\r\n' + x.body[1000:])
    raise Close

@fault
def html(x): x.reply(200, HTML, kind='text/html; charset=utf-8')

@fault
def html_as_jpeg(x): x.reply(200, HTML)

@fault
def lfs(x): x.reply(200, POINTER, kind='text/plain')

@fault
def empty(x): x.reply(200, b'')

@fault
def flip(x):
    i = len(x.body)//2
    x.reply(200, x.body[:i] + bytes([x.body[i] ^ 1]) + x.body[i + 1:])

@fault
def xml_tail(x):
    "A proxy's error inside the stream, filled up to the right length."
    half = len(x.body)//2
    x.reply(200, x.body[:half] + S3_XML + b' '*(len(x.body) - half - len(S3_XML)))

@fault
def xml_middle(x):
    half = len(x.body)//2
    x.reply(200, x.body[:half] + S3_XML + x.body[half + len(S3_XML):])

@fault
def length_long(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body) + 100}')
    x.send(x.body)
    raise Close

@fault
def length_short(x):
    "The rest of the body lies on a connection that is kept."
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)//2}')
    x.send(x.body)

@fault
def length_junk(x):
    x.head(200, 'Content-Type: image/jpeg', 'Content-Length: many')
    x.send(x.body)
    raise Close

@fault
def length_odd(x):
    x.head(200, 'Content-Type: image/jpeg', f"Content-Length: {x.opt['length']}")
    x.send(x.body)
    raise Close

@fault
def length_twice(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}', f'Content-Length: {len(x.body)//2}')
    x.send(x.body)
    raise Close

@fault
def gzip_(x):
    data = gzip.compress(x.body)
    x.reply(200, data, 'Content-Encoding: gzip')

@fault
def gzip_cut(x):
    data = gzip.compress(x.body)
    x.reply(200, data[:len(data)//2], 'Content-Encoding: gzip')

@fault
def gzip_not(x): x.reply(200, x.body, 'Content-Encoding: gzip')

@fault
def gzip_bomb(x): x.reply(200, gzip.compress(bytes(20_000_000)), 'Content-Encoding: gzip')

@fault
def endless(x):
    x.head(200, 'Content-Type: image/jpeg', 'Connection: close')
    x.send(x.body[:-2])
    for _ in range(4000):
        x.send(b'\0'*65536)
        if x.server.ended.is_set(): raise Close
    raise Close

@fault
def large(x):
    "Its length is said."
    size = int(x.opt.get('size', 3_000_000))
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {size}')
    for _ in range(size//50_000): x.send(b'\0'*50_000)

@fault
def large_chunked(x):
    x.head(200, 'Content-Type: image/jpeg', 'Transfer-Encoding: chunked')
    for _ in range(60): x.send(chunk(b'\0'*50_000))
    x.raw(b'0\r\n\r\n')

@fault
def extra(x):
    "After the right body, on a kept connection, comes an answer nobody asked for, with another image."
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    smuggled = b'HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n' % len(x.other) + x.other
    x.send(x.body + smuggled)

@fault
def http10(x):
    x.head(200, 'Content-Type: image/jpeg', version='1.0')
    x.send(x.body)
    raise Close

@fault
def closes_idle(x):
    "Says that the connection is kept, and closes it."
    x.serve(x.body)
    raise Close

@fault
def continue_100(x):
    x.raw(b'HTTP/1.1 100 Continue\r\n\r\n')
    x.serve(x.body)

@fault
def disposition(x): x.reply(200, x.body, 'Content-Disposition: attachment; filename="../evil.jpg"', "Content-Location: /evil.jpg")

@fault
def png(x): x.reply(200, x.server.images['a.png'])

def bomb_png(width=40_000, height=20_000):
    "A PNG whose header promises 800 megapixels."
    def block(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))
    rows = zlib.compress(bytes(1000))
    return b'\x89PNG\r\n\x1a\n' + block(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 0, 0, 0, 0)) + block(b'IDAT', rows) + block(b'IEND', b'')

def bomb_jpeg(body, width=40_000, height=20_000):
    "The JPEG `body`, with another size in its header."
    i = re.search(rb'\xff[\xc0-\xc2]\x00', body).start()
    return body[:i + 5] + struct.pack('>HH', height, width) + body[i + 9:]

@fault
def bomb(x): x.reply(200, bomb_png(), kind='image/png')

@fault
def jpeg_bomb(x): x.reply(200, bomb_jpeg(x.body))


# ---------------------------------------------------------------------------------------------- status

def status(code, body=b'', kind='text/plain', *headers):
    def answer(x): x.reply(code, body, *headers, kind=kind)
    return answer

FAULTS.update({'403-xml': status(403, S3_XML, 'application/xml'), '404': status(404, HTML, 'text/html'), '410': status(410),
               '429-far': status(429, b'', 'text/plain', 'Retry-After: 3600'),
               '503-far': status(503, b'', 'text/plain', 'Retry-After: 3600'),
               '503': status(503)})

@fault
def none_204(x): x.head(204)

@fault
def partial_206(x):
    "A part that nobody asked for."
    half = len(x.body)//2
    x.reply(206, x.body[half:], f'Content-Range: bytes {half}-{len(x.body) - 1}/{len(x.body)}')

@fault
def whole_206(x): x.reply(206, x.body)

@fault
def same_304(x): x.head(304, 'ETag: "x"')

@fault
def image_500(x): x.reply(500, x.body)

@fault
def then_good(x):
    "`status` for the first `n` requests; `after`: a Retry-After."
    if x.n > int(x.opt.get('n', 2)): return x.serve(x.body)
    after = x.opt.get('after', '')
    if after.startswith('date+'): after = email.utils.formatdate(time.time() + float(after[5:]), usegmt=True)
    x.reply(int(x.opt.get('status', 503)), b'', *[f'Retry-After: {after}']*bool(after), kind='text/plain')

@fault
def far_date(x): x.reply(429, b'', 'Retry-After: ' + email.utils.formatdate(time.time() + 3600, usegmt=True))


# ---------------------------------------------------------------------------------------------- redirects

def redirect(x, place): x.reply(302, b'moved', f'Location: {place}', kind='text/plain')

@fault
def redirect_to(x): redirect(x, x.opt['to'])

@fault
def redirect_loop(x): redirect(x, x.seen.target)

@fault
def redirect_file(x): redirect(x, 'file:///etc/hostname')

@fault
def redirect_ftp(x): redirect(x, 'ftp://127.0.0.1/x.jpg')

@fault
def redirect_nowhere(x): x.reply(302, b'moved', kind='text/plain')

@fault
def redirect_n(x):
    "`n` redirects, then the image."
    n = int(x.opt.get('n', 5))
    redirect(x, f'/redirect-n/{quote(x.name)}?n={n - 1}' if n > 1 else f'/good/{quote(x.name)}')


# ---------------------------------------------------------------------------------------------- connections

@fault
def never(x): x.wait()

@fault
def reset_head(x): x.reset()

@fault
def reset_always(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    x.send(x.body[:len(x.body)//2])
    x.wait(.03)
    x.reset()

@fault
def reset_once(x):
    if x.n == 1: reset_always(x)
    x.serve(x.body)

@fault
def close_head(x): raise Close

@fault
def babble(x):
    x.raw(b'HELLO, this is no web server\r\n')
    raise Close

@fault
def half_head(x):
    x.raw(b'HTTP/1.1 200 OK\r\nContent-Ty')
    x.wait()

@fault
def drip_head(x):
    "A header that comes byte by byte, never too slow for a limit between two bytes, and for ever."
    x.raw(b'HTTP/1.1 200 OK\r\nX-Slow: ')
    while True:
        x.raw(b'a')
        x.wait(.05)

@fault
def endless_head(x):
    x.raw(b'HTTP/1.1 200 OK\r\n')
    for i in range(200_000):
        x.raw(b'X-%d: %s\r\n' % (i, b'a'*200))
        if x.server.ended.is_set(): break
    raise Close

@fault
def stall_body(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    x.wait()

@fault
def stall_middle(x):
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    x.send(x.body[:len(x.body)//2])
    x.wait()

@fault
def drip(x):
    "200 bytes a second, for ever."
    x.head(200, 'Content-Type: image/jpeg', 'Content-Length: 900000')
    for i in itertools.count():
        x.send(x.body[i*10 % len(x.body):][:10])
        x.wait(.05)

@fault
def slow(x):
    "Slow, but it arrives: in a second, or `seconds`."
    x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(x.body)}')
    step = len(x.body)//10 + 1
    for i in range(0, len(x.body), step):
        x.send(x.body[i:i + step])
        x.wait(float(x.opt.get('seconds', 1))/10)

@fault
def late(x):
    "The answer comes after `seconds`."
    x.wait(float(x.opt.get('seconds', .1)))
    x.serve(x.body)


# ---------------------------------------------------------------------------------------------- parts

@fault
def cut(x):
    "60 % of the body the first `n` times; what the rest is like, `then` says, and `etag` ('strong', 'weak' or '') what its mark is."
    kind, then = x.opt.get('etag', 'strong'), x.opt.get('then', 'good')
    n, ranged = int(x.opt.get('n', 1)), 'range' in x.seen.headers
    old = x.other if then.startswith('changed') else x.body
    mark = lambda body: etag_of(body, kind) if kind else ''
    if x.n <= n:
        x.head(200, 'Content-Type: image/jpeg', f'Content-Length: {len(old)}', *[f'ETag: {mark(old)}']*bool(kind), 'Accept-Ranges: bytes')
        x.send(old[:len(old)*6//10])
        raise Close
    a = int(m[1]) if (m := re.fullmatch(r'bytes=(\d+)-', x.seen.headers.get('range', ''))) else 0
    size, tag = len(x.body), [f'ETag: {mark(x.body)}']*bool(kind)
    if then in ('good', 'changed') or not ranged: x.serve(x.body, mark(x.body))
    elif then == 'ignored': x.serve(x.body, mark(x.body), honour_range=False)
    elif then == 'changed-206': x.serve(x.body, mark(x.body), check_if_range=False)
    elif then == 'changed-unmarked':
        x.reply(206, x.body[a:], f'Content-Range: bytes {a}-{size - 1}/{size}')
    elif then == '416': x.reply(416, b'', f'Content-Range: bytes */{size}')
    elif then == 'wrong-start': x.reply(206, x.body, f'Content-Range: bytes 0-{size - 1}/{size}', *tag)
    elif then == 'other-start': x.reply(206, x.body[a - 7:], f'Content-Range: bytes {a - 7}-{size - 1}/{size}', *tag)
    elif then == 'no-range': x.reply(206, x.body, *tag)
    elif then == 'junk-range': x.reply(206, x.body[a:], 'Content-Range: bytes of all kinds', *tag)
    elif then == 'other-total': x.reply(206, x.body[a:], f'Content-Range: bytes {a}-{size - 1}/{size + 5}', *tag)
    elif then == 'shorter': x.reply(206, x.body[a:-100], f'Content-Range: bytes {a}-{size - 101}/{size}', *tag)
    else: raise ValueError(then)

@fault
def plan(x):
    "The faults of `server.plans[name]`, one for each request."
    todo = x.server.plans.get(x.name, [])
    name, x.n = todo[x.n - 1] if x.n <= len(todo) else 'good', 1
    FAULTS[name](x)


# ---------------------------------------------------------------------------------------------- the server

def read_head(sock, left):
    "The next head of a request, and what came after it; None at the end."
    data = left
    while b'\r\n\r\n' not in data:
        more = sock.recv(65536)
        if more[:1] == b'\x16' and not data:  # somebody wants to speak TLS to a server that does not
            sock.sendall(b'HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
            return None
        if not more or len(data) > 1 << 18: return None
        data += more
    head, _, left = data.partition(b'\r\n\r\n')
    return head.decode('latin-1'), left


class FaultServer:
    "See above. `host`: another address of this machine; `tls`: (certificate, key) files."

    def __init__(self, images, host='127.0.0.1', tls=None):
        self.images, self.host, self.plans, self.tls = dict(images), host, {}, None
        self.seen, self.sent, self.counts, self.errors = [], Counter(), Counter(), []
        self.lock, self.ended, self.socks, self.threads = threading.Lock(), threading.Event(), set(), []
        if tls:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(*tls)

    def __enter__(self):
        self.listener = socket.create_server((self.host, 0), backlog=256)
        self.url = f"http{'s'*bool(self.tls)}://{self.host}:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *args):
        self.ended.set()
        try: self.listener.shutdown(socket.SHUT_RDWR)
        except OSError: pass
        self.listener.close()
        with self.lock: socks = list(self.socks)
        for s in socks:
            try: s.shutdown(socket.SHUT_RDWR)
            except OSError: pass
        for t in [self.thread, *self.threads]: t.join(5)
        assert not self.errors, self.errors  # a mistake of this server is no fault to test with

    def at(self, fault, name, **options):
        "The address of `name` with a fault."
        assert fault in FAULTS, fault
        query = '&'.join(f'{k}={quote(str(v), safe="")}' for k, v in options.items())
        return f'{self.url}/{fault}/{quote(name)}' + f'?{query}'*bool(query)

    def requests(self, fault, name=None):
        "The requests for what has this fault (and name)."
        return [o for o in self.seen if o.path.startswith(f'/{fault}/' + (quote(name) if name else ''))]

    def accept(self):
        for number in itertools.count():
            try: sock, _ = self.listener.accept()
            except OSError: return
            with self.lock: self.socks.add(sock)
            t = threading.Thread(target=self.connection, args=(sock, number), daemon=True)
            self.threads.append(t)
            t.start()

    def connection(self, plain, number):
        sock, left = plain, b''
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            plain.settimeout(60)
            if self.tls: sock = self.tls.wrap_socket(plain, server_side=True)
            while not self.ended.is_set() and (got := read_head(sock, left)):
                head, left = got
                self.answer(sock, head, number)
        except (Close, OSError): pass
        except Exception as e: self.errors.append(f'{type(e).__name__}: {e}')
        finally:
            with self.lock: self.socks.discard(plain)
            sock.close()

    def answer(self, sock, head, number):
        first, *lines = head.split('\r\n')
        method, target, _ = first.split(' ', 2)
        headers = {k.strip().lower(): v.strip() for k, _, v in (o.partition(':') for o in lines)}
        seen = Seen(method, target, headers, time.monotonic(), number)
        with self.lock:
            self.seen.append(seen)
            self.counts[seen.path] += 1
            n = self.counts[seen.path]
        x = Exchange(self, sock, seen, n)
        if x.fault not in FAULTS or not x.body: return x.reply(404, b'nothing here', kind='text/plain')
        FAULTS[x.fault](x)


class Refused:
    "A port of this machine that refuses connections, for as long as a `with` block lasts."

    def __enter__(self):
        self.sock = socket.socket()
        self.sock.bind(('127.0.0.1', 0))  # without listening
        self.url = f'http://127.0.0.1:{self.sock.getsockname()[1]}'
        return self

    def __exit__(self, *args): self.sock.close()


class Unanswered:
    "A port whose queue is full, so that a connection neither comes about nor is refused (Linux)."

    def __enter__(self):
        self.sock, self.waiting = socket.socket(), []
        self.sock.bind(('127.0.0.1', 0))
        self.sock.listen(0)
        for _ in range(3):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(self.sock.getsockname())
            self.waiting.append(s)
        self.url = f'http://127.0.0.1:{self.sock.getsockname()[1]}'
        return self

    def __exit__(self, *args):
        for s in [*self.waiting, self.sock]: s.close()


def make_certificate(folder, openssl='openssl'):
    "A certificate for 127.0.0.1 and localhost that signs itself, and its key: two files in `folder`."
    cert, key = folder/'cert.pem', folder/'key.pem'
    subprocess.run([openssl, 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes',
                    '-days', '2', '-subj', '/CN=a test',
                    '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-keyout', key, '-out', cert], check=True, capture_output=True)
    return cert, key
