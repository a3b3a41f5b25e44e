"The download where urllib3 has lost a name that it keeps for itself: its public way is taken, and the tests of faults pass all the same."
import os, random, re, shutil, subprocess, sys

import pytest
import urllib3

import test_download_faults as faults
from fsdl_handwriting_data.fetching import http
from project_checks import PACKAGE, REPO
from test_download_faults import (images, runs, second, server, test_a_bad_place_does_not_hide_the_next, test_a_part_of_another_run_is_no_trap,  # noqa: F401
    test_a_private_address_by_any_name, test_connections_are_kept, test_credentials_are_not_told, test_deadline_with_everything_stuck, test_http_where_https_is_expected,
    test_identity_is_asked_for, test_no_such_host, test_nothing_is_left_on_a_kept_connection, test_one_stuck_among_a_hundred, test_redirect_to_a_private_address, test_refused,
    test_resume, test_tls)

# What stands after the first dot of a name, and what it is called in a urllib3 of some other day
RENAMED = {o.rpartition('.')[2]: o.rpartition('.')[2] + '_of_tomorrow' for o in http._STANDS_ON}
SAMPLE = sorted({*random.Random(13).sample(sorted(faults.CASES), 24), *(o for o in faults.CASES if 'redirect' in o)})


@pytest.fixture(scope='module', autouse=True)
def public_way():
    "As if a name were missing."
    with pytest.MonkeyPatch.context() as m:
        m.setattr(http, '_STANDS_ON', (*http._STANDS_ON, 'urllib3.connectionpool.HTTPConnectionPool._no_such_name'))
        m.setattr(http, '_say', None)
        assert http._lacking() and not http.Web().by_hand
        yield


@pytest.mark.parametrize('hashes', [True], ids=['hashes'])
@pytest.mark.parametrize('label', SAMPLE)
def test_fault_by_the_public_way(label, hashes, runs): faults.test_fault(label, hashes, runs)


def test_the_installed_urllib3_has_the_names(tmp_path):
    "In a process of its own, since this module plays that one is missing."
    code = 'from fsdl_handwriting_data.fetching import http; import sys; sys.exit(str(http._lacking() or ""))'
    assert subprocess.run([sys.executable, '-c', code], capture_output=True, text=True).stderr.strip() == ''


def test_no_other_name_of_urllib3_is_used():
    "Private methods of a pool or a connection that the room for HTTP uses and does not name."
    text = ''.join((REPO/PACKAGE/f'fetching/{o}.py').read_text(encoding='utf-8') for o in ('http', 'limits', 'fetch'))
    assert set(re.findall(r'(?:pool|conn|super\(\))\.(_[a-z]\w+)', text)) == set(RENAMED)


def test_a_urllib3_in_which_the_names_are_others(server, images, tmp_path):
    shutil.copytree(os.path.dirname(urllib3.__file__), tmp_path/'urllib3', ignore=shutil.ignore_patterns('__pycache__'))
    for p in (tmp_path/'urllib3').rglob('*.py'):
        text = p.read_text(encoding='utf-8')
        for old, new in RENAMED.items(): text = re.sub(rf'\b{old}\b', new, text)
        p.write_text(text, encoding='utf-8')
    code = ('import sys; from fsdl_handwriting_data.fetching import http; from fsdl_handwriting_data.fetching.download import download\n'
            f'assert len(http._lacking()) == {len(RENAMED)}, http._lacking()\n'
            'report = download(dict(a.split("=", 1) for a in sys.argv[2:]), sys.argv[1], progress=False)\nprint(report)\nreport.raise_if_failed()')
    wanted = {f'page_{i}.jpg': server.at(fault, f'page_{i}.jpg') for i, fault in enumerate(['good', 'chunked', 'gzip', 'http10'])}
    env = {**os.environ, 'PYTHONPATH': os.pathsep.join([str(tmp_path), os.environ.get('PYTHONPATH', '')])}
    run = subprocess.run([sys.executable, '-c', code, tmp_path/'pages', *(f'{k}={v}' for k, v in wanted.items())], capture_output=True, text=True, env=env, encoding='utf-8')
    assert run.returncode == 0, run.stderr
    assert all((tmp_path/'pages'/k).read_bytes() == images[k] for k in wanted)
