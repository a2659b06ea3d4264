# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import contextlib
import fcntl
import io
import os
import pty
import re
import struct
import termios
import threading
from collections.abc import Sequence

import fixtures

from osc_hwmt.commands import base as base_commands
from osc_hwmt.commands.waiting import JournaledWriter, LiveLines
from osc_hwmt.destination.apply import Result, Written
from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import Set
from osc_hwmt.destination.refusals import Refusal, Refused
from osc_hwmt.destination.wait import Round
from osc_hwmt.exceptions import CloudError
from osc_hwmt.journal.file import Journal
from osc_hwmt.local import locks
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC
from tests.unit.support.shell import Terminal

KEY = 'hw_machine_type'
WEB_LINE = f'web: set; {KEY} - -> {PC} on volume volume-1'


def _set(name: str = 'web', state: WriteResult = WriteResult.DONE) -> Result:
    step = Set(
        fakes.entry(name),
        Match(fakes.volume(), Rule.NAME, None),
        (Change(KEY, None, PC),),
    )
    return Result(step, Written(step.write, state, 'HTTP 500'))


def _missing(name: str = 'db') -> Result:
    return _refused(name, Refusal.VOLUME_NOT_FOUND)


def _refused(
    name: str = 'crm', refusal: Refusal = Refusal.VOLUME_AMBIGUOUS
) -> Result:
    return Result(Refused(fakes.entry(name), refusal, 'two', 'say which'))


def _round(*results: Result, fresh: Sequence[Result] = ()) -> Round:
    return Round((*results, *fresh), tuple(fresh))


class Screen:
    """What a terminal shows of the text that was written to it.

    It knows of the codes that are used here, and of no others.
    """

    def __init__(self, text: str) -> None:
        self.lines = ['']
        row, column = 0, 0
        for part in re.findall(r'\x1b\[\d*[A-Z]|[^\x1b]', text):
            if part == '\r':
                column = 0
            elif part == '\n':
                row, column = row + 1, 0
                if row == len(self.lines):
                    self.lines.append('')
            elif part == '\x1b[J':
                self.lines[row:] = [self.lines[row][:column]]
            elif part.startswith('\x1b'):
                row -= int(part[2:-1])
            else:
                line = self.lines[row].ljust(column)
                self.lines[row] = line[:column] + part + line[column + 1 :]
                column += 1


class SaidTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('time.strftime', lambda _form: '20:31:07')

    def shown(self, terminal: io.StringIO) -> list[str]:
        return Screen(terminal.getvalue()).lines


class TerminalTest(SaidTestCase):
    def test_it_shows_how_all_stands_below_the_lines_of_writes(self) -> None:
        terminal = Terminal()
        said = LiveLines(terminal)
        said(_round(_missing(), fresh=[_set()]))
        self.assertEqual(
            [
                WEB_LINE,
                'Looked at 20:31:07:',
                '      1  not there yet            db',
                '      1  set                      web',
                '',
            ],
            self.shown(terminal),
        )

    def test_the_next_round_takes_its_place(self) -> None:
        terminal = Terminal()
        said = LiveLines(terminal)
        said(_round(_missing(), _missing('web')))
        said(_round(_missing(), fresh=[_set()]))
        said(_round(fresh=[_set()]))
        shown = self.shown(terminal)
        self.assertEqual(1, shown.count('Looked at 20:31:07:'), shown)
        self.assertEqual(WEB_LINE, shown[0])
        self.assertFalse(any('not there yet' in line for line in shown), shown)

    def test_it_is_gone_in_the_end(self) -> None:
        terminal = Terminal()
        said = LiveLines(terminal)
        said(_round(_missing(), fresh=[_set()]))
        said.end()
        self.assertEqual([WEB_LINE, ''], self.shown(terminal))
        before = terminal.getvalue()
        said.end()
        self.assertEqual(before, terminal.getvalue(), 'nothing is there')

    def test_a_key_that_was_typed_goes_with_it(self) -> None:
        terminal = Terminal()
        said = LiveLines(terminal)
        said(_round(_missing(), fresh=[_set()]))
        terminal.write('^C')
        said.end()
        self.assertEqual([WEB_LINE, ''], self.shown(terminal))

    def test_what_others_tell_takes_its_place(self) -> None:
        terminal = Terminal()
        said = LiveLines(terminal)
        said(_round(_missing()))
        said.tell('waiting for it')
        self.assertEqual(['waiting for it', ''], self.shown(terminal))

    def test_a_terminal_that_was_closed_stops_nothing(self) -> None:
        class Closed(Terminal):
            def write(self, _text: str) -> int:
                raise OSError(5, 'Input/output error')

        said = LiveLines(Closed())
        said(_round(fresh=[_set()]))
        said.end()


class WidthTest(SaidTestCase):
    """A line that is too long would take two, and one of them would stay."""

    def drawn(self, columns: int | None, *names: str) -> list[str]:
        """Return the table on a pseudo-terminal of that width."""
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        with open(slave, 'w', encoding='utf-8') as terminal:
            if columns is not None:
                size = struct.pack('HHHH', 24, columns, 0, 0)
                fcntl.ioctl(slave, termios.TIOCSWINSZ, size)
            LiveLines(terminal)(_round(*map(_missing, names)))
        shown = b''
        # Until the error that tells of the terminal's end.
        with contextlib.suppress(OSError):
            while True:
                shown += os.read(master, 1024)
        return shown.decode().splitlines()

    def test_no_line_reaches_the_margin(self) -> None:
        names = [f'server-{n:02}' for n in range(30)]
        for columns in (1, 20, 40, 200):
            lines = self.drawn(columns, *names)
            self.assertEqual(2, len(lines))
            self.assertGreaterEqual(columns - 1, max(map(len, lines)))
        self.assertIn('and 20 more', lines[1])

    def test_some_characters_take_two_cells(self) -> None:
        (_title, line) = self.drawn(50, *['サーバー'] * 10)
        self.assertEqual('サーバー, サー', line[34:])

    def test_a_terminal_that_does_not_know_is_taken_to_be_of_80(self) -> None:
        (_title, line) = self.drawn(None, *['server'] * 10)
        self.assertEqual(79, len(line))


class NewsTest(SaidTestCase):
    def test_elsewhere_there_are_lines_alone(self) -> None:
        stream = io.StringIO()
        said = LiveLines(stream)
        said(_round(_missing(), fresh=[_set()]))
        said.end()
        self.assertEqual(f'{WEB_LINE}\n', stream.getvalue())

    def test_without_a_stream_nothing_is_said(self) -> None:
        said = LiveLines(None)
        said(_round(_missing(), fresh=[_set()]))
        said.end()

    def test_what_time_does_not_mend_is_told_once(self) -> None:
        stream = io.StringIO()
        said = LiveLines(stream)
        for _round_number in range(3):
            said(
                _round(_missing(), _refused(), _set('web', WriteResult.FAILED))
            )
        self.assertEqual(
            ['crm: refused; two; say which', 'web: failed; HTTP 500'],
            stream.getvalue().splitlines(),
        )

    def test_a_cloud_that_does_not_answer_is_told(self) -> None:
        stream = io.StringIO()
        away = CloudError('cloud dst: away', 503, transient=True)
        LiveLines(stream)(Round((), trouble=away))
        self.assertEqual(
            'cloud dst: away (HTTP 503); looking again\n', stream.getvalue()
        )


class PenTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        runtime = fixtures.EnvironmentVariable(
            'XDG_RUNTIME_DIR', str(self.directory())
        )
        self.useFixture(runtime)
        self.path = str(self.directory() / 'x.journal')
        self.cloud = fakes.FakeCloud()
        self.cloud.block_storage.held['volume-1'] = fakes.volume()
        self.told: list[str] = []
        self.opened = 0
        self.pen = JournaledWriter(self.cloud, 1, self._open, self.told.append)
        self.addCleanup(self.pen.end)

    def _open(self) -> Journal:
        self.opened += 1
        return Journal(self.path, fakes.header())

    def write(self) -> WriteResult:
        step = _set().step
        assert isinstance(step, Set)
        (outcome,) = self.pen([step]).outcomes
        return outcome.result

    def test_it_has_one_journal_from_its_first_write_on(self) -> None:
        self.assertIsNone(self.pen.path)
        self.assertEqual(
            [WriteResult.DONE, WriteResult.ALREADY],
            [self.write(), self.write()],
        )
        self.assertEqual((self.path, 1), (self.pen.path, self.opened))
        self.assertEqual([], self.told)

    def test_it_tells_that_it_waits_for_another_run(self) -> None:
        with locks.held_projects([fakes.OWN.id], lambda: None):
            thread = threading.Thread(target=self.write)
            thread.start()
            while not self.told:
                thread.join(0.01)
                self.assertTrue(thread.is_alive(), 'it did not wait')
        thread.join(10)
        self.assertEqual([base_commands.TAKING_TURNS], self.told)
