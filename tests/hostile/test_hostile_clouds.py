# SPDX-License-Identifier: Apache-2.0

"""Hostile clouds."""

from __future__ import annotations

from typing import Any

from tests.functional.base import Answer, FunctionalTest
from tests.hostile import cloud
from tests.hostile.attacks import attack
from tests.hostile.cloud import HostileCloud, Scenario

NEXT = {'rel': 'next', 'href': 'unused'}


class HostileCloudTest(FunctionalTest):
    """The openstack command, against a cloud with a scenario."""

    def serve(self, scenario: Scenario, **options: Any) -> HostileCloud:
        """Return the cloud, which is served until the end of the test."""
        serving = cloud.serving(scenario, **options)
        served = serving.__enter__()
        self.addCleanup(serving.__exit__, None, None, None)
        self.configuration = served.configuration
        return served

    def export(self, code: int = 0) -> Answer:
        """Return what an export into a new manifest answers."""
        return self.openstack(
            *('migrate', 'machine-type', 'export', '--source-cloud', 'src'),
            'vms.yml',
            code=code,
        )

    def refused(self) -> str:
        """Return in what line an export ends that writes nothing."""
        said = self.export(code=1)
        self.assertEqual('', said.out)
        self.assertEqual([], list(self.directory.iterdir()))
        self.assertEqual(1, len(said.err.splitlines()), said.err)
        return said.err.strip()


class RecordedTest(HostileCloudTest):
    def test_the_cloud_without_a_scenario_is_one_like_any_other(self) -> None:
        self.serve(Scenario())
        self.export()
        self.assertIn(
            'hw_machine_type: pc-i440fx-rhel7.6.0',
            (self.directory / 'vms.yml').read_text(),
        )


class ListingTest(HostileCloudTest):
    @attack(
        'a listing of which each page is the first one again',
        'the command ends and says that the listing repeats itself',
    )
    def test_a_listing_that_repeats_itself(self) -> None:
        first: dict[str, Any] = {}

        def repeat(_path: str, body: Any) -> Any:
            if 'servers' not in body:
                return body
            first.update({'servers_links': [NEXT], **body, **first})
            return first

        self.serve(Scenario(body=repeat))
        self.assertIn('the listing of servers repeats itself', self.refused())
