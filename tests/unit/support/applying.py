# SPDX-License-Identifier: Apache-2.0

"""A run of apply on a cloud that a test holds, and what it left."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from typing import Any

from osc_hwmt.cloud.retry import RetryGate
from osc_hwmt.destination import apply
from osc_hwmt.destination.apply import Run
from osc_hwmt.exceptions import CloudError
from osc_hwmt.journal.file import Journal
from osc_hwmt.model.changes import Write, WriteResult
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import volume

NO_ANSWER = CloudError('cloud dst: cut off', transient=True)


BUSY = CloudError('cloud dst: being uploaded', 400, transient=True)


class ApplyTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        home = self.directory()
        self.path = home / 'apply.journal'
        self.cloud = FakeCloud(
            volumes=[volume(id, image_metadata={'a': 'b'}) for id in 'xyz']
        )
        self.storage = self.cloud.block_storage
        self.rests: list[float] = []
        self.replace(
            'osc_hwmt.destination.apply.RetryGate',
            functools.partial(RetryGate, rest=self.rest),
        )

    def rest(self, seconds: float) -> bool:
        self.rests.append(seconds)
        return False

    def run_all(self, *writes: Write, concurrency: int = 1) -> Run:
        with Journal(str(self.path), fakes.header()) as journal:
            return apply.carry_out(writes, self.cloud, journal, concurrency)

    def results(
        self, *writes: Write, concurrency: int = 1
    ) -> list[WriteResult]:
        run = self.run_all(*writes, concurrency=concurrency)
        self.assertIsNone(run.stopped)
        return [one.result for one in run.written]

    def journal(self) -> list[dict[str, Any]]:
        lines = self.path.read_text().splitlines()[1:]
        return [json.loads(line) for line in lines]

    def journaled(self) -> dict[str, str]:
        return {
            line['outcome']: line['result']
            for line in self.journal()
            if 'outcome' in line
        }

    def metadata(self, id: str) -> Mapping[str, str]:
        return self.storage.held[id].image_metadata or {}
