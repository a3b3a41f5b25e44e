"""What the crash tests of the labelling widget stand on: a film of what the widget shows, an eye on the journal, and a typist with a memory.

The film is taken inside the page: whenever what the widget shows changes, the page tells it to this process and waits for the answer,
before it does anything else. So no frame is lost when the tab dies, and at the very moment that the widget says "saved" this process
looks at what is on the disk. Neither film nor eye uses the code under test.
"""
import json, threading, time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from browser import wait_for
from labelling import Hand

EMPTY = '\u25cb no transcript'
MARKED = '\u2717 illegible'

# The edits that wait in the browser's storage: [session, number]
KEPT = r"""() => Object.entries(localStorage).filter(([k, v]) => k.startsWith('fsdl:') && v.startsWith('['))
  .flatMap(([k, v]) => JSON.parse(v).map(o => [k.split(':').at(-1), o.n]))"""

FILM = r"""
(() => {
  const kept = KEPT
  const roots = new Map()
  let made = 0
  window.__dialogs = 0
  const look = el => ({
    state: el.querySelector('.saved').dataset.state, why: `${el.querySelector('.saved').textContent} ${el.querySelector('.why').textContent}`, page: el.querySelector('select').value,
    busy: el.querySelector('.stage').hasAttribute('aria-busy'), width: +el.querySelector('image').getAttribute('width'), height: +el.querySelector('image').getAttribute('height'),
    lines: [...el.querySelectorAll('.row')].map(row => {
      const shape = el.querySelector(`.shapes [data-id="${row.dataset.id}"] polygon`)
      return [row.dataset.id, row.querySelector('span').textContent, shape ? shape.getAttribute('points') : '']
    }),
  })
  const tell = () => {
    const boxes = document.querySelectorAll('.jp-Dialog:not([data-seen])')
    for (const o of boxes) { o.dataset.seen = 'yes'; window.__dialogs++; setTimeout(() => [...o.querySelectorAll('.jp-Dialog-button')].at(-1)?.click(), 0) }
    for (const el of document.querySelectorAll('.fsdl-labeller')) {
      if (!roots.has(el)) roots.set(el, {id: `${performance.timeOrigin} ${++made}`})
      const root = roots.get(el), frame = look(el), text = JSON.stringify(frame)
      if (root.text === text) continue
      root.text = text
      const ask = new XMLHttpRequest()
      ask.open('POST', 'URL', false)
      try { ask.send(JSON.stringify({...frame, root: root.id, kept: kept()})) } catch (e) { console.error(`no film: ${e}`) }
    }
  }
  new MutationObserver(tell).observe(document, {subtree: true, childList: true, characterData: true, attributes: true,
    attributeFilter: ['data-state', 'points', 'aria-busy', 'class', 'href']})
})()
"""


@dataclass
class Frame:
    "What the widget showed from the moment `at` on."
    at: float
    root: str
    state: str
    why: str
    page: str
    busy: bool
    lines: tuple
    kept: list = field(default_factory=list)  # what the storage of the page's browser had: (session, number)

    @property
    def content(self): return self.page, self.lines
    @property
    def texts(self): return [o[1] for o in self.lines]


def fractions(points, width, height):
    "Points of an SVG as fractions of the page, so rounded that what the widget and the journal have can be compared."
    return tuple(tuple(round(float(v)/k, 5) for v, k in zip(p.split(','), (width, height))) for p in points.split())


def shown(region):
    "How the widget shows a region of the journal: id, text in the list, corners."
    text = f'{MARKED}: {region["text"]}'.removesuffix(': ') if region.get('mark') else region['text'] if region['text'].strip() else EMPTY
    return region['id'], text, tuple(tuple(round(v, 5) for v in p) for p in region['points'])


def same(a, b):
    "Are two lists of lines the same, but for the rounding of numbers?"
    close = lambda p, q: len(p) == len(q) and all(abs(u - v) < 2.1e-5 for o, w in zip(p, q) for u, v in zip(o, w))
    return len(a) == len(b) and all(x[:2] == y[:2] and close(x[2], y[2]) for x, y in zip(a, b))


def one_key_later(a, b):
    "Is `b` what `a` is after one more key in a transcript?"
    texts = [(x[1].replace(EMPTY, ''), y[1].replace(EMPTY, '')) for x, y in zip(a, b) if x[1] != y[1]]
    if len(texts) != 1 or not same([(o[0], '', o[2]) for o in a], [(o[0], '', o[2]) for o in b]): return False
    short, long = sorted(texts[0], key=len)
    return long[:-1] == short


NOTHING = dict(text='', mark='')  # what a line has that says nothing of it


class Eye:
    "What a journal says, read by a reader of its own: page → lines as the widget should show them."

    def __init__(self, path):
        self.path = Path(path)
        self._forget()

    def _forget(self): self.offset, self.pages, self.seen, self.steps = 0, {}, set(), {}

    def look(self, again=False):
        "Read what was added; from the beginning if something was cut off."
        if not self.path.exists(): return self
        if again or self.path.stat().st_size < self.offset: self._forget()
        with self.path.open('rb') as f:
            f.seek(self.offset)
            data = f.read()
        data = data[:data.rfind(b'\n') + 1]
        for raw in data.split(b'\n'):
            if not raw.strip(): continue
            try: event = json.loads(raw)
            except ValueError:
                if self.offset and not again: return self.look(again=True)  # cut off and written anew meanwhile
                continue  # torn
            self._apply(event)
        self.offset += len(data)
        return self

    def _apply(self, e):
        if 'page' not in e or (e['session'], e['n']) in self.seen: return
        self.seen.add((e['session'], e['n']))
        self._change(e)
        self.steps.setdefault(e['page'], [[]]).append(self.pages[e['page']])

    def _change(self, e):
        if e['op'] == 'seed': return self.pages.setdefault(e['page'], list(e['regions']))
        lines = self.pages.setdefault(e['page'], [])
        if e['op'] == 'put': self._put(e['page'], e['region'], e)
        elif e['op'] == 'back':
            if e['region']['id'] not in [o['id'] for o in lines]: self._put(e['page'], e['region'], e)
        elif e['op'] == 'set':  # a field counts if it is as its window saw it
            for line in [o for o in lines if o['id'] == e['id']]:
                fits = {k: v for k, v in e.get('to', {}).items() if line.get(k, NOTHING.get(k)) == e.get('was', {}).get(k, NOTHING.get(k))}
                self._put(e['page'], line | fits, e)
        elif e['op'] == 'text': self.pages[e['page']] = [o | {'text': e['text']} if o['id'] == e['id'] else o for o in lines]
        elif e['op'] == 'delete': self.pages[e['page']] = [o for o in lines if o['id'] != e['id']]

    def _put(self, page, region, e):
        lines = self.pages[page]
        old = next((i for i, o in enumerate(lines) if o['id'] == region['id']), None)
        rest = [o for o in lines if o['id'] != region['id']]
        ids = [o['id'] for o in rest]
        at = len(rest) if old is None else old
        if 'after' in e and e['after'] is None: at = 0
        elif e.get('after') in ids: at = ids.index(e['after']) + 1
        self.pages[page] = [*rest[:at], region, *rest[at:]]

    def page(self, id_, back=0):
        "The lines of a page, `back` events ago."
        steps = self.steps.get(id_, [[]])
        return [shown(o) for o in steps[max(0, len(steps) - 1 - back)]]


class Film:
    "Takes down what the widgets of a page show; `lies` are the frames that said saved of something that was not on the disk."

    def __init__(self, eye=None):
        self.frames, self.lies, self.eye, self.checked = [], [], eye, 0
        film = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = 'HTTP/1.1'
            disable_nagle_algorithm = True
            def do_POST(self):
                film._take(json.loads(self.rfile.read(int(self.headers['Content-Length']))))
                self.send_response(200)
                for o in ('Access-Control-Allow-Origin', '*'), ('Content-Length', '0'): self.send_header(*o)
                self.end_headers()
            def log_message(self, *args): pass

        self.server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self.server.daemon_threads = True
        self.mutex = threading.Lock()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def script(self): return FILM.replace('KEPT', KEPT).replace('URL', f'http://127.0.0.1:{self.server.server_port}/')

    def _take(self, o):
        with self.mutex:
            lines = tuple((id_, text, fractions(points, o['width'] or 1, o['height'] or 1)) for id_, text, points in o['lines'])
            f = Frame(time.time(), o['root'], o['state'], o['why'], o['page'], o['busy'], lines, [tuple(i) for i in o['kept']])
            self.frames.append(f)
            if not self.eye or f.state != 'saved' or not f.page or f.busy: return
            self.checked += 1
            if not same(on_disk := self.eye.look().page(f.page), f.lines): self.lies.append((f, on_disk))

    @property
    def last(self):
        "What the widget of a page shows now; None before there is one."
        return next((o for o in reversed(self.frames) if o.page and not o.busy), None)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Stopped(Exception): "The tab is to be closed now."


class Puzzled(Exception): "The widget does not show what was done."


WORDS = 'dear sir thank you for the pump letter of may seventh we have sent it by rail größe café a l’heure yours truly'.split()
SLOTS = [.05 + .065*i for i in range(14)]


@dataclass
class Typist:
    "Works at the widget at random, as fast as people do, and knows what the page has to show then."
    hand: Hand
    film: Film
    rng: object
    lines: dict = field(default_factory=dict)   # slot of the page → (text, is it marked)
    past: list = field(default_factory=list)    # `lines` before each step of the history
    end: object = lambda: False                 # asked between keys: is it time to stop?
    count: int = 0
    last_name: str = ''
    moved: list = field(default_factory=list)   # lines that are not where the hand drew them

    # ---- what has to be shown

    def expected(self):
        show = lambda text, mark: f'{MARKED}: {text}'.removesuffix(': ') if mark else text or EMPTY
        return [show(*self.lines[k]) for k in sorted(self.lines)]

    def learn(self):
        "Take what is shown now for granted: after a crash there is no history, and somebody else checks what was lost."
        self.past, self.lines, self.moved = [], {}, []
        for _, text, points in self.film.last.lines:
            slot = min(range(len(SLOTS)), key=lambda i: abs(SLOTS[i] - points[0][1]))
            mark = text.startswith(MARKED)
            self.lines[slot] = text.removeprefix(MARKED).removeprefix(': ') if mark else '' if text == EMPTY else text, mark
        return self

    def check(self, dialogs, timeout=3):
        "What is shown is what was done, unless a dialog came between."
        end = time.monotonic() + timeout
        while self.film.last.texts != self.expected() and not self.moved and time.monotonic() < end: self.hand.page.wait_for_timeout(10)
        f, want = self.film.last, self.expected()
        if self.dialogs() > dialogs: self.learn()  # which took some keys
        elif self.moved:
            moved, = self.moved
            self.learn()
            raise Puzzled(f'the picture moved under the hand: {moved} ({f.state}: {f.why})')
        elif f.texts != want:
            got = f.texts
            self.learn()
            raise Puzzled(f'after {self.last_name}: {want} was to be shown, not {got} ({f.state}: {f.why})')

    # ---- doing

    def key(self, key):
        if self.end(): raise Stopped
        self.hand.page.keyboard.press(key)

    def type(self, text):
        for c in text:
            if self.end(): raise Stopped
            self.hand.page.keyboard.type(c)
            self.hand.page.wait_for_timeout(self.rng.randint(15, 55))

    def words(self):
        self.count += 1
        return ' '.join(self.rng.choices(WORDS, k=self.rng.randint(1, 4)) + [str(self.count)])

    def remember(self, slot, *line):
        "One step of the history: the line at `slot` is (text, mark) now, or gone."
        self.past.append(dict(self.lines))
        self.lines = {k: v for k, v in self.lines.items() if k != slot} | ({slot: line} if line else {})

    def choose(self, slot, text=True):
        "Select a line, with the focus in its transcript or on the picture."
        self.hand.find('.row').nth(sorted(self.lines).index(slot)).click(timeout=5000)
        if not text: self.key('Escape')

    def dialogs(self): return self.hand.page.evaluate('() => window.__dialogs')

    def focus(self):
        return self.hand.page.evaluate("() => document.activeElement.closest('.fsdl-labeller') ? document.activeElement.className : ''")

    def act(self):
        "One thing of those that people do."
        self.hand.page.wait_for_function("() => !document.querySelector('.jp-Dialog')")
        n, dialogs = len(self.lines), self.dialogs()
        weights = dict(draw=6 if n < 9 else 2 if n < len(SLOTS) else 0, edit=4*(n > 0), delete=(1 if n < 9 else 5)*(n > 1), mark=1*(n > 0),
                       nudge=2*(n > 0)*(self.last_name != 'nudge'), undo=2*bool(self.past))
        self.last_name, = self.rng.choices(list(weights), list(weights.values()))
        getattr(self, f'do_{self.last_name}')()
        self.check(dialogs)

    def do_draw(self):
        slot = self.rng.choice([i for i in range(len(SLOTS)) if i not in self.lines])
        y, n, ids = SLOTS[slot], len(self.lines), {o[0] for o in self.film.last.lines}
        if self.end(): raise Stopped
        self.hand.drag((.12, y), (.88, y + .04))
        self.remember(slot, '', False)
        try: wait_for(lambda: self.hand.page.wait_for_timeout(5) or len(self.film.last.lines) == n + 1, 'a new line', 2)
        except TimeoutError: return
        if new := [o[2] for o in self.film.last.lines if o[0] not in ids]:
            if abs(new[0][0][1] - y) + abs(new[0][2][1] - y - .04) > .01:
                self.moved.append(f'drawn from {y:.3f} to {y + .04:.3f}, the line is from {new[0][0][1]:.3f} to {new[0][2][1]:.3f}')
        if 'transcript' not in self.focus(): return  # a dialog has it: what is typed now would go elsewhere
        text = self.words()
        self.remember(slot, text, False)
        self.type(text)
        if self.rng.random() < .6: self.key('Enter')

    def do_edit(self):
        slot = self.rng.choice(list(self.lines))
        old, mark = self.lines[slot]
        self.choose(slot)
        cut, text = self.rng.randint(0, min(4, len(old))), f' {self.words()}' if old else self.words()
        if len(old) > 60: cut = len(old) - 10
        if 'transcript' not in self.focus(): return
        self.key('End')
        self.remember(slot, old[:len(old) - cut] + text, mark)
        for _ in range(cut): self.key('Backspace')
        self.type(text)
        if self.rng.random() < .5: self.key('Enter')

    def do_delete(self):
        slot = self.rng.choice(list(self.lines))
        self.choose(slot, text=False)
        if 'stage' not in self.focus(): return
        self.remember(slot)
        self.key('Delete')

    def do_mark(self):
        slot = self.rng.choice(list(self.lines))
        text, mark = self.lines[slot]
        self.choose(slot)
        if 'transcript' not in self.focus(): return
        self.remember(slot, text, not mark)
        self.key('Alt+i')

    def do_nudge(self):
        slot = self.rng.choice(list(self.lines))
        self.choose(slot, text=False)
        if 'stage' not in self.focus(): return
        self.remember(slot, *self.lines[slot])
        self.key(self.rng.choice(['ArrowLeft', 'ArrowRight', 'Control+ArrowRight', 'Control+ArrowLeft']))

    def do_undo(self):
        self.hand.stage.focus()  # ends the typing
        if 'stage' not in self.focus(): return
        self.lines = self.past.pop()
        self.key('Control+z')

    def work(self, until):
        "Go on until `until()` is true, at the end of what is being done."
        while not until(): self.act()
