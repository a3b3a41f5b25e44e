"""Every reader of files that somebody else made, fed with mutations of what the library itself writes: only the documented exceptions, no input over 2 s, no process over 300 MB."""
import json, os, subprocess, sys
from collections import Counter
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(os.name != 'posix', reason='counts time and memory as POSIX does')
FUZZING = Path(__file__).with_name('fuzzing.py')


def fuzz(seed, total, processes=1):
    "Read `total` inputs of the `seed` in a number of processes at a time; gives what they found, together."
    each = -(-total//processes)
    jobs = [subprocess.Popen([sys.executable, '-W', 'ignore', FUZZING, seed, str(i*each), str(min(each, total - i*each))], stdout=subprocess.PIPE, text=True) for i in range(processes)]
    found = [json.loads(job.communicate(timeout=3600)[0]) for job in jobs]
    counts = {k: sum((Counter(o[k]) for o in found), Counter()) for k in ('read', 'refused')}
    return dict(counts, bad=[o for f in found for o in f['bad']], slowest=max(f['slowest'] for f in found), memory=max(f['memory'] for f in found))


def check(res, total, note):
    n = {k: res[k].total() for k in ('read', 'refused')}
    note(f"fuzzing: {n['read']:,} inputs read, {n['refused']:,} refused as documented, {len(res['bad'])} otherwise; the longest took {res['slowest'][0]} s ({res['slowest'][1]}), {res['memory']} MB in all")
    assert not res['bad'], '\n'.join(res['bad'][:20])
    assert sum(n.values()) == total and len(res['read'] + res['refused']) == 16


def test_mutated_inputs(note): check(fuzz('short', 400), 400, note)


@pytest.mark.long
def test_many_mutated_inputs(note): check(fuzz('long', 5_000), 5_000, note)


@pytest.mark.soak
def test_a_hundred_thousand_mutated_inputs(note): check(fuzz(os.environ.get('FSDL_FUZZ_SEED', 'soak'), 100_000, 2), 100_000, note)


@pytest.mark.long
def test_the_fuzzer_finds_what_is_wrong(tmp_path):
    "A reader that raises, hangs or takes memory for some of the inputs is told, with the number of the input."
    code = f"""
import sys; sys.path.insert(0, {str(FUZZING.parent)!r})
import fuzzing
def odd(f, data):
    if data[:1] == b'#': raise KeyError('odd')
    while len(data) > 2000: pass
fuzzing.READERS = {{'list': (odd, (ValueError,), 1), 'export': (odd, (ValueError,), 1)}}
fuzzing.SECONDS = .1
print(len(fuzzing.fuzz('x', 0, 12)['bad']), end='')
"""
    res = subprocess.run([sys.executable, '-W', 'ignore', '-c', code], capture_output=True, text=True, timeout=300)
    assert int(res.stdout) >= 4, res
