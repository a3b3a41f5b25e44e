"""Comparing versions of the course's own export, where it lies beside the project (it is not in it): each planted edit is found, and nothing else."""
import json, random, shutil, subprocess
from collections import Counter

import pytest

from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.versioning.named import find_version, textconv


@pytest.fixture(scope='module')
def export(root, note):
    path = root.parent/'shared'/'data'/'fsdl_handwriting'/'fsdl_handwriting.json'
    if not path.is_file():
        note("The course's export is not here (../shared/data), so the tests that compare versions of it were skipped.")
        pytest.skip("the course's export is not here: ../shared/data")
    return path.read_bytes()


@pytest.fixture(scope='module')
def records(export): return [json.loads(line) for line in export.splitlines()]


# ---------------------------------------------------------------------------------------------- edits: each changes
# the list of records, and says what has to be found

def line_edit(find, change):
    "An edit of the first region that `find` accepts on the page at `place`: `change` is given the page's regions and the region's place, and gives kinds by (old, new) place."
    def edit(records, place):
        page = records[place]
        k = next(i for i, r in enumerate(page['annotation']) if find(r))
        return {page['content']: ([], change(page['annotation'], k))}
    return edit


def page_edit(change):
    "An edit of the page at `place`: `change` is given the page, and gives the kinds and the lines that are found."
    def edit(records, place):
        found = change(records[place])
        return {records[place]['content']: found}
    return edit


def typed(r): return bool(r['notes'].strip()) and len(set(map(tuple, r['points']))) > 2
def untyped(r): return not r['notes'].strip()
def shift(r, dx, dy): r['points'] = [[x + dx, y + dy] for x, y in r['points']]


def retype(rs, k):
    rs[k]['notes'] += ' indeed'
    return {(k, k): ['retyped']}


def type_in(rs, k):
    rs[k]['notes'] = 'typed at last'
    return {(k, k): ['typed']}


def lose(rs, k):
    rs[k]['notes'] = ''
    return {(k, k): ['lost']}


def move(rs, k):
    shift(rs[k], .004, .002)
    return {(k, k): ['moved']}


def drag_far(rs, k):
    rs[k]['notes'] += ' of which there is one'
    shift(rs[k], 0, .3)
    return {(k, None): ['removed'], (None, k): ['added']}  # another text at another place: nothing says that it is the same line


def reshape(rs, k):
    rs[k]['points'][0][0] += .003
    return {(k, k): ['reshaped']}


def relabel(rs, k):
    rs[k]['label'] = ['word']
    return {(k, k): ['relabelled']}


def set_paragraph(rs, k):
    rs[k]['paragraph'] = 2
    return {(k, k): ['relabelled']}


def do_three(rs, k):
    return {(k, k): [*retype(rs, k)[k, k], *move(rs, k)[k, k], *relabel(rs, k)[k, k]]}


def add(rs, k):
    rs.append(dict(label=['line'], shape='rectangle', points=[[.01, .985], [.02, .985], [.02, .99], [.01, .99]],
                   notes='added', imageWidth=10, imageHeight=10))
    return {(None, len(rs) - 1): ['added']}


def remove(rs, k):
    del rs[k]
    return {(k, None): ['removed']}


def reorder(rs, k):
    rs.append(rs.pop(0))
    return {(0, len(rs) - 1): ['reordered']}


def annul(page):
    n, page['annotation'] = len(page['annotation']), None
    return ['unannotated'], {(i, None): ['removed'] for i in range(n)}


def empty(page):
    n, page['annotation'] = len(page['annotation']), []
    return ['emptied'], {(i, None): ['removed'] for i in range(n)}


def annotate(page):
    page['annotation'] = []
    add(page['annotation'], 0)
    return ['annotated'], {(None, 0): ['added']}


def move_address(page):
    page['content'] = page['content'].replace('http://', 'https://')
    return ['readdressed'], {}


def edit_metadata(page):
    page['metadata'] |= dict(status='todo', reviewer='Ann')
    return ['keys'], {}


def delete(records, place):
    page = records.pop(place)
    return {page['content']: (['removed'], {(i, None): ['removed'] for i in range(len(page['annotation']))})}


def insert(records, place):
    page = json.loads(json.dumps(records[place]))
    page['content'] = 'http://host/new.jpg'
    records.insert(place, page)
    return {page['content']: (['added'], {(None, i): ['added'] for i in range(len(page['annotation']))})}


LINES = {o.__name__: line_edit(untyped if o is type_in else typed, o)
         for o in (retype, type_in, lose, move, drag_far, reshape, relabel, set_paragraph, do_three, add, remove, reorder)}
PAGES = {o.__name__: page_edit(o) for o in (annul, empty, annotate, move_address, edit_metadata)} | dict(delete=delete, insert=insert)
EDITS = LINES | PAGES


def places(records):
    "A page of its own for each edit; those for `annotate` and `type_in` have what these need, the others at least three lines that are typed."
    null = [i for i, r in enumerate(records) if r['annotation'] is None]
    some = [i for i, r in enumerate(records) if any(map(untyped, r['annotation'] or []))]
    full = [i for i, r in enumerate(records) if sum(map(typed, r['annotation'] or [])) > 2 and i != some[0]]
    return {name: null[0] if name == 'annotate' else some[0] if name == 'type_in' else full.pop() for name in EDITS}


def written(records): return b''.join(json.dumps(r, separators=(',', ':'), ensure_ascii=False).encode() + b'\n' for r in records)


def edited(export, records, names):
    "The export with some edits, of which all pages that were not edited are the same bytes; and what has to be found."
    lines, new, found = export.splitlines(keepends=True), json.loads(json.dumps(records)), {}
    where = places(records)
    same = {json.dumps(r): line for r, line in zip(records, lines)}
    for name in sorted(names, key=lambda o: -where[o]): found |= EDITS[name](new, where[name])  # from the end, so that places hold
    return b''.join(same.get(json.dumps(r)) or written([r]) for r in new), found


def place(r): return None if r is None else r.index
def what(diff): return {d.page.url: (list(d.kinds), {(place(o.old), place(o.new)): list(o.kinds) for o in d.lines}) for d in diff.pages}


# ---------------------------------------------------------------------------------------------- what has to hold

@pytest.mark.parametrize('name', EDITS)
def test_each_edit_alone_is_found_and_nothing_else(name, export, records):
    new, planted = edited(export, records, [name])
    diff = diff_exports(export, new)
    assert what(diff) == planted and (diff.reordered, diff.reformatted, diff.unread) == (0, 0, (0, 0))
    assert diff and str(diff) and textconv(export) != textconv(new)


def test_all_edits_together_are_found_and_nothing_else(export, records):
    new, planted = edited(export, records, EDITS)
    assert len(planted) == len(EDITS)
    diff = diff_exports(export, new)
    assert what(diff) == planted
    assert diff.summary().startswith('+1 page, -1 page, +') and (diff.reordered, diff.reformatted, diff.counts) == (0, 0, (85, 85))
    pages = {k: records[places(records)[k]] for k in ('lose', 'remove', 'annul', 'empty', 'delete')}
    texts = lambda *names: sum(bool(r['notes'].strip()) for k in names for r in pages[k]['annotation'])
    assert {o.page for o in diff.losses} == {r['content'].split('/')[-1] for r in pages.values()}
    assert Counter(o.kind for o in diff.losses) == dict(lost=1, removed=1, line=1 + texts('annul', 'empty', 'delete'))  # each line by itself


def test_written_anew_it_is_the_same(export, records):
    diff = diff_exports(export, b''.join(json.dumps(r, indent=None).encode() + b'\n' for r in records))
    assert not diff and diff.summary() == 'nothing changed but the form of 85 pages'


def test_pages_in_another_order(export):
    lines = export.splitlines(keepends=True)
    assert not diff_exports(export, export)
    assert diff_exports(export, b''.join(lines[5:] + lines[:5])).summary() == '5 pages reordered'
    assert diff_exports(export, b''.join(lines[::-1])).summary() == '84 pages reordered'


def test_two_pages_with_one_id_are_told_apart(export, records):
    twice = [i for i, r in enumerate(records) if r['content'].endswith('_%28Name%29_001.jpg')]
    assert len(twice) == 2 and len({records[i]['content'] for i in twice}) == 2
    for i in twice:
        lines = export.splitlines(keepends=True)
        del lines[i]
        diff = diff_exports(export, b''.join(lines))
        assert [d.page.url for d in diff.pages] == [records[i]['content']] and diff.pages[0].kinds == ('removed',)


def test_the_other_way_round_what_was_added_is_removed(export, records):
    new, _ = edited(export, records, EDITS)
    forth, back = diff_exports(export, new).totals, diff_exports(new, export).totals
    for a, b in ('pages_added', 'pages_removed'), ('lines_added', 'lines_removed'), ('lines_typed', 'lines_lost'), ('pages_annotated', 'pages_unannotated'):
        assert (forth[a], forth[b]) == (back[b], back[a])
    for k in 'pages_changed', 'pages_readdressed', 'lines_retyped', 'lines_moved', 'lines_reshaped', 'lines_relabelled', 'lines_reordered', 'keys_changed': assert forth[k] == back[k]


def test_through_git_and_with_a_damaged_record(export, records, tmp_path, root):
    folder = tmp_path/'fsdl_handwriting'
    shutil.copytree(root/'data'/'raw'/'fsdl_handwriting', folder, ignore=lambda *_: ['pages', 'fsdl_handwriting.json'])
    (folder/'fsdl_handwriting.json').write_bytes(export)
    git = lambda *args: subprocess.run(['git', *args], cwd=folder, check=True, capture_output=True)
    for args in ('init', '-q'), ('add', '.'), ('commit', '-qm', 'First'): git(*args)
    new, planted = edited(export, records, ['retype'])
    (folder/'fsdl_handwriting.json').write_bytes(b'{"content": \n' + new)
    diff = diff_exports(find_version('HEAD', folder), find_version(folder))
    assert what(diff) == planted and diff.unread == (0, 1)
    assert diff.summary() == '1 text changed, +1 unreadable record (losses: 1)' and 'line 1: error' in str(diff)


# ---------------------------------------------------------------------------------------------- losses that are not a
# text or a page that is gone

def kinds_lost(old, new): return sorted(o.kind for o in diff_exports(old, new).losses)


def test_a_conflict_of_git_in_the_export_is_said(export):
    first, rest = export.split(b'\n', 1)
    other = first.replace(b'"notes":"', b'"notes":"so ', 1)
    diff = diff_exports(export, b'<<<<<<< HEAD\n' + first + b'\n=======\n' + other + b'\n>>>>>>> other\n' + rest)
    assert sorted(o.kind for o in diff.losses) == ['twice', 'unread'] and diff.unread == (0, 3)
    (unread,) = [o for o in diff.losses if o.kind == 'unread']
    assert str(unread).startswith('line 1: ') and 'and 2 more' in str(unread) and 'line 1 is a mark of a conflict of git: keep one' in str(unread)
    (twice,) = [o for o in diff.losses if o.kind == 'twice']
    assert 'line 2 (' in str(twice) and 'line 4 (' in str(twice)


def test_a_pair_of_pages_with_one_id_is_a_loss_only_when_it_is_new(export, records):
    assert not diff_exports(export, export + written([records[0] | dict(content='http://host/new.jpg')])).losses  # the export's own pair was there before
    page = next(r for r in records if r['annotation'])
    assert kinds_lost(export, export
                      + written([page | dict(content=page['content'].replace('http://', 'http://mirror.'),
                                             annotation=None)])) == []  # an id of its own
    assert kinds_lost(export, export + written([page | dict(annotation=None)])) == ['twice']


def test_most_of_a_page(export, records):
    i = next(i for i, r in enumerate(records) if sum(map(typed, r['annotation'] or [])) > 4 and all(map(typed, r['annotation'])))
    lines = export.splitlines(keepends=True)
    replaced = lambda annotation: b''.join([*lines[:i], written([records[i] | dict(annotation=annotation)]), *lines[i + 1:]])
    old, far = records[i]['annotation'], [[.9, .98], [.95, .98], [.95, .99], [.9, .99]]
    assert kinds_lost(export, replaced(old[:1])) == ['line']*(len(old) - 1)
    assert kinds_lost(export, replaced([old[0] | dict(notes='x', points=far)])) == ['line']*len(old)
    assert kinds_lost(export, replaced(old[1:])) == ['line'] and kinds_lost(export, replaced([old[0] | dict(notes=' '.join(o['notes'] for o in old))])) == []
    assert kinds_lost(export, replaced([o | dict(notes='\u200b\u00a0') for o in old])) == ['lost']*len(old)
    assert kinds_lost(export, replaced([o | dict(notes=o['notes'][:3]) for o in old])) == ['cut']*sum(len(o['notes']) > 6 for o in old)
    assert kinds_lost(export, replaced([o | dict(points=[o['points'][0]]*4) for o in old])) == ['flat']*len(old)


@pytest.mark.parametrize('name, decode', [('ascii', 'ascii'), ('utf-8', 'cp1252'), ('utf-8', 'ascii')])
def test_a_wrong_encoding_is_a_loss(records, name, decode):
    texts = ['Größe, naïve?', 'plain', 'déjà vu', '']
    lines = [o | dict(notes=t) for o, t in zip(next(r for r in records if len(r['annotation'] or []) > 3)['annotation'], texts)]
    page = records[0] | dict(annotation=lines)
    new = page | dict(annotation=[o | dict(notes=o['notes'].encode(name, 'replace').decode(decode, 'replace')) for o in lines])
    assert kinds_lost(written([page]), written([new])) == ['garbled']*2 and kinds_lost(written([new]), written([page])) == []


def test_damaged_regions_are_a_loss_and_old_damage_is_none(export, records):
    i = next(i for i, r in enumerate(records) if len(r['annotation'] or []) > 2)
    bad = json.loads(json.dumps(records))
    bad[i]['annotation'][1]['points'] = None
    bad = b''.join(line if j != i else written([bad[i]]) for j, line in enumerate(export.splitlines(keepends=True)))
    loss, line = diff_exports(export, bad).losses
    assert (loss.kind, line.kind) == ('unread', 'line') and f'line {i + 1}, region 1' in str(loss)
    assert not diff_exports(bad, export).losses and not diff_exports(bad, bad.replace(b'"notes":"', b'"notes":"so ')).losses


# ---------------------------------------------------------------------------------------------- any edits, and any new names

def test_random_edits_lose_what_was_planted_and_random_names_nothing(export, records):
    rest, lines = random.Random(11), export.splitlines(keepends=True)
    full = [i for i, r in enumerate(records) if sum(map(typed, r['annotation'] or [])) > 3]
    for _ in range(20):
        new, lost = json.loads(json.dumps(records)), 0
        where = rest.sample(full, 12)
        for i in where[:6]:  # some lines go, as a whole or in part
            rs = new[i]['annotation']
            texts = Counter(' '.join(r['notes'].split()).casefold() for r in rs)
            for k in sorted((k for k in range(len(rs)) if typed(rs[k])
                             and texts[' '.join(rs[k]['notes'].split()).casefold()] == 1), reverse=True)[:rest.randint(1, 3)]:
                how = rest.choice(['remove', 'empty', 'cut']) if len(rs[k]['notes']) > 12 else 'remove'
                if how == 'remove': del rs[k]
                else: rs[k]['notes'] = '' if how == 'empty' else rs[k]['notes'][:rest.randint(1, 6)]
                lost += 1
        for i in where[6:9]: new[i]['annotation'][0]['notes'] += ' indeed'  # and others are edited
        gone = where[9:11]
        lost += sum(1 + sum(bool(r['notes'].strip()) for r in records[i]['annotation']) for i in gone)
        names = rest.sample([i for i in range(len(new)) if i not in gone], 20)
        for i in names: new[i]['content'] = renamed(new[i]['content'], rest)
        data = b''.join(written([r]) if r != records[i] else lines[i] for i, r in enumerate(new) if i not in gone)
        diff = diff_exports(export, data)
        assert len(diff.losses) == lost, (lost, diff.losses)
        totals = diff.totals
        assert (totals['pages_renamed'], totals['pages_added'], totals['pages_removed']) == (sum(new[i]['content'] != records[i]['content'] for i in names), 0, 2)


def renamed(url, rest):
    "`url` with its last part spelled in another way."
    head, _, name = url.rpartition('/')
    how = rest.choice([str.upper, str.lower, lambda o: o.replace('_', '%5F'), lambda o: o.replace('p', '%70', 1),
                       lambda o: o.replace('%', '%25')])
    return f'{head}/{how(name)}'
