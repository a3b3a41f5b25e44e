"""What all tests share. No test writes into the repository: what a tool would leave there goes to the temporary folder."""
import os, shutil, sys, tempfile
from pathlib import Path

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
os.environ.setdefault('HYPOTHESIS_STORAGE_DIRECTORY', os.path.join(tempfile.gettempdir(), 'fsdl-hypothesis'))
os.environ.setdefault('MPLBACKEND', 'agg')
for name, value in {'NAME': 'A tester', 'EMAIL': 'tester@example.org'}.items():  # a machine without a git identity can commit
    for role in ('AUTHOR', 'COMMITTER'): os.environ.setdefault(f'GIT_{role}_{name}', value)

NOTES = pytest.StashKey[list]()


@pytest.fixture(scope='session')
def root():
    "The repository's root."
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope='session')
def note(request):
    "Say a line at the end of the run, also when all is well: `note('128 cells')`."
    return request.config.stash.setdefault(NOTES, []).append


def pytest_terminal_summary(terminalreporter, config):
    for line in config.stash.get(NOTES, []): terminalreporter.write_line(line)


@pytest.fixture(scope='session')
def need():
    """Ask for a real component: `need(shutil.which('git-lfs'), 'git-lfs', 'apt-get install git-lfs')`.

    Without it the test is skipped on a laptop, and fails where FSDL_TEST_REQUIRE is set (as .ci/run does)."""
    def check(found, what, how):
        if found: return found
        message = f'this test needs {what}: {how}'
        if os.environ.get('FSDL_TEST_REQUIRE'): pytest.fail(message)
        pytest.skip(message)
    return check


@pytest.fixture(scope='session')
def tiny_made(tmp_path_factory):
    "The small project that keeps every rule, made once."
    from tiny_project import mk_tiny_project
    return mk_tiny_project(tmp_path_factory.mktemp('tiny')/'made')


@pytest.fixture
def tiny(tiny_made, tmp_path):
    "A fresh copy of the small project for one test to damage."
    return Path(shutil.copytree(tiny_made, tmp_path/'tiny'))
