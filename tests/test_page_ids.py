"""Two pages never become one: lists whose addresses end alike or in nothing, exports that hold such pages, and names made of any text."""
import http.server, io, random, threading
from contextlib import contextmanager

import pytest
from hypothesis import example, given, settings, strategies as st
from PIL import Image

from fsdl_handwriting_data.core.annotations import Page, Region
from fsdl_handwriting_data.core.exports import export_bytes, parse_export, read_export, write_export
from fsdl_handwriting_data.pages.card import write_card
from fsdl_handwriting_data.core.names import file_name, name_key
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset
from fsdl_handwriting_data.versioning.compare import diff_exports
from fsdl_handwriting_data.fetching.table import Wanted
from fsdl_handwriting_data.fetching.download import download
from fsdl_handwriting_data.fetching.limits import Limits
from fsdl_handwriting_data.labelling.store import LabelStore
from fsdl_handwriting_data.labelling.export import export_labels
from fsdl_handwriting_data.core.writing import update_metadata
from fsdl_handwriting_data.core.names import safe_name
from fsdl_handwriting_data.pages.scans import page_name
from fsdl_handwriting_data.pages.new_dataset import new_dataset
from fsdl_handwriting_data.versioning.pins import pin_images
from fsdl_handwriting_data.versioning.verified import verify_dataset
from fsdl_handwriting_data.core.shown import without_secrets

NEAR = Limits(ask_private=True)
LISTS = {  # addresses on one host → the ids of their pages
    'IIIF': {'iiif/ms1%2Ff001r/full/max/0/default.jpg': 'default.jpg', 'iiif/ms1%2Ff001v/full/max/0/default.jpg': 'ms1_f001v_default.jpg',
             'iiif/ms2%2Ff001v/full/max/0/default.jpg': 'ms2_f001v_default.jpg',
             'iiif/ms2%2Ff001v/full/800,/0/default.jpg': 'ms2_f001v_800,_default.jpg'},
    'query': {'uc?export=download&id=A': 'uc', 'uc?export=download&id=B': 'uc_id=B.png',
              'uc?export=download&id=C&token=s3cret': 'uc_id=C.png'},
    'slash': {'item/1/': 'item_1.png', 'item/2/': 'item_2.png', 'item/1//': 'DIGEST'},
    'php': {'page.php?n=3': 'page.php', 'page.php?n=4': 'page_n=4.php.png', 'page.php?n=5#top': 'page_n=5.php.png'},
    'root': {'?id=A': 'id=A.png', '?id=B': 'id=B.png'},
    'odd': {'a*.jpg': 'a_.jpg', 'CON.jpg': '_CON.jpg', 'x/P.JPG': 'x_P.JPG', 'y/p.jpg': 'p.jpg', 'z/%FF%00.png': '%FF%00.png'}}


@contextmanager
def any_image():
    "The address of a server that has a picture of its own at every address."
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *a): pass
        def do_GET(self):
            f = io.BytesIO()
            Image.frombytes('L', (40, 60), random.Random(self.path).randbytes(2400)).save(f, 'PNG')
            self.send_response(200)
            self.send_header('Content-Length', str(len(f.getvalue())))
            self.end_headers()
            self.wfile.write(f.getvalue())
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_address[1]}'
        server.shutdown()


@pytest.fixture(scope='module')
def host():
    with any_image() as url: yield url


@pytest.mark.parametrize('kind', LISTS)
def test_a_list_of_addresses_that_end_alike_gives_a_page_to_each_the_same_on_a_second_run(kind, host, tmp_path):
    urls, want = [f'{host}/{o}' for o in LISTS[kind]], list(LISTS[kind].values())
    (tmp_path/'list.txt').write_text('\n'.join(urls[:2]))
    report = new_dataset(tmp_path/'d', tmp_path/'list.txt', progress=False)
    assert [o.status for o in report] == ['added']*2, report
    (tmp_path/'list.txt').write_text('\n'.join(urls[::-1]))  # it grew, and is in another order
    report = new_dataset(tmp_path/'d', tmp_path/'list.txt', progress=False)
    assert len(report.of('added')) == len(urls) - 2 and not report.of('failed'), report
    assert not new_dataset(tmp_path/'d', tmp_path/'list.txt', progress=False).of('added', 'failed')
    ds = FsdlHandwritingDataset(tmp_path/'d')
    ids, urls = {p.url: k for k, p in ds.pages.items()}, [*map(without_secrets, urls)]
    assert [w for w in want if w != 'DIGEST'] == [ids[u] for u, w in zip(urls, want) if w != 'DIGEST'] and set(ids) == set(urls)
    assert sorted(o.name for o in ds.page_dir.iterdir()) == sorted(map(file_name, ids.values())) == sorted(ids.values())
    assert len({name_key(o) for o in ids.values()}) == len(urls) and not any('s3cret' in o for o in ids.values())
    assert not ds.problems.of('error', 'warning', 'longer-id') and not ds.image_problems()


def test_a_renamed_page_is_said(host, tmp_path):
    a, b = new_dataset(tmp_path/'d', [f'{host}/{o}/default.png' for o in 'ab'], progress=False)
    assert (str(a), b.renamed, str(b)) == (f'added: {host}/a/default.png', True, f'added: {host}/b/default.png → b_default.png')


def test_a_column_beside_the_address_names_the_page(host, tmp_path):
    (tmp_path/'l.csv').write_text(f'url,filename\n{host}/1/,letter 1.png\n{host}/2/,box/letter 2.png\n{host}/3/,letter 1.png\n{host}/4/,\n')
    assert [o.id for o in new_dataset(tmp_path/'d', tmp_path/'l.csv', progress=False)] == ['letter 1.png', 'box_letter 2.png', '3_letter 1.png', '4.png']
    (tmp_path/'l.csv').write_text(f'id;image_url\nf1;{host}/5/default.jpg\nf2;{host}/6/default.jpg\n')
    assert [o.id for o in new_dataset(tmp_path/'d', tmp_path/'l.csv', progress=False)] == ['f1', 'f2']
    assert list(FsdlHandwritingDataset(tmp_path/'d').pages) == ['letter 1.png', 'box_letter 2.png', '3_letter 1.png', '4.png', 'f1', 'f2']


def line(text, y=.1): return Region(((.1, y), (.5, y), (.5, y + .1), (.1, y + .1)), text, image_width=40, image_height=60, label=('line',))


@pytest.fixture
def iiif(host, tmp_path):
    "A dataset as another program wrote it: three pages whose addresses end alike, and no id in their records."
    folder = tmp_path/'iiif'
    folder.mkdir()
    write_export([Page(f'{host}/iiif/{o}/full/default.jpg', (line(f'hello {o}', y),)) for o,
                  y in (('a', .1), ('b', .3), ('c', .5))], folder/'iiif.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'iiif.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    return folder


@pytest.mark.long
def test_an_export_with_pages_whose_addresses_end_alike_goes_all_the_way(iiif, tmp_path):
    ids = ['default.jpg', 'b_default.jpg', 'c_default.jpg']
    ds = FsdlHandwritingDataset(iiif)
    assert list(ds.pages) == list(ds.line_regions_by_id) == ids
    assert list(ds.line_strings_by_id.values()) == [['hello a'], ['hello b'], ['hello c']] and len({str(o) for o in ds.line_regions_by_id.values()}) == 3
    assert [o.page for o in ds.problems.of('longer-id')] == ids[1:] and not ds.problems.of('error', 'warning')
    assert [o.status for o in ds.load_or_generate_data(progress=False, private=True)] == ['done']*3 and not ds.image_problems()
    assert len({ds.page_path(o).read_bytes() for o in ids}) == 3
    assert [o.id for o in pin_images(iiif, progress=False)] == ids and verify_dataset(iiif, progress=False).ok
    write_card(iiif)
    assert 'b_default.jpg' in (iiif/'croissant.json').read_text()
    store = LabelStore(iiif, 'Ann')
    assert list(store.pages) == ids and not store.doubled
    store.append([dict(op='text', page='b_default.jpg', id=store.page('b_default.jpg').regions[0].id, text='hello bee', session='s', n=1)])
    assert export_labels(iiif).written
    again = FsdlHandwritingDataset(iiif)
    assert list(again.pages) == ids and again.line_strings_by_id['b_default.jpg'] == ['hello bee']
    assert again.pages['b_default.jpg'].extras == {'page_id': 'b_default.jpg'} and again.pages['c_default.jpg'].extras is None


def test_ids_stay_when_pages_are_added_taken_out_or_put_in_another_order(iiif, host):
    ds = FsdlHandwritingDataset(iiif)
    ids, export = {p.url: k for k, p in ds.pages.items()}, ds.meta.file
    before = export.read_bytes()
    report = new_dataset(iiif, [f'{host}/iiif/{o}/full/default.jpg' for o in 'cbad'], progress=False)
    assert [o.status for o in report] == ['skipped']*3 + ['added'] and export.read_bytes().startswith(before)
    pages = read_export(export).pages
    ids |= {report[3].name: 'd_default.jpg'}
    for some in pages, pages[::-1], pages[1:], pages[3:] + pages[1:2]:
        write_export(some, export)
        assert {p.url: p.id for p in read_export(export).pages} == {p.url: ids[p.url] for p in some}


def test_what_a_diff_says_of_pages_that_end_alike_is_under_their_ids(iiif):
    old = (iiif/'iiif.jsonl').read_bytes()
    (change,) = diff_exports(old, old.replace(b'hello c', b'hullo c')).pages
    assert change.id == 'c_default.jpg'
    assert not diff_exports(old, old).pages


ANY = st.text(st.characters(), max_size=300) | st.text(st.sampled_from('.~/\\: con0123456789abcdef\x85\x96\u202e\u200b\ud800üA'), max_size=60)


@settings(deadline=None, max_examples=300)
@given(ANY)
@example('letter\x96 1.jpg')
@example('Brief\x84.jpg')
@example('back~0123456789abcdef.jpg')
@example('\udc96.jpg')
@example('\u202egpj.nr')
def test_a_name_that_is_made_is_a_good_name(text):
    for made in page_name, safe_name:
        name = made(text)
        assert file_name(name) == name and 0 < len(name.encode()) <= 200


parts = st.text('abAB/?=&;#%.*: ü\x85_-', max_size=8)


@settings(deadline=None, max_examples=120)
@given(st.lists(st.builds('http://{}/{}/{}'.format, st.sampled_from('gh'), parts,
                          st.sampled_from(['p.jpg', 'P.jpg', 'p.jpg?n=1', 'p.jpg?n=2', 'a_p.jpg', 'page'])) | parts, max_size=7),
       st.lists(st.none() | st.sampled_from(['p.jpg', 'a_p.jpg', 'x']), min_size=7, max_size=7), st.randoms(use_true_random=False))
def test_every_page_of_an_export_has_an_id_of_its_own_that_stays(urls, own, rng):
    records = [Page(o, extras=e and {'page_id': e}) for o, e in zip(filter(None, dict.fromkeys(urls)), own)]
    data = b''.join(b for p in records for b in [write(p)] if b)
    pages = parse_export(data).pages
    assert len({name_key(p.id) for p in pages}) == len(pages) and export_bytes(pages) == data
    ids = {p.url: p.id for p in pages}
    grown = parse_export(data + write(Page('http://z/new/p.jpg'))).pages
    assert [p.id for p in grown[:len(pages)]] == [p.id for p in pages]
    gone = [p for p in pages if rng.random() < .7]
    assert all(ids[p.url] == p.id for p in parse_export(export_bytes(gone)).pages)


def write(page):
    "The record of `page`; nothing if its address leads nowhere."
    try: return export_bytes([page])
    except ValueError: return b''


@pytest.mark.parametrize('name', ['letter\x96 1.jpg', 'Brief\x84.jpg', 'x\x85y.jpg', 'back~0123456789abcdef.jpg',
                                  'a\u202egpj.jpg', 'e\u0301.jpg'])
def test_a_scan_that_is_added_is_there(name, tmp_path):
    (tmp_path/'scans').mkdir()
    try: Image.new('L', (40, 60), 240).save(tmp_path/'scans'/name)
    except OSError: pytest.skip('no such name on this disk')
    (added,) = new_dataset(tmp_path/'d', tmp_path/'scans', progress=False)
    ds = FsdlHandwritingDataset(tmp_path/'d')
    assert added.status == 'added' and ds.open_page(added.id).size == (40, 60) and not ds.image_problems()
    assert [o.status for o in ds.load_or_generate_data(progress=False)] == ['skipped'] and pin_images(tmp_path/'d', progress=False).ok
    assert verify_dataset(tmp_path/'d', progress=False).ok


ORDERS = {'reordered': lambda a, b, new: [b, a], 'the first gone': lambda a, b, new: [b], 'a new one before': lambda a, b, new: [new, a, b],
          'a new one in its place': lambda a, b, new: [new, b], 'one twice': lambda a, b, new: [b, a, a]}


@pytest.fixture
def alike(host, tmp_path):
    "A dataset as another program wrote it, of two pages whose addresses end alike, with their images; and a third such page."
    folder = tmp_path/'alike'
    folder.mkdir()
    pages = [Page(f'{host}/iiif/{o}/full/default.jpg', (line(f'hello {o}'),)) for o in 'abn']
    write_export(pages[:2], folder/'e.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'e.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    assert [o.status for o in FsdlHandwritingDataset(folder).load_or_generate_data(progress=False, private=True)] == ['done']*2
    return folder, pages


def pictures(folder):
    "What each page's image is, by address."
    ds = FsdlHandwritingDataset(folder)
    return {p.url: ds.page_path(k).read_bytes() for k, p in ds.pages.items() if ds.page_path(k).is_file()}


@pytest.mark.parametrize('how', ORDERS)
@pytest.mark.parametrize('known', ['downloads', 'pins', 'both'])
def test_an_id_once_given_stays_however_the_export_is_ordered(alike, how, known):
    folder, pages = alike
    before, ids = pictures(folder), {p.url: k for k, p in FsdlHandwritingDataset(folder).pages.items()}
    LabelStore(folder, 'Ann').append(dict(op='text', page='default.jpg', id='e0', text='Ann on a'))
    if known != 'downloads': pin_images(folder, progress=False)
    if known == 'pins': (folder/'pages'/'downloads.csv').unlink()
    (folder/'e.jsonl').write_bytes(b''.join(export_bytes([p]) for p in ORDERS[how](*pages)))
    update_metadata(folder)
    now = {p.url: k for k, p in FsdlHandwritingDataset(folder).pages.items()}
    assert {u: now[u] for u in ids.keys() & now.keys()} == {u: ids[u] for u in ids.keys() & now.keys()} and len({*now.values()} | {*ids.values()}) == len(ids | now)
    assert pictures(folder) == {u: before[u] for u in before.keys() & now.keys()}
    assert {p.url: k for k, p in LabelStore(folder, 'Ann').pages.items()}.items() <= now.items()
    export_labels(folder, mine=['default.jpg'] if 'default.jpg' in now.values() and how != 'one twice' else [])
    texts = {p.url: p.regions[0].text for p in read_export(folder/'e.jsonl').pages}
    assert all(t in ('Ann on a' if u == pages[0].url else '', f'hello {u[-18]}') for u, t in texts.items())
    report = FsdlHandwritingDataset(folder).load_or_generate_data(progress=False, private=True)
    assert not report.of('failed') and not report.replaced


@pytest.mark.parametrize('verify', ['ledger', 'hash'])
def test_a_file_that_came_from_another_address_is_fetched_again_and_that_is_said(host, tmp_path, verify):
    urls = [f'{host}/{o}/p.png' for o in 'ab']
    download({'p.png': urls[0]}, tmp_path, progress=False, limits=NEAR)
    was = (tmp_path/'p.png').read_bytes()
    report = download({'p.png': [urls[1]]}, tmp_path, progress=False, verify=verify, offline=True)
    assert report.causes and 'came from another address' in report[0].reason and (tmp_path/'p.png').read_bytes() == was
    report = download({'p.png': [urls[1]]}, tmp_path, progress=False, verify=verify, offline=True)  # it stays said
    assert report.counts['failed'] == 1 and 'came from another address' in report[0].reason
    report = download({'p.png': [urls[1]]}, tmp_path, progress=False, verify=verify, limits=NEAR)
    assert (report[0].status, report.replaced) == ('done', 1) and 'in place of the file of another address' in repr(report)
    assert (tmp_path/'p.png').read_bytes() != was
    assert download({'p.png': [urls[1]]}, tmp_path, progress=False, verify=verify, offline=True)[0].status == 'skipped'


def test_a_host_that_was_renamed_and_a_pinned_image_are_not_fetched_again(host, tmp_path):
    (done,) = download({'p.png': f'{host}/a/p.png'}, tmp_path, progress=False, limits=NEAR)
    for row in Wanted('p.png', ['https://new.example/a/p.png']), Wanted('p.png', ['https://new.example/b/p.png'], done.sha256):
        assert download([row], tmp_path, progress=False, offline=True)[0].status == 'skipped'
    rows = [Wanted('p.png', ['https://new.example/a/p.png']), Wanted('q.png', [f'{host}/a/p.png'])]  # unless that host is still asked
    assert [o.status for o in download(rows, tmp_path, progress=False, offline=True)] == ['failed', 'failed']


def test_labels_that_were_begun_on_a_page_of_another_address_are_written_over_it_by_name_only(tmp_path):
    folder, pages = addressed(tmp_path/'d', 'a'), [Page(f'http://h/iiif/{o}/full/default.jpg',
                                                        (line(f'hello {o}', y),)) for o, y in (('a', .1), ('b', .3))]
    LabelStore(folder, 'Ann').append([dict(op='text', page='default.jpg', id='e0', text='Ann on a'),
                                      dict(op='status', page='default.jpg', status='done')])
    export_labels(folder)
    (folder/'e.jsonl').write_bytes(export_bytes(pages[1:]))  # nobody knows whether the server has other names now, or this is another page
    update_metadata(folder)
    changes = export_labels(folder, mine=['*'])
    (conflict,) = changes.conflicts
    assert (conflict.page, conflict.kind) == ('default.jpg', 'another page') and '/iiif/a/' in conflict.message and '/iiif/b/' in conflict.message
    assert [p.regions[0].text for p in read_export(folder/'e.jsonl').pages] == ['hello b']
    assert not export_labels(folder, mine=['default.jpg']).conflicts  # who says so may
    assert [p.regions[0].text for p in read_export(folder/'e.jsonl').pages] == ['Ann on a']


def addressed(folder, order, **extras):
    "A foreign dataset in `folder` of pages whose addresses end alike: a letter for each."
    folder.mkdir(exist_ok=True)
    records = [Page(f'http://h/iiif/{o}/full/default.jpg', (line(f'hello {o}'),), extras=extras.get(o)) for o in order]
    (folder/'e.jsonl').write_bytes(b''.join(export_bytes([p]) for p in records))
    if not (folder/'metadata.toml').exists(): (folder/'metadata.toml').write_text("url = ''\nfilename = 'e.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    return folder


def by_address(store): return {p.url.split('/')[4]: k for k, p in store.pages.items()}


def type_on(folder, who, letter, text, store=None):
    "Let `who` type `text` on the page with that letter; returns the store."
    store = store or LabelStore(folder, who)
    store.append(dict(op='text', page=by_address(store)[letter], id='e0', text=text))
    return store


def typed(folder, who, store=None):
    "What `who` sees on each page, by its letter."
    store = store or LabelStore(folder, who)
    return {k: store.page(id_).regions[0].text for k, id_ in by_address(store).items()}


ROUNDS = {'swap': ['ab', 'ba'], 'three in a round': ['abc', 'bca', 'cab'], 'one in front': ['ab', 'xab', 'yxab'], 'gone': ['ab', 'b', 'ab'],
          'gone, and another in front': ['abc', 'xbc', 'cb', 'bcxa'], 'to and fro': ['ab', 'ba', 'ab', 'ba']}


@pytest.mark.long
@pytest.mark.parametrize('two', [False, True], ids=['one', 'two'])
@pytest.mark.parametrize('kind', ROUNDS)
def test_labels_follow_their_address_where_ids_go_by_the_order_of_the_file(kind, two, tmp_path):
    folder, names = addressed(tmp_path/'d', ROUNDS[kind][0]), ['Ann', 'Bob'][:1 + two]
    model = {who: {} for who in names}
    for n, order in enumerate(ROUNDS[kind]):
        addressed(folder, order)
        for who in names:
            for k in order if who == 'Ann' else order[:1]:
                assert typed(folder, who) == {o: model[who].get(o, f'hello {o}') for o in order}
                type_on(folder, who, k, f'{who} on {k}, {n}')
                model[who][k] = f'{who} on {k}, {n}'
        for who in names:
            store = LabelStore(folder, who)
            assert typed(folder, who, store) == {o: model[who].get(o, f'hello {o}') for o in order}
            assert all(store.versions()[k] == store.page(k).version for k in store.pages)
            assert not [o for o in store.problems if o.kind != 'renamed']
        changes = export_labels(folder, 'Ann', dry=True)
        assert not changes.conflicts and {p.page for p in changes.pages} == set(LabelStore(folder).pages)
    export_labels(folder, 'Ann')
    assert {p.url.split('/')[4]: p.regions[0].text for p in read_export(folder/'e.jsonl').pages} == {k: v for k, v in model['Ann'].items() if k in order}


def test_a_page_whose_address_is_gone_is_never_shown_as_another_and_that_is_said(tmp_path):
    folder = addressed(tmp_path/'d', 'ab')
    type_on(folder, 'Ann', 'a', 'Ann on a')
    addressed(folder, 'b')
    store = LabelStore(folder, 'Ann')
    assert typed(folder, 'Ann', store) == {'b': 'hello b'}
    (problem,) = store.problems
    assert problem.kind == 'renamed' and '/iiif/a/' in problem.message and 'stay in the journal' in problem.message
    changes = export_labels(folder)
    assert not changes.pages and not changes.conflicts and '1 page with labels not in the export' in repr(changes)
    type_on(folder, 'Ann', 'b', 'Ann on b')
    assert typed(folder, 'Ann') == {'b': 'Ann on b'}
    addressed(folder, 'xba')
    assert typed(folder, 'Ann') == {'x': 'hello x', 'b': 'Ann on b', 'a': 'Ann on a'} and not LabelStore(folder).problems


def test_an_open_store_keeps_its_ids_while_another_gives_others(tmp_path):
    folder = addressed(tmp_path/'d', 'ab')
    here = type_on(folder, 'Ann', 'a', 'one')
    ids = by_address(here)
    addressed(folder, 'xba')
    there = type_on(folder, 'Ann', 'b', 'two')
    here.refresh()
    assert by_address(here).items() >= ids.items() and by_address(there)['a'] != ids['a']
    for n, (store, k) in enumerate([(here, 'a'), (there, 'a'), (here, 'b'), (there, 'x'), (here, 'x'), (there, 'b')]):
        type_on(folder, 'Ann', k, f'{k} {n}', store)
        for o in here, there: o.refresh()
    want = {'x': 'x 4', 'b': 'b 5', 'a': 'a 1'}
    assert typed(folder, 'Ann', here) == typed(folder, 'Ann', there) == typed(folder, 'Ann') == want
    event = dict(op='text', page=by_address(there)['x'], id='e0', text='sent twice', session='tab', n=1)
    assert there.append(event) and not there.append(event) and not LabelStore(folder, 'Ann').append(event)
    assert not LabelStore(folder).problems and export_labels(folder).pages
    assert typed(folder, 'Ann') == want | {'x': 'sent twice'}


@pytest.mark.long
def test_clones_that_gave_an_id_to_two_pages_are_joined(tmp_path):
    one, other = addressed(tmp_path/'one', 'ab'), addressed(tmp_path/'other', 'ba')
    type_on(one, 'Ann', 'a', 'Ann on a')
    type_on(other, 'Ann', 'b', 'Ann on b')
    type_on(other, 'Bob', 'b', 'Bob on b')
    both = (one/'labels'/'Ann.jsonl').read_bytes() + (other/'labels'/'Ann.jsonl').read_bytes()
    for order in 'ab', 'ba', 'xab':
        folder = addressed(tmp_path/order, order)
        (folder/'labels').mkdir()
        (folder/'labels'/'Ann.jsonl').write_bytes(both)
        (folder/'labels'/'Bob.jsonl').write_bytes((other/'labels'/'Bob.jsonl').read_bytes())
        assert {k: typed(folder, 'Ann')[k] for k in 'ab'} == {'a': 'Ann on a', 'b': 'Ann on b'} and typed(folder, 'Bob')['a'] == 'hello a'
        export_labels(folder, ['Bob', 'Ann'])
        assert {p.url.split('/')[4]: p.regions[0].text for p in read_export(folder/'e.jsonl').pages} == {'a': 'Ann on a', 'b': 'Bob on b'} | ({'x': 'hello x'} if 'x' in order else {})


def test_the_file_counts_for_a_page_whose_id_was_another_s(tmp_path):
    folder = addressed(tmp_path/'d', 'ab')
    for k in 'ab': type_on(folder, 'Ann', k, f'Ann on {k}')
    addressed(folder, 'ba')
    export_labels(folder, theirs=[by_address(LabelStore(folder))['a']])
    assert typed(folder, 'Ann') == {'b': 'Ann on b', 'a': 'hello a'}
    type_on(folder, 'Ann', 'a', 'again')
    addressed(folder, 'ab')
    assert typed(folder, 'Ann') == {'a': 'again', 'b': 'Ann on b'}


def test_ids_that_records_say_go_to_other_pages_and_labels_do_not(tmp_path):
    folder = addressed(tmp_path/'d', 'ab', a={'page_id': 'one'}, b={'page_id': 'two'})
    for k in 'ab': type_on(folder, 'Ann', k, f'Ann on {k}')
    addressed(folder, 'ab', a={'page_id': 'two'}, b={'page_id': 'one'})
    assert typed(folder, 'Ann') == {'a': 'Ann on a', 'b': 'Ann on b'}


@pytest.mark.parametrize('url', ['https://new.example/iiif/a/full/default.jpg', 'HTTP://h/iiif/a/full/Default.jpg',
                                 'http://h/iiif/%61/full/default.jpg'])
def test_a_host_that_was_renamed_or_another_spelling_is_no_other_page(url, tmp_path):
    folder = tmp_path/'d'
    folder.mkdir()
    write_export([Page('http://h/iiif/a/full/default.jpg', (line('hello'),))], folder/'e.jsonl')
    (folder/'metadata.toml').write_text("url = ''\nfilename = 'e.jsonl'\nsha256 = ''\n")
    update_metadata(folder)
    LabelStore(folder, 'Ann').append(dict(op='text', page='default.jpg', id='e0', text='Ann'))
    write_export([Page(url, (line('hello'),))], folder/'e.jsonl')
    update_metadata(folder)
    assert not export_labels(folder, mine=['*']).conflicts
    assert [p.regions[0].text for p in read_export(folder/'e.jsonl').pages] == ['Ann']
