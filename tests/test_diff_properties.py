"""Properties of comparing versions: of exports that are generated and edited, what is found is what was planted; damaged ones are never an error.

A diff has to guess which line became which, so edits are planted where there is one best guess. Lines of a page are rows that do not touch, each with a text of
its own. A line keeps its outline or its text, or is shifted or reshaped by less than half; one that is dragged far keeps its text. New lines lie where no line
was. If the order is changed, one line (or page) is carried over at least two others: of two neighbours that changed places, either could be the one."""
import hashlib, html, json, re
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.versioning.page_diff import diff_pages
from fsdl_handwriting_data.versioning.diff import Diff
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.named import textconv
from test_export_properties import pieces

RELAXED = dict(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example])
FEW, SOME, MANY = settings(max_examples=25, **RELAXED), settings(max_examples=50, **RELAXED), settings(max_examples=500, **RELAXED)

words = st.text(st.characters(exclude_categories=['Cs']), max_size=8)


# ---------------------------------------------------------------------------------------------- exports and edits

def box(x, y, w=.5): return [[x, y], [x + w, y], [x + w, y + .05], [x, y + .05]]


@st.composite
def some_lines(draw):
    "Up to five rows, some of them a point, some without a text."
    res = []
    for k in range(draw(st.integers(0, 5))):
        points = draw(st.sampled_from([box(.05, .02 + .1*k)]*4 + [[[.05, .02 + .1*k]]]))
        text = draw(st.just('') | words.map(f'{k}:{{}}'.format))
        res.append(dict(label=['line'], shape='rectangle', points=points, notes=text, imageWidth=1000, imageHeight=1000))
    return res


pages = st.builds(lambda ann, status: dict(annotation=ann, extras=None, metadata=dict(status=status)), st.none()
                  | some_lines() | some_lines(), st.just('done'))


def own(page, name):
    "`page` with texts that no other page has, nor one that is like them: they would be the same lines on another page, or the same page under another name."
    name = hashlib.sha256(name.encode()).hexdigest()[:12]
    return page | dict(annotation=page['annotation']
                       and [r | dict(notes=f"{name}/{r['notes']}" if r['notes'] else '') for r in page['annotation']])


def shift(line, dx, dy): return line | dict(points=[[x + dx, y + dy] for x, y in line['points']])
def narrow(line): return line | dict(points=box(*line['points'][0], w=.4))


@st.composite
def edited_line(draw, line):
    "`line` with some edits, and their kinds."
    kinds, area, text = [], len(line['points']) == 4, line['notes']
    far = area and text.strip() and draw(st.integers(0, 5)) == 0
    if not far and draw(st.booleans()):
        line = line | dict(notes=draw(st.sampled_from([text + '.', 'x' + text, text.upper() + '!', '', ' ']) if text else st.just('new')))
        if line['notes'] != text: kinds.append('typed' if not text.strip() else 'retyped' if line['notes'].strip() else 'lost')
    if far: line, kinds = shift(line, 0, .5), [*kinds, 'moved']
    elif area and (how := draw(st.sampled_from([None, 'moved', 'reshaped']))):
        line, kinds = shift(line, .01, .01) if how == 'moved' else narrow(line), [*kinds, how]
    if draw(st.integers(0, 4)) == 0:
        line = line | draw(st.sampled_from([dict(label=['line', 'first']), dict(paragraph=3), dict(shape='polygon'), dict(imageWidth=999)]))
        kinds.append('relabelled')
    return line, kinds


@st.composite
def carried(draw, items):
    "`items` with one of them carried over at least two others, if they are enough; and which one that is."
    if len(items) < 3 or not draw(st.booleans()): return items, None
    i = draw(st.integers(0, len(items) - 3))
    i, j = draw(st.permutations([i, draw(st.integers(i + 2, len(items) - 1))]))
    rest = items[:i] + items[i + 1:]
    return rest[:j] + [items[i]] + rest[j:], items[i]


@st.composite
def edited_lines(draw, old):
    "A list of lines edited, and what was planted: {(old place, new place): kinds}."
    kept = [(i, *draw(edited_line(line))) for i, line in enumerate(old) if draw(st.integers(0, 5))]
    kept, one = draw(carried(kept))
    planted = {(i, None): ('removed',) for i in set(range(len(old))) - {i for i, *_ in kept}}
    for k in range(draw(st.integers(0, 2))):
        new = dict(label=['line'], shape='rectangle', points=box(.7, .02 + .1*k, .2), notes=f'added {k}', imageWidth=1000, imageHeight=1000)
        kept.insert(draw(st.integers(0, len(kept))), (None, new, ['added']))
    for j, o in enumerate(kept):
        kinds = [*o[2], *['reordered']*(o is one)]
        if kinds: planted[o[0], j] = tuple(kinds)
    return [line for _, line, _ in kept], planted


@st.composite
def edited_page(draw, page):
    "A page edited, and what was planted: page kinds, lines, keys."
    ann, kinds, lines, keys = page['annotation'], [], {}, ()
    if ann is None: new = draw(st.none() | some_lines())
    else: new, lines = draw(st.one_of(st.just((None, {})), st.just(([], {})), edited_lines(ann), edited_lines(ann), edited_lines(ann)))
    if ann and not new: lines = {(i, None): ('removed',) for i in range(len(ann))}
    if ann is None and new: lines = {(None, j): ('added',) for j in range(len(new))}
    if (ann is None) != (new is None): kinds.append('annotated' if ann is None else 'unannotated')
    elif ann and not new: kinds.append('emptied')
    page = page | dict(annotation=new)
    if draw(st.integers(0, 3)) == 0: page, keys = page | dict(metadata=dict(status='todo'), own=1), ('metadata.status', 'own')
    if draw(st.integers(0, 5)) == 0: page, kinds = page | dict(content=page['content'].replace('http:', 'https:')), ['readdressed', *kinds]
    return page, ([*kinds, *['keys']*bool(keys)], lines, keys)


@st.composite
def versions(draw):
    "Two exports as lists of records, and what was planted between them: ({address: (page kinds, lines, keys)}, pages carried elsewhere)."
    old = [dict(content=f'http://h/{i}.jpg') | own(p, f'old {i}') for i, p in enumerate(draw(st.lists(pages, max_size=6)))]
    planted, kept = {}, []
    for p in old:
        how = draw(st.sampled_from(['same', 'edited', 'edited', 'removed']))
        if how == 'removed': planted[p['content']] = ['removed'], {(i, None): ('removed',) for i in range(len(p['annotation'] or []))}, ()
        else:
            q, what = draw(edited_page(p)) if how == 'edited' else (p, ([], {}, ()))
            kept.append(q)
            if any(what): planted[q['content']] = what
    kept, one = draw(carried(kept))
    for k, p in enumerate(draw(st.lists(pages, max_size=2))):
        url = f'http://h/new_{k}.jpg'
        kept.insert(draw(st.integers(0, len(kept))), dict(content=url) | own(p, f'new {k}'))
        planted[url] = ['added'], {(None, j): ('added',) for j in range(len(p['annotation'] or []))}, ()
    return old, kept, planted, int(one is not None)


def written(records, spaced=False):
    return b''.join(json.dumps(r, separators=None if spaced else (',', ':')).encode() + b'\n' for r in records)
def place(r): return None if r is None else r.index
def lines_found(d): return {(place(o.old), place(o.new)): o.kinds for o in d.lines}
def found(diff): return {d.page.url: (list(d.kinds), lines_found(d), d.keys) for d in diff.pages}
def sort_kinds(planted):
    return {url: (sorted(kinds), {k: sorted(v) for k, v in lines.items()}, sorted(keys)) for url, (kinds, lines, keys) in planted.items()}


BACK = dict(added='removed', removed='added', typed='lost', lost='typed', annotated='unannotated', unannotated='annotated')
def back(kinds): return sorted(BACK.get(k, k) for k in kinds if k != 'emptied')


# ---------------------------------------------------------------------------------------------- what holds

def check_planted(case, spaced):
    old, new, planted, carried = case
    diff = diff_exports(written(old), written(new, spaced))
    assert sort_kinds(found(diff)) == sort_kinds(planted)
    assert diff.reordered == carried and diff.counts == (len(old), len(new)) and bool(diff) == bool(planted or carried)
    untouched = sum(p['content'] in {o['content'] for o in old} and p['content'] not in planted for p in new)
    assert diff.reformatted == spaced*untouched and diff.unread == (0, 0)
    return diff


def check_totals(diff, planted):
    "The totals are those of what was planted, and all ways to show a diff agree."
    pages, lines = Counter(k for kinds, *_ in planted.values() for k in kinds), Counter(k for _, ls, _ in planted.values() for kinds in ls.values() for k in kinds)
    totals = diff.totals
    for k, n in pages.items(): assert k == 'keys' or totals[f'pages_{k}'] == n
    for k, n in lines.items(): assert totals[f'lines_{k}'] == n
    assert sum(totals[f'lines_{k}'] for k in lines) == sum(v for k, v in totals.items() if k.startswith('lines_'))
    assert totals['pages_changed'] + totals['pages_added'] + totals['pages_removed'] == len(diff.pages) == len(planted)
    shown = json.loads(diff.to_json())
    assert shown['totals'] == totals and len(shown['losses']) == totals['losses'] and len(shown['pages']) == len(diff.pages)
    rows = [row for row in diff.text(most=10**6).splitlines() if row.startswith('    ') and not row.startswith('    other keys')]
    assert len(rows) == sum(len(d.lines) for d in diff.pages if d.old and d.new)
    assert diff.markdown(most=10**6).count('\n| ') >= len(rows)


def n_lost(kinds, lines, page):
    "How many losses are planted on `page`, as it was: each line with a text that is gone or empty, the page itself, an annotation without a text."
    texts = [r['notes'].strip() for r in page['annotation'] or []]
    if 'removed' in kinds: return 1 + sum(map(bool, texts))
    if {'unannotated', 'emptied'} & {*kinds}: return sum(map(bool, texts)) or 1
    return sum(bool(texts[i]) for (i, _), what in lines.items() if i is not None and {'removed', 'lost'} & {*what})


def check_losses(diff, planted, old):
    "Every loss that was planted is said, and no other."
    was = {p['content'].split('/')[-1]: p for p in old}
    expected = Counter({url.split('/')[-1]: n_lost(kinds, lines, was[url.split('/')[-1]]) for url,
                        (kinds, lines, _) in planted.items() if url.split('/')[-1] in was})
    assert Counter(o.page for o in diff.losses) == +expected


def check_back(diff, case):
    "The other way round, what was added is removed, and so on."
    old, new, *_ = case
    other = diff_exports(written(new), written(old))
    forth, again = ({d.id: (back(d.kinds) if k else sorted(set(d.kinds) - {'emptied'}),
                            {o[::-1 if k else 1]: back(v) if k else sorted(v) for o, v in lines_found(d).items()},
                            sorted(d.keys)) for d in x.pages} for k, x in enumerate((diff, other)))
    assert forth == again and other.reordered == diff.reordered


def check_case(case, spaced):
    diff = check_planted(case, spaced)
    check_totals(diff, case[2])
    check_losses(diff, case[2], case[0])
    check_back(diff, case)
    assert not diff_exports(written(case[0]), written(case[0]))


def check_damaged(a, b):
    "Whatever the bytes are, they are compared and shown; what could not be read is named on its side."
    x, y = (b''.join(o for _, o in parts) for parts in (a, b))
    diff, other = diff_exports(x, y), diff_exports(y, x)
    assert not diff_exports(x, x)
    assert (diff.unread, diff.counts, diff.reordered) == (other.unread[::-1], other.counts[::-1], other.reordered)
    for k in 'added', 'removed': assert diff.totals[f'pages_{k}'] == other.totals[f'pages_{BACK[k]}']
    for d in diff, other: assert json.loads(d.to_json())['totals'] == d.totals and d.summary() in str(d) and d.summary() in d.markdown()
    assert all(c.isprintable() or c in '\n\u200c\u200d' for c in textconv(x) + str(diff) + diff.markdown())
    if diff: assert textconv(x) != textconv(y)


@SOME
@given(versions(), st.booleans())
def test_what_was_planted_is_found_and_nothing_else(case, spaced): check_case(case, spaced)


@FEW
@given(pieces, pieces)
def test_damaged_exports_are_compared(a, b): check_damaged(a, b)


@FEW
@given(pieces, st.data())
def test_damage_in_one_place(parts, data):
    "Of two versions that differ in one piece, only what is in that piece is found."
    if not parts: return
    other = data.draw(pieces)
    i = data.draw(st.integers(0, len(parts) - 1))
    check_damaged(parts, parts[:i] + other[:1] + parts[i + 1:])


markup = st.lists(st.sampled_from(list('ab \\`*_{}[]()#+-.!|~$:<>&@"\'/=^')
                                  + ['http://x.y', 'www.a.b', '&amp;', '<b>', '1. ', '![a](b)', '~~', '<!--', '-->',
                                     '\n']), max_size=12).map(''.join)


@SOME
@given(markup, markup)
def test_no_text_is_markup_in_markdown(old, new):
    "A text typed by somebody comes through a renderer of Markdown as it is, in one cell of the table."
    markdown_it = pytest.importorskip('markdown_it', reason='markdown-it-py renders Markdown')
    a, b = (Page('http://h/1.jpg', (Region(((0, 0), (1, 0), (1, 1)), text),)) for text in ('x' + old, 'y' + new))
    page = markdown_it.MarkdownIt('commonmark').enable('table').render(Diff((diff_pages(a, b),)).markdown())
    rows = [re.findall(r'<td[^>]*>(.*?)</td>', row, re.DOTALL) for row in re.findall(r'<tr>(.*?)</tr>', page, re.DOTALL)[1:]]
    assert [len(row) for row in rows] == [4] and not re.search('<(?!/?(del|ins)>|!---->)', rows[0][3])
    shown = html.unescape(re.sub('<ins>.*?</ins>|</?del>|<!---->', '', rows[0][3]).replace('&nbsp;', ' ').replace('\n', ' '))
    assert shown.rpartition('; CER')[0].replace('\xa0', ' ').split() == ('x' + old).replace('\n', '\\n').split()


@pytest.mark.long
@MANY
@given(versions(), st.booleans())
def test_what_was_planted_is_found_and_nothing_else_often(case, spaced): check_case(case, spaced)


@pytest.mark.long
@MANY
@given(pieces, pieces)
def test_damaged_exports_are_compared_often(a, b): check_damaged(a, b)
