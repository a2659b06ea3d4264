# SPDX-License-Identifier: Apache-2.0

"""list --probe, where Nova's driver knows which machine types there are."""

from __future__ import annotations

import json
import signal
from xml.etree import ElementTree

from tests.boot.base import BootTest
from tests.functional import moments

PREFIX = 'osc-hwmt-probe-'
PROBE = (
    *('migrate', 'machine-type', 'list', '--long', '-f', 'json', '--probe'),
    *('--auto-approve', '--destination-cloud', 'dst'),
)


class ProbeTest(BootTest):
    """The list is that of virsh, and nothing is left."""

    def setUp(self) -> None:
        super().setUp()
        self.before = self._everything()
        self.addCleanup(self._nothing_is_left)

    def test_a_probe_lists_what_virsh_lists(self) -> None:
        answer = self.openstack(*PROBE, '--save', 'types.json')
        saved = json.loads((self.directory / 'types.json').read_text())
        ((host, told),) = saved['hosts'].items()
        self.assertEqual(self._offered(), set(told['machines']))
        q35 = answer.row(Machine_Type='q35', Architecture='x86_64')
        self.assertEqual([host], q35['Hosts'])

        # The file is what the other commands take.
        read = self.machine_type('list', '--destination-hosts', 'types.json')
        first, again = (
            [{**row, 'Known From': None} for row in one.rows]
            for one in (answer, read)
        )
        self.assertEqual(first, again)

    def test_the_run_after_a_kill_removes_what_was_left(self) -> None:
        killed = moments.interrupted(
            self.configuration,
            self.directory,
            PROBE,
            self._has_begun,
            signal.SIGKILL,
        )
        self.assertEqual(-signal.SIGKILL, killed.code, killed)
        self.assertTrue(self._has_begun(), 'there was nothing left')
        answer = self.openstack(*PROBE)
        self.assertIn('Removed leftovers of earlier runs: ', answer.err)
        names = {row['Machine Type'] for row in answer.rows}
        self.assertEqual(self._offered(), names)

    def _offered(self) -> set[str | None]:
        """Return what virsh lists but "none", which boots nothing."""
        capabilities = ElementTree.fromstring(  # noqa: S314 libvirt's own
            self.site.virsh('capabilities')
        )
        machines = capabilities.iterfind('guest/arch/machine')
        return {machine.text for machine in machines} - {'none'}

    def _has_begun(self) -> bool:
        made = moments.ours(self.site.seeder, PREFIX)
        return 'servers' in {kind for kind, *_ in made}

    def _everything(self) -> object:
        domains = self.site.virsh('list', '--all', '--name')
        return moments.things(self.site.seeder), domains

    def _nothing_is_left(self) -> None:
        self.assertEqual(self.before, self._everything())
