"""Properties of names, of the table that is the ledger, and of downloads under faults in any order."""
import csv, hashlib, io, os, tempfile, unicodedata
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, example, given, settings, strategies as st
from PIL import Image

from fault_server import FaultServer
from fsdl_handwriting_data.core.names import file_name, name_key
from fsdl_handwriting_data.fetching.table import Wanted
from fsdl_handwriting_data.fetching.download import download
from fsdl_handwriting_data.fetching.limits import Limits
from fsdl_handwriting_data.core.shown import from_csv_text

EXAMPLES = int(os.environ.get('FSDL_EXAMPLES', 0))
def relaxed(n):
    return settings(deadline=None, max_examples=EXAMPLES or n,
                    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

TABLE = 'downloads.csv'
FAST = Limits(connect=1.5, read=.3, total=3, min_speed=1000, max_bytes=100_000, max_pixels=10**6, tries=3, pause=.005, retry_after=.1)
def sha(data): return hashlib.sha256(data).hexdigest()


def picture(i, n=1500):
    "A small JPEG of `n` bytes; no two have the same pixels."
    f = io.BytesIO()
    Image.effect_noise((24, 24), 40 + i).save(f, 'JPEG', quality=60)
    data = f.getvalue()
    left = n - len(data)
    return data[:2] + b'\xff\xfe' + (left - 2).to_bytes(2, 'big') + b'.'*(left - 4) + data[2:]


IMAGES = {f'{i}.jpg': picture(i) for i in range(4)}


# ---------------------------------------------------------------------------------------------- names

odd = st.sampled_from(['CON', 'con.jpg', 'Aux', 'NUL .txt', 'COM1', 'com¹.png', 'LPT9.tar.gz', 'CONIN$', 'a.', 'a ',
                       ' a', '.a', '..', '.', '', '~', 'a~0123456789abcdef', 'a~0123456789abcdef.jpg',
                       TABLE, 'Downloads.CSV', 'a/b', 'a\\b', 'a:b', '\0', '\x7f', '\x85', '\ud800', '\u2028',
                       '\ufeff', 'e\u0301', 'é', 'ﬁ', 'ß', 'İ', 'ı', 'K', 'ſ', '手', '\U0001f58b'])
ids = st.lists(st.text(max_size=8) | odd | st.text('aA.~ _01éE\u0301', max_size=6)
               | st.integers(1, 60).map(lambda n: 'ab手'*n), max_size=4).map(''.join)
DEVICES = {'CON', 'PRN', 'AUX', 'NUL', 'CONIN$', 'CONOUT$', *[f'{d}{i}' for d in ('COM', 'LPT') for i in '123456789¹²³']}


def is_legal(name):
    "A plain file name on Windows, macOS and Linux, by the rules of each (written apart from the library's)."
    stem = name.split('.')[0].rstrip(' ').upper()
    return (0 < len(name.encode()) <= 255 and not any(ord(c) < 32 or c in '<>:"/\\|?*' for c in name)
            and name[-1] not in '. ' and name[0] != '.'
            and stem not in DEVICES and name.upper() != TABLE.upper())


@relaxed(400)
@given(ids)
def test_a_name_is_legal(id_):
    name = file_name(id_)
    assert is_legal(name), ascii(name)
    assert file_name(id_) == name
    assert Path('x', name).parent == Path('x') and Path('x', name).name == name


@relaxed(150)
@given(st.lists(ids, min_size=2, max_size=12, unique=True))
def test_names_are_injective(some):
    assert len({file_name(o) for o in some}) == len(some)


@relaxed(150)
@given(ids)
def test_no_id_takes_the_name_of_another(id_):
    "An id that is the name of another one's file gets another name itself."
    name = file_name(id_)
    assert name == id_ or file_name(name) != name


@pytest.mark.parametrize('name', ['page_1.jpg', 'Vv_%28Name%29_001.jpg', 'señor.jpg', '手.png', 'a b.jpg', 'a.b.c.jpg',
                                  "it's (1).jpg", 'console.jpg', 'x'*251 + '.jpg', 'a'])
def test_an_ordinary_name_stays(name): assert file_name(name) == name


@pytest.mark.parametrize('name', ['CON', 'con.jpg', 'a/b.jpg', '', 'x'*252 + '.jpg', 'a:b', '.a', 'a.', TABLE])
def test_the_check_of_names_is_one(name): assert not is_legal(name) and is_legal(file_name(name))


@relaxed(60)
@given(st.text(st.sampled_from('aAeEéÉßsSﬁfFiIıİKkſ\u0301'), min_size=1, max_size=5), st.data())
def test_ids_that_differ_in_case_alone_are_told_before_the_first_request(id_, data):
    "Two ids whose files are one on some system: none is asked for before that is said."
    other = data.draw(st.sampled_from([id_.upper(), id_.lower(), id_.casefold(), id_.swapcase(),
                                       unicodedata.normalize('NFC', id_), unicodedata.normalize('NFD', id_)]))
    assume(other != id_)
    one, two = id_ + '.jpg', other + '.jpg'
    fold = lambda s: unicodedata.normalize('NFC', unicodedata.normalize('NFC', s).casefold())
    assume(fold(file_name(one)) == fold(file_name(two)))
    with FaultServer(IMAGES) as server, tempfile.TemporaryDirectory() as tmp:
        wanted = [Wanted(one, (server.at('good', '0.jpg'),)), Wanted(two, (server.at('good', '1.jpg'),))]
        try: report = download(wanted, tmp, limits=FAST, progress=False)
        except ValueError as e: assert (one in str(e) or two in str(e) or repr(one) in str(e)) and not server.seen
        else:
            assert 'name' in {o.cause for o in report} and report.counts['done'] <= 1, [*report]
            assert not server.requests('good', '1.jpg') and len(list(Path(tmp).glob('*.jpg'))) <= 1


# ---------------------------------------------------------------------------------------------- the ledger

csv_ids = st.text(st.sampled_from('ab,";\'\n\r\t |=+-@é手\U0001f58b\u2028\u0085\ufeff#\\'), min_size=1, max_size=10) | ids.filter(bool)


def distinct(some): return list({name_key(o): o for o in some}.values())


@pytest.fixture(scope='module')
def server():
    with FaultServer(IMAGES) as s: yield s


def read_table(folder):
    with open(Path(folder)/TABLE, encoding='utf-8', newline='', errors='surrogatepass') as f: return list(csv.DictReader(f))


def check_files(folder, right):
    "No wrong file under a final name; gives the names that are there."
    there = {p.name: p for p in Path(folder).iterdir() if not p.name.startswith('.') and p.name != TABLE}
    for name, p in there.items(): assert p.read_bytes() == right[name], f'{ascii(name)}: a wrong file under a final name'
    return set(there)


@relaxed(40)
@given(st.lists(csv_ids, min_size=1, max_size=5).map(distinct), st.booleans())
@example(['a,b"c\nd.jpg', '\r', '\ufeffid', '=1+1', 'id'], False)
@example(['=', '=1+1', "'="], False)
def test_the_table_keeps_every_id(server, some, hashed):
    "A second run knows each file, whatever its id: nothing is asked for."
    data, url = IMAGES['0.jpg'], server.at('good', '0.jpg')
    wanted = [Wanted(o, (url,), sha(data) if hashed else '') for o in some]
    with tempfile.TemporaryDirectory() as tmp:
        report = download(wanted, tmp, limits=FAST, progress=False)
        assert [o.status for o in report] == ['done']*len(some), report.failures()
        assert check_files(tmp, {file_name(o): data for o in some}) == {file_name(o) for o in some}
        assert [o.id for o in report] == some and [o.file for o in report] == [f'{tmp}/{file_name(o)}' for o in some]
        if all(o.isprintable() for o in some):
            assert sorted(from_csv_text(o['id'].replace('\\\\', '\\')) for o in read_table(tmp)) == sorted(some)
        n = len(server.seen)
        report = download(wanted, tmp, limits=FAST, progress=False)
        assert [o.status for o in report] == ['skipped']*len(some) and len(server.seen) == n
        assert [o.id for o in report] == some


places = st.integers(0, 10**6)  # scaled to what is there: a table has times and ports, which hypothesis must not see
steps = st.tuples(st.sampled_from(['cut', 'flip', 'double', 'drop', 'put', 'swap', 'digit', 'long']), places, places, st.integers(0, 7),
                  st.sampled_from([b'"', b',', b'\n', b'\0', b'\xff\xfe', b'\r', b'9'*30, b'done', b'skipped',
                                   b'\xef\xbb\xbf', b'""', b'x'*140_000]),  # the last is more than csv allows
                  st.sampled_from([(b'1', b'2'), (b'5', b'-1'), (b'0', b''), (b'a', b'x'), (b'1', b'1e9')]))


def damaged(data, todo):
    "The bytes of a table, with a few of them changed, moved, doubled or gone."
    for how, i, j, bit, new, (old, other) in todo:
        lines, at = data.splitlines(True), i*len(data)//(10**6 + 1)
        k, l = i*len(lines)//(10**6 + 1), j*len(lines)//(10**6 + 1)
        if not data: return new
        if how == 'cut': data = data[:at]
        if how == 'flip': data = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1:]
        if how == 'double': data = data + lines[k]
        if how == 'drop': data = b''.join(lines[:k] + lines[k + 1:])
        if how == 'put': data = data[:at] + new + data[at:]
        if how == 'swap': lines[k], lines[l] = lines[l], lines[k]; data = b''.join(lines)
        if how == 'digit': data = data.replace(old, other, bit + 1)
    return data


damages = st.lists(steps, min_size=1, max_size=3)
spoils = st.none() | st.tuples(st.sampled_from(list(IMAGES)[:3]), st.sampled_from(['empty', 'shorter', 'another', 'longer']))


def spoil(folder, name, how):
    data = IMAGES[name]
    (Path(folder)/name).write_bytes(dict(empty=b'', shorter=data[:-1], another=IMAGES['3.jpg'], longer=data + b'x')[how])


@pytest.mark.long
@relaxed(60)
@given(damages, spoils)
@example([('put', 124749, 0, 0, b'\xff\xfe', (b'1', b'2'))], None)
def test_a_damaged_table_makes_no_wrong_file_right(server, todo, spoiled):
    "The files changed since, or did not; with hashes known, each is right in the end."
    names = list(IMAGES)[:3]
    wanted = [Wanted(n, (server.at('good', n),), sha(IMAGES[n])) for n in names]
    with tempfile.TemporaryDirectory() as tmp:
        table = Path(tmp)/TABLE
        assert download(wanted, tmp, limits=FAST, progress=False).counts == Counter(done=3)
        table.write_bytes(damaged(table.read_bytes(), todo))
        if spoiled: spoil(tmp, *spoiled)
        report = download(wanted, tmp, limits=FAST, progress=False)
        assert check_files(tmp, IMAGES) == set(names) and report.counts['failed'] == 0
        assert not spoiled or report[names.index(spoiled[0])].status == 'done'
        assert [o.sha256 for o in report] == [o.sha256 for o in wanted]
        (Path(tmp)/names[0]).unlink()
        assert download(wanted, tmp, limits=FAST, progress=False).counts == Counter(done=1, skipped=2)
        assert set(names) <= {o['id'] for o in read_table(tmp)}  # once there is something to write, it is whole again


@pytest.mark.parametrize('old,new', [(b',0.', b',-0.'), (b',1,', b',x,'), (b'http', b'\xff\xfe'), (b'http', b'"'),
                                     (b'done', b'done '), (b'\n0.jpg', b'\n0.jpg,'), (b'.jpg,done', b'.jpg,skipped')], ids=repr)
def test_a_damaged_row_can_be_read(server, tmp_path, old, new):
    "What a table says of a file that is right is of no use if it is damaged; the report can be read all the same."
    wanted = [Wanted('0.jpg', (server.at('good', '0.jpg'),), sha(IMAGES['0.jpg']))]
    download(wanted, tmp_path, limits=FAST, progress=False)
    data = (tmp_path/TABLE).read_bytes()
    assert old in data
    (tmp_path/TABLE).write_bytes(data.replace(old, new))
    report = download(wanted, tmp_path, limits=FAST, progress=False)
    assert [(o.id, o.status, o.sha256, o.bytes) for o in report][0][0::2] == ('0.jpg', sha(IMAGES['0.jpg'])) and report[0].status != 'failed' and report.failures() == []


@relaxed(30)
@given(damages)
def test_a_damaged_table_without_hashes(server, todo):
    "It never raises, and what is not an image is not taken for one."
    names = list(IMAGES)[:3]
    wanted = [Wanted(n, (server.at('good', n),)) for n in names]
    with tempfile.TemporaryDirectory() as tmp:
        table = Path(tmp)/TABLE
        download(wanted, tmp, limits=FAST, progress=False)
        table.write_bytes(damaged(table.read_bytes(), todo))
        (Path(tmp)/names[1]).write_bytes(b'<html>')
        report = download(wanted, tmp, limits=FAST, progress=False)
        assert check_files(tmp, IMAGES) == set(names) and report.counts['failed'] == 0 and report[1].status == 'done'


@pytest.mark.parametrize('content', [b'', b'\0'*100, b'id\n', b'\xff\xfe' + 'id,status\n'.encode('utf-16-le'),
                                     b'id,status,cause\n"0.jpg', b'a;b;c\n1;2;3\n', None], ids=repr)
def test_a_file_that_is_no_table(server, tmp_path, content):
    "A `downloads.csv` of somebody else, or a folder of that name, is no reason to fail silently or to believe it."
    if content is None: (tmp_path/TABLE).mkdir()
    else: (tmp_path/TABLE).write_bytes(content)
    try: report = download([Wanted('0.jpg', (server.at('good', '0.jpg'),), sha(IMAGES['0.jpg']))], tmp_path, limits=FAST, progress=False)
    except OSError as e: assert content is None and TABLE in str(e)
    else: assert report[0].status == 'done' and (tmp_path/'0.jpg').read_bytes() == IMAGES['0.jpg']


# ---------------------------------------------------------------------------------------------- faults in any order

PASS = ['503', 'half-length', 'half-chunked', 'reset-always', 'reset-head', 'close-head', 'mid-chunk', 'image-500', 'cut']  # may pass
FATAL = ['404', '410', '403-xml', 'redirect-loop', 'redirect-file', 'redirect-ftp', 'none-204', 'same-304', 'large', 'redirect-nowhere']
BYTES = ['html', 'lfs', 'empty', 'flip', 'half-no-length', 'length-short', 'bomb', 'xml-middle', 'gzip-cut',
         'partial-206', 'length-long', 'babble', 'bad-chunk', 'chunked', 'http10', 'closes-idle', 'extra',
         'gzip', 'good']
plans = st.lists(st.sampled_from(PASS + FATAL + BYTES), max_size=4)


@relaxed(60)
@given(st.lists(plans, min_size=1, max_size=4), st.integers(1, 3))
@example([['cut', 'flip'], ['half-length', '404'], ['half-no-length'], ['extra', 'html']], 1)
@example([['503', '503'], ['503', '503', '503'], [], ['reset-always', 'half-chunked']], 2)
def test_faults_in_any_order(some, workers):
    "In each run a file is right or it is not there, and the report says which; a few good runs later all are right, with no part left."
    with FaultServer(IMAGES) as server, tempfile.TemporaryDirectory() as tmp:
        names = list(IMAGES)[:len(some)]
        server.plans |= dict(zip(names, some))
        wanted = [Wanted(n, (server.at('plan', n),), sha(IMAGES[n])) for n in names]
        for turn in range(10):
            report = download(wanted, tmp, limits=FAST, progress=False, workers=workers)
            there = check_files(tmp, IMAGES)
            assert [o.id for o in report] == names and {o.id for o in report if o.status != 'failed'} == there
            assert all(o.cause and o.reason for o in report.of('failed'))
            for n, todo in zip(names, some):
                if turn == 0 and len(todo) < FAST.tries and set(todo) <= set(PASS):
                    assert n in there, f'{todo}: it has healed within its tries; {report.failures()}'
            if report.counts['failed'] == 0: break
        assert there == set(names) and turn <= max(map(len, some), default=0), 'a run after the last fault ends well'
        n = len(server.seen)
        assert download(wanted, tmp, limits=FAST, progress=False).counts == Counter(skipped=len(names)) and len(server.seen) == n
        assert not list(Path(tmp).glob('.*'))


@relaxed(40)
@given(st.lists(st.lists(st.sampled_from(PASS + FATAL + [o for o in BYTES if o not in ('flip', 'xml-middle')]),
                         max_size=4), min_size=1, max_size=4))
@pytest.mark.long
def test_faults_in_any_order_without_hashes(some):
    "The same, but for what only a hash can tell."
    with FaultServer(IMAGES) as server, tempfile.TemporaryDirectory() as tmp:
        names = list(IMAGES)[:len(some)]
        server.plans |= dict(zip(names, some))
        wanted = [Wanted(n, (server.at('plan', n),)) for n in names]
        for turn in range(10):
            report = download(wanted, tmp, limits=FAST, progress=False)
            there = check_files(tmp, IMAGES)
            assert {o.id for o in report if o.status != 'failed'} == there
            if report.counts['failed'] == 0: break
        assert there == set(names) and turn <= max(map(len, some), default=0) and not list(Path(tmp).glob('.*'))
