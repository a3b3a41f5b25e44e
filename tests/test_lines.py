"Lines to learn from: the course's export counted, and a cache that is old, new or not there, whoever makes it and whatever ends it."
import errno, importlib.util, multiprocessing, operator, random, shutil, sys, threading
from concurrent.futures import ProcessPoolExecutor

import pytest
from test_kills import fail, run
from test_real_data import course, shared  # noqa: F401 (fixtures)

from fsdl_handwriting_data import FsdlHandwritingLinesDataset, LinesDataset
from fsdl_handwriting_data.pages.sample import make_sample
from fsdl_handwriting_data.training.line_cache import KeptLines
from fsdl_handwriting_data.training.line_cutting import FreshLines
from fsdl_handwriting_data.training.line_list import usable_lines


@pytest.fixture(scope='module')
def made(tmp_path_factory): return make_sample(tmp_path_factory.mktemp('lines')/'sample', n_pages=2, progress=False)


@pytest.fixture
def sample(made, tmp_path, monkeypatch):
    "A sample of two pages without a cache; what can't be written there goes to a folder of the test."
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path/'user'))
    return shutil.copytree(made, tmp_path/'top'/'sample')


def kept(folder): return sorted((folder/'.fsdl'/'lines').glob('*'))


def build(folder, **how): return len(LinesDataset(folder, height=24, progress=False, **how))


def test_the_courses_export_has_315_lines_on_45_pages(course):
    lines, left = usable_lines(course)
    assert len(lines) == 315 and len({o.page_id for o in lines}) == 45
    assert left.counts() == {'no-text': 137, 'degenerate': 3} and len(lines) + len(left) == 455
    ds = FsdlHandwritingLinesDataset(data=course, cache=False)
    shapes = [r.shape for p in ds.sources['fsdl_handwriting'].pages.values() for r in p.regions]
    assert shapes.count('rectangle') == 242 and shapes.count('polygon') == 213
    with pytest.warns(UserWarning, match='315 of 315 lines have no picture'): assert len(ds) == 0
    assert ds.dropped.counts() == {'no-image': 315, 'no-text': 137, 'degenerate': 3}


def test_five_pages_of_the_course_are_read_in_another_order_than_listed(course):
    lines, _ = usable_lines(course)
    pages = {}
    for o in lines: pages.setdefault(o.page_id, []).append(o.place)
    assert sum(v != sorted(v) for v in pages.values()) == 5


def test_other_processes_cut_the_lines_and_read_them(sample):
    own = LinesDataset(sample, height=24, progress=False)
    data = own.found.stores['sample'].file.read_bytes()
    shutil.rmtree(sample/'.fsdl')
    with ProcessPoolExecutor(1, multiprocessing.get_context('spawn')) as pool:
        ds = LinesDataset(sample, height=24, progress=False, executor=pool)
        assert ds.found.stores['sample'].file.read_bytes() == data
        picture, text = pool.submit(operator.getitem, ds, 3).result(60)
    assert (picture == own[3][0]).all() and text == own[3][1] and picture.flags.writeable


def at_most(n, total): return sorted(random.Random(5).sample(range(1, total + 1), min(n, total)))


def check_killed(folder, moments):
    "Killed at some of its steps, a run leaves the old cache or the new one, each whole, and after the next run there is nothing but the new one."
    n, page = build(folder), next((folder/'pages').iterdir())
    for old in False, True:
        def before():
            shutil.rmtree(folder/'.fsdl', ignore_errors=True)
            if old: build(folder)
            page.write_bytes(page.read_bytes() + b'\0')  # other data
            return {p.name: p.read_bytes() for p in kept(folder)} if old else {}
        before()
        total = run(build, folder)[1]
        assert total > 5
        for at in at_most(moments, total):
            was = before()
            assert run(build, folder, at)[0] == 'killed'
            whole = {p.name: p.read_bytes() for p in kept(folder) if p.suffix == '.lines'} if (folder/'.fsdl').exists() else {}
            assert {**whole, **was} == {**was, **whole} and len(whole.keys() - was.keys()) <= 1 and (whole or not old), at
            assert all(len(KeptLines(folder/'.fsdl'/'lines'/k)) == n for k in whole), at
            build(folder)
            file, = kept(folder)
            assert len(KeptLines(file)) == n and file.name not in was, at


@pytest.mark.skipif(sys.platform != 'linux', reason='forks, and looks into /proc')
def test_killed_at_some_moments(sample): check_killed(sample, 2)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != 'linux', reason='forks, and looks into /proc')
def test_killed_at_20_moments(sample): check_killed(sample, 20)


def test_a_full_disk_is_said_and_the_pictures_are_right(sample, monkeypatch):
    want = LinesDataset(sample, height=24, cache=False)[2][0]
    def full(*args, **how): raise OSError(errno.ENOSPC, 'No space left on device')
    monkeypatch.setattr('fsdl_handwriting_data.training.line_cache._Writer.end', full)
    ds = LinesDataset(sample, height=24, progress=False)
    with pytest.warns(UserWarning, match='not kept .*[Nn]o space left|not kept .*disk'): store, = ds.found.stores.values()
    assert isinstance(store, FreshLines) and (ds[2][0] == want).all()
    assert not [p for p in kept(sample)]


def test_two_at_once_have_the_same(sample):
    res = []
    def one(): res.append(LinesDataset(sample, height=24, progress=False).found.stores['sample'])
    threads = [threading.Thread(target=one) for _ in range(3)]
    for o in threads: o.start()
    for o in threads: o.join()
    assert {type(o) for o in res} == {KeptLines} and len({o.file for o in res}) == 1 and len(kept(sample)) == 1


@pytest.mark.long
def test_a_dask_cluster_cuts_the_same_lines(sample, need, tmp_path):
    need(importlib.util.find_spec('distributed'), 'distributed', 'pip install fsdl_handwriting_data[cluster]')
    import dask
    from distributed import Client, LocalCluster
    build(sample)
    data, = [p.read_bytes() for p in kept(sample)]
    shutil.rmtree(sample/'.fsdl')
    with dask.config.set({'temporary-directory': str(tmp_path/'dask')}), \
         LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address='127.0.0.1:0', host='127.0.0.1',
                      silence_logs=50) as cluster, Client(cluster) as client:
        with client.get_executor() as executor: build(sample, executor=executor)
    assert [p.read_bytes() for p in kept(sample)] == [data]
