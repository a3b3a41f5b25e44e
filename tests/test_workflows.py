"""The files of .github: what they are written for checks them before they get there."""
import re, subprocess, sys
from pathlib import Path

import pytest, yaml

from project_checks import REPO

GITHUB = REPO/'.github'
SCHEMAS = {'workflows/*.yml': 'vendor.github-workflows', 'dependabot.yml': 'vendor.dependabot',
           'ISSUE_TEMPLATE/[!c]*.yml': 'vendor.github-issue-forms', 'ISSUE_TEMPLATE/config.yml': 'vendor.github-issue-config'}
WORKFLOWS = sorted((GITHUB/'workflows').glob('*.yml'))


def load(path): return yaml.safe_load(path.read_text(encoding='utf-8'))


def tool(name, *args): return subprocess.run([str(Path(sys.executable).with_name(name)), *map(str, args)], capture_output=True, text=True)


@pytest.mark.parametrize('pattern', SCHEMAS)
def test_form(pattern):
    files = sorted(GITHUB.glob(pattern))
    run = tool('check-jsonschema', '--builtin-schema', SCHEMAS[pattern], *files)
    assert files and run.returncode == 0, run.stdout + run.stderr


def test_no_known_weakness():
    run = tool('zizmor', '--offline', '--quiet', '--no-progress', GITHUB)
    assert run.returncode == 0, run.stdout + run.stderr


def test_a_weakness_would_be_found(tmp_path):
    bad = tmp_path/'bad.yml'
    bad.write_text("on: pull_request_target\njobs: {a: {runs-on: ubuntu-latest, steps: [{uses: 'actions/checkout@v4'}, {run: 'echo ${{ github.event.pull_request.title }}'}]}}\n")
    assert tool('zizmor', '--offline', '--quiet', '--no-progress', bad).returncode


@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda o: o.stem)
def test_rights_are_minimal_and_actions_are_pinned(path):
    flow = load(path)
    assert flow['permissions'] == {}
    for name, job in flow['jobs'].items():
        rights = job.get('permissions', {})
        assert set(rights) <= {'contents'} and rights.get('contents', 'read') == 'read' or name in ('deploy', 'publish'), name
        for used in [o['uses'] for o in job.get('steps', []) if 'uses' in o]:
            assert re.fullmatch(r'[\w./-]+@([0-9a-f]{40}|release/v1)', used), used


@pytest.mark.parametrize('path', WORKFLOWS, ids=lambda o: o.stem)
def test_what_is_run_can_be_made(path):
    targets = set(re.findall(r'^([a-z-]+):.*## ', (REPO/'Makefile').read_text(encoding='utf-8'), re.MULTILINE))
    made = [m for job in load(path)['jobs'].values() for o in job.get('steps', []) for m in re.findall(r'make ([a-z-]+)', o.get('run', ''))]
    assert set(made) <= targets
