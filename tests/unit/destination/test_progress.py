# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from osc_hwmt.compatibility.rules.definition import Severity
from osc_hwmt.destination import finding_codes as codes
from osc_hwmt.destination import progress
from osc_hwmt.destination.progress import Standing, State
from osc_hwmt.destination.verify import Finding, Question
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.model.changes import Write
from osc_hwmt.model.inventory import Server
from tests.unit.support import cases, fakes

NOON = datetime.datetime(2026, 11, 29, 12, 0, tzinfo=datetime.timezone.utc)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
BUILT = fakes.server(created=NOON)


def _finding(
    code: str, severity: Severity | None = None, id: str = 'source-1'
) -> Finding:
    return Finding(fakes.entry(server_id=id), Question.VOLUME, code, severity)


def _record(
    begun: datetime.datetime,
    note: str | None = None,
    *,
    command: str = 'apply',
    ids: Sequence[str] = ('source-1',),
) -> Record:
    return Record(
        'journal',
        fakes.header(command=command, note=note),
        tuple(
            Announced(
                Write('volume-1', None, one, 'web', fakes.write().changes),
                None,
            )
            for one in ids
        ),
        torn=False,
        ended=True,
        begun=begun,
    )


class StateTest(cases.TestCase):
    def state(self, *findings: Finding, built: bool = True) -> State:
        servers = {'source-1': BUILT} if built else {}
        (one,) = progress.standings(findings, servers)
        return one.state

    def test_a_server_is_right_once_it_is_built(self) -> None:
        ok = _finding(codes.OK)
        unknown = _finding(codes.SERVER_UNKNOWN, Severity.NOTE)
        self.assertIs(State.READY, self.state(ok, built=False))
        self.assertIs(State.RIGHT, self.state(ok, unknown))
        self.assertIs(State.RIGHT, self.state(_finding(codes.LEFT)))

    def test_what_is_not_imported_yet_is_ready_with_strict_as_well(
        self,
    ) -> None:
        for severity in (Severity.NOTE, Severity.ERROR):
            found = _finding(codes.NOT_IMPORTED_YET, severity)
            self.assertIs(State.READY, self.state(found, built=False))

    def test_too_late_is_not_hidden_by_a_wrong_volume(self) -> None:
        differs = _finding(codes.DIFFERS, Severity.ERROR)
        self.assertIs(State.WRONG, self.state(differs))
        late = _finding(codes.SERVER_DIFFERS, Severity.ERROR)
        self.assertIs(State.TOO_LATE, self.state(differs, late))

    def test_undecided_stays_so_when_it_is_built(self) -> None:
        for severity in (Severity.WARNING, Severity.ERROR):
            found = _finding(codes.UNDECIDED, severity)
            self.assertIs(State.UNDECIDED, self.state(found))
            self.assertIs(State.UNDECIDED, self.state(found, built=False))


class WaveTest(cases.TestCase):
    def waves(
        self,
        *records: Record,
        servers: Mapping[str, Server] | None = None,
        ids: Sequence[str] = ('source-1',),
    ) -> list[tuple[str, datetime.datetime, int]]:
        """Return each wave's name, beginning, and number of servers."""
        found = progress.standings(
            [_finding(codes.OK, id=id) for id in ids],
            {'source-1': BUILT} if servers is None else servers,
            records,
        )
        return [
            (wave.name, wave.began, sum(counts.values()))
            for wave, counts in progress.by_wave(found).items()
        ]

    def test_runs_of_one_note_are_one_wave(self) -> None:
        one = _record(NOON - HOUR, 'wave 3', ids=['source-1'])
        other = _record(NOON - 2 * HOUR, 'wave 3', ids=['source-2'])
        self.assertEqual(
            [('wave 3', NOON - 2 * HOUR, 2)],
            self.waves(one, other, ids=['source-1', 'source-2']),
        )

    def test_without_a_note_it_is_the_day_of_the_run(self) -> None:
        self.assertEqual(
            [('2026-11-28', NOON - DAY, 1)], self.waves(_record(NOON - DAY))
        )

    def test_without_a_run_it_is_the_day_of_the_server(self) -> None:
        self.assertEqual([('2026-11-29', NOON, 1)], self.waves())

    def test_a_run_that_mended_it_later_is_not_its_wave(self) -> None:
        self.assertEqual(
            [('wave 3', NOON - HOUR, 1)],
            self.waves(
                _record(NOON + DAY, 'mended'), _record(NOON - HOUR, 'wave 3')
            ),
        )

    def test_a_rollback_is_no_wave(self) -> None:
        undone = _record(NOON - HOUR, 'undo', command='rollback')
        self.assertEqual([], self.waves(undone, servers={}))

    def test_waves_are_told_as_they_came(self) -> None:
        found = self.waves(
            _record(NOON - HOUR, 'a', ids=['source-2']),
            _record(NOON - DAY, 'b', ids=['source-1']),
            servers={},
            ids=['source-1', 'source-2'],
        )
        self.assertEqual(['b', 'a'], [name for name, *_more in found])


class CountTest(cases.TestCase):
    def test_servers_are_counted_by_project_in_order(self) -> None:
        found = [
            Standing(
                fakes.entry(recorded=fakes.recorded(project=(name, 'x'))),
                state,
            )
            for name, state in (
                ('web', State.RIGHT),
                ('erp', State.READY),
                ('web', State.WRONG),
            )
        ]
        self.assertEqual(
            [
                ('erp', {State.READY: 1}),
                ('web', {State.RIGHT: 1, State.WRONG: 1}),
            ],
            list(progress.by_project(found).items()),
        )
        self.assertEqual(
            {State.READY: 1, State.RIGHT: 1, State.WRONG: 1},
            progress.in_all(found),
        )
