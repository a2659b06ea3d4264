# SPDX-License-Identifier: Apache-2.0

"""The apply command on a cloud in memory that needs two writes."""

from __future__ import annotations

from osc_hwmt.commands.apply import ApplyMachineType
from tests.unit.support import shell
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    source_volume,
    volume,
)

KEY = 'hw_machine_type'


#: What a test cloud needs one write each for.
WRITES = [
    ('set', 'volume-1', f'{KEY}={PC}'),
    ('set', 'volume-2', f'{KEY}={Q35}'),
]


class ApplyTestCase(shell.CommandTestCase):
    command = ApplyMachineType

    def setUp(self) -> None:
        super().setUp()
        self.path = self.file(
            manifest_text(
                resource(params={KEY: PC}),
                resource(
                    'db',
                    'source-2',
                    params={
                        KEY: Q35,
                        'volumes': [source_volume('s-2', 'db-boot')],
                    },
                ),
            )
        )
        self.cloud = FakeCloud(
            volumes=[volume(), volume('volume-2', 'db-boot')]
        )

    def journals(self) -> list[str]:
        return [
            one.name
            for one in self.home.iterdir()
            if one.name.endswith('.journal')
        ]
