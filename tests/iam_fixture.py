"""Forms of made-up writers in the files of the IAM database, as the course ships it and as it was released, with what is odd in the real ones. Nothing of IAM is in it.

`write_iam(folder)` writes them, under 50 kB each way, and `FORMS` is what they say."""
import io, tarfile, zipfile
from dataclasses import replace
from functools import cache

import numpy as np
from PIL import Image

from fsdl_handwriting_data.core.annotations import region_box
from fsdl_handwriting_data.pages.iam_forms import IamForm, IamLine, form_xml
from fsdl_handwriting_data.pages.sample import HANDS, draw_page

TEXTS = {  # form → writer, size of the scan, how often quotation marks are escaped, lines
    'a01-000u': ('000', (801, 1001), 1, ['A MOVE to stop', 'Mr. Gaitskell said:', '"Nobody came."']),
    'a01-000x': ('001', (801, 1001), 0, ['A MOVE to stop', "Mr. Gaitskell's"]),
    'b02-003': ('017', (801, 1001), 2, ['He said: "Stop!"', 'M Ps and peers', 'went & came', 'at once.']),
    'c03-000a': ('150', (700, 900), 1, ['The form of', 'another size', 'ends here']),
    'm01-049': ('100', (801, 1001), 1, ['Since 1958, 13', 'life peers'])}
PROMPT = 'A MOVE to stop\nMr. Gaitskell said: "Nobody came."'
LISTS = dict(trainset=['a01-000u-00', 'a01-000u-01'], validationset1=['b02-003-00', 'b02-003-03'], validationset2=['c03-000a-00'],
             testset=['m01-049-00', 'm01-049-01'])


@cache
def drawn(id_):
    "The handwriting of a form at half its size, grey, and the boxes of its lines there."
    writer, (w, h), _, texts = TEXTS[id_]
    hand = replace(HANDS[int(writer) % len(HANDS)], size=7, width=1, leading=3.4, pen=1.2, margins=(30, 150, 20, 30), paper=(250, 250, 250), rules=(), slope=0)
    size = (w + 1)//2, (h + 1)//2
    page = draw_page(hand, texts, np.random.default_rng(int(writer)), size, 'rectangle')
    assert [o.text for o in page.regions] == texts, page.regions
    return page.im.convert('L').point([v//32*32 + 31 for v in range(256)]), [tuple(region_box(o, size).values()) for o in page.regions]


def form(id_):
    "What a form's XML says."
    writer, size, _, texts = TEXTS[id_]
    lines = [IamLine(f'{id_}-{i:02}', o, 'ok', tuple(2*v + (v % 3 == 1) for v in b)) for i, (o, b) in enumerate(zip(texts, drawn(id_)[1]))]
    if id_ == 'b02-003':
        lines[1] = lines[1]._replace(segmentation='err')
        lines[2] = lines[2]._replace(box=None)  # no components
    if id_ == 'c03-000a':  # at the edges of the scan, and beyond
        a, b, c = (o.box for o in lines)
        lines = [lines[0]._replace(box=(3, *a[1:])), lines[1]._replace(box=(b[0], b[1], 700, b[3])), lines[2]._replace(box=(c[0], c[1], c[2], 910))]
    return IamForm(id_, writer, size, tuple(lines), PROMPT if id_.startswith('a01') else ' '.join(texts))


FORMS = {k: form(k) for k in TEXTS}


def tables():
    "The text files of the original release."
    rows = {k: [f'#--- {k} ---', '#'] for k in ('lines.txt', 'words.txt', 'forms.txt')}
    for id_, o in FORMS.items():
        rows['forms.txt'].append(f'{id_} {o.writer} 2 prt {len(o.lines)} {len(o.lines)} 9 9')
        for l in o.lines:
            x, y, u, v = l.box or (-1, -1, -2, -2)
            rows['lines.txt'].append(f'{l.id} {l.segmentation} 154 3 {x} {y} {u - x} {v - y} {"|".join(l.text.split())}')
            words = ['M Ps', 'and', 'peers'] if l.text.startswith('M Ps') else l.text.split()
            rows['words.txt'] += [f'{l.id}-{i:02} {l.segmentation} 154 {x} {y} {u - x} {v - y} NN {o}' for i, o in enumerate(words)]
    return {k: '\n'.join(v) + '\n' for k, v in rows.items()}


def files(layout):
    "Name → bytes of all files of a layout, 'course' or 'original'."
    res = {}
    for id_, o in FORMS.items():
        im, f = drawn(id_)[0], io.BytesIO()
        if layout == 'course': im.save(f, 'JPEG', quality=15)
        else: im.resize(o.size, Image.Resampling.NEAREST).quantize(4).save(f, 'PNG', optimize=True)
        res[f'iamdb/forms/{id_}.jpg' if layout == 'course' else f'forms{"A-D" if id_ < "e" else "I-Z"}/{id_}.png'] = f.getvalue()
        res[f'{"iamdb/" if layout == "course" else ""}xml/{id_}.xml'] = form_xml(o, TEXTS[id_][2])
    task = 'iamdb/task' if layout == 'course' else 'task'
    res |= {f'{task}/{k}.txt': ('\n'.join(v) + '\n').encode() for k, v in LISTS.items()}
    return res if layout == 'course' else res | {f'ascii/{k}': v.encode() for k, v in tables().items()}


def archives(layout):
    "Name → bytes of the archives of a layout."
    found = files(layout)
    f = io.BytesIO()
    def packed(names, strip=''):
        f = io.BytesIO()
        with zipfile.ZipFile(f, 'w', zipfile.ZIP_DEFLATED) as z:
            for k in names: z.writestr(k.removeprefix(strip), found[k])
        return f.getvalue()
    if layout == 'course': return {'iamdb.zip': packed(found)}
    res = {'largeWriterIndependentTextLineRecognitionTask.zip': packed([k for k in found if k.startswith('task/')], 'task/')}
    for top in ('formsA-D', 'formsI-Z', 'xml', 'ascii'):
        with tarfile.open(fileobj=(f := io.BytesIO()), mode='w:gz') as tar:
            for k in found:
                if not k.startswith(f'{top}/'): continue
                m = tarfile.TarInfo(k if top == 'formsA-D' else k.removeprefix(f'{top}/'))  # once with a folder of its own
                m.size = len(found[k])
                tar.addfile(m, io.BytesIO(found[k]))
        res[f'{top}.tgz'] = f.getvalue()
    return res


def write_iam(folder, layout='course', packed=False):
    "Write the forms into a new dataset's folder; returns it."
    folder.mkdir(parents=True)
    for k, data in (archives if packed else files)(layout).items():
        (folder/k).parent.mkdir(parents=True, exist_ok=True)
        (folder/k).write_bytes(data)
    (folder/'metadata.toml').write_text('reader = "iam"\n')
    return folder
