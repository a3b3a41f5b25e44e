"""What somebody else's dataset, list or file can not do: bring a file that is no image, publish a secret, send requests into this network, fake a line, or eat time and memory."""
import base64, csv, hashlib, http.server, io, json, os, re, socket, struct, threading, time, tracemalloc, warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import NamedTuple

import pytest
from PIL import Image

from fsdl_handwriting_data.commands import data, labels, versions
from fsdl_handwriting_data.core.checks import image_problem
from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import export_bytes, parse_export, read_export, write_export
from fsdl_handwriting_data.pages.card_facts import htr_united
from fsdl_handwriting_data.pages.card import write_card
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.named import find_version
from fsdl_handwriting_data.fetching.table import Wanted
from fsdl_handwriting_data.fetching.report import DownloadFailed
from fsdl_handwriting_data.fetching.download import download, fetch_data_file
from fsdl_handwriting_data.fetching.limits import Limits
from fsdl_handwriting_data.fetching.fetch import fetch_file
from fsdl_handwriting_data.versioning.lists import write_bag
from fsdl_handwriting_data.versioning.git import run_git
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.pages.scans import MOST_PAGES
from fsdl_handwriting_data.pages.new_dataset import new_dataset
from fsdl_handwriting_data.versioning.image_list import PINS, Pin, parse_pins, pins_bytes
from fsdl_handwriting_data.versioning.pins import pin_images, write_pins
from fsdl_handwriting_data.versioning.verified import verify_dataset
from fsdl_handwriting_data.versioning.update import update_dataset
from fsdl_handwriting_data.versioning.secrets import take_out_secrets

SECRETS = 's3cret', 'SIGNATURE1', 'TOKEN123', 'AKIAKEY', 'SASSIG', 'JWTBODY', 'APIKEY1', 'PATHPW'


def png(seed=0, size=(60, 40)):
    f = io.BytesIO()
    Image.effect_noise(size, 30 + seed).save(f, 'PNG')
    return f.getvalue()


@contextmanager
def serve(answers, status=200):
    "A server on this machine: path (without what follows `?`) → bytes; `seen` has the paths and headers that were asked."
    seen = []
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args): pass
        def do_GET(self):
            seen.append((self.path, self.headers.get('Authorization', '')))
            data = answers.get(self.path.partition('?')[0]) if status == 200 else b''
            self.send_response(status if data is not None else 404)
            self.send_header('Content-Length', str(len(data or b'')))
            self.end_headers()
            self.wfile.write(data or b'')
    s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    threading.Thread(target=s.serve_forever, kwargs=dict(poll_interval=.02), daemon=True).start()
    try: yield f'http://127.0.0.1:{s.server_port}', seen
    finally: s.shutdown(), s.server_close()


class Said(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(name, folder, *args):
    "A command, in this process, with arguments as in a shell."
    out, err, code, options, key = io.StringIO(), io.StringIO(), 0, {}, ''
    for o in map(str, args):
        if o.startswith('--'): options[key := o[2:]] = True
        else: options[key] = [o] if key == 'images' else o
    try:
        with redirect_stdout(out), redirect_stderr(err):
            next(getattr(o, name) for o in (data, labels, versions) if hasattr(o, name))(str(folder), **options)
    except SystemExit as e: code = e.code or 0
    return Said(code, out.getvalue(), err.getvalue())


def mk(folder, addresses, url='', pinned=None, images=()):
    "A dataset with a page for each of `addresses`; `pinned`: id → bytes whose hash is in the list."
    (folder/'pages').mkdir(parents=True)
    write_export([Page(o, (Region(((.1, .1), (.9, .1), (.9, .5), (.1, .5)), 'hello', image_width=60, image_height=40,
                                  label=('line',)),)) for o in addresses], folder/'d.jsonl')
    (folder/'metadata.toml').write_text(f"url = '{url}'\nfilename = 'd.jsonl'\nsha256 = '{'0'*64}'\n")
    update_metadata(folder)
    for name, data in dict(images).items(): (folder/'pages'/name).write_bytes(data)
    if pinned is not None:
        pages = {p.id: p for p in read_export(folder/'d.jsonl').pages}
        write_pins(read_metadata(folder),
                   [Pin(k, hashlib.sha256(v).hexdigest(), len(v) or -1, url=pages[k].url) for k, v in pinned.items()])
    return folder


def texts(folder):
    "Everything that can be read below `folder`."
    return b'\n'.join(p.read_bytes() + p.name.encode() for p in sorted(folder.rglob('*')) if p.is_file())


# ------------------------------------------------------------------ a hash is no free pass

NO_IMAGES = {'a key': b'ssh-ed25519 ATTACKER\n', 'a program': b'import os\n',
             'a page of the web': b'<html><body>moved</body></html>', 'json': b'{"a": 1}\n', 'nothing': b'',
             'a pdf': b'%PDF-1.4\n', 'a cut image': png()[:-30], 'an image without its end': png()[:-10],
             'an archive': b'PK\3\4' + b'\0'*60, 'svg': b'<svg xmlns="http://www.w3.org/2000/svg"/>'}


@pytest.mark.parametrize('name', NO_IMAGES)
def test_a_pinned_file_is_fetched_only_if_it_is_an_image(name, tmp_path):
    data, good = NO_IMAGES[name], png()
    with serve({'/authorized_keys': data, '/good.png': good}) as (url, _):
        ds = mk(tmp_path/'d', [f'{url}/authorized_keys', f'{url}/good.png'], pinned={'authorized_keys': data, 'good.png': good})
        res = run('fsdl_download', ds, '--quiet', '--private')
    assert res.returncode == 1 and '1 done, 0 skipped, 1 failed' in res.stdout and 'not an image' in res.stderr and 'expected sha256' in res.stderr, res
    assert {p.name for p in (ds/'pages').iterdir()} == {'good.png', 'downloads.csv'}


def test_what_is_here_with_its_hash_is_looked_at_too(tmp_path):
    data = b'ssh-ed25519 ATTACKER\n'
    res = fetch_file(tmp_path/'x', [], sha256=hashlib.sha256(data).hexdigest())
    assert res.status == 'failed'
    (tmp_path/'x').write_bytes(data)
    res = fetch_file(tmp_path/'x', ['http://127.0.0.1:9/x'], sha256=hashlib.sha256(data).hexdigest())
    assert (res.status, res.cause, res.attempts) == ('failed', 'not-image', 0) and (tmp_path/'x').read_bytes() == data
    assert fetch_file(tmp_path/'x', [], sha256=hashlib.sha256(data).hexdigest(), check=None).status == 'skipped'  # who wants no check gets none


@pytest.mark.parametrize('filename, data',
                         [('sitecustomize.py', b'import os\n'), ('.bashrc', b'alias ls=x\n'),
                          ('export.jsonl', b'<html>moved</html>'), ('export.json', b'\x7fELF' + b'\0'*60),
                                            ('tables.zip', b'#!/bin/sh\n'), ('authorized_keys', b'ssh-ed25519 A\n'),
                                            ('lib.so', b'\x7fELF'), ('scan.png', b'{"a": 1}')])
def test_a_data_file_is_an_export_or_an_archive_also_by_its_hash(filename, data, tmp_path):
    with serve({'/new': data}) as (url, _):
        (tmp_path/'metadata.toml').write_text(f"url = '{url}/new'\nfilename = '{filename}'\nsha256 = '{hashlib.sha256(data).hexdigest()}'\n")
        with pytest.raises(DownloadFailed, match='not a|not an image|is not fetched'):
            fetch_data_file(read_metadata(tmp_path), progress=False)
    assert [p.name for p in tmp_path.iterdir()] == ['metadata.toml']


@pytest.mark.parametrize('filename, data',
                         [('export.jsonl', b'{"content": "http://h/1.jpg"}\n'), ('a.json', b'\xef\xbb\xbf[]'),
                          ('t.zip', b'PK\5\6' + b'\0'*18), ('e.csv', b'a,b\n'), ('scan.png', png()), ('t.gz', b'\x1f\x8b\x08')])
def test_data_files_of_every_kind_are_fetched(filename, data, tmp_path):
    with serve({'/new': data}) as (url, _):
        (tmp_path/'metadata.toml').write_text(f"url = '{url}/new'\nfilename = '{filename}'\nsha256 = '{hashlib.sha256(data).hexdigest()}'\n")
        assert fetch_data_file(read_metadata(tmp_path), progress=False).status == 'done'


# ------------------------------------------------------------------ secrets in addresses

QUERIES = ['/a/p1.png', '/b/p2.png?X-Amz-Signature=SIGNATURE1&X-Amz-Credential=AKIAKEY%2F20260101&X-Amz-Expires=60',
           '/b/p3.png?token=TOKEN123&size=full', '/b/p4.png?sv=2022&sp=r&sig=SASSIG%3D',
           '/b/p5.png?t=eyJhbGciOiJIUzI1NiJ9.JWTBODY12.xyz', '/b/p6.png#access_token=TOKEN123',
           '/b/p7.png?key=APIKEY1', '/b/p8.png?Policy=x&Signature=SIGNATURE1&Key-Pair-Id=AKIAKEY', '/gone/p9.png?password=s3cret']


def with_secrets(url): return [url.replace('//', '//ann:s3cret@') + QUERIES[0], *(url + o for o in QUERIES[1:])]


def test_a_new_dataset_has_no_secret_anywhere(tmp_path):
    answers = {o.partition('?')[0].partition('#')[0]: png(i) for i, o in enumerate(QUERIES) if 'gone' not in o}
    with serve(answers) as (url, seen):
        (tmp_path/'list.txt').write_text('\n'.join(with_secrets(url)) + '\nhttp://ann:PATHPW/x@127.0.0.1/q.png\n')
        said = [run('fsdl_new', tmp_path/'d', '--images', tmp_path/'list.txt', '--quiet')]
        assert '8 added (8 without the secrets of their addresses), 0 skipped, 2 failed' in said[0].stdout, said[0]
        assert base64.b64encode(b'ann:s3cret').decode() in str(seen) and 'X-Amz-Signature=SIGNATURE1' in str(seen)  # it was asked with them
        again = run('fsdl_new', tmp_path/'d', '--images', tmp_path/'list.txt', '--quiet')
        assert '0 added, 8 skipped, 2 failed' in again.stdout
        said += [again, run('fsdl_pin', tmp_path/'d', '--quiet', '--bag', tmp_path/'bag'),
                 run('fsdl_card', tmp_path/'d'), run('fsdl_verify', tmp_path/'d', '--quiet'),
                 run('fsdl_look', tmp_path/'d', '--out', tmp_path/'look')]
        assert said[2].returncode == 0, said[2]
        (tmp_path/'d'/'pages'/'p3.png').unlink()
        said += [run('fsdl_download', tmp_path/'d', '--quiet', *o) for o in (['--private'], ['--private', '--json'], [])]
    (tmp_path/'d'/'pages'/'p3.png').unlink()  # now nobody answers
    gone = [run('fsdl_download', tmp_path/'d', '--quiet', '--private', *o) for o in ([], ['--json'])]
    said += gone
    for o in gone: assert o.returncode == 1 and 'p3.png: the address was kept without its secret (token)' in o.stdout + o.stderr
    for where in (*(o.stdout + o.stderr for o in said), texts(tmp_path/'d').decode('latin-1'), texts(tmp_path/'bag').decode('latin-1')):
        assert [o for o in SECRETS if o in where] == []
    pages = read_export(tmp_path/'d'/'d.jsonl')
    assert not pages.problems.of('secret-address') and [p.extras['withheld'][0] for p in pages.pages][:3] == ['password', 'X-Amz-Signature', 'token']
    assert (tmp_path/'bag'/'data'/'pages'/'p3.png').is_file() and not (tmp_path/'bag'/'fetch.txt').exists()  # nobody else could fetch them
    assert 'size=full' in pages.pages[2].url and 'its address is kept without its secrets (token)' in said[0].stdout


@pytest.mark.long
def test_an_export_with_secrets_is_named_and_what_is_published_of_it_has_none(tmp_path):
    addresses = with_secrets('https://host.invalid')
    images = {f'p{i}.png': png(i) for i in range(1, 10)}
    ds = mk(tmp_path/'d', addresses, images=images, url='https://ann:s3cret@host.invalid/d.jsonl')
    before = (ds/'d.jsonl').read_bytes()
    assert FsdlHandwritingDataset(ds).problems.counts()['secret-address'] == 9
    said = [run('fsdl_pin', ds, '--quiet'), run('fsdl_card', ds), run('fsdl_look', ds, '--out', tmp_path/'look'),
            run('fsdl_verify', ds, '--quiet')]
    assert '9 addresses in d.jsonl have secrets' in said[0].stderr and 'metadata.toml has secrets in its addresses (password)' in said[0].stderr
    assert '9 addresses in d.jsonl have secrets' in said[1].stdout and 'secret-address' in said[2].stdout and said[3].returncode == 0
    assert (ds/'d.jsonl').read_bytes() == before  # nothing is rewritten in silence
    for where in (*(o.stdout + o.stderr for o in said), *((ds/o).read_text() for o in (PINS, 'card.md', 'croissant.json'))):
        assert [o for o in SECRETS if o in where] == []
    with pytest.raises(MetadataError,
                       match='9 addresses in d.jsonl have secrets.*--without-secrets.*p1.png.*p2.png.*; metadata.toml has secrets'):
                           write_bag(ds, tmp_path/'bag')
    refused = run('fsdl_pin', ds, '--quiet', '--bag', tmp_path/'bag', '--copy_images')
    assert refused.returncode == 1 and 'no bag of it' in refused.stderr and [p for p in tmp_path.iterdir() if 'bag' in p.name] == []
    assert [o for o in SECRETS if o in refused.stdout + refused.stderr] == []


def all_secrets(folder): return [o for o in SECRETS if o in texts(folder).decode('latin-1')]


@pytest.mark.long
@pytest.mark.parametrize('git', [False, True])
def test_secrets_are_taken_out_of_an_export_and_its_description_and_then_it_can_be_published(tmp_path, git):
    addresses = [*with_secrets('https://host.invalid'), 'https://host.invalid/plain.png',
                 'https://host.invalid/ghp_TOKEN123abcdefg/p10.png']
    ds = mk(tmp_path/'d', addresses, images={p.id: png(i) for i, p in enumerate(map(Page, addresses))},
            url='https://ann:s3cret@host.invalid/d.jsonl')
    lines = (ds/'d.jsonl').read_bytes().splitlines(keepends=True)
    odd = lines[9].replace(b'{"content": ', b'{  "content" :', 1)  # its bytes stay, also odd ones
    more = lines[9].replace(b'plain.png', b'more.png').replace(b'"extras":null',
                                                               b'"extras": {"from": "https:\\/\\/host.invalid\\/x?token=TOKEN123&a=1", "n": 1e2}')
    (ds/'d.jsonl').write_bytes(b''.join([*lines[:9], odd, lines[10], more, b'\n']))
    (ds/'pages'/'more.png').write_bytes(png(40))
    with (ds/'metadata.toml').open('a') as f:
        f.write("# from https://host.invalid/?token=TOKEN123\n[mirrors]\n'https://host.invalid/' = ['https://ann:s3cret@mirror.invalid/']\n")
    update_metadata(ds)
    pin_images(ds, progress=False)
    if git:
        for o in (['init', '-q'], ['add', '.'], ['-c', 'user.name=a', '-c', 'user.email=a@b.c', 'commit', '-qm', 'First']):
            run_git(tmp_path/'d', *o)
    old = read_export(ds/'d.jsonl')
    assert len(old.problems.of('secret-address')) == 11
    before = texts(ds)
    dry = run('fsdl_update_metadata', ds, '--without_secrets', '--dry')
    assert '11 records' in dry.stdout and 'nothing was written' in dry.stdout and texts(ds) == before, dry
    said = run('fsdl_update_metadata', ds, '--without_secrets')
    assert said.returncode == 0 and 'd.jsonl: 11 records' in said.stdout and 'metadata.toml: its addresses' in said.stdout and 'make them invalid' in said.stdout, said
    new = read_export(ds/'d.jsonl')
    assert new.pages[9].raw == odd and new.problems.of('secret-address') == [] and [(p.id, p.regions)
                                                                                    for p in new.pages] == [(p.id, p.regions) for p in old.pages]
    assert [p.extras.get('withheld') if p.extras else None for p in new.pages][-4:] == [['password'], None, ['token'], None]
    assert new.pages[-1].extras == {'from': 'https://host.invalid/x?a=1', 'n': 100.0} and b'1e2' in new.pages[-1].raw
    assert verify_dataset(ds, progress=False) == [] and 'mirror.invalid' in (ds/'metadata.toml').read_text()
    again = run('fsdl_update_metadata', ds, '--without_secrets')
    assert 'no address has a secret' in again.stdout and (ds/'d.jsonl').read_bytes() == b''.join(p.raw for p in new.pages) + b'\n'
    if git: assert 'Nothing to update' in run('fsdl_update_metadata', ds).stdout
    bag = run('fsdl_pin', ds, '--quiet', '--bag', tmp_path/'bag', '--sums', tmp_path/'bag.sha256')
    assert bag.returncode == 0 and all_secrets(tmp_path/'bag') == [] and len(list((tmp_path/'bag'/'data'/'pages').iterdir())) == 10, bag
    assert 'TOKEN123' not in (tmp_path/'bag.sha256').read_text()
    (ds/'pages'/'p3.png').unlink()
    with pytest.raises(ValueError, match='p3.png'): write_bag(ds, tmp_path/'bag2')


def test_pages_that_only_their_secrets_tell_apart_keep_their_ids(tmp_path):
    ds = mk(tmp_path/'d',
            ['https://h.invalid/p.png?token=A', 'https://h.invalid/q/p.png?token=B', 'https://h.invalid/p.png?token=C&page=2'])
    ids = [p.id for p in read_export(ds/'d.jsonl').pages]
    assert take_out_secrets(ds) and [p.id for p in read_export(ds/'d.jsonl').pages] == ids and len(set(ids)) == 3
    odd = mk(tmp_path/'odd', ['https://h.invalid/ghp_TOKEN123abcdefg.png'])
    before = texts(odd)
    with pytest.raises(MetadataError, match='names of 1 pages are secrets'): take_out_secrets(odd)
    assert texts(odd) == before


def test_nothing_is_taken_out_of_an_export_that_is_not_as_described(tmp_path):
    ds = mk(tmp_path/'d', ['https://h.invalid/p.png?token=A', 'https://h.invalid/q.png'])
    (ds/'d.jsonl').write_bytes((ds/'d.jsonl').read_bytes().splitlines(keepends=True)[0])  # a page is lost
    before = texts(ds)
    with pytest.raises(MetadataError, match='not here as it is described'): take_out_secrets(ds)
    assert texts(ds) == before


@pytest.mark.parametrize('name, text',
                         [('README.md', 'See https://ann:s3cret@host.invalid/x.'),
                          ('card.json', '{"a": "https:\\/\\/h.invalid\\/?sig=SASSIG"}'),
                          ('note.txt', '<https://h.invalid/a?x=1&amp;token=TOKEN123>')])
def test_a_file_beside_the_export_with_secrets_is_in_no_bag(tmp_path, name, text):
    ds = mk(tmp_path/'d', ['https://h.invalid/p1.png'], images={'p1.png': png()})
    (ds/name).write_text(text)
    pin_images(ds, progress=False)
    with pytest.raises(MetadataError, match=f'{name} has secrets in addresses'): write_bag(ds, tmp_path/'bag')
    (ds/name).write_text('See https://host.invalid/x?page=2.')
    update_dataset(ds, 'unknown')
    assert all_secrets(write_bag(ds, tmp_path/'bag')) == []


@pytest.mark.parametrize('exported', [False, True])
def test_labels_go_on_after_secrets_were_taken_out(tmp_path, exported):
    ds = mk(tmp_path/'d', ['https://h.invalid/p1.png?token=TOKEN123', 'https://h.invalid/p2.png'],
            images={'p1.png': png(), 'p2.png': png(1)})
    region = {'id': 'r2', 'points': [[.1, .6], [.9, .6], [.9, .9], [.1, .9]], 'text': 'hello again'}
    LabelStore(ds, 'ann').append([{'op': 'put', 'page': 'p1.png', 'region': region}])
    if exported: export_labels(ds)
    take_out_secrets(ds)
    store = LabelStore(ds, 'ann')
    store.append([{'op': 'put', 'page': 'p1.png', 'region': {**region, 'text': 'hello at last'}}])
    assert [o.text for o in store.page('p1.png').regions] == ['hello', 'hello at last'] and store.problems == []
    assert export_labels(ds).conflicts == ()
    pages = read_export(ds/'d.jsonl').pages
    assert sorted(r.text for r in pages[0].regions) == ['hello', 'hello at last'] and pages[0].extras['withheld'] == ['token'] and all_secrets(ds) == []


def test_a_list_of_images_with_secrets_of_an_older_version_is_right_and_written_without_them(tmp_path):
    data, url = png(), 'https://host.invalid/p1.png?token=TOKEN123'
    ds = mk(tmp_path/'d', [url], images={'p1.png': data})
    pin_images(ds, progress=False)
    old = (ds/PINS).read_bytes().replace(b'p1.png,\n', b'p1.png?token=TOKEN123,https://ann:s3cret@o.invalid/p1.png\n')
    text = (ds/'metadata.toml').read_text().replace(hashlib.sha256((ds/PINS).read_bytes()).hexdigest(), hashlib.sha256(old).hexdigest())
    (ds/PINS).write_bytes(old), (ds/'metadata.toml').write_text(text)
    assert [o for o in verify_dataset(ds, progress=False) if o.file == PINS] == [] and parse_pins(old)['p1.png'].url == url
    assert 'TOKEN123' not in repr(parse_pins(old)) and 's3cret' not in repr(parse_pins(old))
    res = pin_images(ds, progress=False)
    assert [o.status for o in res] == ['moved'] and 'TOKEN123' not in (ds/PINS).read_text() and 's3cret' not in (ds/PINS).read_text()


def test_two_images_that_only_their_secrets_tell_apart_are_not_taken_for_one(tmp_path):
    with serve({'/img.png': png()}) as (url, _):
        res = new_dataset(tmp_path/'same', [f'{url}/img.png?token=A', f'{url}/img.png?token=B'], progress=False)
        assert [o.status for o in res] == ['added', 'skipped']
    class Two(dict):
        def get(self, k): return png(next(numbers))
    numbers = iter(range(9))
    with serve(Two()) as (url, _):
        res = new_dataset(tmp_path/'other', [f'{url}/img.png?token=A', f'{url}/img.png?token=B'], progress=False)
        assert [o.status for o in res] == ['added', 'failed'] and 'another image' in res[1].reason
    with pytest.raises(ValueError, match='secrets'):
        new_dataset(tmp_path/'url', [tmp_path], url='https://ann:s3cret@host.invalid/', progress=False)


def test_no_error_or_repr_shows_a_secret(tmp_path):
    urls = ['http://ann:s3cret@127.0.0.1:9/p1.png?token=TOKEN123', 'http://ann:s3cret@[::/p2.png',
            'ftp://ann:s3cret@h/p3.png', 'http://ann:PATHPW/x@h.invalid/p4.png', 'http:///p5.png?sig=SASSIG',
            'http://h.invalid:x/p6.png?key=APIKEY1']
    report = download({f'p{i}.png': o for i, o in enumerate(urls)}, tmp_path/'pages', limits=Limits(tries=1, connect=1), progress=False)
    with serve({}, status=403) as (url, _):
        report2 = download([Wanted('q.png', [f'{url}/q.png?token=TOKEN123'])], tmp_path/'pages2', limits=Limits(tries=1), progress=False)
    assert report.counts['failed'] == 6
    shown = [repr(o) for o in (report, report2, *report, *report2)] + [report.summary(), report._repr_markdown_(),
                                                                       *report.failures(), texts(tmp_path).decode('latin-1')]
    try: report.raise_if_failed()
    except DownloadFailed as e: shown.append(str(e))
    pages = parse_export(b''.join(json.dumps({'content': o, 'annotation': []}).encode() + b'\n'
                                  for o in [*urls, 'http://h/..?token=TOKEN123']))
    shown += [repr(pages.pages), *map(repr, pages.pages), *map(str, pages.problems)]
    for s in shown: assert [o for o in SECRETS if o in s] == [], s


# ------------------------------------------------------------------ private addresses

SPELLINGS = ['127.0.0.1', 'localhost', 'LOCALHOST.', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::1]',
             '[::ffff:127.0.0.1]', '10.0.0.1', '172.16.5.4', '192.168.1.1', '169.254.169.254', '[fd00::1]', 'printer.local', '0.0.0.0']


@pytest.mark.parametrize('host', SPELLINGS)
def test_a_private_address_of_a_foreign_export_is_not_asked(host, tmp_path):
    with serve({'/p1.png': png()}) as (url, seen):
        ds = mk(tmp_path/'d', [f"http://{host}:{url.rpartition(':')[2]}/p1.png"], url='https://host.invalid/d.jsonl')
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            report = FsdlHandwritingDataset(ds).load_or_generate_data(progress=False, limits=Limits(tries=1, connect=1))
    assert not seen and report[0].cause == 'private' and '--private' in report[0].reason and report[0].attempts == 1


@pytest.mark.parametrize('how', ['own address', 'private=True', '--private', 'mirror', 'name'])
def test_a_private_address_is_asked_where_the_dataset_is_from_there_or_on_request(how, tmp_path, monkeypatch):
    with serve({'/p1.png': png()}) as (url, seen), warnings.catch_warnings():
        warnings.simplefilter('ignore')
        ds = mk(tmp_path/'d', [f'{url}/p1.png' if how != 'mirror' else 'https://host.invalid/p1.png'],
                url=f'{url}/d.jsonl' if how == 'own address' else 'https://host.invalid/d.jsonl')
        if how == 'mirror':
            (ds/'metadata.toml').write_text((ds/'metadata.toml').read_text() + f"[mirrors]\n'https://host.invalid' = '{url}'\n")
        if how == '--private': assert run('fsdl_download', ds, '--quiet', '--private').returncode == 0
        elif how == 'name':  # a name of the public internet that leads to this machine
            port = url.rpartition(':')[2]
            monkeypatch.setattr('socket.getaddrinfo', lambda host, *a, real=socket.getaddrinfo, **k: real('127.0.0.1', *a, **k))
            res = download({'p1.png': f'http://rebound.example.org:{port}/p1.png'}, ds/'pages',
                           limits=Limits(tries=1, connect=1, ask_private=False), progress=False)
            assert res[0].cause == 'private' and not seen
            return
        else: assert FsdlHandwritingDataset(ds).load_or_generate_data(progress=False, private=how != 'own address').counts['done'] == 1
        assert len(seen) == 1
        if how == 'mirror':
            (ds/'pages'/'p1.png').unlink()
            assert FsdlHandwritingDataset(ds).load_or_generate_data(progress=False, limits=Limits(tries=1, connect=1)).counts['done'] == 0 and len(seen) == 1


def test_what_the_user_gives_to_fsdl_new_is_the_users_own(tmp_path):
    with serve({'/p1.png': png()}) as (url, _):
        assert [o.status for o in new_dataset(tmp_path/'d', f'{url}/p1.png', progress=False)] == ['added']


# ------------------------------------------------------------------ the text of others

HOSTILE = ['a\x1b[2Jb', 'a\x9b2Jb', 'x\u202egpj.exe', 'a\u2066b', '<img src=x onerror=alert(1)>',
           '[x](javascript:alert(1))', '![x](http://h/?q)', 'a|b', '`a`', '@ann', '#1', '=1+1', '$x$', '\u200fabc', '&lt;']


@pytest.mark.long
@pytest.mark.skipif(os.name != 'posix', reason='names that Windows does not have')
def test_names_of_files_are_no_codes_lines_or_markup(tmp_path):
    (tmp_path/'scans').mkdir()
    for i, o in enumerate([*HOSTILE, 'a\n0 images: 99 added']):
        (tmp_path/'scans'/f"{i}{o.replace('/', '∕')}.png").write_bytes(b'no image' if i % 2 else png(i))
    res = run('fsdl_new', tmp_path/'d', '--images', tmp_path/'scans', '--quiet')
    for s in res.stdout, res.stderr: assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200f]', s)
    assert len(res.stdout.splitlines()) <= 2 + len(HOSTILE) and all(o.startswith('  failed: ')
                                                                    for o in res.stderr.splitlines()) and len(res.stderr.splitlines()) == 8
    table = new_dataset(tmp_path/'d2', tmp_path/'scans', progress=False)._repr_markdown_()
    for o in '<img', '[x](', '![x](', '\x1b', '\u202e', '| a|b', '`a`': assert o not in table, o
    rows = [o for o in table.splitlines() if o.startswith('|')]
    assert all(len(re.findall(r'(?<!\\)\|', o)) == 4 for o in rows) and len(rows) > 10
    for name in 'fsdl_verify', 'fsdl_pin', 'fsdl_card', 'fsdl_look':
        res = run(name, tmp_path/'d', *['--quiet']*(name in ('fsdl_verify', 'fsdl_pin')), *['--out', tmp_path/'o']*(name == 'fsdl_look'))
        assert not re.search('[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200f]', res.stdout + res.stderr) and 'Traceback' not in res.stderr, res


def test_titles_and_descriptions_are_no_markup_in_the_card(tmp_path):
    ds = mk(tmp_path/'d', ['pages/p1.png'], images={'p1.png': png()})
    (ds/'metadata.toml').write_text((ds/'metadata.toml').read_text()
                                    + "[card]\ntitle = '<script>x</script> [a](javascript:b)'\ndescription = '''<b>bold</b> ![x](http://h/y) see https://h.invalid/?token=TOKEN123 and | | @ann'''\n")
    write_card(ds)
    text = (ds/'card.md').read_text()
    head = text.partition('## Counts')[0]
    for o in '<script', '<b>', '[x]', '[a]', 'TOKEN123': assert o not in head, head
    assert 'TOKEN123' not in text and 'TOKEN123' not in (ds/'croissant.json').read_text()


def test_cells_are_no_formulas_and_come_back(tmp_path):
    ids = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', "'=1", "''+1", '＝1', 'plain', "'", '=HYPERLINK("http://h")', '=cmd|\' /C calc\'!A0']
    pins = [Pin(o, 'a'*64, url=o, mirrors=(f'={i}',)) for i, o in enumerate(ids)]
    data = pins_bytes(pins)
    assert sorted(parse_pins(data).values()) == sorted(pins)
    plain = [Pin('a.png', 'a'*64, 1, 2, 3, 'http://h/a.png', ('http://o/a.png',))]
    assert pins_bytes(plain) == f"id,sha256,bytes,width,height,url,mirrors\na.png,{'a'*64},1,2,3,http://h/a.png,http://o/a.png\n".encode()  # as ever
    assert parse_pins(data.replace(b"\n'=1+1,", b'\n=1+1,'))['=1+1'].id == '=1+1'  # as an older version wrote it
    report = download({o: [f'file:///{o}'] for o in ids}, tmp_path/'pages', progress=False)
    table = (tmp_path/'pages'/'downloads.csv').read_bytes()
    for rows in csv.reader(io.StringIO(data.decode(), newline='')), csv.reader(io.StringIO(table.decode(), newline='')):
        assert all(cell[:1] not in tuple('=+-@\t\r\n＝＋－＠') for row in rows for cell in row)
    assert [o.id for o in report] == ids and {o.id for o in download({o: [] for o in ids}, tmp_path/'pages', progress=False)} == set(ids)


def test_json_output_stays_json_and_what_it_says(tmp_path):
    ds = mk(tmp_path/'d', [f'https://host.invalid/{o}.png' for o in ('a\u202eb', 'a\x9bb')])
    res = run('fsdl_download', ds, '--json', '--offline')
    assert {o['id'] for o in json.loads(res.stdout)['failures']} == {'a\u202eb.png', 'a\x9bb.png'} and not re.search('[\x80-\x9f\u202e]', res.stdout)


# ------------------------------------------------------------------ bombs and slow inputs

def pdf(objs):
    out, places = bytearray(b'%PDF-1.4\n'), []
    for i, o in enumerate(objs, 1):
        places.append(len(out))
        out += b'%d 0 obj\n%b\nendobj\n' % (i, o)
    x = len(out)
    return bytes(out + b'xref\n0 %d\n0000000000 65535 f \n' % (len(objs) + 1)
                 + b''.join(b'%010d 00000 n \n' % o for o in places)
                 + b'trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF' % (len(objs) + 1, x))


def image_pdf(w, h, colours=b'/DeviceGray', bits=1, pages=1, data=b'x'):
    kids = b' '.join(b'%d 0 R' % (5 + i) for i in range(pages))
    content = b'q 612 0 0 792 0 0 cm /I Do Q'
    image = b'<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace%b/BitsPerComponent %d/Filter/FlateDecode/Length %d>>stream\n' % (w, h, colours, bits, len(data)) + data + b'\nendstream'
    return pdf([b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[%b]/Count %d>>' % (kids, pages), image,
                b'<</Length %d>>stream\n' % len(content) + content + b'\nendstream'] +
               [b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</XObject<</I 3 0 R>>>>/Contents 4 0 R>>']*pages)


def tiff(n, w=10, h=10, second=None):
    "A TIFF of `n` frames that share their pixels; the second one says another size."
    size, out = 2 + 12*9 + 4, bytearray(b'II*\0' + struct.pack('<I', 8))
    for i in range(n):
        a, b = second if second and i == 1 else (w, h)
        out += struct.pack('<H', 9) + b''.join(struct.pack('<HHII', *o)
                                               for o in [(256, 4, 1, a), (257, 4, 1, b), (258, 3, 1, 8),
                                                         (259, 3, 1, 1), (262, 3, 1, 1), (273, 4, 1, 8),
                                                         (277, 3, 1, 1), (278, 4, 1, b), (279, 4, 1, w*h)])
        out += struct.pack('<I', 8 + (i + 1)*size if i < n - 1 else 0)
    return bytes(out + b'\0'*w*h)


BOMBS = {'pdf of one bit.pdf': (image_pdf(30_000, 30_000), '30,000 × 30,000 pixels'),
         'pdf in colour.pdf': (image_pdf(15_000, 15_000, b'/DeviceRGB', 8), '15,000 × 15,000 pixels'),
         'pdf of no end.pdf': (pdf([b'<</Type/Catalog/Pages 2 0 R>>', b'<</Type/Pages/Kids[3 0 R]/Count 100000>>',
                                    b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 10 10]>>']), '100,000 pages'),
         'second frame.tif': (tiff(2, second=(60_000, 60_000)), '60,000 × 60,000 pixels'),
         'wide.tif': (tiff(2, second=(200_000_000, 1)), '200,000,000 × 1 pixels'),
         'tall.pdf': (image_pdf(1, 400_000_000), '400,000,000 pixels')}


@pytest.mark.parametrize('name', BOMBS)
def test_pages_and_pixels_are_judged_before_they_are_decoded(name, tmp_path):
    if name.endswith('.pdf'): pytest.importorskip('pypdfium2')
    data, words = BOMBS[name]
    (tmp_path/name).write_bytes(data)
    start = time.process_time()
    res = new_dataset(tmp_path/'d', tmp_path/name, progress=False)
    bad = res.of('failed')
    assert len(bad) == 1 and words in bad[0].reason and 'another kind of file' not in bad[0].reason, list(map(str, res))
    assert time.process_time() - start < 1 and len(res.of('added')) == name.startswith(('second', 'wide'))


@pytest.mark.long
def test_many_frames_take_linear_time_and_too_many_are_refused(tmp_path, note):
    times = []
    for n in 100, 400:
        (tmp_path/f'{n}.tif').write_bytes(tiff(n))
        start = time.process_time()
        assert len(new_dataset(tmp_path/f'd{n}', tmp_path/f'{n}.tif', progress=False).of('added')) == n
        times.append(time.process_time() - start)
    note(f'TIFF of 100 and 400 frames: {times[0]:.2f} and {times[1]:.2f} s')
    assert times[1] < 7*times[0] + .2
    (tmp_path/'many.tif').write_bytes(tiff(MOST_PAGES + 1))
    res = new_dataset(tmp_path/'many', [tmp_path/'many.tif', tmp_path/'100.tif'], progress=False)
    assert f'more than {MOST_PAGES:,} pages' in res[0].reason and len(res.of('added')) == 100


def test_a_damaged_page_leaves_the_other_pages_of_its_file(tmp_path):
    ims = [Image.effect_noise((40, 30), 10*i + 10) for i in range(4)]
    ims[0].save(tmp_path/'four.tif', save_all=True, append_images=ims[1:], compression='tiff_lzw')
    data = bytearray((tmp_path/'four.tif').read_bytes())
    with Image.open(tmp_path/'four.tif') as im:
        im.seek(1)
        place = im.tag_v2[273][0]
    data[place:place + 200] = b'\xff'*200
    (tmp_path/'four.tif').write_bytes(data)
    assert [o.status for o in new_dataset(tmp_path/'d', tmp_path/'four.tif', progress=False)] == ['added', 'failed', 'added', 'added']


SLOW = {'polygon': lambda n: json.dumps({'content': 'http://h/1.jpg',
                                         'annotation': [{'points': [[i % 2, i/n] for i in range(n)], 'notes': 'x',
                                                         'shape': 'polygon', 'imageWidth': 9, 'imageHeight': 9,
                                                         'label': ['line']}]}).encode(),
        'zigzags': lambda n: (json.dumps({'content': 'http://h/1.jpg',
                                          'annotation': [{'points': [[i % 2, i/999] for i in range(999)],
                                                          'notes': 'x', 'shape': 'polygon', 'imageWidth': 9,
                                                          'imageHeight': 9, 'label': ['line']}]*(n//10_000)}) + '\n').encode(),
        'torn': lambda n: b'{"content" '*n, 'torn and nested': lambda n: b'{"content":[1,'*n,
        'nested': lambda n: b'['*n, 'torn texts': lambda n: b'{"content": "http:'*n,
        'a long word': lambda n: b'{"content": "http://h/1.jpg", "annotation": [], "metadata": {"by": "' + b'a'*n*8 + b'"}}',
        'keys': lambda n: b'{' + b'"a": 1,'*n + b'"content": "http://h/1.jpg"}',
        'torn deep': lambda n: (b'{"content":[' + b'1,'*200)*(n//100)}


@pytest.mark.parametrize('name', SLOW)
def test_reading_an_export_takes_no_longer_than_its_length(name):
    data = SLOW[name](64_000)
    start = time.process_time()
    export = parse_export(data)
    assert export_bytes(export.pages) == data and time.process_time() - start < 2
    if name == 'polygon':
        assert export.problems.counts()['many-points'] == 1 and len(export.pages[0].regions) == 1 and '1,000' in str(export.problems.of('many-points')[0])


def test_long_words_in_a_card_take_linear_time(tmp_path):
    ds = mk(tmp_path/'d', ['pages/p1.png'], images={'p1.png': png()})
    (ds/'readme.md').write_text('a'*500_000 + '@' + 'b.'*1000)
    start = time.process_time()
    FsdlHandwritingDataset(ds).problems
    htr_united(FsdlHandwritingDataset(ds))
    assert time.process_time() - start < 2


@pytest.mark.parametrize('text, words',
                         [('a.'*50_000 + 'b = 1\n', 'more than 100 parts'), ('x = ' + '['*50_000, 'nested'),
                          ('x = ' + '9'*50_000, 'not TOML'), ('[' + 'a.'*5000 + 'b]\n', 'more than 100 parts'),
                          ('x = {' + '"a" . '*5000 + 'b = 1}', 'more than 100 parts'),
                                         ('x = "' + 'y'*300_000 + '"', '200,000 bytes')])
def test_a_description_is_refused_before_it_takes_long(text, words, tmp_path):
    (tmp_path/'metadata.toml').write_text(f"filename = 'd.jsonl'\n{text}")
    start = time.process_time()
    with pytest.raises(ValueError, match=words): read_metadata(tmp_path, need=())
    assert time.process_time() - start < 1


def test_a_wait_of_three_hundred_digits_is_said_in_a_few(tmp_path):
    class Busy(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args): pass
        def do_GET(self):
            self.send_response(503, 'busy\x1b[2J' + 'x'*500)
            self.send_header('Retry-After', '9'*300), self.send_header('Content-Length', '0'), self.end_headers()
    s = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Busy)
    threading.Thread(target=s.serve_forever, kwargs=dict(poll_interval=.02), daemon=True).start()
    try: res = fetch_file(tmp_path/'x.png', [f'http://127.0.0.1:{s.server_port}/x.png'])
    finally: s.shutdown(), s.server_close()
    assert res.cause == 'busy' and len(res.reason) < 300 and '\x1b' not in res.reason


def test_a_comparison_shows_no_secret(tmp_path):
    "Nor where only the secret changed."
    for name, o in ('a', 'http://ann:s3cret@h/1.png?token=TOKEN123'), ('b', 'http://h2/1.png?sig=SASSIG'), ('c', 'http://ann:PATHPW@h/1.png?token=JWTBODY'), ('none', 'http://h/2.png'):
        write_export([Page(o, (Region(((.1, .1), (.9, .1), (.9, .5), (.1, .5)), 'hello', image_width=60,
                                      image_height=40, label=('line',)),))], tmp_path/f'{name}.jsonl')
    for new in 'b', 'c', 'none':
        diff = diff_exports(find_version(tmp_path/'a.jsonl'), find_version(tmp_path/f'{new}.jsonl'))
        for s in str(diff), diff.markdown(), diff.to_json(), diff._repr_markdown_(): assert [o for o in SECRETS if o in s] == [], s


@pytest.mark.parametrize('format', ['PNG', 'JPEG', 'BMP', 'GIF'])
def test_a_file_that_is_much_larger_than_its_picture_is_not_read_whole(format, tmp_path):
    (tmp_path/'scans').mkdir()
    Image.new('L', (40, 60), 200).save(tmp_path/'scans'/f'good.{format.lower()}', format)
    Image.new('L', (40, 60), 100).save(path := tmp_path/'scans'/f'long.{format.lower()}', format)
    os.truncate(path, 100_000_000)
    tracemalloc.start()
    report, problem = new_dataset(tmp_path/'d', tmp_path/'scans', progress=False), image_problem(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [o.status for o in report] == ['added', 'failed'] and '100,000,000 bytes, more than a picture of 40 × 60 pixels needs' in report[1].reason
    assert peak < 50_000_000 and problem in (None, 'not an image: a damaged or cut off image, without an end')
