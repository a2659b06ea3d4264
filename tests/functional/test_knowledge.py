# SPDX-License-Identifier: Apache-2.0

"""What operators collected, and what is known of releases, on real clouds.

The clouds' hypervisor is Nova's fake one, so the domain is one that real
libvirt had, with the id and the machine type of another server.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests.clouds import domain
from tests.clouds.scenario import I440FX
from tests.functional.base import Answer, FunctionalTest, Pair

CAPTURES = Path(__file__).parents[1] / 'unit' / 'data' / 'collected'
CAPABILITIES = CAPTURES / 'capabilities-rocky-9.2.xml'
#: Older than what RHEL 9 has.
OLD = 'pc-i440fx-rhel7.4.0'
SERVER = 'plain-linux'

pair: Pair


def setUpModule() -> None:
    """Seed both clouds, unless another module has done so."""
    global pair
    pair = Pair.seeded()
    FunctionalTest.configuration = pair.configuration


class KnowledgeTest(FunctionalTest):
    """A server of which the source's APIs tell nothing."""

    def setUp(self) -> None:
        super().setUp()
        self.server = pair.source.servers[SERVER]

    def _export(self, *words: str) -> dict[str, Any]:
        """Return the server's row."""
        answer = self.machine_type(
            'export',
            '--source-cloud',
            'src-member',
            '--server',
            self.server.id,
            'vms.yml',
            *words,
        )
        return answer.row(ID=self.server.id)

    def _domain(self, machine_type: str) -> str:
        """Return a directory with the server's domain, as virsh dumps it."""
        directory = self.directory / 'domains'
        directory.mkdir(exist_ok=True)
        text = domain.dumped(self.server.id, machine_type)
        (directory / 'compute-3.xml').write_text(
            f'$ virsh dumpxml 1\n{text}\n'
        )
        return str(directory)

    def _wish(self) -> dict[str, Any]:
        (resource,) = yaml.safe_load((self.directory / 'vms.yml').read_text())[
            'resources'
        ]
        return dict(resource)

    def _to_destination(
        self, command: str, *words: str, code: int
    ) -> tuple[Answer, list[dict[str, Any]]]:
        answer = self.machine_type(
            command,
            '--destination-cloud',
            'dst-member',
            'vms.yml',
            *words,
            code=code,
        )
        return answer, answer.rows

    def test_what_was_collected_is_the_only_truth(self) -> None:
        row = self._export()
        self.assertEqual(
            (None, 'none'), (row['Machine Type'], row['Evidence'])
        )
        row = self._export('--source-hosts', self._domain(I440FX))
        self.assertEqual(
            (I440FX, 'libvirt-domain', I440FX),
            (row['Machine Type'], row['Evidence'], row['Wanted']),
        )

    def test_a_release_has_a_default_that_is_marked(self) -> None:
        row = self._export('--source-release', 'rhosp16.2')
        self.assertEqual(
            (I440FX, 'release-default'), (row['Machine Type'], row['Evidence'])
        )

    def test_what_the_destination_lacks_is_translated_on_request(self) -> None:
        domains = self._domain(OLD)
        known = ('--destination-hosts', str(CAPABILITIES))
        row = self._export('--source-hosts', domains, *known)
        self.assertEqual(OLD, row['Wanted'])
        self.assertIn('unsupported-machine-type', row['Detail'])
        row = self._export('--source-hosts', domains, *known, '--translate')
        self.assertEqual(I440FX, row['Wanted'])
        resource = self._wish()
        self.assertEqual(I440FX, resource['params']['hw_machine_type'])
        facts = resource['_info']['hw_machine_type']
        self.assertEqual(
            (OLD, I440FX), (facts['value'], facts['translated_to'])
        )

    def test_what_it_lacks_is_refused_until_it_is_forced(self) -> None:
        self._export('--source-hosts', self._domain(OLD))
        release = ('--destination-release', 'rhoso18')
        _answer, rows = self._to_destination('verify', *release, code=3)
        self.assertEqual(
            {
                'volume': 'volume-differs',
                'destination': 'unsupported-machine-type',
            },
            {row['Question']: row['Finding'] for row in rows},
        )
        apply = ('apply', '--auto-approve', *release)
        _answer, (row,) = self._to_destination(*apply, code=1)
        self.assertEqual('refused', row['Result'])
        self.assertIn(I440FX, row['Detail'], 'the nearest is not named')
        self.assertEqual([], list(self.directory.glob('*.journal')))

        _answer, (row,) = self._to_destination(
            *apply, '--ignore-unsupported', code=0
        )
        self.assertEqual('set', row['Result'])
        (journal,) = self.directory.glob('*.journal')
        header = json.loads(journal.read_text().splitlines()[0])
        self.assertIs(True, header['options']['ignore_unsupported'])
        self.openstack(
            '--os-cloud',
            'dst-member',
            'volume',
            'unset',
            '--image-property',
            'hw_machine_type',
            pair.destination.volumes['plain-boot'].id,
        )
