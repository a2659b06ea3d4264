# SPDX-License-Identifier: Apache-2.0

"""A plan is carried out on what was approved, or not at all.

What the cloud does between a plan and its approval, this test does itself.
"""

from __future__ import annotations

import hashlib
import json
import stat

from tests.clouds.scenario import I440FX, Q35
from tests.functional.project import ProjectTestCase


class PromptTest(ProjectTestCase):
    """What changes while a human reads the question."""

    def setUp(self) -> None:
        super().setUp()
        self.manifest({'web': I440FX, 'db': Q35})
        self.web, self.db = self.volume('web'), self.volume('db')

    def test_two_volumes_whose_names_are_swapped_are_both_refused(
        self,
    ) -> None:
        def swap() -> None:
            self.rename(self.web, 'db')
            self.rename(self.db, 'web')

        answer, asked = self.approved('vms.yml', change=swap, code=1)
        self.assertIn(
            'Write to 2 volumes in cloud dst '
            f'({self.destination.cloud["auth"]["auth_url"]}, region '
            f'{self.destination.cloud["region_name"]}, project '
            f'{self.destination.cloud["auth"]["project_name"]})?',
            asked,
        )
        for name, other, mine, theirs in (
            ('web', 'db', self.web, self.db),
            ('db', 'web', self.db, self.web),
        ):
            row = answer.row(Server=name)
            self.assertEqual('changed meanwhile', row['Result'])
            self.assertIn(
                f'volume {mine} was named {name}-boot when the plan was '
                f'approved, and is now named {other}-boot',
                row['Detail'],
            )
            self.assertIn(f'it now resolves to volume {theirs}', row['Detail'])
            self.assertIsNone(self.machine_type_of(mine))
        self.apply('--auto-approve', 'vms.yml')
        self.assertEqual(
            (Q35, I440FX),
            (self.machine_type_of(self.web), self.machine_type_of(self.db)),
        )

    def test_a_namesake_that_appears_stops_its_server_alone(self) -> None:
        made: list[str] = []
        answer, _asked = self.approved(
            'vms.yml',
            change=lambda: made.append(self.volume('db')),
            code=1,
        )
        self.assertEqual('set', answer.row(Server='web')['Result'])
        row = answer.row(Server='db')
        self.assertEqual('changed meanwhile', row['Result'])
        self.assertIn(
            f'another volume with that name has appeared: {made[0]}',
            row['Detail'],
        )
        self.assertEqual(
            (I440FX, None, None),
            tuple(map(self.machine_type_of, (self.web, self.db, made[0]))),
        )

    def test_a_server_that_appears_is_named(self) -> None:
        def build() -> None:
            self.seeder.server(
                self.project_id,
                'web',
                block_devices=[
                    {
                        'boot_index': 0,
                        'uuid': self.web,
                        'source_type': 'volume',
                        'destination_type': 'volume',
                    }
                ],
            )

        answer, _asked = self.approved('vms.yml', change=build, code=1)
        self.assertRegex(
            answer.row(Server='web')['Detail'], r'server \S+ now exists'
        )
        self.assertEqual('set', answer.row(Server='db')['Result'])
        self.assertIsNone(self.machine_type_of(self.web))

    def test_a_volume_that_broke_is_not_written(self) -> None:
        answer, _asked = self.approved(
            'vms.yml', change=lambda: self.reset(self.web, 'error'), code=1
        )
        self.assertIn(
            f'volume {self.web} is in status error',
            answer.row(Server='web')['Detail'],
        )
        self.assertIsNone(self.machine_type_of(self.web))

    def test_what_has_not_changed_is_written(self) -> None:
        answer, _asked = self.approved('vms.yml', change=lambda: None, code=0)
        self.assertEqual(
            ['set', 'set'], [row['Result'] for row in answer.rows]
        )


class PlanFileTest(ProjectTestCase):
    """What somebody else approves."""

    def setUp(self) -> None:
        super().setUp()
        self.manifest({'web': I440FX, 'db': Q35})
        self.web, self.db = self.volume('web'), self.volume('db')
        self.plan = self.directory / 'plan.json'
        self.saved = self.apply(
            '--dry-run', '--save-plan', 'plan.json', 'vms.yml'
        )

    def test_a_plan_is_carried_out_and_named_in_the_journal(self) -> None:
        digest = hashlib.sha256(self.plan.read_bytes()).hexdigest()
        self.assertIn(f'Plan: plan.json, sha256 {digest}\n', self.saved.err)
        self.assertEqual(0o600, stat.S_IMODE(self.plan.stat().st_mode))
        self.assertIsNone(self.machine_type_of(self.web))
        answer = self.apply('--plan', 'plan.json', '--auto-approve')
        self.assertEqual(
            ['set', 'set'], [row['Result'] for row in answer.rows]
        )
        self.assertEqual(
            (I440FX, Q35),
            (self.machine_type_of(self.web), self.machine_type_of(self.db)),
        )
        (journal,) = self.directory.glob('*.journal')
        header = json.loads(journal.read_text().splitlines()[0])
        self.assertEqual(
            {'path': 'plan.json', 'sha256': digest}, header['plan']
        )
        again = self.apply('--plan', 'plan.json', '--auto-approve')
        self.assertEqual(
            ['unchanged'] * 2, [row['Result'] for row in again.rows]
        )

    def test_on_a_terminal_it_is_asked_about_with_its_digest(self) -> None:
        digest = hashlib.sha256(self.plan.read_bytes()).hexdigest()
        answer, asked = self.approved(
            *('--plan', 'plan.json'),
            change=lambda: self.rename(self.db, 'crm'),
            code=1,
        )
        self.assertIn(f'Plan: plan.json, sha256 {digest}, made ', asked)
        self.assertEqual('set', answer.row(Server='web')['Result'])
        self.assertIn(
            'and is now named crm-boot', answer.row(Server='db')['Detail']
        )

    def test_what_changed_since_is_refused_and_named(self) -> None:
        self.rename(self.web, 'db')
        self.rename(self.db, 'web')
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertEqual(
            ['changed meanwhile'] * 2, [row['Result'] for row in answer.rows]
        )
        self.assertEqual([], list(self.directory.glob('*.journal')))

    def test_a_manifest_that_changed_is_refused(self) -> None:
        path = self.directory / 'vms.yml'
        path.write_text(path.read_text().replace(I440FX, Q35))
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertIn('vms.yml: changed since plan plan.json', answer.err)

    def test_another_project_is_refused(self) -> None:
        plan = json.loads(self.plan.read_text())
        self.plan.write_text(json.dumps({**plan, 'project_id': 'x' * 32}))
        answer = self.apply('--plan', 'plan.json', '--auto-approve', code=1)
        self.assertIn('not the one that the plan is for', answer.err)

    def test_what_is_no_plan_is_refused_and_kept(self) -> None:
        answer = self.apply('--plan', 'vms.yml', '--auto-approve', code=1)
        self.assertIn('vms.yml: not a plan', answer.err)
        before = (self.directory / 'vms.yml').read_bytes()
        answer = self.apply(
            '--dry-run', '--save-plan', 'vms.yml', 'vms.yml', code=1
        )
        self.assertIn('already exists and is not a plan', answer.err)
        self.assertEqual(before, (self.directory / 'vms.yml').read_bytes())
