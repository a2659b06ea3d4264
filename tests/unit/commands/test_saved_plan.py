# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import json
import stat
from typing import Any

from tests.unit.support.apply_command import KEY, WRITES, ApplyTestCase
from tests.unit.support.fakes import (
    PC,
    volume,
)


class PlanFileTest(ApplyTestCase):
    """A plan that somebody approves elsewhere."""

    def setUp(self) -> None:
        super().setUp()
        self.plan = self.home / 'plan.json'
        self.assertEqual(0, self.save())
        self.digest = hashlib.sha256(self.plan.read_bytes()).hexdigest()
        self.saved = self.told
        self.start_again()

    def save(self, *words: object) -> int:
        return self.run_command(
            self.path, '--dry-run', '--save-plan', self.plan, *words
        )

    def carry_out(self, *words: object) -> int:
        return self.run_command('--plan', self.plan, *words)

    def edit(self, **differing: Any) -> None:
        plan = json.loads(self.plan.read_text())
        self.plan.write_text(json.dumps({**plan, **differing}))

    def test_a_saved_plan_is_private_and_its_digest_printed(self) -> None:
        self.assertEqual(0o600, stat.S_IMODE(self.plan.stat().st_mode))
        self.assertIn(f'Plan: {self.plan}, sha256 {self.digest}\n', self.saved)
        plan = json.loads(self.plan.read_text())
        self.assertEqual(
            ('dst', 'https://dst.test/v3', 'RegionOne', 'project-own', 'erp'),
            tuple(
                plan[key]
                for key in (
                    'cloud',
                    'auth_url',
                    'region',
                    'project_id',
                    'project',
                )
            ),
        )
        self.assertEqual([], self.cloud.writes)

    def test_a_plan_is_carried_out_and_the_journal_names_it(self) -> None:
        self.assertEqual(0, self.carry_out('--auto-approve'))
        self.assertEqual(['set'] * 2, self.column('Result'))
        self.assertEqual(WRITES, self.cloud.writes)
        self.assertIn(f'sha256 {self.digest}, made 20', self.told)
        (journal,) = self.home.glob('*.journal')
        header = json.loads(journal.read_text().splitlines()[0])
        self.assertEqual(
            {'path': str(self.plan), 'sha256': self.digest}, header['plan']
        )

    def test_a_plan_is_asked_about_as_any_other(self) -> None:
        self.assertIn('no terminal', self.refused('--plan', self.plan))
        self.typing('y\n')
        self.assertEqual(0, self.carry_out())
        self.assertIn('Write to 2 volumes in cloud dst (', self.told)

    def test_a_dry_run_says_whether_it_still_holds(self) -> None:
        self.assertEqual(0, self.carry_out('--dry-run'))
        self.assertEqual(['to set'] * 2, self.column('Result'))
        self.cloud.block_storage.held['twin'] = volume('twin')
        self.start_again()
        self.assertEqual(1, self.carry_out('--dry-run'))
        self.assertEqual(
            ['changed meanwhile', 'to set'], self.column('Result')
        )
        self.assertIn('appeared: twin', self.column('Detail')[0])
        self.assertEqual([], self.cloud.writes)

    def test_carried_out_again_it_finishes_what_is_missing(self) -> None:
        self.cloud.block_storage.set_image_metadata('volume-1', {KEY: PC})
        self.start_again()
        self.assertEqual(0, self.carry_out('--auto-approve'))
        self.assertEqual(['unchanged', 'set'], self.column('Result'))
        self.assertEqual(WRITES[1:], self.cloud.writes)

    def test_what_was_not_approved_is_not_written(self) -> None:
        held = self.cloud.block_storage.held
        late = held.pop('volume-2')
        self.start_again()
        self.save()
        held['volume-2'] = late
        self.start_again()
        self.assertEqual(1, self.carry_out('--auto-approve'))
        self.assertEqual(['set', 'changed meanwhile'], self.column('Result'))
        self.assertIn('it was not-imported-yet', self.column('Detail')[1])
        self.assertEqual(WRITES[:1], self.cloud.writes)

    def test_a_plan_that_was_edited_writes_nothing_else(self) -> None:
        text = self.plan.read_text().replace(PC, 'pc')
        self.plan.write_text(text)
        self.assertEqual(1, self.carry_out('--auto-approve'))
        self.assertEqual(['changed meanwhile', 'set'], self.column('Result'))
        self.assertIn('which was not approved', self.column('Detail')[0])
        self.assertEqual(WRITES[1:], self.cloud.writes)

    def test_the_options_that_shaped_it_are_obeyed(self) -> None:
        self.cloud.block_storage.held['said'] = volume('said', 'odd')
        said = self.file('db: said\n', 'map.yml')
        self.start_again()
        self.save('--server', 'db', '--volume-map', said)
        self.start_again()
        self.assertEqual(0, self.carry_out('--auto-approve'))
        self.assertEqual(['said'], self.column('Volume ID'))

    def test_another_manifest_cloud_region_or_project_is_refused(
        self,
    ) -> None:
        self.path.write_text(self.path.read_text() + '\n')
        self.assertIn(
            f'{self.path}: changed since plan {self.plan} was made',
            self.refused('--plan', self.plan, '--auto-approve'),
        )
        self.path.write_text(self.path.read_text()[:-1])
        for wrong in ({'region': 'RegionTwo'}, {'project_id': 'other'}):
            plan = self.plan.read_text()
            self.edit(**wrong)
            told = self.refused('--plan', self.plan, '--auto-approve')
            self.assertIn('not the one that the plan is for', told)
            self.plan.write_text(plan)
        self.assertEqual([], self.cloud.writes)

    def test_what_is_no_plan_or_lacks_a_server_is_refused(self) -> None:
        steps = json.loads(self.plan.read_text())['steps']
        for wrong, told in (
            ({'osc_hwmt_plan': 2}, 'expected version 1'),
            ({'steps': steps[:1]}, 'they differ for source-2'),
            ({'manifests': []}, 'manifests: expected one'),
            ({'options': {'servers': 'web'}}, 'servers: expected a list'),
            ({'options': {'wait': True}}, 'found wait'),
        ):
            plan = self.plan.read_text()
            self.edit(**wrong)
            self.assertIn(told, self.refused('--plan', self.plan))
            self.plan.write_text(plan)
        self.assertIn('not a plan', self.refused('--plan', self.path))
        self.assertIn(
            'cannot be read', self.refused('--plan', self.home / 'none')
        )

    def test_nothing_that_it_says_may_be_said_beside_it(self) -> None:
        for named, words in (
            ('<manifest>', (self.path,)),
            ('--server', ('--server', 'web')),
            ('--servers-from', ('--servers-from', 'wave.txt')),
            ('--volume-map', ('--volume-map', 'map.yml')),
            ('--destination-release', ('--destination-release', 'rhoso18')),
            ('--ignore-unsupported', ('--ignore-unsupported',)),
            ('--wait', ('--wait',)),
            ('--save-plan', ('--dry-run', '--save-plan', 'other.json')),
        ):
            told = self.misused('--plan', self.plan, *words)
            self.assertIn(f'--plan: not allowed with {named}', told)
        self.assertEqual([], self.cloud.calls)

    def test_a_file_that_is_no_plan_is_not_replaced(self) -> None:
        self.assertEqual(0, self.save(), 'a plan is')
        for words in (('--save-plan', self.path), ('--save-plan', '')):
            self.refused(self.path, '--dry-run', *words)
        self.assertIn('resources', self.path.read_text())

    def test_a_plan_is_saved_by_a_dry_run_of_files_only(self) -> None:
        self.assertIn(
            'only allowed with --dry-run',
            self.misused(self.path, '--save-plan', 'x'),
        )
        self.assertIn(
            'standard input',
            self.misused(
                *(self.path, '--dry-run', '--save-plan', 'x'),
                *('--destination-hosts', '-'),
            ),
        )
        self.assertIn('expected a manifest', self.misused())
