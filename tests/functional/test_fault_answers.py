# SPDX-License-Identifier: Apache-2.0

"""One run in which every volume meets a fault of its own.

The tests look at what became of each. doc/source/background/faults.rst.
"""

from __future__ import annotations

import email.utils
import time
import unittest
from collections.abc import Mapping, Sequence
from typing import ClassVar

from tests.clouds.scenario import I440FX
from tests.functional import faults
from tests.functional import fleet as fleets
from tests.functional.base import Answer as SourceHints
from tests.functional.base import FunctionalTest
from tests.functional.faults import FaultTest
from tests.functional.faulty_proxy import (
    Answer,
    CutOff,
    Edited,
    Fault,
    FaultyProxy,
    Half,
    Request,
    Slow,
)
from tests.functional.fleet import DIRECT, FAULTY, Fleet

UPLOADING = (
    'Invalid volume: Updating volume metadata is not allowed for volumes in '
    'uploading status.'
)
_IN_A_SECOND = email.utils.formatdate(time.time() + 1, usegmt=True)

#: What the first, the second … write to a volume meets; then all is well.
PASSING: Mapping[str, Sequence[Fault]] = {
    '408': [Answer(408)],
    '413 with Retry-After': [Answer(413, headers={'Retry-After': '1'})],
    '429': [Answer(429)],
    '429 with Retry-After': [Answer(429, headers={'Retry-After': '1'})],
    '500': [Answer(500)],
    '502': [Answer(502), Answer(502)],
    '503 until a date': [Answer(503, headers={'Retry-After': _IN_A_SECOND})],
    '504': [Answer(504)],
    '401': [Answer(401)],
    'reset before': [CutOff(done=False)],
    'reset after': [CutOff(done=True)],
    'half an answer': [Half()],
    'no answer at all': [Edited(b'{', b'<')],
    'slow': [Slow(1.5)],
    'uploading': [Answer(400, UPLOADING)],
    'one after the other': [
        Answer(503),
        CutOff(done=False),
        Answer(500),
        CutOff(done=True),
    ],
}
#: What every write to a volume meets, and what the table says then.
LASTING: Mapping[str, tuple[Fault, str]] = {
    '400': (Answer(400), 'failed'),
    '403': (Answer(403), 'failed'),
    '404': (Answer(404), 'failed'),
    '409': (Answer(409), 'failed'),
    '413': (Answer(413), 'failed'),
    '500 always': (Answer(500), 'unknown'),
    '501': (Answer(501), 'unknown'),
}
NAMES = (*PASSING, *LASTING)


def setUpModule() -> None:
    """Make the volumes and let them meet their faults, once for all."""
    if not fleets.available():
        raise unittest.SkipTest('only the test clouds let us insert volumes')
    FaultTest.fleet = Fleet(len(NAMES) + 2)
    FunctionalTest.configuration = FaultTest.fleet.configuration


def tearDownModule() -> None:
    """Delete the volumes."""
    FaultTest.fleet.remove()


class FaultyAnswersTest(FaultTest):
    """The one run, and one more without faults."""

    proxy: ClassVar[FaultyProxy]
    first: ClassVar[SourceHints]
    between: ClassVar[dict[str, str | None]]
    after: ClassVar[dict[str, list[tuple[str, str]]]]

    def setUp(self) -> None:
        super().setUp()
        if not hasattr(FaultyAnswersTest, 'after'):
            self._run_twice()

    def _run_twice(self) -> None:
        proxy = self.through(self._fault)
        kind = FaultyAnswersTest
        kind.proxy = proxy
        kind.first = self.apply(code=1)
        kind.between = self.fleet.machine_types()
        self.check_table(kind.first)
        self.check_journals()
        self.apply(cloud=DIRECT)
        kind.after = self.fleet.database.image_metadata()
        self.check_journals()

    def _fault(self, request: Request) -> Fault:
        if request.action != 'os-set_image_metadata':
            return None
        name = self._names.get(request.volume_id or '', '')
        if name in LASTING:
            return LASTING[name][0]
        passing = PASSING.get(name, ())
        if request.number <= len(passing):
            return passing[request.number - 1]
        return None

    @property
    def _names(self) -> dict[str, str]:
        """What each volume meets; the first two meet nothing."""
        return {
            volume.id: name
            for volume, name in zip(self.fleet.volumes[2:], NAMES)
        }

    def _results(self) -> dict[str, str]:
        told = self.results(self.first)
        return {
            name: told[volume_id] for volume_id, name in self._names.items()
        }

    def test_what_passes_is_waited_out(self) -> None:
        results = self._results()
        for name in PASSING:
            self.assertEqual('set', results[name], name)

    def test_what_lasts_is_told(self) -> None:
        results = self._results()
        for name, (_fault, expected) in LASTING.items():
            self.assertEqual(expected, results[name], name)

    def test_nothing_is_written_twice(self) -> None:
        writes = self.proxy.writes()
        for volume_id, name in self._names.items():
            if name in PASSING:
                self.assertEqual([200], writes.get(volume_id), name)

    def test_a_fault_of_one_volume_is_no_fault_of_another(self) -> None:
        for volume in self.fleet.volumes[:2]:
            self.assertEqual(I440FX, self.between[volume.id])

    def test_all_is_as_if_undisturbed_after_a_second_run(self) -> None:
        self.assertEqual(self.fleet.expected(), self.after)


class FaultyListingTest(FaultTest):
    """Reading meets faults as well, before anything is written."""

    def test_pages_are_read_again(self) -> None:
        faults: Sequence[Fault] = [
            Answer(503),
            Half(),
            CutOff(done=True),
            Slow(0.5),
        ]
        proxy = self.through(
            lambda request: (
                faults[request.number - 1]
                if request.method == 'GET' and request.number <= len(faults)
                else None
            )
        )
        self.apply()
        self.check_once(proxy)
        self.finish()

    def test_a_cloud_that_can_not_be_read_is_not_written_to(self) -> None:
        before = self.fleet.database.image_metadata()
        for status in (403, 500):
            self._refused_to_read(status)
        self.assertEqual(before, self.fleet.database.image_metadata())
        self.assertEqual([], self.journals())

    def _refused_to_read(self, status: int) -> None:
        proxy = self.through(
            lambda request: Answer(status) if request.method == 'GET' else None
        )
        answer = self.openstack(
            *('migrate', 'machine-type', 'apply', '--auto-approve'),
            *('--destination-cloud', FAULTY, faults.MANIFEST),
            code=1,
        )
        self.assertIn(f'(HTTP {status}', answer.err)
        self.assertEqual({}, proxy.writes())
