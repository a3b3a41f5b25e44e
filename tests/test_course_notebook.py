"A notebook of the course, in words of our own: with its two import lines changed it runs as it is."
import os, subprocess, sys

from fsdl_handwriting_data.core.places import data_home, known_datasets
from fsdl_handwriting_data.pages.sample import make_sample

NOTEBOOK = """
import matplotlib.pyplot as plt
from fsdl_handwriting_data import FsdlHandwritingDataset, util

pages = FsdlHandwritingDataset()
pages.load_or_generate_data()
print(pages)

folder = pages.data_dirname()/'raw'/'fsdl_handwriting'/'pages'
name = list(pages.line_regions_by_id)[1]
picture = util.read_image(folder/name, grayscale=True)
plt.matshow(picture, cmap='gray')
boxes, texts = pages.line_regions_by_id[name], pages.line_strings_by_id[name]
for box, text in zip(boxes, texts):
    plt.matshow(picture[box['y1']:box['y2'], box['x1']:box['x2']], cmap='gray')
    plt.title(text)
    plt.close()
print(len(boxes), sum(map(len, texts)) > 0, picture.ndim)
"""


def test_the_courses_calls_run(tmp_path):
    folder = make_sample(tmp_path/'raw'/'fsdl_handwriting', n_pages=2, seed=3, progress=False)
    env = {**os.environ, 'FSDL_HANDWRITING_DATA': str(folder.parent), 'MPLBACKEND': 'agg'}
    run = subprocess.run([sys.executable, '-c', NOTEBOOK], env=env, cwd=tmp_path, capture_output=True, text=True, encoding='utf-8')
    assert run.returncode == 0, run.stderr
    said = run.stdout.splitlines()
    assert said[0] == 'FsdlHandwritingDataset: fsdl_handwriting' and said[-1].endswith('True 2') and int(said[-1].split()[0]) > 0


def test_data_that_was_kept_before_there_was_raw_is_found(tmp_path, monkeypatch):
    import fsdl_handwriting_data.core.places as places
    monkeypatch.delenv('FSDL_HANDWRITING_DATA', raising=False)
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    descriptions = places._descriptions()[0]
    monkeypatch.setattr(places, '_descriptions', lambda: (descriptions, False))
    home = tmp_path/'fsdl_handwriting_data'
    assert data_home() == home/'raw'
    old = home/known_datasets()[0]
    old.mkdir(parents=True)
    (old/'metadata.toml').write_text('')
    assert data_home() == home
