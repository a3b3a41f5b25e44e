"""What the benchmarks write for the notebooks (tests/figures.py): the form of the files that are there, and of what a small run writes."""
import json, subprocess, sys

import pytest

import figures

LINUX = pytest.mark.skipif(sys.platform != 'linux', reason='the benchmarks look into /proc and run sha256sum')
SHOWN = sorted(figures.FOLDER.glob('*.json'))
PLACES = 'time', 'commit', 'cores', 'system', 'processor', 'python', 'load', 'versions'


def check(path):
    "The benchmarks in the file at `path`, each in the form that notebooks show."
    res = json.loads(path.read_text(encoding='utf-8'))
    assert res
    for key, bench in res.items():
        assert set(bench) == {'title', 'n', 'turns', 'measured', 'contenders', 'ratios'}, key
        assert set(bench['measured']) - {'note'} == set(PLACES), key
        told = [o for contender in bench['contenders'].values() for o in contender.values() if o] + bench['ratios']
        for o in told:
            if 'low' in o: assert o['low'] <= o.get('median', o.get('value')) <= o['high'], (key, o)
        for o in bench['ratios']: assert {o['ours'], o['other']} <= set(bench['contenders']), (key, o)
    return res


def bench(root, *args):
    "Run a benchmark as its target in the Makefile does."
    run = subprocess.run([sys.executable, *args], cwd=root, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize('path', SHOWN, ids=lambda o: o.stem)
def test_what_notebooks_show_has_the_form(path): check(path)


@pytest.mark.long
@LINUX
def test_a_small_run_of_the_download(root, tmp_path):
    file = tmp_path/'figures'/'download.json'
    bench(root, 'tests/bench_download.py', 'B1', '--images', '4', '--pairs', '2', '--figures', file)
    res = check(file)
    assert set(res) == {'B1'} and (res['B1']['n'], res['B1']['turns']) == (4, 2)
    assert res['B1']['measured']['python'] and res['B1']['measured']['versions']['urllib3']
    assert res['B1']['contenders']['ours, 8 workers']['right'] == dict(median=4, low=4, high=4)
    assert [o['turns'] for o in res['B1']['ratios']] == [2, 2]


@pytest.mark.long
@LINUX
def test_a_small_run_of_versions(root, tmp_path):
    file = tmp_path/'versions.json'
    bench(root, 'tests/bench_versions.py', 'verify', 'diff', '--pages', '60', '--turns', '1', '--figures', file)
    res = check(file)
    assert set(res) == {'verify', 'diff 60'} and res['verify']['n'] == 60
    assert res['verify']['contenders']['verify_ours']['found'] == dict(median=60, low=60, high=60)
    assert res['diff 60']['contenders']['diff_ours']['seconds']['median'] > 0 and len(res['diff 60']['ratios']) == 3


@pytest.mark.long
@LINUX
def test_a_small_run_of_lines(root, tmp_path):
    file = tmp_path/'lines.json'
    bench(root, 'tests/bench_lines.py', 'sample', '--pages', '4', '--turns', '1', '--figures', file)
    res = check(file)['sample']
    made = {k: o['made']['median'] for k, o in res['contenders'].items()}
    assert made['decode'] == res['n'] == 4 and made['lines'] == made['boxes'] == made['lines_40'] > 40 and made['course'] > 20
    assert all(o['median'] < 300 for o in (v['MB at most'] for v in res['contenders'].values()))


def test_a_run_of_some_leaves_the_others(tmp_path):
    file = tmp_path/'download.json'
    figures.keep(file, 'B2', 'second', 3, 1, {'ours': {'seconds': figures.figure([.12345])}})
    was = check(file)['B2']
    figures.keep(file, 'B1', 'first', 3, 3, {'ours': {}, 'other': {}}, [figures.ratio('ours', 'other', [2, 1.5, 2.5], target=1)])
    res = check(file)
    assert list(res) == ['B1', 'B2'] and res['B2'] == was and [p.name for p in tmp_path.iterdir()] == ['download.json']
    assert was['contenders'] == {'ours': {'seconds': dict(median=.1235, low=.1235, high=.1235)}}
    assert res['B1']['ratios'] == [dict(ours='ours', other='other', by='seconds', median=2, low=1.5, high=2.5, turns=3, target=1)]


def test_what_the_line_finder_finds_is_measured_where_pages_lie(root, tmp_path):
    from fsdl_handwriting_data.pages.sample import make_sample
    file = tmp_path/'line_finder.json'
    make_sample(tmp_path/'data'/'tessier', n_pages=2, seed=7, progress=False)
    bench(root, 'tests/bench_finder.py', '--data', tmp_path/'data', '--figures', file, '--workers', '1')
    found = check(file)['real pages']
    assert found['n'] == 2 and list(found['contenders']) == ['tessier, unseen']
    row = found['contenders']['tessier, unseen']
    assert row['pages'] == dict(n=2, documents=2) and row['recall']['matched'] == row['precision']['matched'] <= row['recall']['of']


def test_an_interval_goes_by_document():
    import bench_finder as finder
    from fsdl_handwriting_data.versioning.matching import Detection
    row = finder.measured([('a', Detection(9, 10, 9)), ('a', Detection(9, 10, 9)), ('b', Detection(0, 10, 9))])
    assert row['pages'] == dict(n=3, documents=2) and row['recall'] == dict(value=.6, low=0, high=.9, matched=18, of=30)
    assert finder.document('testaments', 'TestamentsDePoilus_will_AN_0182-0.jpg') == 'AN_0182' and finder.document('copiste', 'imp_wikitexte_0118_1.jpg') == 'wikitexte_0118'
    assert finder.row_of('testaments_more', 'TestamentsDePoilus_will_AN_0182-4.jpg', {'AN_0182'}) == finder.SAME
    assert [finder.row_of('testaments', f'TestamentsDePoilus_will_AD78_{o}.jpg', set()) for o in ('0045-1', '0099-1')] == [finder.SEEN, finder.FIGURES_SEEN]
