# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from osc_hwmt.cloud.interface import Scope
from osc_hwmt.compatibility.computes import Computes
from osc_hwmt.compatibility.hosts import Host, Machine
from osc_hwmt.compatibility.support import Abilities
from osc_hwmt.compatibility.translation import Proposer
from osc_hwmt.exceptions import CloudError, Error, FileError
from osc_hwmt.local.files import TextFile, read_to_write
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.evidence import Evidence, Guest
from osc_hwmt.model.inventory import Project
from osc_hwmt.model.server_patterns import Pattern, ServerPatterns
from osc_hwmt.source import export as source_export
from osc_hwmt.source import selection as source_selection
from osc_hwmt.source.effect import Effect
from osc_hwmt.source.export import Exported, Target
from osc_hwmt.source.facts import Defaults, Fact
from osc_hwmt.source.selection import Selection
from osc_hwmt.source.update import Update
from tests.unit.support import cases, fakes
from tests.unit.support.cloud import FakeCloud
from tests.unit.support.fakes import (
    PC,
    Q35,
    manifest_text,
    resource,
    server,
    source_volume,
    volume,
)

KEY = 'hw_machine_type'
HR = Project('project-hr', 'hr', 'corp')
EVERYWHERE = Scope(all_projects=True)


def _cloud() -> FakeCloud:
    """Return a source with one server in each of two projects."""
    return FakeCloud(
        servers=[
            server('web', 'source-1', ['volume-1']),
            server('pay', 'source-2', ['volume-2'], project_id=HR.id),
        ],
        volumes=[
            volume('volume-1', image_metadata={KEY: PC}),
            volume('volume-2', image_metadata={KEY: Q35}, project_id=HR.id),
        ],
        projects=[fakes.OWN, HR],
        name='src',
    )


class TargetTest(cases.TestCase):
    def test_only_a_file_of_os_migrate_gets_no_servers(self) -> None:
        read = (
            None,
            read_manifest('resources: []\n', 'ours.yml'),
            read_manifest(manifest_text(), 'workloads.yml'),
        )
        self.assertEqual(
            [True, True, False],
            [Target(TextFile('x', None, ''), one).extend for one in read],
        )


class ScopeTest(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            projects=[fakes.OWN, HR, Project('project-lab', 'hr', 'lab')],
            name='src',
        )

    def refused(self, *asked: Any) -> str:
        error = self.assertRaises(
            Error, source_selection.scope, self.cloud, *asked
        )
        return str(error)

    def test_the_sessions_project_and_all_need_no_list(self) -> None:
        for everything in (False, True):
            self.assertEqual(
                Scope(all_projects=everything),
                source_selection.scope(self.cloud, None, None, everything),
            )
        self.assertEqual([], self.cloud.calls)

    def test_a_project_may_be_named_by_name_or_id(self) -> None:
        for name, domain in (
            ('erp', None),
            (fakes.OWN.id, None),
            ('erp', 'Default'),
        ):
            self.assertEqual(
                Scope(project_id=fakes.OWN.id),
                source_selection.scope(self.cloud, name, domain, False),
            )

    def test_a_domain_tells_two_of_one_name_apart(self) -> None:
        self.assertEqual(
            Scope(project_id=HR.id),
            source_selection.scope(self.cloud, 'hr', 'corp', False),
        )

    def test_a_name_that_fits_none_or_two_is_refused(self) -> None:
        self.assertIn('x\\x1b: 0 projects', self.refused('x\x1b', None, False))
        self.assertIn('hr: 2 projects', self.refused('hr', None, False))
        self.assertIn('0 projects', self.refused('erp', 'corp', False))

    def test_a_list_of_projects_that_is_forbidden_is_told(self) -> None:
        self.cloud.identity.held = None
        self.assertRaises(
            CloudError, source_selection.scope, self.cloud, 'hr', None, False
        )


class ExportTestCase(cases.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.directory() / 'workloads.yml'
        self.cloud = _cloud()
        self.told = source_export.SourceHints()

    def export(self, scope: Scope = EVERYWHERE, *servers: str) -> Update:
        """Return what an export to the file does."""
        self.exported = self._export([self._target()], scope, servers)
        (one,) = self.exported.manifests
        return one.update

    def _target(self) -> Target:
        before = read_to_write(str(self.path))
        known = None
        if before.exists:
            known = read_manifest(before.text, before.path)
        return Target(before, known)

    def _export(
        self,
        targets: Sequence[Target],
        scope: Scope = EVERYWHERE,
        servers: Sequence[str] = (),
    ) -> Exported:
        return source_export.export(
            self.cloud,
            Selection(scope, ServerPatterns(tuple(map(Pattern, servers)))),
            self.told,
            targets,
            4,
        )

    def effects(self, update: Update) -> dict[str, Effect]:
        return {line.entry.name: line.effect for line in update.lines}

    def wanted_properties(self) -> dict[str, Any]:
        data = yaml.safe_load(self.path.read_text())
        return {
            one['params']['name']: one['params'].get(KEY, 'absent')
            for one in data['resources']
        }


class ExportTest(ExportTestCase):
    def test_a_new_manifest_has_what_was_found(self) -> None:
        self.export()
        self.assertEqual({'web': PC, 'pay': Q35}, self.wanted_properties())

    def test_without_a_target_nothing_is_written(self) -> None:
        self.assertEqual(2, len(self._export(()).lines))
        self.assertFalse(self.path.exists())

    def test_a_file_that_cannot_be_written_names_what_was(self) -> None:
        first, second = self._target(), self.directory() / 'no' / 'x.yml'
        os_migrate = read_manifest(
            manifest_text(resource('pay', 'source-2')), str(second)
        )
        error = self.assertRaises(
            FileError,
            self._export,
            [first, Target(TextFile(str(second), None, ''), os_migrate)],
        )
        self.assertIn(f'{second}: cannot be written', str(error))
        self.assertIn(f'Written before that: {self.path}', str(error))
        self.assertEqual({'web': PC}, self.wanted_properties())

    def test_the_same_again_leaves_the_file_untouched(self) -> None:
        self.export()
        before = self.path.stat()
        self.export()
        after = self.path.stat()
        self.assertEqual(
            (before.st_ino, before.st_mtime_ns),
            (after.st_ino, after.st_mtime_ns),
        )

    def test_servers_of_a_cell_that_is_down_are_told(self) -> None:
        self.cloud.compute.unreadable.append('source-9')
        self.export()
        self.assertEqual(('source-9',), self.exported.unreadable)

    def test_every_server_that_is_not_there_is_named_at_once(self) -> None:
        error = self.assertRaises(
            Error, self.export, EVERYWHERE, 'x\x1b', 'web', 'a'
        )
        self.assertIn(
            'on the source matches: x\\x1b (--server), a (--server)',
            str(error),
        )
        self.assertFalse(self.path.exists())


class DetachedVolumesTest(ExportTestCase):
    """os-migrate's file of volumes that no server has is enriched as well."""

    def setUp(self) -> None:
        super().setUp()
        self.cloud = FakeCloud(
            volumes=[
                volume('volume-1', 'disk', {KEY: PC, 'os_type': 'linux'}),
                volume('volume-2', 'data', bootable=False),
            ],
            name='src',
        )
        self.path.write_text(
            manifest_text(
                *(
                    source_volume(id, name)
                    for id, name in (
                        ('volume-1', 'disk'),
                        ('volume-2', 'data'),
                        ('volume-3', 'gone'),
                    )
                )
            )
        )

    def test_each_server_gets_what_the_volume_says(self) -> None:
        before = yaml.safe_load(self.path.read_text())['resources']
        update = self.export()
        after = yaml.safe_load(self.path.read_text())['resources']
        self.assertEqual(PC, after[0]['params'][KEY])
        self.assertEqual('erp', after[0]['_info'][KEY]['project_name'])
        self.assertEqual(before[1:], after[1:])
        self.assertEqual(
            {
                'disk': Effect.ADDED,
                'data': Effect.UNCHANGED,
                'gone': Effect.NOT_FOUND,
            },
            self.effects(update),
        )


class LookedAtTest(ExportTestCase):
    """A server is not found where it should be, not where nobody looked."""

    def test_a_server_that_is_named_leaves_the_others_out(self) -> None:
        self.export()
        for name in ('web', 'source-1'):
            self.assertEqual(
                {'web': Effect.UNCHANGED},
                self.effects(self.export(EVERYWHERE, name)),
            )

    def test_a_project_that_is_named_leaves_the_others_out(self) -> None:
        self.export()
        for scope, name in (
            (Scope(), 'web'),
            (Scope(project_id=fakes.OWN.id), 'web'),
            (Scope(project_id=HR.id), 'pay'),
        ):
            self.assertEqual(
                {name: Effect.UNCHANGED}, self.effects(self.export(scope))
            )

    def test_a_server_that_is_gone_from_its_project_is_told(self) -> None:
        self.export()
        del self.cloud.compute.held[1]
        for scope in (EVERYWHERE, Scope(project_id=HR.id)):
            self.assertEqual(
                Effect.NOT_FOUND, self.effects(self.export(scope))['pay']
            )
        self.assertNotIn('pay', self.effects(self.export(Scope())))
        self.assertEqual({'web': PC, 'pay': Q35}, self.wanted_properties())

    def test_a_server_of_no_known_project_is_looked_for(self) -> None:
        self.path.write_text(manifest_text(resource('old', 'source-0')))
        self.assertEqual(
            {'old': Effect.NOT_FOUND}, self.effects(self.export(Scope()))
        )


class AnotherCloudTest(ExportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.export()
        self.before = self.path.read_bytes()

    def test_the_destination_is_not_taken_for_the_source(self) -> None:
        namesake = Project('project-new', 'hr', 'corp')
        self.cloud = FakeCloud(
            servers=[server('pay', 'other-2', project_id=namesake.id)],
            projects=[fakes.OWN, namesake],
            name='dst',
        )
        error = self.assertRaises(Error, self.export)
        for part in (
            'cloud dst is not the source',
            str(self.path),
            'project hr is project-hr, here it is project-new',
        ):
            self.assertIn(part, str(error))
        self.assertEqual(self.before, self.path.read_bytes())

    def test_a_project_of_that_name_in_another_domain_is_another(self) -> None:
        namesake = Project('project-new', 'hr', 'lab')
        self.cloud.identity.held = [fakes.OWN, HR, namesake]
        self.cloud.compute.held.append(
            server('new', 'source-3', project_id=namesake.id)
        )
        self.assertEqual(Effect.ADDED, self.effects(self.export())['new'])

    def test_names_that_may_not_be_read_prove_nothing(self) -> None:
        self.cloud.identity.held = None
        self.assertEqual(
            {'web': Effect.UNCHANGED}, self.effects(self.export(Scope()))
        )

    def test_a_file_that_names_no_project_is_no_other_cloud(self) -> None:
        # os-migrate before it recorded project_id, or an operator's own.
        self.path.write_text(
            manifest_text(
                resource(
                    info={
                        KEY: fakes.facts(
                            project_name='erp', project_domain_name='Default'
                        )
                    }
                )
            )
        )
        self.assertIn('web', self.effects(self.export()))


def _guest(server_id: str, machine_type: str | None) -> Guest:
    return Guest(server_id, Evidence.LIBVIRT_DOMAIN, machine_type, 'a.xml')


class ToldTest(ExportTestCase):
    """What is known beside the APIs of the source."""

    def fact(self, update: Update, name: str) -> Fact:
        (fact,) = (
            line.fact for line in update.lines if line.entry.name == name
        )
        assert fact is not None
        return fact

    def test_a_server_that_was_collected_is_known_by_that(self) -> None:
        self.told = source_export.SourceHints([_guest('source-1', Q35)])
        fact = self.fact(self.export(), 'web')
        self.assertEqual(
            (Q35, Evidence.LIBVIRT_DOMAIN), (fact.value, fact.evidence)
        )
        self.assertEqual(0, self.exported.not_listed)

    def test_servers_that_the_source_did_not_show_are_counted(self) -> None:
        self.told = source_export.SourceHints([_guest('elsewhere', Q35)])
        self.export()
        self.assertEqual(1, self.exported.not_listed)

    def test_only_what_nothing_else_tells_is_inspected(self) -> None:
        self.cloud.block_storage.held['volume-2'] = volume('volume-2')
        asked: list[str] = []

        def inspect(servers: Any, volumes: Any) -> list[Guest]:
            asked.extend(one.id for one in servers)
            self.assertIn('volume-2', volumes)
            return [_guest('source-2', PC)]

        self.told = source_export.SourceHints(
            inspect=inspect, defaults=[Defaults(otherwise=Q35)]
        )
        update = self.export()
        self.assertEqual(['source-2'], asked)
        self.assertEqual(PC, self.fact(update, 'pay').value)

    def test_what_the_destination_lacks_is_told_and_translated(self) -> None:
        machines = {PC: Machine(PC), 'pc': Machine('pc', PC)}
        hosts = Abilities.of([Host('a', 'a test', {'x86_64': machines})])
        proposer = Proposer(destination=hosts, translate=True)
        old = 'pc-i440fx-rhel7.4.0'
        self.told = source_export.SourceHints(
            [_guest('source-1', old)],
            proposer=proposer,
            computes=Computes(hosts, known_from='a test'),
        )
        fact = self.fact(self.export(), 'web')
        self.assertEqual((old, PC), (fact.value, fact.wanted))
        codes = {
            server_id: {one.rule.code for one in concerns}
            for server_id, concerns in self.exported.concerns.items()
        }
        self.assertEqual({'source-2': {'unsupported-machine-type'}}, codes)
