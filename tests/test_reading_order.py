"""The cases that every reading order of this project (Python here, JavaScript in the labelling widget) has to agree on."""
import json

import pytest

from fsdl_handwriting_data.core.geometry import reading_order


def cases(root): return json.loads((root/'tests'/'reading_order_cases.json').read_text(encoding='utf-8'))


def test_shared_cases(root):
    found = cases(root)
    assert len(found) >= 12 and len({o['name'] for o in found}) == len(found)
    for o in found: assert reading_order(o['boxes']) == o['order'], o['name']


@pytest.mark.parametrize('unit', [2, 4096])
def test_the_order_does_not_depend_on_the_unit(root, unit):
    for o in cases(root): assert reading_order([[unit*v for v in b] for b in o['boxes']]) == o['order'], o['name']
