"""How many lines of real pages the line finder finds, where such pages lie beside the project (they are not in it)."""
import pytest

from fsdl_handwriting_data.core.exports import read_export
from fsdl_handwriting_data.pages.images import open_page
from fsdl_handwriting_data.pages.line_finder import find_lines
from fsdl_handwriting_data.versioning.matching import Detection, detection_scores

LOOKED_AT = '0054-0', '0183-0', '0213-0', '0228-5', '0045-1'  # while the finder was made; the other pages were not


@pytest.fixture(scope='module')
def wills(root, note):
    folder = root.parent/'shared'/'data'/'testaments'
    if not folder.is_dir():
        note('The real pages are not here (../shared/data/testaments), so the line finder was not measured on them.')
        pytest.skip('the real pages are not here: ../shared/data/testaments')
    return folder


def test_recall_and_precision_on_real_pages(wills, note):
    pages, _ = read_export(wills/'testaments.jsonl')
    scores = {p.id: detection_scores(p.regions, find_lines(open_page(wills/'pages'/p.id))) for p in pages}
    looked = {id_ for id_ in scores if any(o in id_ for o in LOOKED_AT)}
    total = lambda ids: sum((scores[o] for o in ids), Detection())
    note(f'line finder, {len(scores)} real pages, IoU 0.5: {total(scores)}')
    note(f'  {len(looked)} looked at while it was made: {total(looked)}')
    note(f'  {len(scores) - len(looked)} not looked at: {total(scores.keys() - looked)}')
    assert (len(scores), len(looked), total(scores).truth) == (8, 5, 106)
    assert total(scores).recall >= .89 and total(scores).precision >= .68  # measured: 97 of 106, 97 of 137
    assert total(scores.keys() - looked).recall >= .86 and total(scores.keys() - looked).precision >= .75  # 35 of 38, 35 of 44
