"""Mutated inputs for every reader, made from small valid ones that the library wrote itself.

`python fuzzing.py SEED FIRST N [READER …]` reads the inputs FIRST to FIRST + N - 1 of the seed, and prints one JSON object: how many for each reader, what was raised
that is not documented, the longest time, and the most memory of the process. The same numbers give the same inputs, so a failure can be had again."""
import io, json, random, re, resource, shutil, signal, sys, tempfile, time
from collections import Counter
from pathlib import Path

from PIL import Image

from iam_fixture import FORMS, archives, tables

from fsdl_handwriting_data.core.shown import HandwritingError
from fsdl_handwriting_data.core import shown
from fsdl_handwriting_data.core.archives import extract_archive
from fsdl_handwriting_data.core.charset import Charset
from fsdl_handwriting_data.fetching import fetch, table
from fsdl_handwriting_data.labelling import store as label_store
from fsdl_handwriting_data.pages import card, card_facts, croissant, iam_forms, sources
from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import export_bytes, parse_export, write_export
from fsdl_handwriting_data.core.checks import data_problem, describe_bytes, image_problem
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.versioning.lists import read_registry
from fsdl_handwriting_data.core.files import sha256_of
from fsdl_handwriting_data.core.metadata import read_metadata
from fsdl_handwriting_data.core.verify import lfs_conflict, lfs_pointer, seal_of
from fsdl_handwriting_data.core.writing import edit_metadata
from fsdl_handwriting_data.core.names import file_name, name_key, safe_name
from fsdl_handwriting_data.versioning.image_list import Pin, parse_pins, pins_bytes
from fsdl_handwriting_data.versioning.verified import Fingerprint, check_stamp, write_stamp

SECONDS, MEGABYTES = 2, 300  # what one input may take; the memory is that of the whole process, with numpy and all
BOX = (.1, .1), (.9, .1), (.9, .2), (.1, .2)
BENT = (.1, .1), (.5, .13), (.9, .1), (.9, .2), (.5, .23), (.1, .2)
TEXTS = 'Dear Ann,', 'ſo \u0301 ß', '', 'the "roses"\\', '\u202e\x1b[31m', '😀', 'x'*300
TOML = '''# letters
url = "https://ann:pa55@host.invalid/letters.jsonl?token=T0ken"
filename = 'letters.jsonl'
sha256 = "{}"
[mirrors]
"https://host.invalid/" = ["scans", 'https://other.invalid/?sig=1']
[card]
title = "Letters" # a comment
description = """Two
lines, by ann@example.org"""
language = ["eng"]
time = [1850, "1860-05"]
published = 2020-01-02
authors = [{{surname = "Doe", roles = ["transcriber"]}}, 'Bo']
[pins]
"images.csv" = "{}"
"metadata.toml" = "{}"
'''
POINTER = b'version https://git-lfs.github.com/spec/v1\noid sha256:' + b'a'*64 + b'\nsize 12\n'


class Files:
    "A dataset in a temporary folder, and the valid inputs of each reader."
    def __init__(self, top):
        self.folder = Path(top)/'letters'
        (self.folder/'pages').mkdir(parents=True)
        regions = [Region(p, t, s, 100, 80, ('line',)) for t in TEXTS for p, s in ((BOX, 'rectangle'), (BENT, 'polygon'))]
        pages = [Page(f'https://host.invalid/iiif/p{i}/default.jpg?token=T0ken', tuple(regions[i:i + 4]),
                      metadata={'status': 'done', 'last_updated_by': 'ann@example.org'}, extras={'sha256': 'a'*64}) for i in range(4)]
        write_export([*pages, Page('pages/new.png', annotated=False)], self.folder/'letters.jsonl')
        export = (self.folder/'letters.jsonl').read_bytes()
        self.toml = TOML.format(sha256_of(self.folder/'letters.jsonl'), 'b'*64, '0'*64).encode()
        pins = [Pin(f'p{i}.png', f'{i}'*64, 12, 100, 80, f'https://host.invalid/p{i}.png', ('https://o.invalid/=1',))
                for i in range(3)] + [Pin('=1+1', 'c'*64)]
        rows = [fetch.Fetched(f'p{i}, "1".png', s, url='http://h/p', reason='no\nfile', bytes=7, sha256='f'*64,
                              mark='12') for i, s in enumerate(('done', 'skipped', 'failed'))]
        self.write('metadata.toml', self.toml)
        write_stamp(self.folder, Fingerprint('nogit', 'a'*12, 'b'*12), lines=12)
        self.inputs = {'export': [export], 'metadata': [self.toml], 'pins': [pins_bytes(pins)],
                       'ledger': [b''.join([table.HEADER, *map(table.table_line, rows)])],
                       'registry': [b'# a comment\npages/p0.png sha256:' + b'a'*64 + b'\n"p 1.png" ' + b'b'*64 + b' https://h/p1.png\n'],
                       'list': [b'url,filename\nhttps://host.invalid/a.jpg?token=1,a.jpg\nscans/b.jpg,\n',
                                b'# list\nhttps://host.invalid/1/default.jpg\nb.jpg\n'],
                       'journal': [self.journal()], 'stamp': [(self.folder/'fingerprint.json').read_bytes()],
                       'dataset': [export], 'text': [self.toml, export[:2000]],
                       'pointer': [POINTER, b'<<<<<<< a\n' + POINTER + b'=======\n' + POINTER + b'>>>>>>> b\n'],
                       'archive': [*archives('course').values(), *archives('original').values()], 'charset': [Charset.course_2022().to_json().encode()],
                       'form': [iam_forms.form_xml(o, i % 3) for i, o in enumerate(FORMS.values())], 'table': [o.encode() for o in tables().values()],
                       'image': list(map(picture, ('PNG', 'JPEG', 'TIFF', 'GIF', 'BMP', 'WEBP')))}

    def journal(self):
        "What an annotator wrote."
        store = label_store.LabelStore(self.folder, 'ann')
        ids = list(FsdlHandwritingDataset(self.folder).pages)
        for i, id_ in enumerate(ids):
            store.append({'op': 'put', 'page': id_,
                          'region': {'id': f'n{i}', 'points': [list(p) for p in BENT], 'text': TEXTS[i]}, 'after': None})
            store.append({'op': 'text', 'page': id_, 'id': f'n{i}', 'text': 'more'})
        store.close() if hasattr(store, 'close') else None
        return next((self.folder/'labels').glob('*.jsonl')).read_bytes()

    def write(self, name, data):
        (self.folder/name).write_bytes(data)
        return self.folder/name


def picture(kind):
    f = io.BytesIO()
    Image.effect_noise((40, 30), 50).save(f, kind)
    return f.getvalue()


# ------------------------------------------------------------------ what is read; each raises what it documents, or nothing

def read_an_export(f, data):
    export = parse_export(data)
    assert export_bytes(export.pages) == data, 'other bytes come back'
    for o in export.problems: str(o), o.severity
    for p in export.pages: p.id, p.size, repr(p)


def read_a_metadata(f, data):
    meta = read_metadata(f.write('metadata.toml', data).parent)
    repr(meta), seal_of(data), card_facts.read_card(meta)
    edit_metadata(meta.path, sha256='d'*64, pins={'images.csv': 'e'*64})


def read_a_ledger(f, data):
    ledger = table.Ledger(data)
    for line in data.splitlines(True): table.parse_line(line)
    ledger.line('p0, "1".png'), list(ledger.others(table.array('q')))


def read_a_journal(f, data):
    labels = f.folder/'labels'
    file = next(labels.glob('*.jsonl'))
    file.write_bytes(data)
    store = label_store.LabelStore(f.folder, 'ann')
    for p in store.versions(): store.page(p), store.history(p)
    for o in store.problems: str(o)


def read_a_dataset(f, data):
    f.write('letters.jsonl', data)
    f.write('metadata.toml', f.toml.replace(b'[pins]', b'[other]'))
    ds = FsdlHandwritingDataset(f.folder, verify=False)
    json.dumps(croissant.croissant(ds)), card.readme_card(ds), ds.line_regions_by_id, ds.problems._repr_markdown_()


def read_a_text(f, data):
    s = data.decode('utf-8', 'surrogateescape')
    for do in shown.hide_secrets, shown.address_secrets, shown.without_secrets, shown.plain_text, shown.markdown_text, shown.terminal_text, file_name, name_key, safe_name: do(s)
    assert shown.from_csv_text(shown.csv_text(s)) == s
    assert table.cell_text(table._cell(s[:9000]).encode('utf-8', 'surrogatepass')) == s[:9000] or not s.isprintable()


def read_an_image(f, data):
    path = f.write('scan.png', data)
    for o in image_problem(path), describe_bytes(path), data_problem(path, 'scan.png'), data_problem(path, 'a.jsonl'), lfs_conflict(path):
        str(o)


def read_an_archive(f, data):
    path, out = f.write('files.zip', data), f.folder/'out'
    try: extract_archive(path, out, progress=False)
    finally:
        assert not [*f.folder.glob('.out.*')]
        shutil.rmtree(out, ignore_errors=True)


def read_a_form(f, data):
    form = iam_forms.parse_form(data)
    if '\0' not in repr(form): assert iam_forms.parse_form(iam_forms.form_xml(form)).lines is not None


def read_a_table(f, data):
    text, done = data.decode('latin-1'), 0
    for do in iam_forms.parse_lines, iam_forms.parse_words, iam_forms.parse_writers, iam_forms.parse_ids:
        try: done += do(text) is not None
        except HandwritingError: pass
    if not done: raise HandwritingError


READERS = {  # name: what it does, what it may raise, how often it is chosen
    'export': (read_an_export, (), 30), 'metadata': (read_a_metadata, (HandwritingError, OSError), 12),
    'pins': (lambda f, data: parse_pins(data), (HandwritingError,), 10),
    'ledger': (read_a_ledger, (), 8),
    'registry': (lambda f, data: read_registry(f.write('registry.txt', data),
                                               parse_export(f.inputs['export'][0]).pages), (HandwritingError, OSError), 8),
    'list': (lambda f, data: [str(o) for o in sources._in_list(f.write('list.csv', data))], (), 6),
    'journal': (read_a_journal, (HandwritingError, OSError), 6),
    'stamp': (lambda f, data: check_stamp(f.write('fingerprint.json', data).parent,
                                          Fingerprint('nogit', 'a'*12, 'b'*12), lines=12), (HandwritingError,), 4),
                                          'dataset': (read_a_dataset, (HandwritingError, OSError), 2),
    'text': (read_a_text, (), 6), 'archive': (read_an_archive, (HandwritingError,), 5), 'form': (read_a_form, (HandwritingError,), 6),
    'table': (read_a_table, (HandwritingError,), 3), 'charset': (lambda f, data: Charset.from_json(data), (HandwritingError,), 3),
    'pointer': (lambda f, data: (lfs_pointer(data), lfs_conflict(f.write('p.json', data))), (), 3), 'image': (read_an_image, (), 5)}

# ------------------------------------------------------------------ mutations

ODD = [b'9'*5000, b'-1e999', b'NaN', b'0x1F', b'1e-400', b'null', b'\xff\xfe', b'\xef\xbb\xbf', b'\0', b'\r\n', b'\r',
       b'"', b"'", b'\\u0000', b'\\ud800', b'\\', b'{', b'}', b'[', b']', b',', b';', b'\t', b'=1+1',
       b'<<<<<<< a\n', b'{"content": "', b'://', b'?token=', b'//a:b@', b'@', b'..', b'../', b'.'*300,
       'é\u202e\u2028\U0001f600'.encode(), b'\xed\xa0\x80', b'a.b.'*30, b'""', b'#', b'%2F%00', b'eyJhbGciOiJIUzI1NiJ9.']
VALUES = [None, True, -1, 0, 1e308, 10**400, '', 'x'*5000, [], {}, [[]], [None]*50, {'a': {'b': []}}, '\ud800', '\0',
          '..', [[1, 2]]*1500, [[.1, .2], [.3, .4]], 'http://ann:pa55@h/1.jpg', {'x': 1, 'y': 2}]


def in_json(rng, data):
    "One value in one of the lines is another one."
    lines = data.split(b'\n')
    i = rng.randrange(len(lines))
    try: d = json.loads(lines[i])
    except (ValueError, RecursionError): return data
    at = d
    while isinstance(at, (dict, list)) and at:
        k = rng.choice(list(at)) if isinstance(at, dict) else rng.randrange(len(at))
        if not isinstance(at[k], (dict, list)) or not at[k] or rng.random() < .3:
            if isinstance(at, dict) and rng.random() < .2: at.pop(k)
            elif isinstance(at, list) and rng.random() < .2: at.append(at[0])
            else: at[k] = rng.choice(VALUES)
            break
        at = at[k]
    try: lines[i] = json.dumps(d, ensure_ascii=rng.random() < .5).encode('utf-8', 'surrogatepass')
    except (ValueError, RecursionError, TypeError): return data
    return b'\n'.join(lines)


def in_words(rng, data):
    "One word, number or text between quotes is another one."
    found = list(re.finditer(rb'"[^"\n]{0,80}"|\'[^\'\n]{0,80}\'|[\w.]+', data[:20_000]))
    if not found: return data
    m = rng.choice(found)
    return data[:m.start()] + rng.choice([*ODD, b'"' + rng.choice(ODD) + b'"', rng.choice(found)[0], b'[' + m[0]
                                          + b']', b'{a = ' + m[0] + b'}']) + data[m.end():]


def repeated(rng, data):
    "A block again and again."
    a = rng.randrange(len(data) + 1)
    block = data[a:a + rng.choice((1, 2, 7, 13, 60, 400))] or b'['
    return data[:a] + block*min(rng.choice((2, 9, 100, 3000, 40_000)), 200_000//len(block)) + data[a:]


def mutated(rng, data, others):
    "`data`, changed in one to three places."
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        a = rng.randrange(len(data) + 1)
        b = min(len(data), a + rng.choice((1, 1, 3, 20, 200)))
        how = rng.randrange(9)
        if how == 0: data = data[:a] + bytes([rng.randrange(256)]) + data[a + 1:]
        elif how == 1: data = data[:a]
        elif how == 2: data = data[:a] + data[b:]
        elif how == 3: data = data[:a] + rng.choice(others)[rng.randrange(50):][:rng.choice((5, 50, 500))] + data[a:]
        elif how == 4: data = data[:a] + rng.choice(ODD) + data[a:]
        elif how == 5:
            data = data[:a] + rng.choice((b'[', b'{"a":', b'(', b'a.', b'[[', b'{a=', b'"a",'))*rng.choice((50, 1500, 30_000)) + data[a:]
        elif how == 6: data = in_words(rng, data)
        elif how == 7: data = in_json(rng, data)
        elif rng.random() < .3: data = repeated(rng, data)
    return data[:400_000]


def made(files, seed, i, names):
    "Input number `i` of the `seed`: the reader's name, and the bytes."
    rng = random.Random(f'{seed}:{i}')
    name = rng.choices(names, [READERS[o][2] for o in names])[0]
    return name, mutated(rng, rng.choice(files.inputs[name]),
                         [o for k in ('export', 'metadata', 'pins', 'journal') for o in files.inputs[k]])


def stop(*_): raise TimeoutError('no end after 5 times the limit')


def fuzz(seed, first, n, names=()):
    "Read `n` inputs; see the module."
    names = list(names or READERS)
    res = dict(read=Counter(), refused=Counter(), bad=[], slowest=(0, '', 0), memory=0)
    signal.signal(signal.SIGPROF, stop)
    with tempfile.TemporaryDirectory() as top:
        files = Files(top)
        for i in range(first, first + n):
            name, data = made(files, seed, i, names)
            read, documented, _ = READERS[name]
            start, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024
            signal.setitimer(signal.ITIMER_PROF, 5*SECONDS)
            try:
                read(files, data)
                res['read'][name] += 1
            except documented: res['refused'][name] += 1
            except BaseException as e: res['bad'].append(f'{name} {i}: {type(e).__name__}: {e!s:.200}')
            finally: signal.setitimer(signal.ITIMER_PROF, 0)
            seconds, memory = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss//1024
            res['slowest'] = max(res['slowest'], (round(seconds, 3), name, i))
            res['memory'] = memory
            if seconds > SECONDS: res['bad'].append(f'{name} {i}: {seconds:.1f} s for {len(data):,} bytes')
            if memory > MEGABYTES > before: res['bad'].append(f'{name} {i}: {memory} MB for {len(data):,} bytes')
            for p in ('letters.jsonl', 'metadata.toml'): files.write(p, files.inputs['export' if p[0] == 'l' else 'metadata'][0])
    return res


if __name__ == '__main__': print(json.dumps(fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])))
