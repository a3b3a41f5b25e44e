"""Draw the picture of the README, nbs/images/lines.png, from the sample dataset (`make outputs` runs it)."""
from pathlib import Path

import matplotlib
from PIL import Image

from fsdl_handwriting_data.dataset import FsdlHandwritingDataset

matplotlib.use('agg')
path = Path(__file__).resolve().parent.parent/'nbs'/'images'/'lines.png'
path.parent.mkdir(exist_ok=True)
axes = FsdlHandwritingDataset('sample_handwriting').show_lines(n=12, cols=2)
axes[0].figure.savefig(path, dpi=90)
with Image.open(path) as im: small = im.convert('RGB').quantize(96)
small.save(path, optimize=True)
