# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.exceptions import CloudError
from osc_hwmt.model.inventory import Project
from tests.unit.support import http


class IdentityTest(http.CloudTestCase):
    def test_the_sessions_project_comes_with_the_token(self) -> None:
        identity = self.connect().identity
        before = self.wire.call_count
        self.assertEqual(
            Project('project-own', 'erp', 'D'), identity.own_project()
        )
        self.assertEqual(before, self.wire.call_count, 'a needless request')

    def test_projects_have_their_domains_names(self) -> None:
        self.wire.get(
            f'{http.KEYSTONE}/projects',
            json={
                'projects': [
                    {'id': 'p', 'name': 'hr', 'domain_id': 'd'},
                    {'id': 'q', 'name': 'it', 'domain_id': 'hidden'},
                ]
            },
        )
        self.wire.get(
            f'{http.KEYSTONE}/domains',
            json={'domains': [{'id': 'd', 'name': 'corp'}]},
        )
        self.assertEqual(
            [Project('p', 'hr', 'corp'), Project('q', 'it', None)],
            self.connect().identity.projects(),
        )

    def test_a_user_who_may_not_list_projects_gets_the_status(self) -> None:
        self.wire.get(f'{http.KEYSTONE}/projects', status_code=403)
        error = self.assertRaises(CloudError, self.connect().identity.projects)
        self.assertEqual(403, error.code)
