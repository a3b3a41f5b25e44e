"""The commands, as a shell runs them: `run` quickly, `command` for a process of one's own making."""
import os, runpy, shutil, signal, subprocess, sys, tempfile, time, traceback
from pathlib import Path


def command(name, *args):
    "The words that start the command `name` in a process of its own."
    return [shutil.which(name, path=str(Path(sys.executable).parent)) or name, *map(str, args)]


def start(name, *args, **kw):
    "The command as a new process from the beginning: half a second of a processor, most of it for its imports."
    return subprocess.run(command(name, *args), capture_output=True, text=True, timeout=120, encoding='utf-8', **kw)


def run(name, *args, cwd=None, env=None, preexec_fn=None):
    "What `start` gives, from a process that is a copy of this one and so has its imports: folder, environment, words and exit are its own."
    if not hasattr(os, 'fork'): return start(name, *args, cwd=cwd, env=env)
    words = command(name, *args)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        sys.stdout.flush()
        sys.stderr.flush()
        if not (pid := os.fork()): _become(words, out, err, cwd, env, preexec_fn)
        end = time.monotonic() + 120
        while not (done := os.waitpid(pid, os.WNOHANG))[0]:
            time.sleep(.002)
            if time.monotonic() > end:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                raise subprocess.TimeoutExpired(words, 120)
        said = [f.seek(0) or f.read().decode('utf-8') for f in (out, err)]
    return subprocess.CompletedProcess(words, os.waitstatus_to_exitcode(done[1]), *said)


def _become(words, out, err, cwd, env, preexec_fn):
    "Go on as the command, to its end."
    code = 1
    try:
        for f, fd in (out, 1), (err, 2): os.dup2(f.fileno(), fd)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__ = [open(fd, 'w', encoding='utf-8',
                                                                        errors='backslashreplace', closefd=False) for fd in (1, 2)]
        sys.argv = words
        if env is not None:
            os.environ.clear()
            os.environ.update({k: str(v) for k, v in env.items()})
        if cwd is not None: os.chdir(cwd)
        if preexec_fn: preexec_fn()
        runpy.run_path(words[0], run_name='__main__')
        code = 0
    except SystemExit as e: code = e.code if isinstance(e.code, int) else 0 if e.code is None else print(e.code, file=sys.stderr) or 1
    except BaseException: traceback.print_exc()
    finally:
        for f in sys.stdout, sys.stderr:
            try: f.flush()
            except OSError: pass
        os._exit(code)
