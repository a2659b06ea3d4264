# SPDX-License-Identifier: Apache-2.0

"""Rights taken away, one policy rule at a time, on a real cloud."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

from openstack import config

from tests import policy_rights
from tests.clouds import state
from tests.clouds.scenario import I440FX
from tests.functional.base import Answer
from tests.functional.project import ProjectTestCase
from tests.functional.with_clouds import DESTINATION

DRY = ('apply', '--dry-run', 'vms.yml')
WRITE = ('apply', '--auto-approve', 'vms.yml')
_NOVA = 'os_compute_api'
RULES = {right.rule for right in policy_rights.RIGHTS}


@contextmanager
def forbidden(rule: str) -> Iterator[None]:
    """Let nobody do at the destination what a rule allows.

    All services of a test cloud have one directory of configuration, and read
    this file of it when it has changed. It stays, because a service that has
    read it once wants it to be there.
    """
    (cloud,) = [
        one
        for one in state.clouds(state.default_directory())
        if one.name == state.DESTINATION
    ]
    policy = cloud.etc / 'policy.yaml'
    policy.write_text(json.dumps({rule: '!'}))
    try:
        yield
    finally:
        policy.write_text('{}')


class PolicyTest(ProjectTestCase):
    """What the page on policy says of a missing right."""

    def setUp(self) -> None:
        super().setUp()
        self.manifest({'web': I440FX})
        self.volume_id = self.volume('web')
        region = config.OpenStackConfig().get_one(
            cloud=os.environ[DESTINATION]
        )
        admin = {
            key: region.config[key]
            for key in ('auth', 'region_name', 'interface')
        }
        clouds = {'dst': self.destination.cloud, 'admin': admin}
        self.write(self.configuration, {'clouds': clouds})

    def without(
        self, rule: str, *words: str, code: int = 1, cloud: str = 'dst'
    ) -> Answer:
        """Return what a command answers that lacks a right of the page."""
        self.assertIn(rule, RULES)
        action, *others = words
        side = 'source' if action == 'export' else 'destination'
        with forbidden(rule):
            return self.machine_type(
                *(action, f'--{side}-cloud', cloud, *others), code=code
            )

    def refused(self, rule: str, text: str) -> None:
        """Check that a text has the service's own answer about a rule."""
        self.assertRegex(
            text, f'{re.escape(rule)}[^(]*\\(HTTP 403|not authorized.*{rule}'
        )

    def test_what_lists_ends_the_command(self) -> None:
        for rule, words, attempt in (
            (f'{_NOVA}:servers:detail', DRY, 'list servers'),
            ('volume:get_all', DRY, 'list volumes'),
            (f'{_NOVA}:servers:detail', ('export',), 'list servers'),
        ):
            answer = self.without(rule, *words)
            self.assertIn(f'cannot {attempt}: ', answer.err)
            self.refused(rule, answer.err)

    def test_an_administrator_who_may_not_see_others_is_told_so(self) -> None:
        others = ('export', '--all-projects')
        one = ('export', '--project', 'admin')
        probe = ('list', '--probe', '--auto-approve')
        for rule, words, attempt in (
            (f'{_NOVA}:servers:detail:get_all_tenants', others, 'servers'),
            ('identity:list_projects', one, 'all projects'),
            ('identity:list_domains', one, 'all projects'),
            (f'{_NOVA}:os-services:list', probe, 'compute services'),
            (f'{_NOVA}:os-hypervisors:list-detail', probe, 'hypervisors'),
        ):
            answer = self.without(rule, *words, cloud='admin')
            self.assertIn(f'cannot list {attempt}: ', answer.err)
            self.refused(rule, answer.err)

    def test_a_probe_that_may_not_begin_leaves_nothing(self) -> None:
        probe = ('list', '--probe', '--auto-approve')
        for rule in (
            f'{_NOVA}:os-flavor-manage:create',
            f'{_NOVA}:servers:create',
            f'{_NOVA}:servers:create:forced_host',
        ):
            answer = self.without(rule, *probe, cloud='admin')
            self.refused(rule, answer.err)
            self.assertNotIn('remove', answer.err)

    def test_a_probe_that_may_not_delete_names_what_is_left(self) -> None:
        rule = f'{_NOVA}:servers:delete'
        answer = self.without(
            rule, 'list', '--probe', '--auto-approve', cloud='admin'
        )
        self.refused(rule, answer.err)
        left = re.findall('server delete ([0-9a-f-]{36})', answer.err)
        self.assertNotEqual([], left, answer.err)
        for server_id in left:
            self.openstack(
                '--os-cloud', 'admin', 'server', 'delete', server_id
            )

    def test_image_metadata_that_no_listing_shows_is_asked_for(self) -> None:
        rule = 'volume_extension:volume_image_metadata:show'
        answer = self.without(rule, *DRY, code=0)
        self.assertEqual('to set', answer.row(Server='web')['Result'])

    def test_image_metadata_that_nobody_shows_is_not_written(self) -> None:
        answer = self.without('volume:get_volume_metadata', *WRITE)
        row = answer.row(Server='web')
        self.assertEqual('refused', row['Result'])
        self.assertIn('not allowed to see the image metadata', row['Detail'])
        self.assertIn('policy volume:get_volume_metadata', row['Detail'])
        answer = self.without('volume:get', *WRITE)
        self.assertIn(f'{self.volume_id} could not be found', answer.err)
        self.assertIsNone(self.machine_type_of(self.volume_id))

    def test_a_write_that_is_forbidden_fails(self) -> None:
        for rule in (
            'volume_extension:volume_image_metadata:set',
            'volume:update_volume_metadata',
        ):
            row = self.without(rule, *WRITE).row(Server='web')
            self.assertEqual('failed', row['Result'])
            self.refused(rule, row['Detail'])
        self.assertIsNone(self.machine_type_of(self.volume_id))

    def test_a_removal_that_is_forbidden_fails(self) -> None:
        self.apply('--auto-approve', '--journal', 'journal', 'vms.yml')
        for rule in (
            'volume_extension:volume_image_metadata:remove',
            'volume:delete_volume_metadata',
            'volume:get_volume_metadata',
        ):
            answer = self.without(
                rule, 'rollback', '--auto-approve', 'journal'
            )
            row = answer.row(Server='web')
            self.assertEqual('failed', row['Result'])
            self.refused(rule, row['Detail'])
        self.assertEqual(I440FX, self.machine_type_of(self.volume_id))
