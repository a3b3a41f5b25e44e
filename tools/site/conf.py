"""Settings of Sphinx for the documentation site; `build.py` makes the sources."""
import inspect, sys
from configparser import ConfigParser
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(ROOT), str(HERE)]
from reference import Entry

_ini = ConfigParser(delimiters=['='])
_ini.read(ROOT/'settings.ini', encoding='utf-8')
cfg = _ini['DEFAULT']

project, author, copyright, version = cfg['lib_name'], cfg['author'], f'{cfg["copyright"]}', cfg['version']
release, language = version, 'en'
extensions = ['myst_nb', 'sphinx.ext.linkcode', 'sphinx_copybutton', 'notfound.extension']
exclude_patterns = ['**/.ipynb_checkpoints']
templates_path = [str(HERE/'templates')]
smartquotes_action = 'De'                        # dashes and dots; '' in a comment is an empty text, and no quotation
nitpicky = True                                  # a name in prose that leads nowhere is a warning; types in signatures may be anybody's
nitpick_ignore_regex = [('py:(class|exc)', '.*')]
add_module_names = False
python_maximum_signature_line_length = 88
toc_object_entries_show_parents = 'hide'
maximum_signature_line_length = 88

nb_execution_mode = 'off'                        # the stored outputs are those that the tests ran
nb_render_markdown_format = 'myst'
nb_merge_streams = True
nb_code_prompt_show = 'Show how it is tested inside'
nb_code_prompt_hide = 'Hide how it is tested inside'
myst_enable_extensions = ['colon_fence', 'fieldlist', 'deflist', 'attrs_block', 'attrs_inline']
myst_heading_anchors = 4
myst_links_external_new_tab = False

html_theme = 'pydata_sphinx_theme'
html_title = cfg['lib_name']
html_baseurl = f'{cfg["doc_host"]}{cfg["doc_baseurl"]}/'
html_static_path = [str(HERE/'static')]
html_css_files = ['site.css']
html_favicon = str(HERE/'static'/'icon.svg')
html_show_sourcelink = html_copy_source = False
html_sidebars = {'index': [], '**': ['pages']}
html_context = dict(default_mode='auto')
html_theme_options = dict(
    logo=dict(text=cfg['lib_name'], image_light=str(HERE/'static'/'icon.svg'), image_dark=str(HERE/'static'/'icon.svg')),
    icon_links=[dict(name='GitHub', url=cfg['git_url'], icon='fa-brands fa-github')],
    navbar_center=['sections'], navbar_persistent=['search-button-field'],
    navbar_end=['theme-switcher', 'navbar-icon-links'], show_toc_level=2, navigation_with_keys=False, show_prev_next=True,
    secondary_sidebar_items={'**': ['page-toc', 'view-notebook'], 'index': []}, footer_start=['copyright'], footer_end=[],
    pygments_light_style='a11y-high-contrast-light', pygments_dark_style='a11y-high-contrast-dark')
notfound_urls_prefix = f'{cfg["doc_baseurl"]}/'
notfound_context = dict(title='Page not found', body=f'''<h1>This page is not here</h1>
<p>It may have another name now. The <a href="{notfound_urls_prefix}index.html">first page</a> shows the way, the <a href="{notfound_urls_prefix}genindex.html">index</a>
lists every name, and the <a href="{notfound_urls_prefix}search.html">search</a> finds words.</p>''')
copybutton_exclude = '.linenos, .gp, .go'
copybutton_prompt_text = r'\$ '
copybutton_prompt_is_regexp = True


def linkcode_resolve(domain, info):
    "Where the source of a reference entry is on GitHub."
    if domain != 'py' or not info['module'] or not info['fullname']: return None
    obj = inspect.unwrap(Entry(info['module'], info['fullname']).sym)
    try: path, (lines, start) = Path(inspect.getsourcefile(obj)), inspect.getsourcelines(obj)
    except (TypeError, OSError): return None
    return f'{cfg["git_url"]}/blob/{cfg["branch"]}/{path.resolve().relative_to(ROOT).as_posix()}#L{start}-L{start + len(lines) - 1}'


def add_notebook(app, pagename, templatename, context, doctree):
    "Tell the templates which notebook, or other file of the repository, a page is made of."
    context['notebook'] = app.config.source_of.get(pagename)
    context['git_blob'] = f'{cfg["git_url"]}/blob/{cfg["branch"]}/'


def setup(app):
    app.add_config_value('source_of', {}, 'html')
    app.connect('html-page-context', add_notebook)
