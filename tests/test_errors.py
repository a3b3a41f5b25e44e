"What is expected to go wrong is a line for people; what is not shows where it is."
import ast, os, subprocess, sys
from importlib import import_module

import pytest

from fsdl_handwriting_data.core.shown import HandwritingError
import commands
from project_checks import PACKAGE, REPO

FILES = [p for p in sorted((REPO/PACKAGE).glob('*/*.py')) if p.stem != '__init__']
MODULES = ['.'.join(p.relative_to(REPO).with_suffix('').parts) for p in FILES]


def test_all_that_is_raised_on_purpose_says_that_it_is():
    bare = {'ValueError', 'KeyError', 'LookupError', 'RuntimeError', 'ImportError', 'Exception', 'AssertionError'}
    found = [f'{p.relative_to(REPO)}:{o.lineno}' for p in FILES for o in ast.walk(ast.parse(p.read_text(encoding='utf-8')))
             if isinstance(o, ast.Raise) and o.exc and getattr(getattr(o.exc, 'func', o.exc), 'id', '') in bare]
    assert not found, f'raise a kind of HandwritingError, such as InputError: {found}'


def test_all_errors_of_the_library_have_one_base_and_one_of_pythons_kinds():
    kinds = {o for m in MODULES for o in vars(import_module(m)).values() if isinstance(o, type) and issubclass(o, Exception) and o.__module__.startswith('fsdl_')}
    assert {'InputError', 'MetadataError', 'DownloadError', 'DownloadFailed', 'GitError', 'LossError', 'CardError', 'StaleError', 'Unavailable', 'NotInstalled', 'UnknownId'} <= {o.__name__ for o in kinds}
    for o in kinds - {HandwritingError}:
        if not issubclass(o, Warning): assert issubclass(o, HandwritingError) and issubclass(o, (ValueError, RuntimeError, OSError)), o


@pytest.mark.parametrize('how, code, said', [
    ("raise MetadataError('no key url')", 1, 'error: no key url\n'), ("raise OSError(28, 'No space left on device', 'a.jpg')", 1, 'error: a.jpg: No space left on device\n'),
    ('raise DownloadError("cut off")', 1, 'error: cut off\n'), ("int('x')", 70, None), ('[][1]', 70, None), ('None + 1', 70, None), ("raise RuntimeError('deep inside')", 70, None)])
def test_a_bug_shows_where_it_is_and_what_a_user_can_mend_is_a_line(tmp_path, how, code, said):
    script = tmp_path/'fsdl_planted.py'
    script.write_text('import sys\nfrom fsdl_handwriting_data.commands.command import command\nfrom fsdl_handwriting_data.core.files import MetadataError\n'
                      f'from fsdl_handwriting_data.fetching.limits import DownloadError\n@command\ndef f(\n    a: str, # what\n):\n    {how}\nsys.exit(f())\n')
    def start(**env): return subprocess.run([sys.executable, script, 'x'], capture_output=True, text=True, env={**os.environ, **env}, encoding='utf-8')
    run = start()
    assert run.returncode == code and (run.stderr == said or said is None and run.stderr.startswith('Traceback') and how in run.stderr and 'Please report' in run.stderr)
    told = start(FSDL_TRACEBACK='1')
    assert told.returncode == code and told.stderr.startswith('Traceback') and how in told.stderr and told.stderr.endswith(said or run.stderr.splitlines()[-1] + '\n')
    assert start(FSDL_TRACEBACK='0').stderr == run.stderr == start(FSDL_TRACEBACK='').stderr


@pytest.mark.parametrize('args', [('x', 'a\x1b]0;owned\x07.jpg'), ('x', '--\x1b[31m'), ('x', 'b\u202egpj.exe'), ('x', '--pages', '\x1b[31m')])
def test_wrong_arguments_such_as_the_names_of_files_are_told_without_tricks(args):
    run = commands.start('fsdl_look', *args)
    assert run.returncode == 2 and not any(c in run.stderr for c in '\x1b\x07\u202e')


def test_the_parser_of_fastcore_is_left_as_it_is():
    code = 'import fastcore.script as s; was = s.anno_parser; import fsdl_handwriting_data.commands.data; assert s.anno_parser is was'
    subprocess.run([sys.executable, '-c', code], check=True)


@pytest.mark.parametrize('closed', [(1,), (2,), (1, 2)])
def test_a_closed_output_makes_no_failure(closed, tmp_path):
    from fsdl_handwriting_data.pages.sample import make_sample
    make_sample(tmp_path/'s', n_pages=1, progress=False)
    def close(): [os.close(o) for o in closed]
    run = subprocess.run(commands.command('fsdl_verify', tmp_path/'s'), capture_output=True, text=True, encoding='utf-8', preexec_fn=close)
    assert run.returncode == 0 and 'Traceback' not in run.stderr, run.stderr
