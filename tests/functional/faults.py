# SPDX-License-Identifier: Apache-2.0

"""What tests of faults have in common: a run, and what it must leave."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from osc_hwmt.journal import format as journal_format
from osc_hwmt.model.changes import WriteResult
from tests.clouds.scenario import I440FX
from tests.functional.base import Answer, FunctionalTest
from tests.functional.faulty_proxy import FaultyProxy, Rule
from tests.functional.fleet import DIRECT, FAULTY, Fleet

COUNT = 24
MANIFEST = 'vms.yml'


class FaultTest(FunctionalTest):
    """Runs of apply against a fleet that a module has made."""

    fleet: Fleet

    def setUp(self) -> None:
        super().setUp()
        self.fleet.reset()
        (self.directory / MANIFEST).write_text(self.fleet.manifest())

    def through(self, rule: Rule) -> FaultyProxy:
        """Return a proxy on the way to the cloud FAULTY, for this test."""
        proxy = self.fleet.through(rule)
        self.addCleanup(proxy.cut)
        return proxy

    def apply(self, *words: str, cloud: str = FAULTY, code: int = 0) -> Answer:
        """Return what apply answers."""
        return self.machine_type(
            'apply',
            '--auto-approve',
            '--destination-cloud',
            cloud,
            *words,
            MANIFEST,
            code=code,
        )

    def begin(
        self,
        *words: str,
        cloud: str = FAULTY,
        action: str = 'apply',
        **options: Any,
    ) -> subprocess.Popen[str]:
        """Return a command that runs."""
        return self.start(
            *('migrate', 'machine-type', action, '--long', '-f', 'json'),
            *('--auto-approve', '--destination-cloud', cloud),
            *(words or (MANIFEST,)),
            **options,
        )

    def results(self, answer: Answer) -> dict[str, str]:
        """Return the result of each volume; two must not share one."""
        return {row['Volume ID']: row['Result'] for row in answer.rows}

    def journals(self) -> list[journal_format.Record]:
        """Return all journals of this test, in the order of their runs."""
        return [
            journal_format.read_journal(path.read_text(), str(path))
            for path in sorted(self.directory.glob('*.journal'))
        ]

    def check_journals(self, *others: str) -> None:
        """Check that the journals tell the truth about every volume, now.

        A later journal has the last word on a volume. ``others`` are volumes
        that somebody else wrote to.
        """
        endings: dict[str, WriteResult | None] = {}
        for record in self.journals():
            for one in record.announced:
                self.assertEqual(I440FX, one.write.changes[0].new, one.write)
                endings[one.write.volume_id] = one.result
        for volume_id, now in self.fleet.machine_types().items():
            ending = endings.get(volume_id, WriteResult.FAILED)
            if volume_id in others:
                self.assertNotIn(volume_id, endings)
            elif ending is WriteResult.DONE:
                self.assertEqual(I440FX, now, f'{volume_id} is not done')
            elif ending is WriteResult.FAILED:
                self.assertNotEqual(
                    I440FX, now, f'{volume_id} was written all the same'
                )

    def check_once(self, *proxies: FaultyProxy) -> None:
        """Check that no volume was written to more than once."""
        for volume_id, statuses in _joined(proxies).items():
            self.assertEqual([200], statuses, f'writes to {volume_id}')

    def check_table(self, answer: Answer) -> None:
        """Check what the table says of each volume."""
        now = self.fleet.machine_types()
        for volume_id, result in self.results(answer).items():
            if result in ('set', 'unchanged'):
                self.assertEqual(I440FX, now[volume_id], volume_id)
            elif result in ('failed', 'not begun', 'changed meanwhile'):
                self.assertNotEqual(I440FX, now.get(volume_id), volume_id)
            else:
                self.assertEqual('unknown', result, volume_id)

    def finish(self, *others: str) -> None:
        """Run apply again without faults; all must be as if undisturbed."""
        self.apply(cloud=DIRECT)
        self.assertEqual(
            self.fleet.expected(), self.fleet.database.image_metadata()
        )
        self.check_journals(*others)


def _joined(proxies: Sequence[FaultyProxy]) -> Mapping[str, list[int]]:
    writes: dict[str, list[int]] = {}
    for proxy in proxies:
        for volume_id, statuses in proxy.writes().items():
            writes.setdefault(volume_id, []).extend(statuses)
    return writes
