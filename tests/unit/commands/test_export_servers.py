# SPDX-License-Identifier: Apache-2.0

"""Which servers export looks at, and what tells of them beside the APIs."""

from __future__ import annotations

from osc_hwmt.model.inventory import Project
from tests.unit.support.exporting import HR, KEY, ExportTestCase
from tests.unit.support.fakes import PC, server, volume


class ServerTest(ExportTestCase):
    def test_servers_that_were_not_asked_for_are_no_failure(self) -> None:
        self.run_command(self.path)
        self.start_again()
        code = self.run_command(self.path, '--server', 'web')
        self.assertEqual((0, ['web']), (code, self.column('Server')))
        self.assertNotIn('Not found', self.told)


class DefaultTest(ExportTestCase):
    def found(self, *words: str) -> dict[str, tuple[str | None, str]]:
        self.start_again()
        self.assertEqual(0, self.run_command(*words))
        return {
            row['Server']: (row['Machine Type'], row['Evidence'])
            for row in self.rows
        }

    def test_a_default_may_be_for_one_architecture(self) -> None:
        option = '--default-machine-type'
        found = self.found(option, 'aarch64=virt', option, 'pc')
        self.assertEqual('virt', found['db'][0])
        self.assertIsNone(self.found(option, 'x86_64=pc')['db'][0])

    def test_a_default_that_is_no_machine_type_is_wrong_usage(self) -> None:
        for text in ('', 'x86_64=', 'p c', 'x86_64=p c', '86=pc'):
            self.assertIn(
                'expected [<architecture>=]<machine-type>',
                self.misused(f'--default-machine-type={text}'),
            )

    def test_a_default_that_no_manifest_may_hold_is_wrong_usage(self) -> None:
        for text in ('none', 'null', 'x86_64=None', '=pc'):
            self.misused(f'--default-machine-type={text}')

    def test_two_defaults_of_one_kind_are_refused_before_the_cloud(
        self,
    ) -> None:
        option = '--default-machine-type'
        self.assertIn('both pc', self.misused(option, 'pc', option, 'q35'))
        self.assertEqual([], self.asked)


class ProjectTest(ExportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cloud.compute.held.append(
            server('hr', 'source-3', project_id=HR.id)
        )

    def test_a_project_may_be_named_with_its_domain(self) -> None:
        assert self.cloud.identity.held is not None
        self.cloud.identity.held.append(Project('p', 'hr', 'lab'))
        self.assertIn('2 projects', self.refused('--project', 'hr'))
        self.run_command('--project', 'hr', '--project-domain', 'corp')
        self.assertEqual(['hr'], self.column('Server'))

    def test_all_projects_may_be_asked_for(self) -> None:
        self.run_command('--all-projects')
        self.assertEqual(['erp', 'erp', 'hr'], self.column('Project'))

    def test_a_domain_alone_is_wrong_usage(self) -> None:
        self.assertIn(
            'only allowed with --project',
            self.misused('--project-domain', 'corp'),
        )
        self.assertEqual([], self.asked)

    def test_project_and_all_projects_exclude_each_other(self) -> None:
        self.misused('--project', 'hr', '--all-projects')


class InspectTest(ExportTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.replace('tempfile.tempdir', str(self.directory()))
        self.replace('osc_hwmt.probes.cleanup.PAUSE', 0.0)
        self.cloud.block_storage.held = {
            'volume-1': volume('volume-1'),
            'volume-2': volume('volume-2', image_metadata={KEY: PC}),
        }

    def test_only_what_nothing_else_tells_is_asked_of_nova(self) -> None:
        self.assertEqual(0, self.run_command('--inspect', '--auto-approve'))
        self.assertEqual(['q35', PC], self.column('Machine Type'))
        self.assertEqual(
            ['nova-record', 'volume-image-metadata'], self.column('Evidence')
        )
        self.assertIn('image: 1, without data', self.told)

    def test_nova_is_not_asked_without_the_option(self) -> None:
        self.run_command()
        self.assertEqual([None, PC], self.column('Machine Type'))
        self.assertEqual([], self.cloud.temporary.deleted)
