# SPDX-License-Identifier: Apache-2.0

"""Clouds whose listings do not end."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

from osc_hwmt.cloud import paging
from osc_hwmt.cloud.interface import ResourceKind, Scope
from osc_hwmt.exceptions import CloudError
from tests.hostile.attacks import attack
from tests.unit.support import http


class EndlessListingTest(http.CloudTestCase):
    """Every listing of every service, beneath the real client libraries."""

    def setUp(self) -> None:
        super().setUp()
        self.replace('osc_hwmt.cloud.paging.PAGES', 20)
        cloud = self.connect()
        made = cloud.temporary.made
        self.listings: dict[str, tuple[str, Callable[[], object]]] = {
            'servers': (http.NOVA, lambda: cloud.compute.servers(Scope())),
            'volumes': (
                http.CINDER,
                lambda: cloud.block_storage.volumes(Scope()),
            ),
            'images': (http.GLANCE, lambda: made([ResourceKind.IMAGE])),
            'snapshots': (
                http.CINDER,
                lambda: made([ResourceKind.SNAPSHOT]),
            ),
            'flavors': (http.NOVA, lambda: made([ResourceKind.FLAVOR])),
        }

    def refusals(self, page: Callable[[str], dict[str, Any]]) -> list[str]:
        """Return what is said of each listing whose pages are such."""
        said = []
        for key, (service, ask) in self.listings.items():
            before = len(self.wire.request_history)
            self.wire.get(
                re.compile(f'{service}.*/{key}'),
                json=lambda *_request, key=key: page(key),
            )
            said.append(str(self.assertRaises(CloudError, ask)))
            self.assertIn(f'cloud dst: cannot list {_kind(key)}', said[-1])
            asked = len(self.wire.request_history) - before
            self.assertLess(asked, 2 * paging.PAGES)
        return said

    @attack(
        'an endless sequence of new pages of servers, volumes, images, '
        'snapshots or flavors',
        'the command stops after 10,000 pages, 1 GiB or 4 hours, and names '
        'the listing',
    )
    def test_ever_new_pages(self) -> None:
        numbers = itertools.count()

        def page(key: str) -> dict[str, Any]:
            row = {'id': f'{next(numbers):032x}', 'name': 'x'}
            return {key: [{**row, **NEEDED}], **goes_on(key)}

        for said in self.refusals(page):
            self.assertIn('the listing does not end after 20 pages', said)

    @attack(
        'a listing whose next page is always the same page',
        'the command stops at the second one',
    )
    def test_the_same_page_for_ever(self) -> None:
        def page(key: str) -> dict[str, Any]:
            return {key: [{'id': 'a', 'name': 'x', **NEEDED}], **goes_on(key)}

        for said in self.refusals(page):
            self.assertIn('repeats itself', said)


#: What a server or a volume needs beside its name.
NEEDED = {
    'tenant_id': 'project-own',
    'status': 'ACTIVE',
    'image': '',
    'size': 1,
    'bootable': 'true',
}


def goes_on(key: str) -> dict[str, Any]:
    """Return what says that there is another page, in each service's way."""
    link = 'http://elsewhere.test/'
    if key == 'images':
        return {'next': link}
    return {f'{key}_links': [{'rel': 'next', 'href': link}]}


def _kind(key: str) -> str:
    return 'volume snapshots' if key == 'snapshots' else key
