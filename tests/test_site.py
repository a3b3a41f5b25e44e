"""The documentation site: built from a copy of the repository as after a clone, and read in a browser."""
import json, os, shutil, subprocess, sys
from urllib.parse import urlsplit

import pytest

from browser import shoot
from project_checks import PACKAGE, REPO, all_names, copy_project, notebooks, settings

from fsdl_handwriting_data.fetching.serve import serve_folder

pytestmark = pytest.mark.long  # the whole site is built
cfg = settings(REPO)
BASE = f'/{cfg["repo"]}'


STICKS_OUT = """() => [...document.querySelectorAll('article *:not(.headerlink)')].filter(o => {
    // wider than the phone, and not inside something that scrolls (code and tables do)
    for (let p = o.parentElement; p; p = p.parentElement) if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX) && p.localName !== 'main' && p.closest('article')) return false
    const r = o.getBoundingClientRect()
    const out = r.right > window.innerWidth + 1 || /^(h[1-6]|p|li|d[td])$/.test(o.localName) && o.scrollWidth > o.clientWidth + 1
    return r.width && out && !['auto', 'scroll'].includes(getComputedStyle(o).overflowX)
}).map(o => `${o.localName}.${o.className}: ${o.textContent.slice(0, 60)}`)"""


def build(tree):
    "Run the build in `tree`."
    env = {k: v for k, v in os.environ.items() if k != 'IN_TEST'} | {k: 'http://127.0.0.1:9'
                                                                     for k in ('http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY')}
    return subprocess.run([sys.executable, 'tools/site/build.py'], cwd=tree, env=env | dict(PYTHONPATH=str(tree)),
                          capture_output=True, text=True)


@pytest.fixture(scope='module')
def tree(tmp_path_factory, note):
    "A copy of the repository in which the site was built."
    res = copy_project(REPO, tmp_path_factory.mktemp('site')/'tree')
    subprocess.run(['git', 'add', '-A'], cwd=res, check=True)
    run = build(res)
    assert run.returncode == 0, run.stdout + run.stderr
    assert 'WARNING' not in run.stdout + run.stderr
    note(f'site: {run.stdout.strip().splitlines()[-1]}')
    return res


@pytest.fixture(scope='module')
def site(tree, tmp_path_factory):
    "The address of the site, served at the path where it is published, with its 404 page for what is not there."
    root = tmp_path_factory.mktemp('host')
    shutil.copytree(tree/'_docs', root/cfg['repo'])
    with serve_folder(root) as url: yield url + BASE


@pytest.fixture(scope='module')
def names(tree):
    return sorted(p.relative_to(tree/'_docs').as_posix() for p in (tree/'_docs').rglob('*.html')
                  if '_static' not in p.parts and p.name != '404.html' and 'location.replace' not in p.read_text(encoding='utf-8'))


def test_a_build_leaves_the_repository_as_it_was(tree):
    changed = subprocess.run(['git', 'status', '--porcelain', '-uall'], cwd=tree, capture_output=True, text=True).stdout.splitlines()
    assert [o for o in changed if not o.startswith('A  ')] == []


@pytest.mark.long
def test_every_page_loads_whole_and_fits(site, names, new_page):
    "No error in the console, nothing asked of other machines, all images there; on a phone nothing sticks out."
    wide, phone = new_page(), new_page(viewport=(390, 844), touch=True)
    for name in names:
        for page in wide, phone:
            page.goto(f'{site}/{name}')
            page.wait_for_load_state('load')
            images = page.evaluate('() => [...document.images].map(o => [o.currentSrc || o.src, o.loading === "lazy" || o.naturalWidth > 0])')
            assert all(ok for _, ok in images), (name, images)
        assert phone.evaluate('() => document.documentElement.scrollWidth - window.innerWidth') <= 0, name
        assert phone.evaluate(STICKS_OUT) == [], name
    for page in wide, phone: assert (page.seen.console_errors, page.seen.page_errors, page.seen.requests_outside) == ([], [], [])


def test_the_landing_page_shows_in_one_screen_what_this_is(site, page):
    page.goto(f'{site}/index.html')
    inside = page.evaluate("""() => ['h1', '.promise', '.hero img', '.install pre', '.road li:nth-child(5)'].map(o => {
        const r = document.querySelector(o).getBoundingClientRect()
        return [o, r.width > 0 && r.top >= 0 && r.bottom <= window.innerHeight && r.left >= 0 && r.right <= window.innerWidth] })""")
    assert [o for o, ok in inside if not ok] == []
    assert page.locator('.road li strong:first-child').all_inner_texts() == ['Label', 'Export', 'Download', 'Look', 'Train']
    shoot(page, 'site_landing')


def test_the_sidebar_follows_the_road_and_the_numbers(site, page):
    page.goto(f'{site}/core/metadata.html')
    links = [urlsplit(o).path.removeprefix(f'{BASE}/') for o in page.locator('.pages a.internal').evaluate_all('os => os.map(o => o.href)')]
    landing = (REPO/'nbs'/'index.ipynb').read_text(encoding='utf-8')
    tutorials = sorted([nb.path.stem for nb in notebooks(REPO) if nb.path.parent.name == 'tutorials'],
                       key=lambda o: landing.index(f'tutorials/{o}.ipynb'))
    modules = [nb.module for nb in notebooks(REPO) if nb.module]
    assert links[:len(tutorials) + 1 + len(modules)] == [f'{o}.html' for o in [*(f'tutorials/{o}' for o in tutorials),
                                                                               'keys', *(o.replace('.', '/') for o in modules)]]


@pytest.mark.parametrize('what, where',
                         [('sha256_of', f'core/files.html#{PACKAGE}.core.files.sha256_of'),
                          ('active seconds', 'labelling/store.html'), ('fsdl_export', 'commands/labels.html'),
                          ('keyboard shortcuts', 'keys.html')])
def test_search_finds(what, where, site, page):
    page.goto(f'{site}/search.html?q={what}')
    page.locator('#search-results ul.search li a').first.wait_for()
    found = page.locator('#search-results ul.search li a').evaluate_all('os => os.map(o => o.href)')
    assert any(where in o for o in found), found


def test_dark_and_light(site, page):
    page.goto(f'{site}/core/metadata.html')
    grounds = {}
    for mode in 'dark', 'light':
        page.locator('.theme-switch-button').first.click()
        page.locator(f'.theme-switch-container [data-mode={mode}]:visible').last.click()
        page.wait_for_function('mode => document.documentElement.dataset.theme === mode', arg=mode)
        grounds[mode] = page.evaluate("() => Math.max(...getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3).map(Number))")
    assert grounds['dark'] < 60 and grounds['light'] > 200


def test_a_name_in_prose_leads_to_its_entry_and_the_entry_to_its_source(site, page):
    page.goto(f'{site}/labelling/labeller.html')
    page.locator('p a.reference[href*="export_labels"]').first.click()
    page.wait_for_url('**/labelling/export.html#*')
    entry = page.evaluate("() => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.className")
    assert 'sig' in entry
    source = page.locator('dt.sig a.reference.external[href*="/blob/"]').first.get_attribute('href')
    path, _, lines = source.partition('/blob/main/')[2].partition('#L')
    first = int(lines.partition('-')[0])
    assert 'def export_labels' in (REPO/path).read_text(encoding='utf-8').splitlines()[first - 1]


@pytest.mark.parametrize('old, new', [('metadata.html#sha256_of', 'core/files.html#sha256_of'), ('cli.html', 'commands/data.html'),
                                      (f'dataset.html#{PACKAGE}.dataset.HandwritingDataset.show_page',
                                       'pages/reader.html#handwritingdataset.show_page')])
def test_addresses_from_before_the_packages_lead_on(old, new, site, page):
    page.goto(f'{site}/{old}')
    page.wait_for_url(f'{site}/{new}')
    assert '#' not in new or page.evaluate('() => !!document.getElementById(location.hash.slice(1))')


def test_the_notebook_of_a_page_can_be_seen_and_had(site, page, tree):
    page.goto(f'{site}/tutorials/label_pages.html')
    links = page.locator('.view-notebook a').evaluate_all('os => os.map(o => o.href)')
    assert links[0] == f'{cfg["git_url"].replace("%(user)s", cfg["user"]).replace("%(repo)s", cfg["repo"])}/blob/main/nbs/tutorials/label_pages.ipynb'
    assert (tree/'_docs'/'_notebooks'/'tutorials'/'label_pages.ipynb').read_bytes() == (REPO/'nbs'/'tutorials'/'label_pages.ipynb').read_bytes()
    assert links[1].endswith('/_notebooks/tutorials/label_pages.ipynb')


def test_what_is_not_there_gets_a_page_that_reads_well(site, page, tree):
    "GitHub Pages shows 404.html under the address that was asked for, however deep."
    deep = tree/'_docs'/'404.html'
    page.route('**/no/such/page.html',
               lambda route: route.fulfill(status=404, content_type='text/html', body=deep.read_text(encoding='utf-8')))
    page.goto(f'{site}/no/such/page.html')
    assert page.evaluate("() => getComputedStyle(document.querySelector('.bd-header')).position") == 'sticky'  # the style sheet was found
    page.locator('article a', has_text='first page').click()
    page.wait_for_url(f'{site}/index.html')


def test_other_projects_can_link_to_every_name(tree):
    from sphinx.util.inventory import InventoryFile
    with (tree/'_docs'/'objects.inv').open('rb') as f: inventory = InventoryFile.load(f, '', lambda base, uri: uri)
    assert inventory['py:function'][f'{PACKAGE}.core.files.sha256_of'].uri == f'core/files.html#{PACKAGE}.core.files.sha256_of'
    modidx = json.loads(subprocess.run([sys.executable, '-c',
                                        f'import json, {PACKAGE}._modidx as m; print(json.dumps(m.d))'], cwd=REPO,
                                        capture_output=True, text=True, check=True).stdout)
    public = set()
    for module, found in modidx['syms'].items():
        ours = all_names(REPO/f'{module.replace(".", "/")}.py') # what only other modules use has no entry
        names = {full: full.removeprefix(f'{module}.').split('.') for full in found}
        public |= {full for full, parts in names.items() if parts[0] in ours and not any(o.startswith('_') for o in parts)}
    known = {name for found in inventory.values() for name in found}
    assert public - known == set()


FAULTS = {
    'a link to a page that is not there': ('CHANGELOG.md', '# ', '# [x](no_such_file.md) ', 'no_such_file'),
    'a link to a place that is not there': ('CHANGELOG.md', '# ', '# [x](#no-such-place) ', 'no-such-place'),
    'a warning of Sphinx': ('CONTRIBUTING.md', '# Contributing', '# Contributing\n\n{py:obj}`no_such_name`', 'no_such_name'),
}


@pytest.mark.long
@pytest.mark.parametrize('fault', FAULTS)
def test_a_fault_stops_the_build(fault, tree, tmp_path):
    name, old, new, word = FAULTS[fault]
    copy = copy_project(REPO, tmp_path/'tree')
    text = (copy/name).read_text(encoding='utf-8')
    assert old in text
    (copy/name).write_text(text.replace(old, new, 1), encoding='utf-8')
    run = build(copy)
    assert run.returncode and word in run.stdout + run.stderr


def test_the_way_with_quarto_is_open(tree, tmp_path):
    "What nbdev makes for Quarto is made: its settings, the sidebar and the processed notebooks; none of it is in the way of git."
    copy = copy_project(REPO, tmp_path/'tree')
    code = 'from nbdev.quarto import refresh_quarto_yml, nbdev_sidebar; refresh_quarto_yml(); nbdev_sidebar.__wrapped__()'
    subprocess.run([sys.executable, '-c', code], cwd=copy, check=True, env=os.environ | dict(PYTHONPATH=str(copy)))
    import yaml
    made = {o: yaml.safe_load((copy/'nbs'/o).read_text(encoding='utf-8')) for o in ('_quarto.yml', 'nbdev.yml', 'sidebar.yml')}
    assert made['_quarto.yml']['project']['type'] == 'website' and made['nbdev.yml']['project']['output-dir'] == '_docs'
    flat = lambda o: [o] if isinstance(o, str) else [x for v in (o.get('contents', []) if isinstance(o, dict) else o) for x in flat(v)]
    shown = [o for o in flat(made['sidebar.yml']['website']['sidebar']) if str(o).endswith('.ipynb')]
    assert sorted(shown) == sorted(nb.path.relative_to(REPO/'nbs').as_posix() for nb in notebooks(REPO))
    assert sorted(p.relative_to(tree/'_proc').as_posix() for p in (tree/'_proc').rglob('*.ipynb')) == sorted(nb.name for nb in notebooks(REPO))
    assert not subprocess.run(['git', 'status', '--porcelain', '--', 'nbs/_quarto.yml', 'nbs/nbdev.yml',
                               'nbs/sidebar.yml'], cwd=copy, capture_output=True, text=True).stdout
