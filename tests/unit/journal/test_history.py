# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import dataclasses
import datetime

import hypothesis
from hypothesis import strategies as st

from osc_hwmt.destination.match import Match, Rule
from osc_hwmt.destination.plan import LeftToDestination, Set, Unchanged
from osc_hwmt.destination.planner import add_history
from osc_hwmt.journal.format import Announced, Record
from osc_hwmt.journal.history import HOOK, History
from osc_hwmt.manifest.entry import Wanted
from osc_hwmt.model.changes import Change, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.fakes import PC, Q35

KEY = 'hw_machine_type'
NOON = datetime.datetime(2026, 11, 24, 12, tzinfo=datetime.timezone.utc)


def at(seconds: float) -> datetime.datetime:
    """Return a time so many seconds after noon."""
    return NOON + datetime.timedelta(seconds=seconds)


def announced(
    begun: float,
    old: str | None = None,
    new: str | None = PC,
    ending: WriteResult | None = WriteResult.DONE,
    took: float = 0.5,
) -> Announced:
    """Return a write of one key at some seconds after noon."""
    return Announced(
        fakes.write('v', Change(KEY, old, new)),
        ending,
        at(begun),
        at(begun + took) if ending else None,
    )


def record(
    *writes: Announced,
    command: str = 'apply',
    clock_ahead: float | None = 0.0,
) -> Record:
    """Return the journal of a run."""
    header = dataclasses.replace(
        fakes.header(), command=command, clock_ahead=clock_ahead
    )
    return Record('a.journal', header, writes, torn=False, ended=True)


class ReadTest(cases.TestCase):
    def read(
        self, created: float, *records: Record, now: str | None = PC
    ) -> dict[str, str | None]:
        """Return what Nova read; the volume has ``now`` today."""
        volume = fakes.volume('v', image_metadata={KEY: now} if now else {})
        return History(records).read(volume, [KEY], at(created))

    def test_a_server_that_came_after_the_write_has_it(self) -> None:
        for created, old, found in (
            (60, None, PC),
            (-60, None, None),
            (-60, Q35, Q35),
        ):
            written = record(announced(0, old=old))
            self.assertEqual({KEY: found}, self.read(created, written))

    def test_within_seconds_nobody_knows(self) -> None:
        for created in (-1, 0, 1, 5, 10):
            self.assertEqual(
                {}, self.read(created, record(announced(0))), created
            )

    def test_a_slow_write_may_have_been_done_at_any_time(self) -> None:
        slow = record(announced(0, took=300))
        self.assertEqual({}, self.read(150, slow))
        self.assertEqual({KEY: PC}, self.read(360, slow))

    def test_inside_an_import_the_server_waits_for_the_hook(self) -> None:
        hook = record(announced(0), command=HOOK)
        self.assertEqual({KEY: PC}, self.read(1, hook))
        self.assertEqual({KEY: None}, self.read(-60, hook))

    def test_a_clock_that_was_compared_is_set_right(self) -> None:
        # It was an hour behind, so the write was at one o'clock by Nova's.
        behind = record(announced(0), clock_ahead=3600.0)
        self.assertEqual({KEY: None}, self.read(1800, behind))
        self.assertEqual({KEY: PC}, self.read(3700, behind))

    def test_a_clock_that_was_not_compared_is_not_relied_on(self) -> None:
        unknown = record(announced(0), clock_ahead=None)
        self.assertEqual({}, self.read(60, unknown))
        self.assertEqual({KEY: PC}, self.read(600, unknown))
        hook = record(announced(0), clock_ahead=None, command=HOOK)
        self.assertEqual({}, self.read(60, hook))

    def test_of_many_writes_the_last_before_it_counts(self) -> None:
        records = (
            record(announced(0)),
            record(announced(100, old=PC, new=Q35)),
            record(announced(200, old=Q35, new=PC)),
        )
        for created, read in ((-60, None), (60, PC), (160, Q35), (260, PC)):
            self.assertEqual({KEY: read}, self.read(created, *records))
        self.assertEqual({KEY: Q35}, self.read(160, *reversed(records)))

    def test_what_was_taken_away_was_read_as_none(self) -> None:
        removed = record(announced(0, old=PC, new=None))
        self.assertEqual({KEY: None}, self.read(60, removed, now=None))

    def test_where_somebody_else_wrote_too_nobody_knows(self) -> None:
        self.assertEqual({}, self.read(60, record(announced(0)), now=Q35))
        between = (
            record(announced(0, new=PC)),
            record(announced(200, old=Q35, new=PC)),
        )
        self.assertEqual({}, self.read(100, *between))

    def test_a_refused_write_did_not_happen(self) -> None:
        failed = announced(0, ending=WriteResult.FAILED)
        self.assertEqual({}, self.read(60, record(failed), now=None))
        both = record(failed, announced(10))
        self.assertEqual({KEY: PC}, self.read(60, both), 'one after it did')

    def test_a_doubtful_write_proves_what_was_before_it(self) -> None:
        for ending in (WriteResult.UNKNOWN, None):
            doubtful = record(announced(0, ending=ending))
            self.assertEqual({}, self.read(60, doubtful))
            self.assertEqual({KEY: None}, self.read(-60, doubtful))

    def test_other_volumes_and_keys_tell_nothing(self) -> None:
        volume = fakes.volume('w', image_metadata={KEY: PC})
        history = History([record(announced(0))])
        self.assertEqual({}, history.read(volume, [KEY], at(60)))
        volume = fakes.volume('v')
        self.assertEqual({}, history.read(volume, ['hw_disk_bus'], at(60)))

    def test_a_journal_without_times_tells_nothing(self) -> None:
        timeless = Announced(
            fakes.write('v', Change(KEY, None, PC)), WriteResult.DONE
        )
        self.assertEqual({}, self.read(60, record(timeless)))


class AnyPastTest(cases.TestCase):
    @hypothesis.settings(max_examples=100)
    @hypothesis.given(
        st.lists(
            st.tuples(st.integers(1, 100), st.sampled_from([PC, Q35, None])),
            max_size=6,
        ),
        st.integers(-50, 500),
        st.floats(-7200, 7200),
    )
    def test_what_is_told_is_true(
        self,
        changes: list[tuple[int, str | None]],
        created: int,
        ahead: float,
    ) -> None:
        # Nova may have read up to this long before it stamped the server.
        reading = created - 5.0
        time, now, read = 0.0, None, None
        records = []
        for pause, value in changes:
            time += pause
            if value == now:
                continue
            write = announced(time - ahead, old=now, new=value)
            records.append(record(write, clock_ahead=ahead))
            now = value
            if time + 0.5 < reading:
                read = value
            hypothesis.assume(not reading - 0.5 <= time <= created)
        volume = fakes.volume('v', image_metadata={KEY: now} if now else {})
        told = History(records).read(volume, [KEY], at(created))
        self.assertIn(told, ({KEY: read}, {}))


class RememberTest(cases.TestCase):
    HISTORY = History([record(announced(0))])

    def test_steps_whose_server_exists_get_what_it_read(self) -> None:
        server = dataclasses.replace(fakes.server(), created=at(-60))
        volume = fakes.volume('v', image_metadata={KEY: PC})
        entry = fakes.entry()
        steps = (
            Unchanged(entry, volume, server=server),
            Set(
                entry,
                Match(volume, Rule.NAME, server),
                (Change(KEY, PC, Q35),),
            ),
        )
        for step in add_history(steps, self.HISTORY):
            self.assertTrue(isinstance(step, (Set, Unchanged)) and step.read)

    def test_other_steps_stay_as_they_are(self) -> None:
        volume = fakes.volume('v', image_metadata={KEY: PC})
        undated = fakes.server()
        dated = fakes.server(created=at(-60))
        # Nova made it, when it had read something else.
        made = fakes.volume('v', '', image_metadata={KEY: PC}, created=at(-59))
        image = fakes.image()
        steps = (
            LeftToDestination(
                fakes.entry(wanted_properties={KEY: Wanted.of(None)})
            ),
            Unchanged(fakes.entry(), volume),
            Unchanged(fakes.entry(), volume, server=undated),
            Unchanged(fakes.entry(), made, server=dated),
            Unchanged(fakes.entry(), image, server=undated),
        )
        self.assertEqual(steps, add_history(steps, self.HISTORY))
