"""EMNIST: files of the real form, read back by scipy and read from it; upright, disjoint, within limits, and nothing but the documented error for a damaged one."""
import io, json, os, pickle, random, time, zipfile

import numpy as np
import pytest

import commands

from fsdl_handwriting_data import EmnistDataset, EmnistLinesDataset, open_dataset
from fsdl_handwriting_data.core.charset import Charset
from fsdl_handwriting_data.core.files import MetadataError
from fsdl_handwriting_data.pages.array_files import idx_bytes, mat_bytes, read_idx, read_mat
from fsdl_handwriting_data.pages.course_arrays import balanced_places
from fsdl_handwriting_data.pages.emnist_files import SUBSETS, read_emnist
from fsdl_handwriting_data.pages.emnist_sample import draw_emnist
from fsdl_handwriting_data.training.glyph_lines import set_glyphs


@pytest.fixture(scope='module')
def made(tmp_path_factory): return draw_emnist(tmp_path_factory.mktemp('emnist')/'emnist', n_writers=5)


@pytest.fixture(scope='module')
def scipy_io(need):
    try: import scipy.io as found
    except ImportError: found = None
    return need(found, 'scipy', 'pip install scipy')


def mat_of(folder):
    with zipfile.ZipFile(folder/'matlab.zip') as z: return z.read('matlab/emnist-byclass.mat')


def test_scipy_reads_the_stand_in_as_the_course_does(made, scipy_io):
    "The course's own expression gives the same upright arrays."
    data = scipy_io.loadmat(io.BytesIO(mat_of(made)))
    ours = read_emnist(made)
    for part in 'train', 'test':
        x = data['dataset'][part][0, 0]['images'][0, 0].reshape(-1, 28, 28).swapaxes(1, 2)
        y = data['dataset'][part][0, 0]['labels'][0, 0]
        assert (x == getattr(ours, part).images).all() and (y.flatten() == getattr(ours, part).labels).all()
    assert {int(k): chr(v) for k, v in data['dataset']['mapping'][0, 0]} == ours.classes


@pytest.mark.parametrize('compressed', [True, False])
def test_what_scipy_writes_is_read(scipy_io, tmp_path, compressed):
    rng, f = np.random.default_rng(0), io.BytesIO()
    part = lambda n: dict(images=rng.integers(0, 256, (n, 784), dtype=np.uint8), labels=rng.integers(0, 62, (n, 1)), writers=rng.integers(0, 9, (n, 1)).astype(float))
    mapping = np.array([[i, ord(c)] for i, c in enumerate(SUBSETS['byclass'])], np.uint8)
    d = dict(dataset=dict(train=part(40), test=part(9), mapping=mapping), note='text', cell=np.array([1, 'a'], object), z=np.array([1j]))
    scipy_io.savemat(f, d, do_compression=compressed)
    res = read_mat(io.BytesIO(f.getvalue()), 's.mat', len(f.getvalue()))
    assert [res[k] for k in ('note', 'cell', 'z')] == [None]*3
    for p in 'train', 'test':
        for k, v in d['dataset'][p].items(): assert (res['dataset'][p][k] == v).all()
    (tmp_path/'metadata.toml').write_text('reader = "emnist"')
    (tmp_path/'emnist-byclass.mat').write_bytes(f.getvalue())
    ds = EmnistDataset(tmp_path)
    assert (ds.published.train.images[7] == d['dataset']['train']['images'][7].reshape(28, 28).T).all() and len(ds.pages) == sum(len(np.unique(d['dataset'][p]['writers'])) for p in ('train', 'test'))


def course_balanced(x, y):
    "As the course's code says it, in other words: the global generator, with replacement, and then without what came twice."
    np.random.seed(42)
    n, found = int(np.bincount(y.flatten()).mean()), []
    for label in np.unique(y.flatten()):
        found.append(np.unique(np.random.choice(np.where(y == label)[0], n)))
    return x[np.concatenate(found)], y[np.concatenate(found)]


def test_course_gives_the_courses_arrays_for_both_mappings(tmp_path):
    folder = draw_emnist(tmp_path/'e', 'digits', 4, 6)
    data = read_emnist(folder, 'digits').train
    for charset, shift in (Charset.course_2019(), 0), (Charset.course_2022(), 4):
        x, y = course_balanced(data.images, data.labels[:, None] + shift)
        ds = EmnistDataset(folder, subset='digits', charset=charset, course=True)
        assert (ds.x_train == x).all() and (ds.y_train_int == y.flatten()).all() and not len(ds.x_val)
        assert ds.y_train.shape == (len(x), len(charset)) and (ds.y_train.argmax(1) == y.flatten()).all()


def test_the_mappings_are_the_courses():
    ds = EmnistDataset.__new__(EmnistDataset)
    ds.charset = Charset.course_2019()
    extra = [' ', '!', '"', '#', '&', "'", '(', ')', '*', '+', ',', '-', '.', '/', ':', ';', '?', '_']
    assert ds.mapping == dict(enumerate([*SUBSETS['byclass'], *extra])) and ds.num_classes == 80
    ds.charset = Charset.course_2022()
    assert ds.mapping == dict(enumerate(['<B>', '<S>', '<E>', '<P>', *SUBSETS['byclass'], *extra[:-1]])) and ds.num_classes == 83


def test_balancing_takes_the_mean_without_repeating():
    numbers = np.repeat(np.arange(4), [1000, 500, 100, 0][:3] + [400])
    places = balanced_places(numbers, 3)
    assert np.bincount(numbers[places]).tolist() == [500, 500, 100, 400] and len({*places.tolist()}) == len(places)
    assert (places == balanced_places(numbers, 3)).all() and (places != balanced_places(numbers, 4)).any()


def test_sides_share_no_character_and_no_writer(made):
    ds = EmnistDataset(made, val=.3)
    sides = {o: ds.glyphs(o) for o in ('train', 'val', 'test')}
    assert all(map(len, sides.values())) and sum(map(len, sides.values())) == 5*62
    writers = [{*o.writers.tolist()} for o in sides.values()]
    assert sum(map(len, writers)) == len(set.union(*writers)) == 5
    assert {ds.given_split[k] for k in ds.pages} == {*sides} and ds.proof.endswith('on two sides: no characters, no writers')
    by_page = {k: {id_ for id_, o in ds.given_split.items() if o == k} for k in sides}
    assert sum(len(ds.pages[id_].regions) for id_ in by_page['val']) == len(sides['val'])
    assert len(pickle.dumps(ds)) < 5000


def test_look_shows_sheets_and_lines(made, tmp_path):
    res = commands.run('fsdl_look', made, '--out', tmp_path/'out', '--pages', '2', '--lines', '4')
    assert (res.returncode, res.stderr) == (0, '') and 'pages: 5, of which 5 done, drawn when asked for' in res.stdout
    assert sorted(p.name for p in (tmp_path/'out').iterdir()) == ['emnist_lines.png', 'emnist_pages.png']
    assert not (made/'pages').exists()


def test_download_of_what_is_here_fetches_nothing(made):
    res = commands.run('fsdl_download', made, '--quiet')
    assert (res.returncode, res.stderr) == (0, ''), res


HOSTILE = {
    'a count of 4 billion': mat_bytes(dict(dataset=dict(train=dict(images=np.zeros((2, 784), np.uint8)))), packed=False).replace(np.uint32(2*784).tobytes(), b'\xff\xff\xff\xff'),
    'a bomb': mat_bytes(dict(dataset=dict(train=dict(images=np.zeros((40_000_000//784, 784), np.uint8))))),
    'no mapping': mat_bytes(dict(dataset=dict(train=1))), 'nothing': b'', 'a web page': b'<html>'}


@pytest.mark.parametrize('what', HOSTILE)
def test_a_hostile_file_is_an_error_that_names_it(tmp_path, what):
    (tmp_path/'metadata.toml').write_text('reader = "emnist"')
    (tmp_path/'emnist-byclass.mat').write_bytes(HOSTILE[what])
    with pytest.raises(MetadataError, match='emnist-byclass.mat'): EmnistDataset(tmp_path).pages
    assert 'EmnistDataset' in repr(open_dataset(tmp_path))


@pytest.mark.skipif(os.name != 'posix', reason='links and pipes')
def test_what_leads_out_of_the_folder_or_is_no_file_is_not_read(made, tmp_path):
    (elsewhere := tmp_path/'elsewhere').mkdir()
    (elsewhere/'emnist-byclass.mat').write_bytes(mat_of(made))
    for make in (lambda o: (o/'matlab').symlink_to(elsewhere), lambda o: (o/'matlab.zip').symlink_to(made/'matlab.zip'),
                 lambda o: (o/'emnist-byclass.mat').symlink_to(elsewhere/'emnist-byclass.mat'), lambda o: os.mkfifo(o/'emnist-byclass.mat')):
        (folder := tmp_path/f'd{len([*tmp_path.iterdir()])}').mkdir()
        (folder/'metadata.toml').write_text('reader = "emnist"')
        make(folder)
        with pytest.raises(MetadataError, match='EMNIST is not here'): EmnistDataset(folder).pages


def test_an_archive_that_is_locked_or_damaged_is_an_error_that_names_it(made, tmp_path):
    whole = (made/'matlab.zip').read_bytes()
    locked = bytearray(whole)
    locked[whole.index(b'PK\1\2') + 8] |= 1
    cases = {bytes(locked): 'packed in a way', whole[:-30]: 'no zip archive', whole.replace(b'PK\3\4', b'PK\3\5'): 'matlab.zip', whole[:60] + bytes(900) + whole[960:]: 'can not be unpacked|byte'}
    (tmp_path/'metadata.toml').write_text('reader = "emnist"')
    for data, said in cases.items():
        (tmp_path/'matlab.zip').write_bytes(data)
        with pytest.raises(MetadataError, match=said): EmnistDataset(tmp_path).pages


def mutated(data, rng):
    "`data` with some bytes changed, cut out or put in, mostly in its head."
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        i = rng.randrange(min(len(data), 400) if rng.random() < .8 else len(data))
        how = rng.random()
        if how < .6: data[i] = rng.choice([0, 1, 255, 14, 15, rng.randrange(256)])
        elif how < .8: del data[i:i + rng.randint(1, 40)]
        else: data[i:i] = bytes(rng.randrange(256) for _ in range(rng.randint(1, 9)))
        if not data: break
    return bytes(data)


def fuzz(n, seed):
    rng, counts = random.Random(seed), [0, 0]
    part = dict(images=np.arange(784*3, dtype=np.uint8).reshape(3, 784), labels=np.uint8([[1], [2], [3]]), writers=np.array([[1.], [1], [2]]))
    mat = dict(dataset=dict(train=part, test=part, mapping=np.array([[1, 65], [2, 66], [3, 67]])))
    inputs = [(read_mat, mat_bytes(mat)), (read_mat, mat_bytes(mat, packed=False)), (read_idx, idx_bytes(np.zeros((3, 28, 28), np.uint8)))]
    for _ in range(n):
        read, data = rng.choice(inputs)
        data = mutated(data, rng)
        args = (len(data), 1 << 24) if read is read_mat else (1 << 24,)
        try: read(io.BytesIO(data), 'mutated', *args)
        except MetadataError as e:
            assert 'mutated' in str(e)
            counts[1] += 1
        else: counts[0] += 1
    return counts


def test_mutated_files_give_arrays_or_the_documented_error(note):
    read, refused = fuzz(1500, 'short')
    note(f'.mat and idx: {read} mutated inputs read, {refused} refused as documented')
    assert refused > 300


@pytest.mark.long
def test_many_mutated_files(): assert sum(fuzz(100_000, 'long')) == 100_000


# ---------------------------------------------------------------------------------------------- lines of them

def set_as_the_course_says(images, places, steps, length):
    "One line after another, glyph by glyph, with numbers that have no end; the course's bytes begin again at 256."
    res = np.zeros((len(places), 28, 28*length), np.int64)
    for line, row, step in zip(res, places, steps):
        for k, i in enumerate(row): line[:, k*step:k*step + 28] += images[i]
    return res


def test_lines_are_the_courses_where_its_bytes_do_not_wrap():
    rng = np.random.default_rng(0)
    images = np.concatenate([np.zeros((1, 28, 28), np.uint8), rng.integers(0, 256, (20, 28, 28), dtype=np.uint8)])
    places, steps = rng.integers(0, 21, (60, 9)), 28 - (rng.uniform(0, .7, 60)*28).astype(int)
    exact = set_as_the_course_says(images, places, steps, 9)
    ours = set_glyphs(images, places, steps, np.full(60, 9))
    assert (ours == exact.clip(0, 255)).all() and exact.max() > 255
    fits = exact < 256
    assert (ours[fits] == exact.astype(np.uint8)[fits]).all()


def test_a_line_of_the_course_has_one_image_for_each_character(made):
    lines = {o: EmnistLinesDataset(20, 0, 0, 50, 0, 0, EmnistDataset(made, val=0, balance=False), ['eeee eeee eeee'], course=o) for o in (True, False)}
    found = {k: [len({g.tobytes() for g, c in zip(x.reshape(28, 20, 28).swapaxes(0, 1), y) if c == ds.inverse_mapping['e']}) for x, y in zip(*ds.arrays('train'))] for k, ds in lines.items()}
    assert set(found[True]) == {1} and max(found[False]) > 2


def test_text_of_ones_own_and_both_symbol_tables(made):
    for charset, ends in (Charset.course_2019(), False), (Charset.course_2022(), True):
        ds = EmnistLinesDataset(32, num_train=300, emnist=EmnistDataset(made, charset=charset), texts=['A MOVE to stop Mr. Gaitskell from nominating'], with_start_end_tokens=ends)
        texts = [ds[i][1] for i in range(300)]
        assert all(o in 'A MOVE to stop Mr. Gaitskell from nominating' and len(o) <= 32 - 2*ends for o in texts) and len({*texts}) > 20
        assert ds.charset.decode(ds.y_train_int) == texts and ds.y_train.shape == (300, 32, len(charset))
        assert [o[0].shape for o in (ds[0], ds[299])] == [(28, 28 + (len(t) - 1)*s) for t, s in ((texts[0], steps(ds[0])), (texts[299], steps(ds[299])))]


def steps(line): return (line[0].shape[1] - 28)//max(1, len(line[1]) - 1)


@pytest.mark.long
def test_two_thousand_lines_a_second(made, note):
    ds = EmnistLinesDataset(emnist=made)
    ds[0]
    start = time.process_time()
    n = len(ds.x_train)
    speed = n/(time.process_time() - start)
    note(f'EMNIST lines: {speed:,.0f} a second')
    assert speed > 2000


@pytest.mark.long
def test_a_card_has_the_sheets_and_no_files_of_them(tmp_path):
    folder = draw_emnist(tmp_path/'emnist', 'byclass', 2)
    res = commands.run('fsdl_card', folder)
    assert (res.returncode, res.stderr) == (0, '')
    card, doc = ((folder/o).read_text(encoding='utf-8') for o in ('card.md', 'croissant.json'))
    assert '![Lines](card_lines.png)' in card and '| lines | 124 |' in card
    assert [o['@id'] for o in json.loads(doc)['distribution']] == ['data']
