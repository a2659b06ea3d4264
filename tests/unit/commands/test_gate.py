# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from typing import Any

from osc_lib import exceptions

from osc_hwmt.commands.gate import GateMachineType
from osc_hwmt.commands.gate_filter import SaveGateJournal, ShowGateFilter
from osc_hwmt.exceptions import Error
from osc_hwmt.gate import serving
from osc_hwmt.gate.decision import Verdict, Word
from osc_hwmt.journal.log import LoggedJournal
from osc_hwmt.manifest import reading
from tests.unit.support import cases, fakes, shell
from tests.unit.support.gating import listed


class GateTest(shell.CommandTestCase):
    command = GateMachineType
    output = ('-f', 'json')

    def setUp(self) -> None:
        super().setUp()
        self.manifest = self.home / 'workloads.yml'
        self.manifest.write_text(fakes.manifest_text(listed()))
        self.served: list[tuple[Any, ...]] = []
        self.replace('osc_hwmt.gate.serving.serving', self._serving)
        self.replace(
            'osc_hwmt.gate.serving.refuse_without_waitress', lambda: None
        )
        self.replace('osc_hwmt.gate.gateway.Gateway', self._gateway)
        self.replace(
            'osc_hwmt.commands.gate.time.sleep', lambda _s: shell.interrupt()
        )

    def _gateway(self, *arguments: Any) -> Any:
        self.hear = arguments[-1]
        return arguments

    @contextlib.contextmanager
    def _serving(self, gateway: Any, host: str, port: int) -> Iterator[None]:
        self.served.append((gateway[0], gateway[3], host, port))
        entries = reading.read_manifest(
            self.manifest.read_text(), str(self.manifest)
        ).entries
        verdict = Verdict(Word.SET, 'a - -> b', entries[0], 'v')
        self.hear('web', verdict, True)
        self.hear('other', Verdict(Word.NOT_LISTED), True)
        yield

    def test_it_serves_until_it_is_interrupted_and_lists_what_was_done(
        self,
    ) -> None:
        self.assertEqual(0, self.run_command(self.manifest))
        self.assertEqual(
            [
                {
                    'Server': 'web',
                    'Project': fakes.OWN.name,
                    'Volume ID': 'v',
                    'Wanted': fakes.PC,
                    'Result': 'set',
                    'Detail': 'a - -> b',
                }
            ],
            self.rows,
        )
        told = self.told
        self.assertIn('auth_url: http://127.0.0.1:8790/identity/v3', told)
        self.assertIn('web (erp): set on volume v: a - -> b', told)
        self.assertIn(
            '2 requests to create a server: 1 set, 1 not listed', told
        )

    def test_other_machines_need_an_option(self) -> None:
        for address in ('0.0.0.0:1', '192.0.2.1:8790', 'host.test:80'):
            told = self.misused(self.manifest, '--listen', address)
            self.assertIn('--allow-remote-clients', told)
        self.run_command(
            self.manifest, '--listen', '[::]:1', '--allow-remote-clients'
        )
        self.assertEqual(('::', 1), self.served[0][2:])

    def test_addresses_of_this_machine_need_none(self) -> None:
        for host in ('127.0.0.1', '127.9.9.9', '::1', 'localhost'):
            self.assertTrue(serving.is_loopback(host), host)

    def test_an_address_without_a_port_is_no_usage(self) -> None:
        for address in ('127.0.0.1', ':80', 'a:0', 'a:65536', 'a:b'):
            told = self.misused(self.manifest, '--listen', address)
            self.assertIn('expected <host>:<port>', told)

    def test_nothing_is_held_longer_than_clients_wait(self) -> None:
        for time in ('0', '31', 'x'):
            told = self.misused(self.manifest, '--timeout', time)
            self.assertIn('expected seconds, from 1 to 30', told)

    def test_a_manifest_that_is_wrong_is_told_before_any_login(self) -> None:
        self.manifest.write_text('x')
        self.assertIn('workloads.yml:1', self.refused(self.manifest))
        self.assertEqual([], self.asked)


class ServingTest(cases.TestCase):
    def test_without_waitress_the_way_to_install_it_is_told(self) -> None:
        self.replace('sys.modules', {**sys.modules, 'waitress': None})
        error = self.assertRaises(Error, serving.refuse_without_waitress)
        self.assertIn("pip install 'osc-hwmt[gate]'", str(error))


class FilterTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.home = self.directory()
        self.app = shell.App()

    def run_it(self, command: Any, *words: str) -> str:
        made = command(self.app, argparse.Namespace())
        made.run(made.get_parser('gate').parse_args(words))
        return self.app.stdout.getvalue()

    def test_the_section_has_the_servers_of_all_manifests(self) -> None:
        paths = []
        for name in ('web', 'crm'):
            path = self.home / f'{name}.yml'
            path.write_text(
                fakes.manifest_text(listed(name, server_id=f's-{name}'))
            )
            paths.append(str(path))
        printed = self.run_it(ShowGateFilter, *paths)
        self.assertIn('[filter:machine_type_gate]', printed)
        self.assertIn('"name": "web"', printed)
        self.assertIn('"name": "crm"', printed)

    def test_a_wrong_manifest_is_told(self) -> None:
        path = self.home / 'a.yml'
        path.write_text('x')
        self.assertRaises(
            exceptions.CommandError, self.run_it, ShowGateFilter, str(path)
        )

    def test_journals_of_a_log_become_files(self) -> None:
        lines: list[str] = []
        self.replace('osc_hwmt.version', lambda: '1.2.3')
        LoggedJournal(
            fakes.header(), lambda text, *values: lines.append(text % values)
        )
        path = self.home / 'nova-api.log'
        path.write_text('\n'.join(lines))
        journals = self.home / 'journals'
        printed = self.run_it(
            SaveGateJournal,
            *(str(path), '--journal-directory', str(journals)),
        )
        self.assertEqual(
            [str(one) for one in journals.iterdir()], printed.split()
        )

    def test_journals_need_a_directory(self) -> None:
        error = self.assertRaises(
            exceptions.CommandError, self.run_it, SaveGateJournal, 'a.log'
        )
        self.assertIn('--journal-directory', str(error))
