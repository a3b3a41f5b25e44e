"""Folders that somebody else made to do harm: a victim's home, a repository with one way in, its clone, and what must not happen.

A way is a function that plants something into a `Trap`. `after=True`: what a clone does not bring, so it is planted into a copy of the folder (a zip, a network drive)."""
import hashlib, io, json, os, shutil, stat, subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

SECRET = 'SECRET-7f3a9c of the victim'
WAYS: dict[str, tuple[Callable, bool]] = {}
CODE = "import os; open(os.environ['FSDL_CANARY'], 'a').write({!r} + '\\n')\n"  # what planted programs do


def way(after=False):
    "Take the decorated function as a way in."
    def add(f):
        WAYS[f.__name__] = f, after
        return f
    return add


def picture(colour, size=(60, 40)):
    Image.new('L', size, colour).save(f := io.BytesIO(), 'PNG')
    return f.getvalue()


def git(folder, *args):
    env = {k: v for k, v in os.environ.items() if not k.startswith('GIT_')
           or k in ('GIT_CONFIG_GLOBAL', 'GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL')}
    return subprocess.run(['git', *args], cwd=folder, env=env, check=True, capture_output=True).stdout


@dataclass
class Trap:
    "A place for one way in."
    top: Path
    server: str = ''  # an address that gives `reply` for everything
    reply: bytes = b'ssh-ed25519 ATTACKER\n'
    name: str = ''
    before: dict = field(default_factory=dict)

    def __post_init__(self):
        for o in 'home/.ssh', 'home/.config', 'outside/folder', 'repo': (self.top/o).mkdir(parents=True)
        for name, text in {'home/.bashrc': '# victim', 'home/.profile': '# victim',
                           'home/.ssh/authorized_keys': 'old key', 'outside/secret.txt': SECRET,
                           'outside/data.jsonl': json.dumps({'content': SECRET, 'annotation': None}),
                           'outside/config': '[user]\n\tname = victim\n'}.items():
            (self.top/name).write_text(text + '\n')
        for o in 'outside/private.png', 'outside/folder/private.png': (self.top/o).write_bytes(self.private)
        (self.top/'outside'/'metadata.toml').write_text(f"url = ''\nfilename = 'data.jsonl'\nsha256 = '{'0'*64}'\n[card]\ntitle = '{SECRET}'\n")
        self.describe()

    private = picture(77, (61, 43))

    @property
    def ds(self): return self.top/('clone' if (self.top/'clone').exists() else 'repo')/'ds'
    @property
    def repo(self): return self.ds.parent
    @property
    def outside(self): return self.top/'outside'
    @property
    def canary(self): return self.top/'canary'

    def describe(self, ids=('a.png',), url='pages/', more='', filename='e.jsonl', pages=True, sizes=dict(imageWidth=60, imageHeight=40)):
        "Write the dataset, with a page for each of `ids`."
        ds, box = self.ds, [[.1, .1], [.9, .1], [.9, .5], [.1, .5]]
        line = dict(label=['line'], shape='rectangle', points=box, notes='hello', **sizes)
        text = ''.join(json.dumps(dict(content=url + i, annotation=[line], extras=None, metadata=dict(status='done'))) + '\n' for i in ids)
        (ds/filename).parent.mkdir(parents=True, exist_ok=True)
        (ds/filename).write_text(text)
        (ds/'metadata.toml').write_text(f"url = '{self.server}'\nfilename = '{filename}'\nsha256 = '{hashlib.sha256(text.encode()).hexdigest()}'\n{more}")
        (ds/'pages').mkdir(exist_ok=True)
        for i in ids if pages else (): (ds/'pages'/i).write_bytes(picture(255))
        return ds

    def link(self, name, target):
        "Put a link to `target`, from the top of the trap, in place of the dataset's file `name`."
        at = self.ds/name
        if at.is_dir() and not at.is_symlink(): shutil.rmtree(at)
        at.unlink(missing_ok=True)
        at.parent.mkdir(parents=True, exist_ok=True)
        at.symlink_to(target if os.path.isabs(target) else os.path.relpath(self.top/target, at.parent))

    def pin(self, rows):
        "Pin `rows` of id, bytes and address."
        csv = 'id,sha256,bytes,width,height,url,mirrors\n' + ''.join(f'{i},{hashlib.sha256(b).hexdigest()},{len(b)},,,{u},\n' for i, b, u in rows)
        (self.ds/'images.csv').write_text(csv)
        with (self.ds/'metadata.toml').open('a') as f: f.write(f'[pins]\n"images.csv" = "{hashlib.sha256(csv.encode()).hexdigest()}"\n')

    def program(self, name='evil', runs=''):
        "A planted program that leaves a trace; gives its path. `runs`: what it does besides."
        at = self.ds/name
        at.parent.mkdir(parents=True, exist_ok=True)
        at.write_text(f'#!/bin/sh\necho {name} "$@" >> "{self.canary}"\n{runs}\n')
        at.chmod(0o755)
        return at

    def settings(self, text):
        "Add `text` to the settings of the repository."
        with (self.repo/'.git'/'config').open('a') as f: f.write(text)

    def stale(self, attributes):
        "Make git look into each file again, by `attributes`."
        (self.repo/'.git'/'info').mkdir(exist_ok=True)
        (self.repo/'.git'/'info'/'attributes').write_text(attributes)
        for p in self.ds.iterdir():
            if p.is_file(): os.utime(p, (1, 1))

    def commit(self):
        git(self.repo, 'init', '-q', '-b', 'main')
        git(self.repo, 'add', '-A', '-f', '.')
        git(self.repo, 'commit', '-qm', 'x')

    def spring(self, name):
        "Plant the way `name`, and clone or copy the folder."
        plant, after = WAYS[name]
        self.name = name
        if not after: plant(self)
        self.commit()
        git(self.top, 'clone', '-q', 'repo', 'clone')
        if after: plant(self)
        self.before = self.seen()
        return self

    def seen(self):
        "Each file outside the clone, and what it holds."
        return {p: (p.lstat().st_mode, p.read_bytes() if stat.S_ISREG(p.lstat().st_mode) else b'')
                for o in ('home', 'outside', 'repo') for p in sorted((self.top/o).rglob('*'))
                if '.cache' not in p.parts and '.local' not in p.parts and '.ipython' not in p.parts
                and '.jupyter' not in p.parts and 'matplotlib' not in p.parts}

    def let_through(self):
        "What happened that must not: nothing, if it is empty."
        res = [f'ran: {self.canary.read_text()[:200]}'] if self.canary.exists() else []
        self.canary.unlink(missing_ok=True)
        now = self.seen()
        res += [f'written: {p.relative_to(self.top)}' for p in sorted({*now, *self.before}) if now.get(p) != self.before.get(p)]
        private, hashes = (SECRET.encode(), self.private), [hashlib.sha256(o).hexdigest().encode()
                                                            for o in (f'{SECRET}\n'.encode(), self.private)]
        for p in (p for o in ('clone', 'out') for p in sorted((self.top/o).rglob('*'))):
            if not p.is_symlink() and p.is_file() and any(o in p.read_bytes() for o in (*private, *hashes)):
                res.append(f'published: {p.relative_to(self.top)}')
        self.before = now
        return res


# ---------------------------------------------------------------------------------------------- links that a repository brings

def _links(**named):
    for k, (name, target) in named.items():
        def plant(t, name=name, target=target): t.link(name, target)
        WAYS[k] = plant, False


_links(card_to_bashrc=('card.md', 'home/.bashrc'), croissant_elsewhere=('croissant.json', 'outside/config'),
       picture_elsewhere=('card_pages.png', 'outside/config'),
       readme_is_secret=('readme.md', 'outside/secret.txt'), notes_are_secret=('notes.txt', 'outside/secret.txt'),
       guidelines_are_secret=('guidelines.md', 'outside/secret.txt'),
       license_from_root=('LICENSE', '/etc/passwd'), description_elsewhere=('metadata.toml', 'outside/metadata.toml'),
       export_elsewhere=('e.jsonl', 'outside/data.jsonl'),
       pins_elsewhere=('images.csv', 'outside/secret.txt'), attributes_elsewhere=('.gitattributes', 'outside/config'),
       labels_elsewhere=('labels', 'outside/folder'),
       journal_is_profile=('labels/mallory.jsonl', 'home/.profile'),
       exports_journal_elsewhere=('labels/@exports.jsonl', 'outside/config'), lock_makes_a_file=('.lock', 'outside/made_by_lock'),
       lock_is_a_file=('.lock', 'outside/config'), image_is_private=('pages/a.png', 'outside/private.png'),
       image_makes_a_file=('pages/a.png', 'outside/new.png'),
       pages_elsewhere=('pages', 'outside/folder'), table_elsewhere=('pages/downloads.csv', 'outside/config'),
       fetched_elsewhere=('.fetched', 'outside/folder'),
       notebook_elsewhere=('label_mallory.ipynb', 'outside/config'),
       card_into_hooks=('card.md', 'clone/.git/hooks/post-commit'), readme_is_gits=('readme.md', 'clone/.git/config'),
       card_is_a_workflow=('card.md', 'repo/.github/workflows/run.yml'), endless_readme=('readme.md', '/dev/zero'),
       endless_guidelines=('guidelines.md', '/dev/zero'),
       endless_pins=('images.csv', '/dev/zero'), split_elsewhere=('splits.csv', 'outside/config'),
       writers_elsewhere=('writers.csv', 'outside/secret.txt'), endless_writers=('writers.csv', '/dev/zero'), round_readme=('readme.md', 'repo/ds/readme.md'),
       scans_elsewhere=('more', 'outside/folder'), look_elsewhere=('ds_pages.png', 'outside/config'),
       sums_elsewhere=('sums.sha256', 'home/.profile'))


@way()
def chain_of_links(t):
    t.link('one', 'outside')
    t.link('readme.md', 'repo/ds/one/secret.txt')
    t.link('card.md', 'repo/ds/one/config')


@way()
def keys_by_download(t):
    t.describe(['authorized_keys'], t.server, pages=False)
    t.link('pages', 'home/.ssh')
    t.pin([('authorized_keys', t.reply, f'{t.server}authorized_keys')])


@way()
def data_file_through_a_link(t):
    t.link('x', 'outside/folder')
    (t.ds/'metadata.toml').write_text(f"url = '{t.server}new'\nfilename = 'x/sitecustomize.py'\nsha256 = '{hashlib.sha256(t.reply).hexdigest()}'\n")


@way()
def data_file_is_a_hook(t):
    (t.ds/'metadata.toml').write_text(f"url = '{t.server}new'\nfilename = 'h/post-checkout'\nsha256 = '{hashlib.sha256(t.reply).hexdigest()}'\n")
    t.link('h', 'clone/.git/hooks')


@way()
def pinned_by_hand(t):
    t.link('x', 'outside')
    with (t.ds/'metadata.toml').open('a') as f: f.write(f"[pins]\n'x/secret.txt' = '{'0'*64}'\n")


@way()
def mirror_elsewhere(t):
    t.describe(['private.png'], more="[mirrors]\n'pages/' = 'm'\n", pages=False)
    t.link('m', 'outside/folder')


@way()
def leftover_of_a_download(t):
    from fsdl_handwriting_data.fetching.parts import part_prefix
    t.describe(['a.png'], t.server, pages=False)
    name = f'pages/{part_prefix("a.png")}{"0"*32}.part'
    t.link(name, 'outside/private.png')
    (t.ds/f'{name}.json').write_text(json.dumps(dict(url=f'{t.server}a.png', sha256='', etag='"x"', modified='', length='999')))


@way()
def waiting_file_elsewhere(t):
    secret = hashlib.sha256((t.outside/'secret.txt').read_bytes()).hexdigest()
    t.link(f'.readme.md.{secret[:16]}.part', 'outside/secret.txt')
    with (t.ds/'metadata.toml').open('a') as f: f.write(f"[pins]\n'readme.md' = '{secret.upper()}'\n")


@way()
def list_names_the_disk(t):
    (t.ds/'scans.csv').write_text(f'url\n{t.outside/"private.png"}\n../../outside/private.png\n../../outside\nlinked.png\nfile://{t.outside}/private.png\n')
    t.link('linked.png', 'outside/private.png')


# ---------------------------------------------------------------------------------------------- odd files in a copy

@way(after=True)
def pipes(t):
    t.describe(sizes={})
    for o in 'readme.md', 'guidelines.md', 'images.csv', 'notes.txt', 'croissant.json', 'pages/a.png', 'scan.png', 'label_mallory.ipynb':
        (t.ds/o).unlink(missing_ok=True)
        os.mkfifo(t.ds/o)


@way(after=True)
def pipe_as_description(t):
    (t.ds/'metadata.toml').unlink()
    os.mkfifo(t.ds/'metadata.toml')


@way(after=True)
def pipes_in_labels(t):
    (t.ds/'labels').mkdir()
    for o in 'labels/mallory.jsonl', 'labels/@exports.jsonl', '.lock', '.gitattributes': os.mkfifo(t.ds/o)


# ---------------------------------------------------------------------------------------------- git

@way()
def embedded_repository(t):
    bare = t.top/'bare.git'
    git(t.top, 'init', '-q', '--bare', bare)
    for o in 'HEAD', 'refs', 'objects': shutil.move(bare/o, t.ds/o)
    for o in 'refs/heads', 'refs/tags', 'objects/info', 'objects/pack': (t.ds/o/'.keep').touch()
    (t.ds/'config').write_text(f'[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = .\n\tfsmonitor = "{t.program()}; false"\n'.replace('repo/ds', 'clone/ds'))


@way()
def embedded_by_commondir(t):
    (t.ds/'in'/'refs').mkdir(parents=True)
    (t.ds/'in'/'objects').mkdir()
    for o in 'refs', 'objects': (t.ds/'in'/o/'.keep').touch()
    (t.ds/'HEAD').write_text('ref: refs/heads/main\n')
    (t.ds/'commondir').write_text('in\n')
    (t.ds/'in'/'config').write_text(f'[core]\n\tbare = false\n\tworktree = {t.top}/clone/ds\n\tfsmonitor = "{t.program()}; false"\n'.replace('repo/ds', 'clone/ds'))


@way(after=True)
def monitor_of_files(t): t.settings(f'[core]\n\tfsmonitor = "{t.program()}; false"\n')


@way(after=True)
def monitor_by_include(t):
    (t.ds/'more.config').write_text(f'[core]\n\tfsmonitor = "{t.program()}; false"\n')
    t.settings(f'[include]\n\tpath = {t.ds/"more.config"}\n')


@way(after=True)
def monitor_of_the_worktree(t):
    t.settings('[extensions]\n\tworktreeConfig = true\n')
    (t.repo/'.git'/'config.worktree').write_text(f'[core]\n\tfsmonitor = "{t.program()}; false"\n')


@way(after=True)
def filter_clean(t):
    t.settings(f'[filter "x"]\n\tclean = {t.program(runs="cat")}\n\trequired = true\n')
    t.stale('* filter=x')


@way(after=True)
def filter_process(t):
    t.settings(f'[filter "x.y"]\n\tprocess = {t.program(runs="exit 1")}\n')
    t.stale('* filter=x.y')


@way(after=True)
def filter_called_lfs(t):
    t.settings(f'[filter "lfs"]\n\tclean = {t.program(runs="cat")} git-lfs clean -- %f\n\tprocess = {t.ds/"evil"}\n\trequired = true\n')
    t.stale('* filter=lfs')


@way(after=True)
def extension_of_lfs(t):
    t.settings('[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n'
               f'[lfs "extension.x"]\n\tclean = {t.program(runs="cat")}\n\tsmudge = {t.ds/"evil"}\n\tpriority = 0\n')
    t.stale('* filter=lfs')


@way(after=True)
def hooks_in_place(t):
    for o in 'post-index-change', 'reference-transaction', 'post-checkout', 'pre-auto-gc', 'fsmonitor-watchman', 'query-watchman', 'pre-commit':
        shutil.copy(t.program(), t.repo/'.git'/'hooks'/o)
    for p in t.ds.iterdir(): os.utime(p, (1, 1))


@way(after=True)
def hooks_elsewhere(t):
    shutil.copytree(t.program('hooks/post-index-change').parent, t.top/'clone'/'h')
    t.settings(f'[core]\n\thooksPath = {t.top}/clone/h\n\tfsmonitor = true\n')


@way(after=True)
def hooks_to_be_written_outside(t): t.settings(f'[core]\n\thooksPath = {t.outside/"folder"}\n')


@way(after=True)
def hook_is_a_link(t): (t.repo/'.git'/'hooks'/'pre-push').symlink_to(t.outside/'made_by_hook')


@way(after=True)
def settings_are_a_link(t):
    (t.repo/'.git'/'config').unlink()
    shutil.copy(t.top/'repo'/'.git'/'config', t.outside/'config')
    (t.repo/'.git'/'config').symlink_to(t.outside/'config')


@way(after=True)
def kept_versions_elsewhere(t): (t.repo/'.git'/'fsdl').symlink_to(t.outside/'folder')


@way(after=True)
def differs(t):
    t.settings(f'[diff]\n\texternal = {t.program()}\n[diff "x"]\n\ttextconv = {t.ds/"evil"}\n\tcommand = {t.ds/"evil"}\n\tbinary = true\n')
    t.stale('* diff=x')


@way(after=True)
def programs_of_all_kinds(t):
    e = t.program()
    t.settings(f'[core]\n\tpager = {e}\n\teditor = {e}\n\taskPass = {e}\n\tsshCommand = {e}\n\tgitProxy = {e}\n\talternateRefsCommand = {e}\n[gpg]\n\tprogram = {e}\n[log]\n\tshowSignature = true\n'
               f'[pager]\n\tlog = {e}\n\tstatus = {e}\n\tdiff = {e}\n[credential]\n\thelper = "!{e}"\n[sequence]\n\teditor = {e}\n[uploadpack]\n\tpackObjectsHook = {e}\n[interactive]\n\tdiffFilter = {e}\n')


@way(after=True)
def aliases(t):
    e = t.program()
    t.settings('[alias]\n' + ''.join(f'\t{o} = "!{e}"\n'
                                     for o in ('lfs', 'status', 'log', 'diff', 'rev-parse', 'check-attr', 'ls-files',
                                               'config', 'cat-file')))


@way(after=True)
def missing_objects_by_a_program(t):
    t.settings(f'[remote "origin"]\n\turl = ext::{t.program()}\n\tpromisor = true\n\tpartialclonefilter = blob:none\n[extensions]\n\tpartialClone = origin\n[protocol]\n\tallow = always\n'
               f'[protocol "ext"]\n\tallow = always\n[core]\n\trepositoryformatversion = 1\n')
    name = git(t.top/'repo', 'rev-parse', 'HEAD:ds/e.jsonl').decode().strip()
    at = t.repo/'.git'/'objects'/name[:2]/name[2:]
    at.chmod(0o644)
    at.unlink()


@way(after=True)
def missing_objects_by_ssh(t):
    missing_objects_by_a_program(t)
    text = (t.repo/'.git'/'config').read_text().replace(f'ext::{t.ds/"evil"}', 'ssh://127.0.0.1/x')
    (t.repo/'.git'/'config').write_text(text + f'[core]\n\tsshCommand = {t.ds/"evil"}\n')


@way(after=True)
def worktree_elsewhere(t): t.settings(f'[core]\n\tworktree = {t.top}\n')


@way(after=True)
def commondir_elsewhere(t):
    shutil.copy(t.repo/'.git'/'HEAD', t.outside/'HEAD')
    git(t.outside/'folder', 'init', '-q')
    (t.repo/'.git'/'commondir').write_text(f'{t.outside}/folder/.git\n')


@way(after=True)
def submodule_with_settings(t):
    git(t.ds, 'init', '-q', 'sub')
    git(t.ds/'sub', 'commit', '-q', '--allow-empty', '-m', 'x')
    git(t.repo, 'add', 'ds/sub')
    (t.ds/'sub'/'f').write_text('x')
    git(t.ds/'sub', 'add', 'f')
    with (t.ds/'sub'/'.git'/'config').open('a') as f:
        f.write(f'[core]\n\tfsmonitor = "{t.program()}; false"\n[filter "x"]\n\tclean = {t.ds/"evil"}\n')
    (t.ds/'sub'/'.git'/'info'/'attributes').write_text('* filter=x')
    os.utime(t.ds/'sub'/'f', (1, 1))


# ---------------------------------------------------------------------------------------------- Python, Jupyter, programs

MODULES = ('jupyterlab', 'jupyter_server', 'sitecustomize', 'usercustomize', 'json', 'anywidget', 'ipykernel',
           'ipykernel_launcher', 'fsdl_handwriting_data', 'matplotlib', 'numpy', 'PIL', 'msgspec', 'IPython')


@way()
def modules(t):
    for o in MODULES: (t.ds/f'{o}.py').write_text(CODE.format(o) + 'raise SystemExit(0)\n')


@way()
def settings_of_jupyter(t):
    for o in 'jupyter_config', 'jupyter_lab_config', 'jupyter_server_config', 'jupyter_notebook_config', 'ipython_config', 'ipython_kernel_config':
        (t.ds/f'{o}.py').write_text(CODE.format(o))
    for o in '.ipython/profile_default/startup', 'profile_default/startup', 'kernels/python3', '.jupyter': (t.ds/o).mkdir(parents=True)
    for o in '.ipython/profile_default', 'profile_default': (t.ds/o/'startup'/'00.py').write_text(CODE.format(o))
    (t.ds/'kernels'/'python3'/'kernel.json').write_text(json.dumps(dict(argv=['sh', '-c', f'echo kernel >> {t.canary}'], display_name='x', language='python')))
    (t.ds/'.jupyter'/'jupyter_server_config.py').write_text(CODE.format('.jupyter'))


@way()
def planted_notebook(t):
    cell = dict(cell_type='code', metadata={}, source='# HOSTILE', execution_count=None, outputs=[], id='a')
    (t.ds/'label_mallory.ipynb').write_text(json.dumps(dict(cells=[cell], metadata={}, nbformat=4, nbformat_minor=5)))


@way()
def program_called_git(t):
    for o in 'git', 'git-lfs', 'sh', 'git.exe': t.program(o)


@way()
def settings_of_figures(t): (t.ds/'matplotlibrc').write_text('backend: module://evil_backend\ntext.usetex: True\n')
