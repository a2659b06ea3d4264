# SPDX-License-Identifier: Apache-2.0

"""A migrated volume's machine type is what Nova builds its server with."""

from __future__ import annotations

import re
from typing import Any

from tempest import config
from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from osc_hwmt_tempest_plugin.tests.scenario import base

CONF = config.CONF


class MachineTypeTest(base.MigrationTest):
    """What Nova recorded, as an image of the server tells it."""

    @decorators.idempotent_id('71a3f864-5cda-4d4f-90e6-124c86fea9dc')
    def test_server_keeps_its_machine_type(self) -> None:
        """Export, delete, copy, apply, verify, build, verify, roll back."""
        name = data_utils.rand_name('hwmt')
        wanted = self._other_than_the_default()
        origin = self.copied(name)
        self.set_machine_type(origin, wanted)
        server = self.built(name, origin)
        self.hwmt('export', str(self.manifest), '--server', name)
        self.delete(server, origin)

        copy = self.copied(name)
        self.assertIsNone(self.machine_type(copy))
        self.apply()
        self.assertEqual(wanted, self.machine_type(copy))
        server = self.built(name, copy)
        self.assertEqual(wanted, self.recorded(server))
        self.hwmt('verify', str(self.manifest))

        (journal,) = self.home.glob('*.journal')
        self.hwmt('rollback', '--auto-approve', str(journal))
        self.assertIsNone(self.machine_type(copy))

    @decorators.idempotent_id('abbe876f-d574-45fb-85e2-ff151072f8cc')
    def test_server_is_built_with_i440fx(self) -> None:
        self._assert_built_with(CONF.machine_type_migration.i440fx)

    @decorators.idempotent_id('ab01376e-ded8-4e1d-8455-387c48fd2ae7')
    def test_server_is_built_with_q35(self) -> None:
        self._assert_built_with(CONF.machine_type_migration.q35)

    @decorators.idempotent_id('5d28aef3-1209-4b8b-b3d8-f157bdbc8ced')
    def test_server_without_machine_type_gets_the_default(self) -> None:
        recorded = self.recorded(self.migrated(None))
        default = CONF.machine_type_migration.default
        if default:
            self.assertEqual(default, recorded)

    def _assert_built_with(self, wanted: str) -> None:
        self.assertEqual(wanted, self.recorded(self.migrated(wanted)))

    def _other_than_the_default(self) -> str:
        ours = CONF.machine_type_migration
        return str(ours.i440fx if ours.default != ours.i440fx else ours.q35)


class ConsoleTest(base.MigrationTest):
    """What the guests themselves see."""

    @classmethod
    def skip_checks(cls) -> None:
        super().skip_checks()
        if not CONF.machine_type_migration.console:
            raise cls.skipException('machine_type_migration.console is false')

    @decorators.idempotent_id('97d681b7-861a-41be-a0f9-eabd884fc4b8')
    def test_guests_find_themselves_on_their_chipset(self) -> None:
        ours = CONF.machine_type_migration
        for machine_type, pattern in (
            (ours.i440fx, ours.console_i440fx),
            (ours.q35, ours.console_q35),
        ):
            self._await_console(self.migrated(machine_type), pattern)

    def _await_console(self, server: Any, pattern: str) -> None:
        output = ''

        def shown() -> bool:
            nonlocal output
            output = self.servers_client.get_console_output(server['id'])[
                'output'
            ]
            return re.search(pattern, output) is not None

        self.assertTrue(
            base.wait_until(shown),
            f'console of {server["id"]} does not show {pattern}: {output}',
        )
