"""Draw the picture of the README, nbs/images/lines.jpg, from the sample dataset (`make outputs` runs it)."""
from pathlib import Path

import matplotlib

from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset

matplotlib.use('agg')
path = Path(__file__).resolve().parent.parent/'nbs'/'images'/'lines.jpg'
path.parent.mkdir(exist_ok=True)
ds = FsdlHandwritingDataset('sample_handwriting')
axes = ds.show_lines(n=12, cols=2)
axes[0].figure.savefig(path, dpi=90, pil_kwargs={'quality': 85, 'optimize': True})
