"Build the package from `settings.ini`, with the dataset descriptions of `data/raw` inside it."
import re, shutil
from configparser import ConfigParser
from pathlib import Path

from setuptools import Command, find_packages, setup
from setuptools.command.build import build

root = Path(__file__).parent
config = ConfigParser(delimiters=['='])
config.read(root/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']
lib, first_python = cfg['lib_path'], int(cfg['min_python'].split('.')[1])
statuses = ['Planning', 'Pre-Alpha', 'Alpha', 'Beta', 'Production/Stable', 'Mature', 'Inactive']


def readme():
    "README.md with addresses for its links to files, which the package index does not have."
    if not (root/'README.md').exists(): return cfg['description']
    blob = f'{cfg["git_url"]}/blob/{cfg["branch"]}/'
    link = lambda m: f'{m[1]}{blob.replace("/blob/", "/raw/") if m[1].startswith("!") else blob}{m[2]}'
    return re.sub(r'(!?\[[^]]*\]\()(?!https?:|#)([^)\s]+)', link, (root/'README.md').read_text(encoding='utf-8'))


class build_datasets(Command):
    "Copy the `wheel_data` files of `data/raw` to `_data/raw` in the package; an editable install uses `data/raw` itself."
    description = 'copy the dataset descriptions into the package'
    user_options: list = []
    editable_mode = False
    build_lib = None

    def initialize_options(self): pass
    def finalize_options(self): self.set_undefined_options('build_py', ('build_lib', 'build_lib'))

    def get_source_files(self):
        raw = Path('data/raw')
        return sorted({p.as_posix() for pattern in cfg['wheel_data'].split() for p in raw.glob(pattern)})

    def get_output_mapping(self):
        if self.editable_mode: return {}
        return {Path(self.build_lib, lib, '_data', *Path(src).parts[1:]).as_posix(): src for src in self.get_source_files()}

    def get_outputs(self): return list(self.get_output_mapping())

    def run(self):
        for dest, src in self.get_output_mapping().items():
            Path(dest).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(src, dest)


build.sub_commands.append(('build_datasets', None))

setup(
    name=cfg['lib_name'],
    version=cfg['version'],
    description=cfg['description'],
    long_description=readme(),
    long_description_content_type='text/markdown',
    author=cfg['author'],
    url=cfg['git_url'],
    project_urls={
        'Documentation': f'{cfg["doc_host"]}{cfg["doc_baseurl"]}/',
        'Source': cfg['git_url'],
        'Changelog': f'{cfg["git_url"]}/blob/{cfg["branch"]}/CHANGELOG.md',
        'Issues': f'{cfg["git_url"]}/issues',
    },
    keywords=cfg['keywords'].split(),
    license_expression='Apache-2.0',
    license_files=['LICENSE'],
    classifiers=[
        f'Development Status :: {cfg["status"]} - {statuses[int(cfg["status"]) - 1]}',
        f'Intended Audience :: {cfg["audience"]}',
        f'Natural Language :: {cfg["language"]}',
        'Intended Audience :: Science/Research',
        'Framework :: Jupyter',
        'Framework :: Jupyter :: JupyterLab',
        'Operating System :: OS Independent',
        'Programming Language :: JavaScript',
        'Topic :: Scientific/Engineering :: Artificial Intelligence',
        'Topic :: Scientific/Engineering :: Image Recognition',
        'Typing :: Typed',
    ] + [f'Programming Language :: Python :: 3.{minor}' for minor in range(first_python, 15)],
    python_requires=f'>={cfg["min_python"]}',
    install_requires=cfg['requirements'].split(),
    extras_require={k.removesuffix('_requirements'): v.split() for k, v in cfg.items() if k.endswith('_requirements')},
    entry_points={'console_scripts': cfg['console_scripts'].split(), 'nbdev': [f'{lib}={lib}._modidx:d']},
    packages=find_packages(include=[lib, f'{lib}.*']),
    include_package_data=False,
    package_data={lib: cfg['package_data'].split()},
    cmdclass={'build_datasets': build_datasets},
    zip_safe=False,
)
