"""A real JupyterLab (and Notebook 7) with real kernels, and a real Chromium, on this machine alone.

    lab = Lab(tmp_path).start()                                 # a server of its own; `lab.stop()` ends it and its kernels
    nb = lab.open(page, 'x.ipynb', ['import mylib', '1 + 1'])   # writes the notebook and opens it in JupyterLab
    nb.run_all(); nb.text(1)                                    # '2'
    pid = lab.kill_kernel('x.ipynb'); lab.wait_kernel('x.ipynb', old=pid)

The fixtures over these are in conftest.py: `lab`, `new_lab`, `page`, `new_page`, `js`, `fake_widget`, `tiny_disk`.
Nothing here sleeps for a fixed time: every wait is for a condition, has a limit, and says what it waited for.
"""
import base64, errno, json, os, re, secrets, shutil, signal, socket, subprocess, sys, tempfile, time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import requests

from fsdl_handwriting_data.fetching.serve import serve_folder

ROOT = Path(__file__).resolve().parent.parent
LOCAL = '127.0.0.1', 'localhost'
CHROMIUM_FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
                  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage', '--force-color-profile=srgb',
                  # no name and no number but this machine's can be reached, by no request and no socket
                  '--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost']


def wait_for(check, what, timeout=30, every=.02, more=lambda: ''):
    "Ask `check()` until it is true and return what it said; after `timeout` seconds raise with `what` was waited for and `more()`."
    end = time.monotonic() + timeout
    while not (res := check()):
        if time.monotonic() > end: raise TimeoutError(f'{what}: not within {timeout} s\n{more()}'.rstrip())
        time.sleep(every)
    return res


def free_port():
    "A port of 127.0.0.1 that nobody listens on."
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


def find_chromium():
    "The path of a Chromium: $FSDL_CHROMIUM, or one on the PATH."
    names = os.environ.get('FSDL_CHROMIUM'), 'chromium', 'chromium-browser', 'google-chrome'
    return next((p for o in names if o and (p := shutil.which(o))), None)


def write_notebook(path, cells):
    "Write a notebook with these code cells; a cell that starts with `%%md` is text."
    def mk(i, source):
        if source.startswith('%%md'): return dict(cell_type='markdown', id=f'cell-{i}', metadata={}, source=source[4:].lstrip())
        return dict(cell_type='code', id=f'cell-{i}', metadata={}, source=source, outputs=[], execution_count=None)
    nb = dict(cells=[mk(i, o) for i, o in enumerate(cells)], nbformat=4, nbformat_minor=5,
              metadata=dict(kernelspec=dict(display_name='Python 3 (ipykernel)', language='python', name='python3')))
    Path(path).write_text(json.dumps(nb), encoding='utf-8')
    return Path(path)


# ---------------------------------------------------------------------------------------------- the server

def _dies_with_us():
    "On Linux: a function that has the process it runs in end when the thread that started it does, even by kill -9. Else None."
    if sys.platform != 'linux': return None
    import ctypes
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, signal.SIGKILL)


def is_running(proc):
    "Is this psutil process there, and not merely waiting to be counted by its parent?"
    import psutil
    try: return proc.is_running() and proc.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess: return False


class Lab:
    """A Jupyter server in `folder` with settings, kernels and a home of its own under `home`.

    It serves JupyterLab and Notebook 7. `settings` are JupyterLab's, as `{'@jupyterlab/notebook-extension:tracker': {…}}`;
    `config` are the server's, as `{'ServerApp': {…}}`; `env` is added to the environment of server and kernels, which are of `python`."""

    def __init__(self, folder, home=None, settings=None, config=None, env=None, python=sys.executable):
        self.folder, self.python = Path(folder), str(python)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.made_home = None if home else tempfile.mkdtemp(prefix='fsdl-lab-')
        self.home, self.token, self.port, self.server, self.seconds = Path(home or self.made_home), secrets.token_hex(8), None, None, {}
        self.log, self.config, self.runtime = self.home/'server.log', self.home/'config', self.home/'runtime'
        self.env = self._env(env or {})
        self._configure(settings or {}, config or {})

    def _env(self, more):
        "The environment: nothing of the user's Jupyter, this Python, the package of this repository, and no way out of this machine."
        env = {k: v for k, v in os.environ.items() if not k.startswith(('JUPYTER', 'IPYTHON', 'JPY_', 'XDG_'))
               and k.lower() not in ('no_proxy',)}
        env |= {k: str(self.home/v) for k,
                v in dict(HOME='.', JUPYTER_CONFIG_DIR='config', JUPYTER_DATA_DIR='data', JUPYTER_RUNTIME_DIR='runtime',
                IPYTHONDIR='ipython', XDG_CACHE_HOME='cache', JUPYTERLAB_SETTINGS_DIR='settings',
                JUPYTERLAB_WORKSPACES_DIR='workspaces').items()}
        env |= {k: 'http://127.0.0.1:9' for k in ('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY')}
        env |= {k: ','.join(LOCAL) for k in ('no_proxy', 'NO_PROXY')}
        env |= dict(JUPYTER_TOKEN=self.token, PYTHONPATH=str(ROOT), PYTHONDONTWRITEBYTECODE='1', PYTHONUNBUFFERED='1', PYTHONUTF8='1',
                    MPLCONFIGDIR=os.environ.get('MPLCONFIGDIR', str(Path(tempfile.gettempdir())/'fsdl-mpl')),
                    PATH=os.pathsep.join([str(Path(self.python).parent), env.get('PATH', os.defpath)]))
        return env | {k: str(v) for k, v in more.items()}

    def _configure(self, settings, config):
        "Write the settings: no news, no look for updates, a killed kernel noticed soon and started again however often."
        for o in (self.config/'labconfig', self.runtime, self.home/'ipython', self.home/'settings'): o.mkdir(parents=True, exist_ok=True)
        put = lambda name, o: (self.config/name).write_text(json.dumps(o, indent=1), encoding='utf-8')
        quiet = {'@jupyterlab/apputils-extension:notification': dict(fetchNews='false', checkForUpdates=False, doNotDisturbMode=True)}
        put('labconfig/default_setting_overrides.json', quiet | settings)
        put('labconfig/page_config.json',
            dict(buildCheck=False, buildAvailable=False, disabledExtensions={'@jupyterlab/apputils-extension:announcements': True}))
        app = dict(expose_app_in_browser=True)
        base = dict(LabApp=app | dict(extension_manager='readonly'), JupyterNotebookApp=app,
                    ServerApp=dict(open_browser=False, ip='127.0.0.1', allow_root=True, port_retries=0,
                                   terminals_enabled=False, quit_button=False),
                    KernelRestarter=dict(time_to_dead=.3, stable_start_time=.3, restart_limit=100_000))
        for k, v in config.items(): base[k] = base.get(k, {}) | v
        for name in 'jupyter_server_config.json', 'jupyter_lab_config.json', 'jupyter_notebook_config.json': put(name, base)

    @property
    def url(self): return f'http://127.0.0.1:{self.port}'

    def log_tail(self, n=25):
        "The last `n` lines the server wrote."
        lines = self.log.read_text(encoding='utf-8', errors='replace').splitlines() if self.log.exists() else []
        return f'the last lines of {self.log}:\n' + '\n'.join(f'  {o}' for o in lines[-n:])

    def start(self, timeout=60):
        "Start the server, on the port it had before if there was one, and wait until it answers."
        for last in False, False, True:
            if not self.port: self.port, again = free_port(), not last
            else: again = False
            try: return self._start(timeout)
            except OSError as e:
                if not again or e.errno != errno.EADDRINUSE: raise
                self.port = None  # another process was faster: ask for another port

    def _start(self, timeout):
        began = time.monotonic()
        with open(self.log, 'ab') as f:
            self.server = subprocess.Popen([self.python, '-m', 'jupyterlab', f'--ServerApp.port={self.port}'],
                                           cwd=self.folder, env=self.env,
                                           stdin=subprocess.DEVNULL, stdout=f, stderr=f, start_new_session=True, preexec_fn=_dies_with_us())
        try: wait_for(self._answers, 'an answer of the Jupyter server', timeout, more=self.log_tail)
        except BaseException:
            self.stop()
            raise
        self.seconds['server start'] = time.monotonic() - began
        return self

    def _answers(self):
        if self.server.poll() is not None:
            tail = self.log_tail()
            if 'already in use' in tail: raise OSError(errno.EADDRINUSE, f'port {self.port} is in use')
            raise RuntimeError(f'the Jupyter server ended with status {self.server.returncode}\n{tail}')
        try: return self.ask('GET', 'status', timeout=5).ok
        except requests.RequestException: return False

    def ask(self, method, path, timeout=30, **kw):
        "One request to the server's REST API: `ask('GET', 'sessions').json()`."
        with requests.Session() as s:
            s.trust_env = False
            return s.request(method, f'{self.url}/api/{path}', headers=dict(Authorization=f'token {self.token}'), timeout=timeout, **kw)

    @property
    def is_up(self): return self.server is not None and self.server.poll() is None

    # ---- kernels

    def kernels(self):
        "The kernels of this server that run, as psutil processes; also those that outlived it. Known by the connection file in our folder."
        import psutil
        res, ours = [], str(self.runtime/'kernel-')
        for p in psutil.process_iter():
            try:
                if any(o.startswith(ours) for o in p.cmdline()) and is_running(p): res.append(p)
            except psutil.Error: pass  # it ended meanwhile, or is another user's
        return res

    def kernel_id(self, name):
        "The id of the kernel of the notebook `name`; None without one."
        return next((o['kernel']['id'] for o in self.ask('GET', 'sessions').json() if o['path'] == name and o['kernel']), None)

    def kernel(self, name):
        "The process of the kernel of the notebook `name`; None if none runs."
        id_ = self.kernel_id(name)
        return next((p for p in self.kernels() if any(f'kernel-{id_}.json' in o for o in p.cmdline())), None) if id_ else None

    def kill_kernel(self, name, sig=signal.SIGKILL):
        "Send `sig` to the kernel of the notebook `name` and wait until it is gone. Returns its pid."
        proc = wait_for(lambda: self.kernel(name), f'a kernel of {name}', 20, more=self.log_tail)
        proc.send_signal(sig)
        wait_for(lambda: not is_running(proc), f'the end of kernel {proc.pid}', more=self.log_tail)
        return proc.pid

    def wait_kernel(self, name, old=None, timeout=30):
        "Wait until the notebook `name` has a kernel with another pid than `old`; returns its pid."
        def check():
            try: p = self.kernel(name)
            except requests.RequestException: return None
            return p.pid if p and p.pid != old else None
        return wait_for(check, f'a new kernel of {name}', timeout, every=.05, more=self.log_tail)

    # ---- the end

    def kill_server(self, sig=signal.SIGKILL):
        "Send `sig` to the server alone and wait until it is gone: its kernels notice by themselves. Returns its pid."
        self.server.send_signal(sig)
        self.server.wait(30)
        return self.server.pid

    def kill_all(self):
        "kill -9 of the server and its kernels at once, as when the power goes."
        procs = self.kernels()
        if self.is_up: self.server.kill()
        for p in procs: _kill(p)
        self._finish()

    def stop(self):
        "End the server and all its kernels, whatever state they are in."
        if self.is_up:
            self.server.terminate()
            try: self.server.wait(10)
            except subprocess.TimeoutExpired: self.server.kill()
        self._finish()

    def _finish(self):
        "Wait for the server to be gone, and leave no kernel."
        if self.server: self.server.wait(30)
        for p in self.kernels():
            for child in _children(p): _kill(child)
            _kill(p)
        wait_for(lambda: not self.kernels(), 'the end of all kernels', 10)

    def restart(self, timeout=60):
        "The same server again: same folder, same port. Kernels of the old one are ended."
        self.stop()
        return self.start(timeout)

    def close(self):
        "`stop`, and remove the home if it was made here."
        self.stop()
        if self.made_home: shutil.rmtree(self.made_home, ignore_errors=True)

    # ---- notebooks

    def set_theme(self, dark):
        "What theme pages opened from now on have."
        folder = self.home/'settings'/'@jupyterlab'/'apputils-extension'
        folder.mkdir(parents=True, exist_ok=True)
        (folder/'themes.jupyterlab-settings').write_text(json.dumps(dict(theme='JupyterLab Dark' if dark else 'JupyterLab Light')))

    def open(self, page, name, cells=None, app='lab', dark=False, timeout=60):
        """Open the notebook `name` of the folder in `page`, after writing it if `cells` are given; returns a `Notebook`.

        `app`: 'lab' (JupyterLab in its single-document view), 'full' (JupyterLab with its sidebars), 'notebook' (Notebook 7)."""
        if cells is not None: write_notebook(self.folder/name, cells)
        self.set_theme(dark)
        return Notebook(self, page, name, app).goto(timeout)


def _kill(proc):
    import psutil
    try: proc.kill()
    except psutil.NoSuchProcess: pass


def _children(proc):
    import psutil
    try: return proc.children(recursive=True)
    except psutil.NoSuchProcess: return []


# ---------------------------------------------------------------------------------------------- pages

class Seen:
    "What went on in a page: URLs asked of other machines (none is answered), errors, and the texts of the browser's own dialogs."
    def __init__(self): self.requests_outside, self.console_errors, self.page_errors, self.dialogs = [], [], [], []

    @property
    def widget_errors(self):
        "The errors from the code of anywidgets, which is loaded from blob URLs; JupyterLab and Notebook have errors of their own."
        return [o for o in self.page_errors + self.console_errors if 'blob:' in o]


def watched_page(browser, dark=False, touch=False, viewport=(1280, 900), **kw):
    "A page with cookies and storage of its own; `page.seen` is what went on. Leaving a page with unsaved changes asks nothing."
    context = browser.new_context(viewport=dict(width=viewport[0], height=viewport[1]), color_scheme='dark' if dark else 'light',
                                  has_touch=touch, reduced_motion='reduce', locale='en-GB', timezone_id='UTC', **kw)
    page = context.new_page()
    page.seen = seen = Seen()

    def outside(url):
        at = urlsplit(url)
        if at.scheme in ('http', 'https', 'ws', 'wss', 'ftp') and at.hostname not in LOCAL: seen.requests_outside.append(url)

    def answer(dialog):
        if dialog.type != 'beforeunload': seen.dialogs.append(f'{dialog.type}: {dialog.message}')
        dialog.accept()

    context.on('request', lambda o: outside(o.url))
    page.on('websocket', lambda o: outside(o.url))
    page.on('console', lambda o: seen.console_errors.append(f'{o.text} ({o.location.get("url", "")})') if o.type == 'error' else None)
    page.on('pageerror', lambda o: seen.page_errors.append(o.stack or str(o)))
    page.on('dialog', answer)
    return page


def shoot(page, name, selector=None, full=False):
    "Write a PNG of the page, or of the first element that `selector` names, to $FSDL_SHOTS or the temporary folder; returns its path."
    folder = Path(os.environ.get('FSDL_SHOTS') or Path(tempfile.gettempdir())/'fsdl-shots')
    folder.mkdir(parents=True, exist_ok=True)
    path = folder/f'{name}.png'
    if selector: page.locator(selector).first.screenshot(path=path, animations='disabled')
    else: page.screenshot(path=path, full_page=full, animations='disabled')
    return path


def drag(page, points, pointer='mouse'):
    "Press at the first of the (x, y) `points` of the viewport, move over the others, release at the last. `pointer`: mouse, pen or touch."
    if pointer == 'mouse':
        page.mouse.move(*points[0])
        page.mouse.down()
        for p in points[1:]: page.mouse.move(*p)
        return page.mouse.up()
    cdp = page.context.new_cdp_session(page)
    if pointer == 'pen': send = lambda kind, p: cdp.send('Input.dispatchMouseEvent', dict(
        type=f'mouse{kind}', x=p[0], y=p[1], button='left', buttons=int(kind != 'Released'), clickCount=1, pointerType='pen', force=.5))
    else: send = lambda kind, p: cdp.send('Input.dispatchTouchEvent', dict(
        type={'Pressed': 'touchStart', 'Moved': 'touchMove', 'Released': 'touchEnd'}[kind],
        touchPoints=[] if kind == 'Released' else [dict(x=p[0], y=p[1])]))
    send('Pressed', points[0])
    for p in points[1:]: send('Moved', p)
    send('Released', points[-1])
    cdp.detach()


# What the page is asked; JupyterLab and Notebook 7 are the same application with other furniture
IN_PAGE = """
window.__fsdl = {
  get app() { return window.jupyterapp },
  get panel() { return [...this.app.shell.widgets('main')].find(o => o.sessionContext && o.content && o.content.widgets) },
  get cells() { return this.panel.content.widgets },
  ready() {
    const p = window.jupyterapp && window.jupyterapp.shell && this.panel
    return !!(p && p.context.isReady && p.sessionContext.isReady && !p.sessionContext.isRestarting && this.kernel && this.cells.length)
  },
  get kernel() { const s = this.panel.sessionContext.session; return s && s.kernel && s.kernel.connectionStatus === 'connected' && s.kernel },
  state() {
    const p = window.jupyterapp && window.jupyterapp.shell && this.panel
    if (!p) return 'no notebook in the page'
    const k = p.sessionContext.session && p.sessionContext.session.kernel
    const dialogs = [...document.querySelectorAll('.jp-Dialog')].map(o => o.innerText)
    return JSON.stringify({ready: p.context.isReady, session: p.sessionContext.isReady, kernel: k && k.connectionStatus, status: k && k.status, dialogs})
  },
  runs: [],
  start(command, i) {
    if (i !== null) { this.panel.content.deselectAll(); this.panel.content.activeCellIndex = i }
    const run = {done: false, error: null}
    this.runs.push(run)
    this.app.commands.execute(command).then(() => { run.done = true }, e => { run.done = true; run.error = String(e) })
    return this.runs.length - 1
  },
  outputs(i) { const o = this.cells[i].model.outputs; return o ? o.toJSON() : [] },
}
"""

ANSI = re.compile(r'\x1b\[[0-9;]*m')


class Notebook:
    "A notebook that is open in a page."

    def __init__(self, lab, page, name, app='lab'):
        self.lab, self.page, self.name, self.app, self.seconds = lab, page, name, app, {}
        self.workspace = secrets.token_hex(4)

    @property
    def url(self):
        place = {'lab': f'doc/workspaces/{self.workspace}/tree', 'full': f'lab/workspaces/{self.workspace}/tree',
                 'notebook': 'notebooks'}[self.app]
        return f'{self.lab.url}/{place}/{quote(self.name)}?token={self.lab.token}'

    def goto(self, timeout=60):
        "Open it, and wait until its kernel can be used."
        began = time.monotonic()
        if not hasattr(self.page, 'fsdl_script'): self.page.fsdl_script = self.page.add_init_script(IN_PAGE) or True
        self.page.goto(self.url, timeout=timeout*1000, wait_until='commit')
        self.wait_ready(timeout)
        self.seconds['open'] = time.monotonic() - began
        return self

    def wait_ready(self, timeout=60):
        "Wait until the notebook is shown and its kernel connected."
        self.wait('() => __fsdl.ready()', 'the notebook and its kernel', timeout)

    def wait(self, js, what, timeout=30, arg=None):
        "Wait until the function `js` is true in the page; the error says `what`, and the states of notebook and server."
        from playwright.sync_api import Error
        try: return self.page.wait_for_function(js, arg=arg, timeout=timeout*1000)
        except Error as e:
            try: state = self.page.evaluate('window.__fsdl ? __fsdl.state() : document.title')
            except Error as e2: state = f'the page does not answer: {e2}'
            errors = '\n'.join(self.page.seen.page_errors[-3:] + self.page.seen.console_errors[-3:])
            raise TimeoutError(f'{what}: not within {timeout} s ({e.message.splitlines()[0]})\n{state}\n{errors}\n{self.lab.log_tail()}') from None

    # ---- cells

    def start(self, i):
        "Run cell `i` and do not wait; returns what `finish` takes."
        return self.page.evaluate('i => __fsdl.start("notebook:run-cell", i)', i)

    def finish(self, run, timeout=60):
        "Wait for a run that was started."
        self.wait('i => __fsdl.runs[i].done', 'the end of the run', timeout, run)
        if error := self.page.evaluate('i => __fsdl.runs[i].error', run): raise RuntimeError(f'the cell was not run: {error}')

    def run(self, i, timeout=60):
        "Run cell `i`, wait for its end, and return the text of its output."
        began = time.monotonic()
        self.finish(self.start(i), timeout)
        self.seconds['run'] = time.monotonic() - began
        return self.text(i)

    def run_all(self, timeout=60):
        "Run all cells and wait for the end."
        self.finish(self.page.evaluate('() => __fsdl.start("notebook:run-all-cells", null)'), timeout)

    def outputs(self, i):
        "The outputs of cell `i`, as they would be stored."
        return self.page.evaluate('i => __fsdl.outputs(i)', i)

    def text(self, i):
        "The text of the outputs of cell `i`: streams, results and errors."
        join = lambda o: ''.join(o) if isinstance(o, list) else o
        parts = []
        for o in self.outputs(i):
            if o['output_type'] == 'stream': parts.append(join(o['text']))
            elif o['output_type'] == 'error': parts.append('\n'.join(o['traceback']) or f'{o["ename"]}: {o["evalue"]}')
            else: parts.append(join(o['data'].get('text/plain', '')))
        return ANSI.sub('', ''.join(parts)).strip()

    def cell(self, i):
        "The element of cell `i`."
        return self.page.locator(f'.jp-Notebook .jp-Cell[data-windowed-list-index="{i}"]')

    def editor(self, i):
        "The element that code is typed into in cell `i`."
        return self.cell(i).locator('.cm-content').first

    def source(self, i): return self.page.evaluate('i => __fsdl.cells[i].model.sharedModel.getSource()', i)

    def set_source(self, i, source): self.page.evaluate('([i, s]) => __fsdl.cells[i].model.sharedModel.setSource(s)', [i, source])

    def widget(self, selector='.fsdl-labeller', i=None):
        "The elements that `selector` names, of cell `i` if it is given; use `.first` or `.nth(1)` where there are several."
        return (self.page if i is None else self.cell(i)).locator(selector)

    # ---- kernel and page

    def restart_kernel(self, timeout=30):
        "Restart the kernel as the menu does, and wait until the new one is idle; returns its pid."
        old = self.lab.kernel(self.name)
        self.page.evaluate('() => __fsdl.panel.sessionContext.restartKernel()')
        self.wait_idle(timeout)
        return self.lab.wait_kernel(self.name, old and old.pid, timeout)

    def wait_idle(self, timeout=30):
        "Wait until the kernel is connected and idle."
        self.wait('() => __fsdl.ready() && __fsdl.kernel && __fsdl.kernel.status === "idle"', 'an idle kernel', timeout)

    def wait_back(self, old=None, timeout=30):
        "After a kill: wait until server, a kernel with another pid than `old`, and page are in touch again; dialogs are dismissed. Returns the pid."
        pid = self.lab.wait_kernel(self.name, old, timeout)
        self.dismiss_dialogs()
        self.wait_idle(timeout)
        self.dismiss_dialogs()
        return pid

    def dismiss_dialogs(self):
        "Answer the dialogs of JupyterLab that are open as Enter would; returns their texts."
        said, boxes = [], self.page.locator('.jp-Dialog')
        while n := boxes.count():
            said.append(boxes.last.inner_text())
            boxes.last.locator('.jp-Dialog-button').last.click()
            self.wait('n => document.querySelectorAll(".jp-Dialog").length < n', f'the end of the dialog {said[-1]!r}', 5, n)
        return said

    def theme(self, dark):
        "Change the theme of the open page."
        self.page.evaluate('dark => __fsdl.app.commands.execute("apputils:change-theme", {theme: dark ? "JupyterLab Dark" : "JupyterLab Light"})', dark)
        self.wait('dark => document.body.dataset.jpThemeLight === String(!dark)', 'the theme', 20, dark)

    def save(self):
        "Save the notebook."
        self.page.evaluate('() => __fsdl.panel.context.save()')

    def reload(self, timeout=60):
        "Reload the tab, and wait until the notebook is shown and its kernel connected. Cells are not run."
        self.page.reload(timeout=timeout*1000, wait_until='commit')
        self.wait_ready(timeout)
        return self

    def close(self):
        "Close the tab without being asked anything; the kernel goes on."
        self.page.close()

    def shot(self, name, selector=None): return shoot(self.page, name, selector)


# ---------------------------------------------------------------------------------------------- plain JavaScript, without Jupyter

class JS:
    "Evaluates expressions over the ES modules at `url` in a page: `js.run('geometry.js', 'area(points)', points=[[0, 0], [1, 1]])`."

    def __init__(self, page, url):
        self.page, self.url = page, url
        blank_page(page, url)

    def run(self, module, expr, **names):
        "The value of `expr`, in which the exports of `module` and `names` are known; promises are awaited."
        return self.page.evaluate("""async ([url, expr, names]) => {
            const m = await import(url)
            return await new Function('m', 'names', 'with (m) with (names) { return (' + expr + '\\n) }')(m, names)
        }""", [f'{self.url}/{module}', expr, names])

    def exports(self, module):
        "The names that `module` exports."
        return self.page.evaluate('async url => Object.keys(await import(url))', f'{self.url}/{module}')


def blank_page(page, url, html='<!doctype html><meta charset="utf-8"><title>blank</title>'):
    "Show `html` as if it came from `url`."
    page.route(f'{url}/__blank.html', lambda o: o.fulfill(body=html, content_type='text/html; charset=utf-8'))
    page.goto(f'{url}/__blank.html')


THEMES = {False: dict(layout0='white', layout1='white', layout2='#eee', border1='#bdbdbd', border2='#e0e0e0',
                      font0='#000', font1='rgba(0,0,0,.87)', font2='rgba(0,0,0,.54)'),
          True: dict(layout0='#111', layout1='#212121', layout2='#424242', border1='#616161', border2='#424242',
                     font0='#fff', font1='rgba(255,255,255,1)', font2='rgba(255,255,255,.7)')}


def fake_html(dark=False):
    "A page with the theme variables of JupyterLab that widgets use most."
    t = THEMES[dark]
    names = dict(zip(('layout-color0', 'layout-color1', 'layout-color2', 'border-color1', 'border-color2',
                      'ui-font-color0', 'ui-font-color1', 'ui-font-color2'), t.values()))
    names |= {'content-font-color1': t['font1'], 'brand-color1': '#2196f3', 'error-color1': '#d32f2f',
              'warn-color1': '#f57c00', 'success-color1': '#388e3c',
              'ui-font-size1': '13px', 'ui-font-family': 'system-ui, sans-serif', 'code-font-family': 'monospace'}
    css = ''.join(f'--jp-{k}: {v};' for k, v in names.items())
    return (f'<!doctype html><meta charset="utf-8"><title>widget</title><style>:root {{ {css} }} body {{ margin: 8px; background: var(--jp-layout-color0); '
            f'color: var(--jp-ui-font-color1); font: 13px system-ui, sans-serif }}</style><body data-jp-theme-light="{str(not dark).lower()}"></body>')


FAKE_MODEL = r"""
window.__fake = {
  bytes(o) { return {__b64: btoa(Array.from(new Uint8Array(o.buffer || o, o.byteOffset || 0, o.byteLength), c => String.fromCharCode(c)).join(''))} },
  view(o) { return new DataView(Uint8Array.from(atob(o.__b64), c => c.charCodeAt(0)).buffer) },
  // values that cross to Python and back: bytes are DataViews here, as ipywidgets makes them
  out(o) { if (o instanceof ArrayBuffer || ArrayBuffer.isView(o)) return this.bytes(o); if (Array.isArray(o)) return o.map(x => this.out(x));
           return o && typeof o === 'object' ? Object.fromEntries(Object.entries(o).map(([k, v]) => [k, this.out(v)])) : o },
  into(o) { if (Array.isArray(o)) return o.map(x => this.into(x)); if (!o || typeof o !== 'object') return o;
            return '__b64' in o ? this.view(o) : Object.fromEntries(Object.entries(o).map(([k, v]) => [k, this.into(v)])) },
  widgets: {},
  async mount(key, url, css, state, el) {
    const w = this.widgets[key] = {state: this.into(state), handlers: [], dirty: {}, control: new AbortController()}
    const fire = (name, ...args) => w.handlers.filter(h => h.name === name).forEach(h => h.fn(...args))
    const emit = o => window.__fake_sent(key, this.out(o))
    w.put = (name, value) => { if (w.state[name] === value) return; w.state[name] = value; fire('change:' + name, w.model, value); fire('change', w.model) }
    w.message = (content, buffers) => fire('msg:custom', content, buffers)
    w.model = {
      get: name => w.state[name],
      set: (name, value) => { const all = typeof name === 'object' ? name : {[name]: value}
                              for (const [k, v] of Object.entries(all)) { w.put(k, v); w.dirty[k] = v } },
      save_changes: () => { if (Object.keys(w.dirty).length) emit({kind: 'state', state: w.dirty}); w.dirty = {} },
      send: (content, callbacks, buffers) => { emit({kind: 'message', content: JSON.parse(JSON.stringify(content)), buffers: buffers || []}) },
      on: (names, fn) => { for (const name of names.split(' ')) w.handlers.push({name, fn}) },
      off: (names, fn) => { w.handlers = w.handlers.filter(h => !((!names || names.split(' ').includes(h.name)) && (!fn || h.fn === fn))) },
      widget_manager: {},
    }
    const invoke = (name, msg, {buffers = [], signal = AbortSignal.timeout(3000)} = {}) => new Promise((resolve, reject) => {
      const id = crypto.randomUUID()
      const answer = (content, buffers) => { if (content && content.id === id) { w.model.off('msg:custom', answer); resolve([content.response, buffers]) } }
      signal.addEventListener('abort', () => { w.model.off('msg:custom', answer); reject(signal.reason) })
      w.model.on('msg:custom', answer)
      w.model.send({id, kind: 'anywidget-command', name, msg}, undefined, buffers)
    })
    if (css) { const s = document.createElement('style'); s.textContent = css; document.head.append(s) }
    const mod = await import(url)
    const def = typeof mod.default === 'function' ? await mod.default() : mod.default
    const given = {model: w.model, signal: w.control.signal, experimental: {invoke}}
    const ends = [await def.initialize?.(given), await def.render?.({...given, el})]
    w.remove = async () => { w.control.abort(); for (const f of ends) if (typeof f === 'function') await f(); el.remove() }
  },
}
"""


def _out(o):
    "Python's values for the page: bytes become base64."
    if isinstance(o, (bytes, bytearray, memoryview)): return {'__b64': base64.b64encode(o).decode()}
    if isinstance(o, dict): return {k: _out(v) for k, v in o.items()}
    return [_out(v) for v in o] if isinstance(o, (list, tuple)) else o


def _into(o):
    "The page's values for Python."
    if isinstance(o, dict): return base64.b64decode(o['__b64']) if '__b64' in o else {k: _into(v) for k, v in o.items()}
    return [_into(v) for v in o] if isinstance(o, list) else o


class FakeWidgets:
    """anywidgets in a page without Jupyter: `fw.mount(esm, css, state)` gives a `FakeWidget`, several in one page if wanted.

    The code is loaded from a blob URL as anywidget does, so a relative import fails here as there."""

    def __init__(self, page, dark=False, url='http://127.0.0.1:9'):
        self.page, self.made = page, []
        page.expose_function('__fake_sent', lambda key, o: self.made[key]._take(_into(o)))
        blank_page(page, url, fake_html(dark))
        page.evaluate(FAKE_MODEL)

    def mount(self, esm, css='', state=None, answer=None):
        "Show a widget from the text or path of its code and style; `answer(content, buffers)` may return one (content, buffers) or several."
        w = FakeWidget(self.page, len(self.made), answer)
        self.made.append(w)
        text = lambda o: o.read_text(encoding='utf-8') if isinstance(o, Path) else o
        self.page.evaluate("""async ([key, esm, css, state]) => {
            const el = document.body.appendChild(document.createElement('div'))
            el.className = 'fake-widget'
            el.style.marginBottom = '12px'
            const url = URL.createObjectURL(new Blob([esm], {type: 'text/javascript'}))
            await __fake.mount(key, url, css, state, el)
        }""", [w.key, text(esm), text(css), _out(state or {})])
        return w


class FakeWidget:
    "One widget in a page: what it sent is in `sent` (content, buffers) and `saved` (dicts of state)."

    def __init__(self, page, key, answer=None): self.page, self.key, self.answer, self.sent, self.saved = page, key, answer, [], []

    def _take(self, o):
        if o['kind'] == 'state': return self.saved.append(o['state'])
        self.sent.append((o['content'], o['buffers']))
        res = self.answer(o['content'], o['buffers']) if self.answer else None
        for content, buffers in [res] if isinstance(res, tuple) else res or []: self.push(content, buffers)

    @property
    def el(self): return self.page.locator('.fake-widget').nth(self.key)

    def push(self, content, buffers=()):
        "Send a custom message with binary buffers to the widget."
        self.page.evaluate('([k, c, b]) => __fake.widgets[k].message(c, __fake.into(b))', [self.key, content, _out(list(buffers))])

    def set(self, **state):
        "Set state from Python's side."
        self.page.evaluate('([k, s]) => { for (const [n, v] of Object.entries(__fake.into(s))) __fake.widgets[k].put(n, v) }', [self.key, _out(state)])

    def get(self, name): return _into(self.page.evaluate('([k, n]) => __fake.out(__fake.widgets[k].state[n])', [self.key, name]))

    def wait_sent(self, check=lambda content, buffers: True, what='a message of the widget', timeout=10):
        "Wait for a message that `check(content, buffers)` is true of, and return it."
        find = lambda: next((o for o in self.sent if check(*o)), None)
        end = time.monotonic() + timeout
        while not (res := find()):
            if time.monotonic() > end: raise TimeoutError(f'{what}: not within {timeout} s; there were {[c for c, _ in self.sent]}')
            self.page.wait_for_timeout(5)  # lets the page's messages arrive
        return res

    def remove(self):
        "Take the widget off the page, as when its output is cleared."
        self.page.evaluate('k => __fake.widgets[k].remove()', self.key)


# ---------------------------------------------------------------------------------------------- a small disk

class TinyDisk:
    "A small file system in memory, mounted at `path`."

    def __init__(self, path): self.path, self.filler = Path(path), Path(path)/'.filler'

    @property
    def free(self): return shutil.disk_usage(self.path).free

    def fill(self, leave=0):
        "Fill it until `leave` bytes are free, to whole blocks."
        block = b'\0'*4096
        with open(self.filler, 'ab', buffering=0) as f:
            try:
                while self.free > leave: f.write(block[:max(1, min(len(block), self.free - leave))])
            except OSError as e:
                if e.errno != errno.ENOSPC: raise
        return self

    def empty(self):
        "Give the space back."
        self.filler.unlink(missing_ok=True)
        return self


@contextmanager
def mounted(path, size='1m'):
    "A `TinyDisk` of `size` at the new folder `path`, for as long as a `with` block lasts."
    path = Path(path)
    path.mkdir(parents=True)
    subprocess.run(['mount', '-t', 'tmpfs', '-o', f'size={size},mode=777', 'fsdl-test', path], check=True, capture_output=True, text=True)
    try: yield TinyDisk(path)
    finally:
        # lazily, for a process that still has a file open there
        res = subprocess.run(['umount', path], capture_output=True, text=True)
        if res.returncode: subprocess.run(['umount', '-l', path], check=True, capture_output=True, text=True)
        path.rmdir()


def can_mount():
    "May this process mount a file system?"
    if sys.platform != 'linux' or os.geteuid() != 0: return False
    try:
        with tempfile.TemporaryDirectory() as tmp, mounted(Path(tmp)/'disk'): return True
    except (OSError, subprocess.CalledProcessError): return False


@contextmanager
def modules_in(folder, chromium):
    "`JS` over the modules in a folder. One page for all: the modules keep nothing, and nothing may go wrong there."
    page = watched_page(chromium)
    with serve_folder(folder) as url:
        yield JS(page, url)
        assert page.seen.page_errors == page.seen.requests_outside == []
    page.context.close()
