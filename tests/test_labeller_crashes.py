"""Kernels and servers are killed, tabs die and disks fill up while somebody labels: nothing that was shown as saved is ever lost.

`FSDL_CRASH_SEED=123` repeats a run, as far as other programs leave it the time; the seed is said at the end of each run."""
import json, os, random, signal, threading, time
from collections import Counter

import psutil, pytest
from playwright.sync_api import Error

from browser import wait_for, watched_page
from crashes import KEPT, Eye, Film, Puzzled, Stopped, Typist, one_key_later, same, shown
from labelling import Hand, mk_dataset

from fsdl_handwriting_data.core.journal import journal_name
from fsdl_handwriting_data.labelling.store import LabelStore

LABEL = "from fsdl_handwriting_data.labelling.labeller import label\nlabel({folder!r}, annotator='Ann', suggest=None)"  # anywhere, not only beside the notebook
UNSAVED = 6     # s until an edit that is not on the disk must be called unsaved
TYPING = 1      # s of typing that may be lost with the tab and all that the browser kept
INSTANT = .15   # s of it with the tab alone, if the browser kept all that it was given
BY_ITSELF = 8   # s until all is saved again when it can be


@pytest.fixture(scope='module')
def own_lab(new_lab):
    "A server that may be killed."
    return new_lab()


@pytest.fixture(scope='module')
def seed(note):
    res = int(os.environ.get('FSDL_CRASH_SEED') or time.time())
    note(f'crash tests: FSDL_CRASH_SEED={res}')
    return res


class Later:
    "Does something after `delay` seconds, in a thread of its own; `at` is the time when it was done."
    def __init__(self, delay, do):
        self.at, self.do, self.error = None, do, None
        self.timer = threading.Timer(delay, self._run)
        self.timer.daemon = True
        self.timer.start()

    def _run(self):
        at = time.time()
        try: self.do()
        except Exception as e: self.error = e
        self.at = at

    def done(self):
        if self.error: raise self.error
        return self.at is not None

    def wait(self): wait_for(self.done, 'what was to happen', 20)


class Rig:
    "A notebook with a labelling widget, a typist at it, and a film of it; `moments` are the kinds of misfortune."

    def __init__(self, lab, chromium, folder, name, seed, disk=None):
        self.lab, self.chromium, self.folder, self.disk, self.rng = lab, chromium, folder, disk, random.Random(f'{seed} {name}')
        self.path = folder/'labels'/journal_name('Ann')
        self.film, self.eye, self.faults, self.stats, self.kinds = Film(Eye(self.path)), Eye(self.path), [], Counter(), Counter()
        self.worst, self.context, self.problems, self.events, self.typist, self.had = Counter(), None, Counter(), 0, None, []
        self.name, where = f'{name}.ipynb', os.path.relpath(folder, lab.folder)
        self.new_context()
        self.nb = lab.open(self.page, self.name, [LABEL.format(folder=where)])
        self.run_cell()
        self.pages = self.hand.find('select option').evaluate_all('os => os.map(o => o.value)')
        self.typist.learn()

    # ---- the browser

    def new_context(self):
        if self.context: self.context.close()
        self.page = watched_page(self.chromium)
        self.seen, self.context = self.page.seen, self.page.context
        self.context.add_init_script(self.film.script)

    def new_tab(self):
        try: self.page = self.context.new_page()
        except Error: self.page = self.context.new_page()  # the process kept ready for it was killed too
        self.page.seen = self.seen
        self.page.on('dialog', lambda o: o.accept())

    def reopen(self, fresh):
        "What somebody does whose tab is gone: a new one, of the same browser unless `fresh`, and the notebook again."
        self.page.close()
        if fresh: self.new_context()
        else: self.new_tab()
        self.nb.page = self.page
        self.page.goto(f'{self.lab.url}/api')  # the same storage, and no widget
        self.had = self.kept()
        self.nb.goto()

    def renderers(self):
        "The processes of the tabs of our browser."
        res = []
        for p in psutil.Process().children(recursive=True):
            try: res += [p]*('--type=renderer' in p.cmdline())
            except psutil.Error: pass
        return res

    def run_cell(self):
        "Run the cell, and wait until the new widget shows its page."
        roots = {o.root for o in self.film.frames}
        self.nb.run_all()
        self.hand = Hand(self.page)
        try:
            self.wait(lambda: (f := self.film.last) and f.root not in roots
                      and self.page.locator('.fsdl-labeller image[href]').count(), 'the widget', 30)
        except TimeoutError as e:
            raise TimeoutError(f'{e}\nthe cell says {self.nb.text(0)[-1000:]!r}; the film ends with {self.film.frames[-3:]}') from None
        self.typist = Typist(self.hand, self.film, self.rng, count=self.typist.count if self.typist else 0)

    def wait(self, check, what, timeout=10):
        def asked():
            self.page.wait_for_timeout(10)
            return check()
        return wait_for(asked, what, timeout, every=.01)

    def kept(self):
        "The edits that this browser keeps and nobody has brought to the disk: their sessions and numbers."
        return [tuple(o) for o in self.page.evaluate(KEPT)]

    # ---- moments

    def moment(self, kind, *variant):
        "One misfortune of this kind at a random moment, what a user does about it, and what is there then."
        name = ' '.join([kind, *map(str, variant)])
        self.kinds[name] += 1
        self.label, began, faults = f'{name} (number {sum(self.kinds.values())} of {self.name})', time.monotonic(), len(self.faults)
        self.lies = len(self.film.lies)
        try:
            self.turn_page()
            self.begin = len(self.film.frames) - 1
            getattr(self, f'do_{kind}')(*variant)
        except (Puzzled, TimeoutError, Error, AssertionError) as e:
            self.fault(f'{type(e).__name__}: {str(e)[:1500]}')
        for f, on_disk in self.film.lies[self.lies:]: self.fault(f'said saved of {f.lines}, and on the disk was {on_disk}')
        if len(self.faults) > faults: self.rescue()
        print(f'{self.label}: {time.monotonic() - began:.1f} s', flush=True)

    def fault(self, what):
        self.faults.append(f'{self.label}: {what}')
        print('FAULT', self.faults[-1], flush=True)

    def rescue(self):
        "After a fault: all anew, and two other pages, so that the next moment is one of its own."
        self.pages = self.pages[2:] + self.pages[:2]
        if self.disk: self.disk.empty()
        if not self.lab.is_up: self.lab.restart()
        self.reopen(fresh=True)
        self.run_cell()
        self.go_to(self.pages[0])

    def go_to(self, id_):
        self.hand.open(id_)
        self.wait(lambda: self.film.last.page == id_, id_)
        self.typist.learn()

    def turn_page(self):
        "Now and then the other page; nothing is wrong yet."
        if self.rng.random() < .25: self.go_to(next(o for o in self.pages[:2] if o != self.hand.current))

    def work_until_unsaved(self, later, more):
        "Go on until the widget says so, then for `more` seconds."
        end = time.monotonic() + 20
        self.typist.work(lambda: later.done() and self.film.last.state == 'unsaved' or time.monotonic() > end)
        if self.film.last.state != 'unsaved':
            raise TimeoutError(f'20 s of work, and the widget never said that it is not saved: {self.film.last.state}, {self.film.last.why}')
        if 'NOT SAVED' not in self.film.last.why: self.fault(f'the widget says {self.film.last.why!r}')
        self.note_unsaved(later.at)
        end = time.monotonic() + more
        self.typist.work(lambda: time.monotonic() > end)

    def note_unsaved(self, since):
        "How long an edit that could not be saved was not called unsaved."
        frames = self.film.frames[self.begin:]
        last = max((i for i, f in enumerate(frames) if f.state == 'saved'), default=0)
        rest = [f for f in frames[last + 1:] if f.state != 'saved']
        start, end = max(since, rest[0].at), next(f.at for f in rest if f.state == 'unsaved')
        self.stats['times to unsaved'] += 1
        self.worst['unsaved'] = max(self.worst['unsaved'], end - start)
        if end - start > UNSAVED: self.fault(f'an edit was not saved for {end - start:.1f} s and not called so')

    def do_kernel(self, seen):
        pid = self.lab.kernel(self.name).pid
        later = Later(self.rng.uniform(.05, 1.5), lambda: os.kill(pid, signal.SIGKILL))
        if seen == 'seen': self.work_until_unsaved(later, self.rng.uniform(0, .6))
        else:
            more = self.rng.uniform(0, .6)
            self.typist.work(lambda: later.done() and time.time() > later.at + more)
        self.nb.wait_back(pid)
        self.run_cell()
        self.compare()

    def do_server(self, which):
        procs = self.lab.kernels() if which == 'and kernel' else []
        def kill():
            self.lab.server.kill()
            for p in procs: p.kill()
        later = Later(self.rng.uniform(.05, 1.5), kill)
        self.work_until_unsaved(later, self.rng.uniform(0, .6))
        self.lab.restart()
        self.nb.reload()
        self.run_cell()
        self.compare()

    def lose_tab(self, how):
        "The tab is closed or its process dies while somebody types; returns when."
        due, self.lost = time.monotonic() + self.rng.uniform(.05, 2), self.typist
        procs = self.renderers()
        later = Later(due - time.monotonic(), lambda: [p.kill() for p in procs]) if how == 'crash' else None
        self.typist.end = lambda: not later and time.monotonic() > due or later and later.done()
        try: self.typist.work(lambda: False)
        except Stopped: pass
        except Error as e:
            if not later or not ('crash' in str(e).lower() or 'closed' in str(e).lower()): raise
        except TimeoutError: pass  # the page was gone
        if later: later.wait()
        return later.at if later else time.time()

    def do_tab(self, how, browser):
        at, page = self.lose_tab(how), self.film.last.page
        self.reopen(fresh=browser == 'another browser')
        self.run_cell()
        if browser == 'another browser' and self.film.last.page != page:
            self.go_to(page)  # a page that was only looked at is known to the other browser alone
        self.compare(lost_at=at, allowed=TYPING if browser == 'another browser' else INSTANT)

    def fill(self):
        "The disk is full at a random moment; returns when people have seen it."
        later = Later(self.rng.uniform(.05, 1.5), self.disk.fill)
        self.work_until_unsaved(later, self.rng.uniform(0, .6))
        if not any(o in self.film.last.why for o in ('No space left', 'disk full')):
            self.fault(f'no word of a full disk: {self.film.last.why!r}')

    def do_disk(self):
        self.fill()
        self.page.wait_for_timeout(self.rng.randint(0, 600))
        self.disk.empty()
        began = time.time()
        self.saved_by_itself(began)
        self.compare()

    def saved_by_itself(self, began):
        self.wait(lambda: self.film.last.state == 'saved', f'all saved by itself ({self.film.last.why!r})', BY_ITSELF)
        self.worst['saved by itself'] = max(self.worst['saved by itself'], time.time() - began)

    def do_disk_and_kernel(self, freed):
        self.fill()
        pid = self.lab.kill_kernel(self.name)
        end = time.monotonic() + self.rng.uniform(0, 1)
        self.typist.work(lambda: time.monotonic() > end)
        if freed == 'freed before': self.disk.empty()
        self.nb.wait_back(pid)
        self.run_cell()
        if freed != 'freed before': self.still_full()
        self.compare()

    def do_disk_and_tab(self, how, freed):
        self.fill()
        at = self.lose_tab(how)
        if freed == 'freed before': self.disk.empty()
        self.reopen(fresh=False)
        self.run_cell()
        if freed != 'freed before': self.still_full()
        self.compare(lost_at=at, allowed=INSTANT)

    def still_full(self):
        "The cell was run while the disk is full: what the browser has kept must be called unsaved, and be saved when there is space."
        try: self.wait(lambda: self.film.last.state == 'unsaved' and 'NOT SAVED' in self.film.last.why, '', UNSAVED)
        except TimeoutError:
            self.fault(f'the browser keeps what is not on the disk (of {len(self.kept())} sessions), and the widget says {self.film.last.state}: {self.film.last.why!r}')
        self.disk.empty()
        try: self.saved_by_itself(time.time())
        except TimeoutError as e:
            self.fault(str(e))
            self.run_cell()

    def do_kernel_and_tab(self, how):
        proc = self.lab.kernel(self.name)
        later = Later(self.rng.uniform(.05, 1.5), proc.kill)
        at = self.lose_tab(how)
        later.wait()
        self.reopen(fresh=False)
        self.nb.wait_back(proc.pid)
        self.run_cell()
        self.compare(lost_at=at, allowed=INSTANT)

    # ---- what is there then

    def compare(self, lost_at=None, allowed=0):
        "The disk, the widget and the film: what was shown as saved, and what was done since, is there."
        roots = list(dict.fromkeys(f.root for f in self.film.frames[self.begin:]))
        frames = [f for f in self.film.frames[self.begin:] if f.root == roots[0] and f.page and not f.busy]
        page, steps = frames[-1].page, []
        for f in frames:
            if not steps or not same(steps[-1][0].lines, f.lines): steps.append([f, False])
            steps[-1][1] |= f.state == 'saved'
        committed = max((i for i, o in enumerate(steps) if o[1]), default=0)
        on_disk = lambda: self.eye.look(again=True).page(page)
        is_there = lambda: (f := self.film.last).state == 'saved' and not self.kept() and same(f.lines, on_disk()) and (lost_at or same(f.lines, steps[-1][0].lines))
        try: self.wait(is_there, 'everything saved', BY_ITSELF)
        except TimeoutError: self.fault(f'not saved: {self.film.last.state}, {self.film.last.why!r}; the browser keeps {self.kept()}')
        disk = on_disk()
        found = max((i for i, (f, _) in enumerate(steps) if same(f.lines, disk)), default=-1)
        last = steps[-1][0].lines
        went_on = lost_at and any(same(last, self.eye.page(page, back)) for back in (1, 2))  # what was shown last was on the disk, and something came after it
        if lost_at and found < len(steps) - 1 and (found < 0 and (went_on or one_key_later(last, disk)) or went_on and self.undone(disk)):
            self.stats['saved but not filmed'] += 1  # the tab died between the sending of its last edit and the film of it
            found = len(steps) - 1
        self.stats['committed edits'] += committed
        self.stats['edits'] += len(steps) - 1
        if found < committed:
            self.stats['committed edits lost'] += committed - max(found, 0)
            self.fault(f'{committed - found} edits of {committed} that were shown as saved are not on the disk: {disk}, shown was {steps[committed][0].lines}')
        if missing := [o for o in self.had if o not in self.eye.seen]:
            self.fault(f'the browser had kept {len(missing)} edits that are not on the disk: {missing[:5]}')
        if found < len(steps) - 1:
            first = steps[found + 1][0]
            seconds = (lost_at or time.time()) - first.at
            chars = sum(len(o) for o in steps[-1][0].texts) - sum(len(o[1]) for o in disk)
            key = f'lost with {"the browser" if allowed == TYPING else "the tab"}'
            self.stats[key] += 1
            self.worst[key], self.worst[f'{key}: characters'] = max(self.worst[key], seconds), max(self.worst[f'{key}: characters'], chars)
            forgotten = allowed == INSTANT and [o for o in steps[-1][0].kept if o not in self.had
                                                and o not in self.eye.seen]  # the page had them in its storage, and the browser has not
            self.stats['lost by the browser itself'] += bool(forgotten)
            if seconds > (TYPING if forgotten else allowed):
                self.fault(f'the last {seconds:.2f} s before the crash were lost, {len(steps) - 1 - found} steps: {steps[-1][0].texts}, on the disk is {[o[1] for o in disk]}')
        if not same(self.film.last.lines, disk): self.fault(f'the widget shows {self.film.last.lines}, on the disk is {disk}')
        self.check_journal(page, disk)
        self.typist.learn()

    def undone(self, disk):
        "Was an undo the last thing done in the tab that is gone, and is that what the disk has? It leads back to lines that were shown before."
        return self.lost.last_name == 'undo' and self.lost.expected() == [o[1] for o in disk]

    def check_journal(self, page, disk):
        "The store reads what we read, and nothing is there twice."
        if not self.path.exists(): return  # nothing was done yet
        store = LabelStore(self.folder, 'Ann')
        read = [shown(json.loads(json.dumps(dict(id=r.id, text=r.text, mark=r.mark, points=r.points)))) for r in store.page(page).regions]
        if not same(read, disk): self.fault(f'the store reads {read}, not {disk}')
        keys, lines = Counter(), Counter()
        for raw in self.path.read_bytes().split(b'\n'):
            if not raw.strip(): continue
            lines[raw] += 1
            try: e = json.loads(raw)
            except ValueError: continue
            if 'session' in e: keys[e['session'], e['n']] += 1
        if twice := [k for k, n in (keys + lines).items() if n > 1]:
            self.fault(f'{len(twice)} things are in the journal twice: {twice[:3]}')
        self.problems, self.events = Counter(o.kind for o in store.problems), sum(keys.values())

    def close(self):
        self.context.close()
        self.film.close()

    def report(self, note, began):
        "Say how long it took, and fail if something was lost."
        kinds = ', '.join(f'{v} {k}' for k, v in sorted(self.kinds.items()))
        note(f'{self.name}: {kinds}: {time.monotonic() - began:.0f} s; {self.events} events in the journal, problems: {dict(self.problems) or "none"}; {len(self.faults)} faults')
        assert not self.faults, '\n'.join(self.faults)


@pytest.fixture(scope='module')
def all_rigs(note):
    "Says what all moments together came to."
    res = []
    yield res
    kinds, stats = sum((o.kinds for o in res), Counter()), sum((o.stats for o in res), Counter())
    worst = {k: max(o.worst[k] for o in res) for o in res for k in o.worst}
    note(f'crash tests together: {sum(kinds.values())} moments: {", ".join(f"{v} {k}" for k, v in sorted(kinds.items()))}')
    note(f'crash tests together: {stats["committed edits"]} of {stats["edits"]} edits were shown as saved and checked, {stats["committed edits lost"]} of them lost; '
         f'"saved" was compared with the disk {sum(o.film.checked for o in res)} times and was wrong {sum(len(o.film.lies) for o in res)} times; '
         f'longest until "unsaved" {worst.get("unsaved", 0):.1f} s, until saved by itself {worst.get("saved by itself", 0):.1f} s; '
         f'typing lost with the tab: {stats["lost with the tab"]} times, at most {worst.get("lost with the tab", 0):.2f} s and {worst.get("lost with the tab: characters", 0)} characters; '
         f'with tab and browser: {stats["lost with the browser"]} times, at most {worst.get("lost with the browser", 0):.2f} s and {worst.get("lost with the browser: characters", 0)} characters; '
         f'{stats["lost by the browser itself"]} times the browser had not kept what the page had put into its storage; '
         f'journals: {sum(o.events for o in res)} events, {sum(sum(o.problems.values()) for o in res)} problems; {sum(len(o.faults) for o in res)} faults')


@pytest.fixture
def rig(own_lab, chromium, request, seed, all_rigs):
    "Makes a `Rig` for a new dataset, on `disk` if it is given."
    made = []
    def mk(name, disk=None):
        folder = mk_dataset((disk.path if disk else own_lab.folder)/f'data_{name}', 10)
        made.append(Rig(own_lab, chromium, folder, name, seed, disk))
        all_rigs.append(made[-1])
        return made[-1]
    yield mk
    for o in made: o.close()


def run(rig, note, plan):
    "Go through the moments of `plan` in random order."
    began = time.monotonic()
    rig.rng.shuffle(plan)
    for o in plan: rig.moment(*o)
    rig.report(note, began)


KERNEL = [('kernel', 'seen'), ('kernel', 'at once')]
SERVER = [('server', 'alone'), ('server', 'and kernel')]
TAB = [('tab', how, browser) for how in ('crash', 'close') for browser in ('same browser', 'another browser')]
DISK = [('disk',)]
BOTH = [(kind, *how, o) for kind, *how in (('disk_and_kernel',), ('disk_and_tab', 'crash')) for o in ('freed before', 'freed later')]
GONE = [('kernel_and_tab', 'crash'), ('kernel_and_tab', 'close')]


@pytest.mark.long
def test_kernels_are_killed(rig, note): run(rig('kernels'), note, KERNEL[:1]*12 + KERNEL[1:]*60)
@pytest.mark.long
def test_servers_are_killed(rig, note): run(rig('servers'), note, SERVER*6)
@pytest.mark.long
def test_tabs_are_lost(rig, note): run(rig('tabs'), note, TAB[:2]*17 + TAB[2:]*8 + GONE*5)
@pytest.mark.long
def test_the_disk_is_full(rig, note, tiny_disk): run(rig('disks', tiny_disk('10m')), note, DISK*36)
@pytest.mark.long
def test_the_disk_is_full_and_more(rig, note, tiny_disk): run(rig('both', tiny_disk('10m')), note, BOTH*5)
