"git as people run it, to make repositories with: the library's own `run_git` only asks, and runs no hooks, filters or connections."
import os, subprocess


def run_git(folder, *args, data=b''):
    "Run git in `folder` and give what it says; an `AssertionError` if that fails."
    env = {k: v for k, v in os.environ.items() if k not in ('GIT_DIR', 'GIT_WORK_TREE', 'GIT_INDEX_FILE')} | {'LC_ALL': 'C'}
    res = subprocess.run(['git', *args], cwd=folder, env=env, input=data, capture_output=True, timeout=120)
    assert not res.returncode, f'git {args}: {res.stderr.decode(errors="replace")}'
    return res.stdout
