"""The parts of the labelling widget that need no page: shapes, order, history, checks, keys, and edits on their way to the disk. All run in Chromium."""
import json, math, random, re
from pathlib import Path

import msgspec, pytest

from fsdl_handwriting_data.label_store import BLANKS, PageLabels, is_blank, open_work, replay

STATIC = Path(__file__).resolve().parent.parent/'fsdl_handwriting_data'/'static'
PURE = 'geometry', 'order', 'history', 'checks', 'keys', 'sync'


@pytest.fixture
def run(js):
    "The value of an expression over the exports of a module: `run('geometry', 'area(points)', points=…)`."
    modules = js(STATIC)
    def value(module, expr, **names):  # as one text each way: that is much faster
        code = f"(async ({{{', '.join(names)}}}) => JSON.stringify(await ({expr}\n) ?? null))(JSON.parse(given))"
        return json.loads(modules.run(f'{module}.js', code, given=json.dumps(names)))
    return value


def shoelace(points): return abs(sum(x*v - u*y for (x, y), (u, v) in zip(points, points[1:] + points[:1])))/2
def ring_box(points): return min(p[0] for p in points), min(p[1] for p in points), max(p[0] for p in points), max(p[1] for p in points)
def corners(x1, y1, x2, y2): return [[x1, y1], [x2, y1], [x2, y2], [x1, y2]]
def grid(v): return round(v, 6)


def cases_of(name):
    "The cases of a file beside this one."
    path = Path(__file__).parent/name
    if not path.exists(): pytest.skip(f'{name} is not here')
    return json.loads(path.read_text(encoding='utf-8'))


# ---------------------------------------------------------------------------------------------- all modules

def test_modules_need_no_page(run):
    "They load in a worker, which has no document, no window and no storage; and none speaks of them."
    for o in PURE: assert not re.search(r'\b(document|window|localStorage|globalThis|self)\b', re.sub(r'//.*', '', (STATIC/f'{o}.js').read_text(encoding='utf-8'))), o
    said = run('geometry', """new Promise((done, fail) => {
        const code = `Promise.all(${JSON.stringify(names.map(o => new URL(o + '.js', location.href).href))}.map(o => import(o))).then(all => postMessage(all.map(m => Object.keys(m).length)), e => postMessage(String(e)))`
        const w = new Worker(URL.createObjectURL(new Blob([code], {type: 'text/javascript'})), {type: 'module'})
        w.onmessage = e => done(e.data)
        w.onerror = e => fail(new Error(e.message))
    })""", names=PURE)
    assert isinstance(said, list) and all(said)


def test_modules_can_be_put_into_one_file(run):
    "Which is how the widget is sent: so no two of them may have a name in common."
    text = {o: (STATIC/f'{o}.js').read_text(encoding='utf-8') for o in (*PURE, 'labeller')}
    one = re.sub(r'^import .* from .*$|^export (?!default)', '', '\n'.join(text.values()), flags=re.M)
    assert not re.search(r'^import |^export (?!default)', one, flags=re.M)
    assert run('geometry', "import(URL.createObjectURL(new Blob([one], {type: 'text/javascript'}))).then(m => typeof m.default.render)", one=one) == 'function'
    names = [n for t in text.values() for n in re.findall(r'^(?:export )?(?:const|let|function|class) (\w+)', t, flags=re.M)]
    assert len(names) == len(set(names))


# ---------------------------------------------------------------------------------------------- geometry

BY_HAND = [
    ('round(0.12345678)', .123457), ('[-0.5, 0, 0.25, 1, 2].map(clamp)', [0, 0, .25, 1, 1]),
    ('box([[0.2, 0.5], [0.1, 0.9], [0.4, 0.6]])', dict(x1=.1, y1=.5, x2=.4, y2=.9)),
    ('rectangle(0.4, 0.3, 0.1, 0.2)', corners(.1, .2, .4, .3)), ('rectangle(-1, 0.2, 0.5, 7)', corners(0, .2, .5, 1)), ('rectangle(0.1234567, 0, 1, 1)[0]', [.123457, 0]),
    ('area([[0, 0], [1, 0], [1, 0.5], [0, 0.5]])', .5), ('area([[0, 0], [1, 0], [0, 0.5]])', .25), ('area([[0, 0], [0, 0.5], [1, 0]])', .25), ('area([])', 0),
    ('area([[0, 0], [1, 0], [1, 1], [0.5, 0.5], [0, 1]])', .75),
    ('outside({points: [[0, 0], [1, 1]]})', False), ('outside({points: [[0, 0], [1, 1.0000001]]})', True), ('outside({points: [[0, -1e-9]]})', True),
    ('move([[0.25, 0.25], [0.5, 0.5]], 0.125, -0.125)', [[.375, .125], [.625, .375]]), ('move([[0.25, 0.25], [0.5, 0.5]], 9, -9)', [[.75, 0], [1, .25]]),
    ("resize([[0.2, 0.2], [0.4, 0.2], [0.4, 0.3], [0.2, 0.3]], 'se', 0.6, 0.5)", corners(.2, .2, .6, .5)),
    ("resize([[0.2, 0.2], [0.4, 0.2], [0.4, 0.3], [0.2, 0.3]], 'n', 0.9, 0.1)", corners(.2, .1, .4, .3)),
    ("resize([[0.2, 0.2], [0.4, 0.2], [0.4, 0.3], [0.2, 0.3]], 'w', 0.7, 0.1)", corners(.4, .2, .7, .3)),  # over the other side
    ("resize([[0.2, 0.2], [0.4, 0.2], [0.4, 0.3], [0.2, 0.3]], 'nw', -3, -3)", corners(0, 0, .4, .3)),
    ('movePoint([[0, 0], [1, 0], [1, 1]], 1, 2, 0.5)', [[0, 0], [1, .5], [1, 1]]), ('addPoint([[0, 0], [1, 0], [1, 1]], 2, 0.5, 0.5)', [[0, 0], [1, 0], [1, 1], [.5, .5]]),
    ('middle([[0, 0], [1, 0], [1, 1]], 2)', [.5, .5]), ('removePoint([[0, 0], [1, 0], [1, 1], [0, 1]], 0)', [[1, 0], [1, 1], [0, 1]]), ('removePoint([[0, 0], [1, 0], [1, 1]], 0)', [[0, 0], [1, 0], [1, 1]]),
    ("split({shape: 'rectangle', points: rectangle(0.1, 0.2, 0.5, 0.4)}, 1, 0.3)", [corners(.1, .2, .5, .3), corners(.1, .3, .5, .4)]),
    ("split({shape: 'rectangle', points: rectangle(0.1, 0.2, 0.5, 0.4)}, 0, 0.2)", [corners(.1, .2, .2, .4), corners(.2, .2, .5, .4)]),
    ("[0.2, 0.4, 0.1, 0.9, 0.20001].map(at => split({shape: 'rectangle', points: rectangle(0.1, 0.2, 0.5, 0.4)}, 1, at))", [None]*5),
    ("split({shape: 'polygon', points: [[0, 0], [1, 0], [1, 1], [0, 1]]}, 0, 0.25)", [[[0, 0], [.25, 0], [.25, 1], [0, 1]], [[.25, 0], [1, 0], [1, 1], [.25, 1]]]),
    ("split({shape: 'polygon', points: [[0, 0.5], [0.5, 0], [1, 0.5], [0.5, 1]]}, 1, 0.5)", [[[0, .5], [.5, 0], [1, .5]], [[0, .5], [1, .5], [.5, 1]]]),  # through two corners
    ('hull([[0, 0], [1, 0], [0.5, 0.5], [1, 1], [0, 1], [0.5, 0]])', corners(0, 0, 1, 1)),
    ("join({shape: 'rectangle', points: rectangle(0.1, 0.1, 0.2, 0.2)}, {shape: 'rectangle', points: rectangle(0.4, 0.15, 0.5, 0.3)})", dict(shape='rectangle', points=corners(.1, .1, .5, .3))),
    ("join({shape: 'polygon', points: [[0, 0], [0.5, 0], [0, 0.5]]}, {shape: 'rectangle', points: rectangle(0, 0.5, 0.5, 1)})", dict(shape='polygon', points=[[0, 0], [.5, 0], [.5, 1], [0, 1]])),
    ("otherShape({shape: 'polygon', points: [[0.1, 0.2], [0.5, 0.3], [0.2, 0.9]]})", dict(shape='rectangle', points=corners(.1, .2, .5, .9))),
    ("otherShape({shape: 'rectangle', points: rectangle(0.1, 0.2, 0.5, 0.3)})", dict(shape='polygon', points=corners(.1, .2, .5, .3))),
    ('below(rectangle(0.25, 0.5, 0.75, 0.5625), rectangle(0.25, 0.375, 0.75, 0.4375))', corners(.25, .625, .75, .6875)),  # the pitch of the line above
    ('below(rectangle(0.1, 0.2, 0.9, 0.3), null)', corners(.1, .31, .9, .41)), ('below(rectangle(0.1, 0.2, 0.9, 0.3), rectangle(0.1, 0.8, 0.9, 0.9))', corners(.1, .31, .9, .41)),
    ('below(rectangle(0.1, 0.95, 0.9, 1), null)', corners(.1, .95, .9, 1)),  # there is no room
]


def same(a, b):
    "Are the values alike, numbers to 1e-9?"
    if isinstance(b, dict): return isinstance(a, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in b)
    if isinstance(b, list): return isinstance(a, list) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(b, float) or isinstance(b, int) and not isinstance(b, bool): return isinstance(a, (int, float)) and math.isclose(a, b, abs_tol=1e-9)
    return a == b and type(a) is type(b)


def test_shapes_by_hand(run):
    got = run('geometry', f'[{", ".join(o for o, _ in BY_HAND)}]')
    assert [(expr, g) for (expr, want), g in zip(BY_HAND, got) if not same(g, want)] == []
    used = {n for o, _ in BY_HAND for n in re.findall(r'\w+', o)} | {'degenerate', 'SHORTEST_SIDE', 'SMALLEST_AREA'}
    assert not set(run('geometry', 'Object.keys(m)')) - used


def random_shapes(seed, n):
    "Rectangles, convex rings, and rings whose corners are seen from their middle; on a grid of a millionth."
    rng, res = random.Random(seed), []
    for i in range(n):
        cx, cy, rx, ry = rng.uniform(.1, .9), rng.uniform(.1, .9), rng.uniform(.01, .1), rng.uniform(.01, .1)
        if i%3 == 0: res.append(dict(shape='rectangle', points=[[grid(x), grid(y)] for x, y in corners(cx - rx, cy - ry, cx + rx, cy + ry)]))
        else:
            k = rng.randint(3, 12)
            angles = sorted((j + rng.uniform(0, .8))*2*math.pi/k for j in range(k))
            far = [1 if i%3 == 1 else rng.uniform(.2, 1) for _ in angles]
            res.append(dict(shape='polygon', points=[[grid(cx + f*rx*math.cos(a)), grid(cy + f*ry*math.sin(a))] for a, f in zip(angles, far)]))
    return res


def test_areas_moves_and_points_of_many_shapes(run):
    shapes, rng = random_shapes(1, 300), random.Random(2)
    moves = [[rng.uniform(-1.5, 1.5), rng.uniform(-1.5, 1.5), rng.choice(['n', 's', 'e', 'w', 'nw', 'ne', 'sw', 'se'])] for _ in shapes]
    got = run('geometry', """shapes.map((o, i) => {
        const [dx, dy, handle] = moves[i], {points} = o, k = i % points.length, more = addPoint(points, k, ...middle(points, k)), frozen = Object.freeze(points.map(Object.freeze))
        return {area: area(points), moved: move(frozen, dx, dy), there: move(move(frozen, dx / 100, dy / 100), -dx / 100, -dy / 100), sized: resize(frozen, handle, dx, dy), more, back: removePoint(more, k + 1), other: otherShape(o)}
    })""", shapes=shapes, moves=moves)
    for o, g, (dx, dy, handle) in zip(shapes, got, moves):
        pts, (x1, y1, x2, y2) = o['points'], ring_box(o['points'])
        assert math.isclose(g['area'], shoelace(pts), abs_tol=1e-15)
        # a move keeps the shape, and stops where the page ends
        mx, my = min(max(dx, -x1), 1 - x2), min(max(dy, -y1), 1 - y2)
        assert len(g['moved']) == len(pts) and all(0 <= v <= 1 for p in g['moved'] for v in p)
        assert all(abs(a + mx - c) < 1e-6 and abs(b + my - d) < 1e-6 for (a, b), (c, d) in zip(pts, g['moved']))
        if x1 + dx/100 >= 0 and x2 + dx/100 <= 1 and y1 + dy/100 >= 0 and y2 + dy/100 <= 1:
            assert all(abs(a - c) < 1.5e-6 and abs(b - d) < 1.5e-6 for (a, b), (c, d) in zip(pts, g['there']))
        # a resize moves the sides that the handle names, and no other
        at = dict(w=x1, n=y1, e=x2, s=y2) | {k: grid(min(max(dx if k in 'we' else dy, 0), 1)) for k in handle}
        assert same(g['sized'], corners(min(at['w'], at['e']), min(at['n'], at['s']), max(at['w'], at['e']), max(at['n'], at['s'])))
        assert len(g['more']) == len(pts) + 1 and g['back'] == pts and math.isclose(shoelace(g['more']), shoelace(pts), abs_tol=1e-6)
        assert same(g['other'], dict(shape='polygon' if o['shape'] == 'rectangle' else 'rectangle', points=corners(x1, y1, x2, y2)))


def test_cuts_of_many_shapes(run):
    """Both parts lie on their own side of the cut, and their areas are together that of the whole: for every shape, to what rounding to a millionth does.

    A part of a concave shape stays one ring, also where the cut leaves several pieces of it: it runs along the cut from one to the next."""
    from fsdl_handwriting_data.annotations import Region
    from fsdl_handwriting_data.matching import polygon_area
    shapes, rng, cuts = random_shapes(3, 600), random.Random(4), []
    for o in shapes:
        x1, y1, x2, y2 = ring_box(o['points'])
        axis = rng.randint(0, 1)
        at = rng.choice(o['points'])[axis] if rng.random() < .25 else rng.uniform(*((y1, y2) if axis else (x1, x2)))
        cuts.append([axis, at])
    got, n, pieces = run('geometry', 'shapes.map((o, i) => split(o, ...cuts[i]))', shapes=shapes, cuts=cuts), 0, 0
    inside = lambda ring: polygon_area(Region(tuple(map(tuple, ring)), shape='polygon'))  # even-odd: a way gone there and back has no area
    for o, (axis, at), parts in zip(shapes, cuts, got):
        pts = o['points']
        lo, hi = min(p[axis] for p in pts), max(p[axis] for p in pts)
        if parts is None:
            assert min(at - lo, hi - at) < 1e-3
            continue
        n += 1
        low, high = parts
        assert all(p[axis] <= at + 1e-6 for p in low) and all(p[axis] >= at - 1e-6 for p in high)
        assert all(len(set(map(tuple, p))) >= 3 and all(a != b for a, b in zip(p, p[1:] + p[:1])) for p in parts)
        for area in shoelace, inside: assert math.isclose(area(low) + area(high), area(pts), abs_tol=2e-6)
        pieces += sum(a[axis] == b[axis] == grid(at) for p in parts for a, b in zip(p, p[1:] + p[:1])) > 2
        if o['shape'] == 'rectangle': assert len(low) == len(high) == 4 and ring_box(low + high) == ring_box(pts)
    assert n > 500 and pieces > 5


def test_hulls_and_joins_cover_what_they_are_made_of(run):
    rng, shapes = random.Random(5), random_shapes(6, 200)
    clouds = [[[grid(rng.random()), grid(rng.random())] for _ in range(rng.randint(3, 40))] for _ in range(150)]
    clouds += [[[rng.randint(0, 3)/4, rng.randint(0, 3)/4] for _ in range(30)] for _ in range(50)]  # many alike, many in a row
    hulls, joins = run('geometry', '[clouds.map(hull), shapes.map((o, i) => join(o, shapes[(i + 1) % shapes.length]))]', clouds=clouds, shapes=shapes)
    turn = lambda o, a, b: (a[0] - o[0])*(b[1] - o[1]) - (a[1] - o[1])*(b[0] - o[0])
    def holds(ring, points, slack): return all(turn(a, b, p) >= -slack for a, b in zip(ring, ring[1:] + ring[:1]) for p in points)
    for points, ring in zip(clouds, hulls):
        assert holds(ring, points, 1e-12) and all(p in points for p in ring) and len(ring) == len(set(map(tuple, ring)))
        assert all(turn(a, b, c) > 0 for a, b, c in zip(ring, ring[1:] + ring[:1], ring[2:] + ring[:2]))
    for i, (a, g) in enumerate(zip(shapes, joins)):
        b = shapes[(i + 1)%len(shapes)]
        assert g['shape'] == ('rectangle' if a['shape'] == b['shape'] == 'rectangle' else 'polygon')
        assert holds(g['points'], a['points'] + b['points'], 2e-6) and all(0 <= v <= 1 for p in g['points'] for v in p)


def test_degenerate_is_the_store_s_rule(run):
    rng, sides = random.Random(7), [0, 5e-5, 9.9e-5, 1e-4, 1.01e-4, .001, .1]
    shapes = [dict(o, points=o['points'][:rng.randint(1, 12)]) for o in random_shapes(8, 100)]
    for _ in range(300):
        x, y, w, h = grid(rng.random()*.8), grid(rng.random()*.8), rng.choice(sides), rng.choice(sides)
        points = corners(x, y, x + w, y + h)
        if rng.random() < .5: points[rng.randrange(4)] = rng.choice(points)
        if rng.random() < .3: rng.shuffle(points)
        shapes.append(dict(shape=rng.choice(['rectangle', 'polygon']), points=points))
    got = run('geometry', 'shapes.map(degenerate)', shapes=shapes)
    page = lambda o: msgspec.convert(dict(id='p', regions=[dict(o, id='a', text='x')]), PageLabels)
    want = [any(w.kind == 'degenerate' for w in open_work(page(o))) for o in shapes]
    assert got == want and 50 < sum(want) < 350


# ---------------------------------------------------------------------------------------------- order

def boxed(b): return dict(zip(('x1', 'y1', 'x2', 'y2'), b))


def random_pages(seed, n, most=14):
    "Boxes (x1, y1, x2, y2): columns with slips, loose lines, and some on a coarse grid, so that many are level."
    rng, res = random.Random(seed), []
    for i in range(n):
        k = rng.randint(0, most)
        if i%3 == 0: page = [[c*.5 + rng.uniform(0, .05), r*.1 + rng.uniform(0, .04), c*.5 + rng.uniform(.3, .53), r*.1 + rng.uniform(.05, .12)] for c in (0, 1) for r in range(k//2)]
        elif i%3 == 1: page = [[x, y, x + rng.uniform(.02, .6), y + rng.uniform(.01, .1)] for x, y in ((rng.random(), rng.random()) for _ in range(k))]
        else: page = [[x, y, x + rng.randint(0, 4)/8, y + rng.randint(0, 2)/8] for x, y in ((rng.randint(0, 7)/8, rng.randint(0, 7)/8) for _ in range(k))]
        rng.shuffle(page)
        res.append(page)
    return res


def test_reading_order_of_the_shared_cases(run):
    cases = cases_of('reading_order_cases.json')
    got = run('order', 'cases.map(o => readingOrder(o.boxes.map(([x1, y1, x2, y2]) => ({x1, y1, x2, y2}))))', cases=cases)
    assert [o.get('name') for o, g in zip(cases, got) if g != o['order']] == [] and cases


def test_reading_order_is_python_s(run):
    matching = pytest.importorskip('fsdl_handwriting_data.matching', reason='matching.py is not here yet')
    pages = random_pages(9, 240)
    got = run('order', 'pages.map(o => readingOrder(o))', pages=[list(map(boxed, o)) for o in pages])
    assert [o for o, g in zip(pages, got) if g != matching.reading_order(o)] == []


def test_lines_are_put_where_they_belong(run):
    rng = random.Random(10)
    pages = []
    for page in random_pages(11, 120):
        lines = [dict(id=f'r{i}', points=corners(*b)) for i, b in enumerate(page)]
        k = rng.randint(0, len(lines))
        pages.append(dict(lines=lines[:k], extra=lines[k:]))
    got = run('order', """pages.map(({lines, extra}) => ({
        merged: merged(lines, extra).map(r => r.id), none: merged(lines, []).map(r => r.id), sorted: sorted([...lines, ...extra]).map(r => r.id),
        places: extra.map(r => placeOf(lines, r)), one: extra.map(r => merged(lines, [r]).map(o => o.id)), own: lines.map(r => placeOf(lines, r)), rest: lines.map(r => merged(lines.filter(o => o !== r), [r]).map(o => o.id))}))""", pages=pages)
    for page, g in zip(pages, got):
        ids, extra = [o['id'] for o in page['lines']], [o['id'] for o in page['extra']]
        assert [o for o in g['merged'] if o in ids] == ids == g['none'] and sorted(g['merged']) == sorted(ids + extra)
        follows = {b: a for a, b in zip([None, *g['sorted']], g['sorted'])}
        for id_, place, one in zip(extra, g['places'], g['one']): assert one[one.index(id_) - 1] == place if place else one[0] == id_
        if not ids: assert g['merged'] == g['sorted']
        for id_ in extra: assert g['merged'].index(id_) == (g['merged'].index(follows[id_]) + 1 if follows[id_] else 0) or follows[id_] in ids and g['merged'].index(id_) > g['merged'].index(follows[id_])
        for id_, place, rest in zip(ids, g['own'], g['rest']): assert place != id_ and rest.index(id_) == (rest.index(place) + 1 if place else 0)


def test_one_line_earlier_or_later(run):
    got = run('order', "[['b', -1], ['b', 1], ['a', -1], ['c', 1], ['x', 1], [null, -1]].map(([id, d]) => moved(Object.freeze(['a', 'b', 'c']), id, d).join(''))")
    assert got == ['bac', 'acb', 'abc', 'abc', 'abc', 'abc']


def test_paragraphs(run):
    rng, pages = random.Random(12), []
    for _ in range(300):
        n = rng.randint(1, 9)
        numbers = [rng.choice([None, None, 1, 2, 3]) for _ in range(n)] if rng.random() < .5 else sorted(rng.randint(1, 4) for _ in range(n))
        pages.append(dict(lines=[dict(id=f'r{i}', paragraph=p, text=str(i)) for i, p in enumerate(numbers)], id=f'r{rng.randrange(n)}'))
    got = run('order', """pages.map(({lines, id}) => {
        const change = ls => { const c = new Map(toggleParagraph(Object.freeze(ls.map(Object.freeze)), id).map(r => [r.id, r])); return ls.map(r => c.get(r.id) ?? r) }
        const once = change(lines), twice = change(once)
        return {once, twice, changed: toggleParagraph(lines, id).map(r => r.id)}
    })""", pages=pages)
    def starts(lines):
        last, res = lines[0]['paragraph'] or 1, set()
        for o in lines: last, was = o['paragraph'] or last, last; res |= {o['id']} if last != was else set()
        return res
    for page, g in zip(pages, got):
        lines, id_ = page['lines'], page['id']
        if id_ == 'r0': assert g['once'] == g['twice'] == lines; continue
        numbers = [o['paragraph'] for o in g['once']]
        assert numbers[0] == 1 and all(b - a in (0, 1) for a, b in zip(numbers, numbers[1:]))
        assert starts(g['once']) == starts(lines) ^ {id_} and starts(g['twice']) == starts(lines)
        assert g['changed'] == [a['id'] for a, b in zip(lines, g['once']) if a != b] and all({**a, 'paragraph': 0} == {**b, 'paragraph': 0} for a, b in zip(lines, g['once']))
    # a new line in the middle of a paragraph does not end it; no line, a suggestion, or no page: nothing happens
    mk = lambda *ps: [dict(id=f'r{i}', paragraph=p) for i, p in enumerate(ps)]
    toggle = "toggleParagraph(lines, id).map(r => [r.id, r.paragraph])"
    assert run('order', toggle, lines=mk(1, 2, None, 2, 2), id='r4') == [['r2', 2], ['r4', 3]]
    assert [run('order', toggle, lines=mk(*ps), id=id_) for ps, id_ in [((None, None), None), ((None, None), 's1'), ((), 'r0')]] == [[], [], []]


# ---------------------------------------------------------------------------------------------- history

def random_history(rng, n):
    "A page and edits of it, some of which name lines that are not there."
    line = lambda id_: dict(id=id_, points=[[grid(rng.random()), grid(rng.random())] for _ in range(4)], shape=rng.choice(['rectangle', 'polygon']), text=rng.choice(['', 'ink', 'é𝒳']),
                            mark=rng.choice(['', '', 'illegible']), paragraph=rng.choice([None, 1, 2]), label=['line'], index=int(id_[1:]) if id_[0] == 'e' and int(id_[1:]) < k else None)
    k = rng.randint(0, 5)
    start = [line(f'e{i}') for i in range(k)]
    ids = [*(f'e{i}' for i in range(6)), *(f's{i}' for i in range(4))]
    offers = [line(f's{i}') for i in range(rng.randint(0, 4))]
    def op():
        kind = rng.choice(['put', 'put', 'put', 'delete', 'delete', 'order', 'status', 'suggest'])
        if kind == 'put': return dict(op='put', region=line(rng.choice(ids)), **rng.choice([{}, dict(after=None), dict(after=rng.choice(ids))]))
        if kind == 'delete': return dict(op='delete', id=rng.choice(ids))
        if kind == 'order': return dict(op='order', ids=rng.sample([*ids, 'gone'], rng.randint(0, 8)))
        if kind == 'status': return dict(op='status', status=rng.choice(['open', 'skipped']))
        return dict(op='suggest', by='finder', regions=[line(o) for o in rng.sample(ids[6:], rng.randint(0, 3))])
    return dict(page=dict(regions=start, suggestions=offers, status='open'), ops=[op() for _ in range(n)])


FREEZE = 'const freeze = o => { if (o && typeof o === "object") { Object.values(o).forEach(freeze); Object.freeze(o) } return o }\n'
SAME = FREEZE + """const plain = p => JSON.stringify({...p, suggestions: [...p.suggestions].sort((a, b) => a.id < b.id ? -1 : 1)})\n"""


def test_edits_do_what_the_store_does_and_can_be_taken_back(run):
    rng = random.Random(13)
    cases = [random_history(rng, 25) for _ in range(80)]
    got = run('history', '(() => {' + SAME + """
        return cases.map(({page, ops}) => {
            const states = [], wrong = []
            let now = freeze(page)
            for (const op of freeze(ops)) {
                const before = now, undoes = freeze(inverse(before, op))
                now = freeze(apply(before, op))
                if (op.op !== 'suggest' && plain(undoes.reduce((p, o) => freeze(apply(p, o)), now)) !== plain(before)) wrong.push([before, op, undoes])
                states.push(now)
            }
            return {states: at.map(i => states[i - 1]), wrong}
        })})()""", cases=cases, at=[1, 5, 12, 25])
    by_id = lambda list_: sorted(list_, key=lambda o: o['id'])
    for o, g in zip(cases, got):
        assert g['wrong'] == []
        start = msgspec.convert(dict(id='p', regions=o['page']['regions']), PageLabels)
        events = [dict(op='suggest', page='p', by='finder', regions=o['page']['suggestions'], session='s', n=0, at=0.)]
        for n, op in enumerate(o['ops'], 1): events.append(dict(op, page='p', session='s', n=n, at=float(n)))
        for i, now in zip((1, 5, 12, 25), g['states']):
            want = msgspec.to_builtins(replay('p', events, start, at=i + 1))
            want = json.loads(json.dumps({k: want[k] for k in ('regions', 'suggestions', 'status')}))
            assert (now['regions'], now['status']) == (want['regions'], want['status']) and by_id(now['suggestions']) == by_id(want['suggestions'])
    assert 'no edit is called fly' in run('history', "(() => { try { apply({}, {op: 'fly'}) } catch (e) { return e.message } })()")


def test_undo_and_redo_go_through_all_states(run):
    rng = random.Random(14)
    cases = []
    for _ in range(60):
        o = random_history(rng, 40)
        steps = [rng.choice(['do', 'do', 'undo', 'undo', 'redo']) for _ in range(60)]
        cases.append(dict(o, ops=[op for op in o['ops'] if op['op'] != 'suggest'], steps=steps))
    wrong = run('history', '(() => {' + SAME + """
        return cases.flatMap(({page, ops, steps}) => {
            const h = new History(), past = [], future = [], wrong = []
            let now = freeze(page), k = 0
            for (const step of steps) {
                if (step === 'do') {
                    const does = [ops[k++ % ops.length], ops[k++ % ops.length]]  // two edits of one key
                    let undoes = [], next = now
                    for (const op of does) { undoes = [...inverse(next, op), ...undoes]; next = apply(next, op) }
                    h.push('p' + k, does, undoes, 'name')
                    past.push(plain(now)); future.length = 0; now = freeze(next)
                } else {
                    const entry = h[step](), there = (step === 'undo' ? past : future).length
                    if (!entry !== !there) wrong.push('stack')
                    if (!entry) continue
                    ;(step === 'undo' ? future : past).push(plain(now))
                    now = freeze((step === 'undo' ? entry.undoes : entry.does).reduce(apply, now))
                    if (plain(now) !== (step === 'undo' ? past : future).pop()) wrong.push(step)
                }
                if (h.done.length !== past.length || h.undone.length !== future.length) wrong.push('length')
            }
            return wrong
        })})()""", cases=cases)
    assert wrong == []
    assert run('history', "(() => { const h = new History(); return [h.undo() ?? null, h.redo() ?? null] })()") == [None, None]


# ---------------------------------------------------------------------------------------------- checks

def test_open_work_is_the_store_s_rule(run):
    cases = cases_of('label_cases.json')
    got = run('checks', 'cases.map(o => openWork(o.page))', cases=cases)
    assert [o['name'] for o, g in zip(cases, got) if g != o['open']] == [] and len(cases) > 20
    assert run('checks', 'Object.keys(WORDS)') == ['no-lines', 'no-text', 'degenerate', 'outside']


def test_blank_is_the_store_s_rule(run):
    "For every character of the first plane alone, and beside a letter."
    blank, beside = run('checks', """(() => {
        const all = Array.from({length: 0x10000}, (_, i) => i)
        return [all.filter(i => isBlank(String.fromCharCode(i))), all.filter(i => isBlank('a' + String.fromCharCode(i)) || isBlank(String.fromCharCode(i) + 'a'))]
    })()""")
    assert blank == [i for i in range(0x10000) if is_blank(chr(i))] and beside == []
    assert f'[{BLANKS}]' in (STATIC/'checks.js').read_text(encoding='utf-8')
    texts = ['', ' \t\u2003\u200b\ufeff', '\U0001d4b3', '\n\n', 'a\n', '\na', '\x00', ' . ']
    assert run('checks', 'texts.map(isBlank)', texts=texts) == list(map(is_blank, texts))


WARNINGS = [  # transcript, character set, what is odd
    ('ink', None, []), ('', None, []), ('   ', None, []), (' ink', None, ['begins with a space']), ('ink ', None, ['ends with a space']), ('ink\u00a0', None, ['ends with a space']),
    ('two  words', None, ['two spaces in a row']), ('one space', None, []), ('a\tb', None, ['a character that can not be seen (U+0009)']), ('a\x00', None, ['a character that can not be seen (U+0000)']),
    ('a\u200db \u200c', None, ['ends with a space'][:0]), ('\u200fשלום\u200e', None, []), ('a\u200bb', None, ['a character that can not be seen (U+200B)']), ('\ufeffa', None, ['begins with a space', 'a character that can not be seen (U+FEFF)']),
    ('\u202eabc', None, ['a character that can not be seen (U+202E)']), ('\ue000', None, ['a character that can not be seen (U+E000)']), ('\u0378', None, ['a character that can not be seen (U+0378)']),
    ('𝒳 e\u0301 字 ‘quoted’', None, []),
    ('ink', 'ikn', []), ('ink!', 'ikn', ['! (U+0021) is not in the character set']), ('a b', 'ab', []), ('aaXX', 'a', ['X (U+0058) is not in the character set']),
    ('e\u0301', '\u00e9', []), ('\u00e9', 'e\u0301', []), ('x\u0301', 'x', ['\u0301 (U+0301) is not in the character set']), ('x\u0301', 'x\u0301', []), ('z', 'z\u0301', []),
    ('𝒳', '𝒳', []), ('𝒳', 'X', ['𝒳 (U+1D4B3) is not in the character set']), ('𝒴', '𝒳', ['𝒴 (U+1D4B4) is not in the character set']),
    ('’', "'", ["’ (U+2019) is not in the character set; ' is"]), ('’', "'’", []), ('’', '-', ['’ (U+2019) is not in the character set']), ('“', '"', ['“ (U+201C) is not in the character set; " is']),
    ('–', '-', ['– (U+2013) is not in the character set; - is']), ('…', '.', ['… (U+2026) is not in the character set; ... is']),
    ('a\u200db', 'ab', ['\u200d (U+200D) is not in the character set']), ('a\u200db', 'ab\u200d', []), ('a', '', ['a (U+0061) is not in the character set']),
]


def test_what_is_odd_about_a_transcript(run):
    got = run('checks', 'list.map(([text, charset]) => textWarnings(text, charset))', list=[o[:2] for o in WARNINGS])
    assert [(text, charset, g) for (text, charset, want), g in zip(WARNINGS, got) if g != want] == []


def test_how_a_line_is_called_aloud(run):
    r = dict(shape='polygon', text='', mark='')
    got = run('checks', 'list.map(([r, suggested]) => spokenName(r, 2, 5, suggested))', list=[[r, False], [r | dict(text='ink'), False], [r | dict(text='ink', mark='illegible'), False], [r, True], [r | dict(text='ink'), True]])
    assert got == [f'Line 2 of 5, polygon, {o}' for o in ('no transcript', 'ink', 'illegible', 'suggestion', 'suggestion: ink')]


# ---------------------------------------------------------------------------------------------- keys

def press(keys, where='page', **kw):
    "A key event: 'ctrl+shift+z', with `code` and so on in `kw`."
    *mods, key = [keys] if keys == '+' else keys.replace('++', '+plus').split('+')
    key = '+' if key == 'plus' else key
    return dict(key=key, where=where, **{f'{o}Key': o in mods for o in ('ctrl', 'meta', 'alt', 'shift')}) | kw


def nudge(dx, dy, big=False): return dict(name='nudge', dx=dx, dy=dy, big=big)
def sized(dx, dy, far=False): return dict(name='resize', dx=dx, dy=dy, far=far)


KEYS = [
    # on the picture
    (press('r'), 'rectangle'), (press('R', capsLock=True), 'rectangle'), (press('Enter'), 'to-text'), (press('F2'), 'to-text'), (press('Tab'), 'next-line'), (press('shift+Tab'), 'previous-line'),
    (press('s'), 'split'), (press('shift+S'), 'split-across'), (press('shift+s', capsLock=True), 'split-across'), (press('shift+A'), 'accept-all'), (press('Delete'), 'delete'), (press('Backspace'), 'delete'),
    (press('shift+?', code='Minus'), 'help'), (press('?'), 'help'), (press('+', code='BracketRight'), 'zoom-in'), (press('shift++', code='Equal'), 'zoom-in'), (press('='), 'zoom-in'), (press('-'), 'zoom-out'),
    (press('ArrowLeft'), nudge(-1, 0)), (press('shift+ArrowDown'), nudge(0, 1, True)), (press('ctrl+ArrowRight'), sized(1, 0)), (press('meta+shift+ArrowUp'), sized(0, -1, True)),
    (press('q'), None), (press('shift+r'), None), (press('5'), None), (press('é', code='Digit2'), None), (press('ö', code='Semicolon'), None), (press('Dead', code='KeyN'), None), (press('Unidentified'), None),
    # in the transcript, where letters are letters
    (press('r', 'text'), None), (press('?', 'text'), None), (press('Delete', 'text'), None), (press('ArrowLeft', 'text'), None), (press('ctrl+ArrowLeft', 'text'), None), (press('Home', 'text'), None),
    (press('Enter', 'text'), 'confirm'), (press('shift+Enter', 'text'), 'previous-line'), (press('ArrowDown', 'text'), 'next-line'), (press('Escape', 'text'), 'to-page'), (press('alt+d', 'text', code='KeyD'), 'duplicate'),
    (press('alt+3', 'text', code='Digit3'), dict(name='character', index=2)), (press('alt+0', 'text', code='Digit0'), None), (press('alt+3', code='Digit3'), None), (press('ctrl+a', 'text'), None),
    # wherever
    *[(press(keys, where), name) for where in ('page', 'text', 'other') for keys, name in [
        ('ctrl+z', 'undo'), ('meta+z', 'undo'), ('ctrl+shift+Z', 'redo'), ('meta+shift+z', 'redo'), ('ctrl+y', 'redo'), ('ctrl+Enter', 'done'), ('meta+Enter', 'done'),
        ('PageUp', 'previous-page'), ('PageDown', 'next-page'), ('alt+ArrowUp', 'earlier'), ('alt+ArrowDown', 'later'), ('alt+i', 'illegible'), ('alt+n', 'not-text')]],
    (press('Enter', 'other'), None), (press(' ', 'other'), None), (press('Tab', 'other'), None), (press('r', 'other'), None), (press('ArrowDown', 'other'), None), (press('Escape', 'other'), None),
    # a Mac types signs with Option; the dead keys among them too
    (press('alt+ß', 'text', code='KeyS'), None), (press('alt+∂', 'text', code='KeyD'), 'duplicate'), (press('alt+Dead', 'text', code='KeyN'), 'not-text'), (press('alt+ˆ', 'text', code='KeyI'), 'illegible'),
    (press('alt+Ω', 'text', code='KeyZ'), 'zoom-line'), (press('alt+¡', 'text', code='Digit1'), dict(name='character', index=0)), (press('alt+&', 'text', code='Digit1'), dict(name='character', index=0)),
    # where Z and Y, or A and Q, have changed places, the letter on the key counts
    (press('alt+z', code='KeyY'), 'zoom-line'), (press('alt+y', code='KeyZ'), None), (press('alt+z', code='KeyW'), 'zoom-line'), (press('ctrl+z', code='KeyY'), 'undo'), (press('a', code='KeyQ'), 'add-point'),
    # where letters are not Latin, its place does
    (press('к', code='KeyR'), 'rectangle'), (press('К', code='KeyR'), 'rectangle'), (press('shift+Ы', code='KeyS'), 'split-across'), (press('ctrl+я', 'text', code='KeyZ'), 'undo'), (press('ctrl+shift+Ω', code='KeyZ'), 'redo'),
    (press('ρ', code='KeyR'), 'rectangle'), (press('ר', code='KeyR'), 'rectangle'), (press('к', 'text', code='KeyR'), None), (press('alt+ш', 'text', code='KeyI'), 'illegible'), (press(',', code='KeyM'), 'previous-point'),
    # signs that are being typed: AltGr, an input method, Alt with the numbers of the number block
    *[(press(keys, 'text', altGraph=True, code=code), None) for keys, code in [('alt+1', 'Digit1'), ('@', 'KeyQ'), ('ctrl+alt+d', 'KeyD'), ('ctrl+alt+z', 'KeyZ')]], (press('z', altGraph=True), None),
    *[(press(key, where, **kw), None) for key, where in [('Enter', 'text'), ('ArrowDown', 'text'), ('Tab', 'page'), ('Escape', 'text'), ('r', 'page')] for kw in (dict(isComposing=True), dict(keyCode=229))],
    (press('alt+1', 'text', code='Numpad1'), None), (press('alt+ArrowUp', 'text', code='Numpad8'), None), (press('-', code='NumpadSubtract'), 'zoom-out'), (press('ctrl+Enter', code='NumpadEnter'), 'done'),
]
ACTIONS = "events.map(e => action({...e, getModifierState: o => o === 'AltGraph' && !!e.altGraph || o === 'CapsLock' && !!e.capsLock}, e.where))"


def test_what_keys_do(run):
    got = run('keys', ACTIONS, events=[e for e, _ in KEYS])
    assert [(e, g) for (e, want), g in zip(KEYS, got) if g != want] == []


ALL_KEYS = [*'abcdefghijklmnopqrstuvwxyz0123456789.,-=+?/;[]\\`\' ', *(f'F{i}' for i in range(1, 13)), 'Enter', 'Escape', 'Tab', 'Backspace', 'Delete', 'Insert', 'Home', 'End', 'PageUp', 'PageDown',
            'ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight']


def all_presses():
    "Every key with every set of modifiers, everywhere."
    for where in 'page', 'text', 'other':
        for i in range(16):
            mods = [o for k, o in enumerate(('ctrl', 'meta', 'alt', 'shift')) if i >> k & 1]
            for key in ALL_KEYS: yield '+'.join([*mods, key]), press('+'.join([*mods, key]), where)


def test_no_key_of_the_browser_or_of_jupyterlab_is_taken_without_need(run):
    """With Ctrl or Cmd: undo, redo, page done, and arrows on the picture. With Alt: the list below. All else goes on to the browser.

    Ctrl+Enter runs a cell in JupyterLab, and Alt+D is the address bar of some browsers: both only while the widget has the focus."""
    presses = list(all_presses())
    used = {o for (o, _), a in zip(presses, run('keys', ACTIONS, events=[e for _, e in presses])) if a}
    arrows = {f'{m}+{s}Arrow{d}' for m in ('ctrl', 'meta', 'ctrl+meta') for s in ('', 'shift+') for d in ('Up', 'Down', 'Left', 'Right')}
    assert {o for o in used if re.match('(ctrl|meta)', o)} == arrows | {f'{m}+{o}' for m in ('ctrl', 'meta', 'ctrl+meta') for o in ('z', 'shift+z', 'y', 'Enter')}
    assert {o for o in used if o.startswith('alt')} == {*(f'alt+{o}' for o in ('ArrowUp', 'ArrowDown', 'i', 'n', 'b', 'z', 'd')), *(f'alt+{i}' for i in range(1, 10)), *(f'alt+shift+{i}' for i in range(1, 10))}
    assert {o for o in used if re.fullmatch(r'(shift\+)?F\d+', o)} == {'F2'}
    taken = [f'ctrl+{o}' for o in 'wtnrlpsfdjhokuga'] + [f'ctrl+shift+{o}' for o in 'twnricjp'] + ['ctrl+Tab', 'ctrl+shift+Tab', 'ctrl+PageUp', 'ctrl+PageDown', 'ctrl+-', 'ctrl+=', 'ctrl+0', 'ctrl+F4',
            'alt+F4', 'alt+ArrowLeft', 'alt+ArrowRight', 'alt+Home', 'F1', 'F3', 'F5', 'F6', 'F11', 'F12', 'shift+Delete', 'ctrl+c', 'ctrl+v', 'ctrl+x', 'ctrl+b', 'shift+PageDown']
    assert not used & set(taken)


def test_every_action_is_there_and_every_key_of_the_help_has_one(run):
    presses = list(all_presses())
    actions = run('keys', ACTIONS, events=[e for _, e in presses])
    text = (STATIC/'labeller.js').read_text(encoding='utf-8')
    done, buttons = set(re.findall(r'^  on_(\w+)\(', text, flags=re.M)), set(re.findall(r"\bb\('([\w-]+)'", text)) | set(re.findall(r"'data-action': '([\w-]+)'", text))
    names = {a if isinstance(a, str) else a['name'] for a in actions if a}
    assert {o.replace('-', '_') for o in names | buttons} == done and len(buttons) > 20
    spelled = re.findall(r"'?([\w+.,?=-]+)'?: '([a-z-]+)'", re.sub(r'export const HELP[^]*', '', (STATIC/'keys.js').read_text(encoding='utf-8').split('export const HELP')[0]))
    assert {n for _, n in spelled} | {'character', 'nudge', 'resize'} == names

    signs = {'↑': 'ArrowUp', '↓': 'ArrowDown', '←': 'ArrowLeft', '→': 'ArrowRight', 'Esc': 'Escape', '−': '-', 'arrows': 'ArrowUp'}
    wheres = {'In the transcript': ['text'], 'On the picture': ['page'], 'Everywhere': ['page', 'text', 'other']}
    events, told = [], run('keys', 'HELP')
    for title, rows in told.items():
        for keys, what in rows:
            assert what
            for one in [k for o in keys for k in (o.split(' ') if len(o.split(' ')) == 4 else [o.split(' ')[0]])]:
                if one in ('drag', 'wheel', 'Space+drag'): continue
                *mods, key = [one] if one == '+' else one.split('+')
                key = signs.get(key, key)
                spelt = '+'.join([*map(str.lower, mods), key.lower() if len(key) == 1 else key])
                events += [(one, press(spelt, where)) for where in wheres[title]]
    assert [one for (one, _), a in zip(events, run('keys', ACTIONS, events=[e for _, e in events])) if not a] == [] and len(events) > 60
