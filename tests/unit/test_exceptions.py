# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

from osc_hwmt.exceptions import CloudError, ManifestError, Problem
from tests.unit.support import cases


class CloudErrorTest(cases.TestCase):
    def test_a_cloud_error_names_the_status_and_the_request(self) -> None:
        self.assertEqual(
            'no room (HTTP 413, req-1)',
            str(CloudError('no room', 413, 'req-1')),
        )

    def test_a_cloud_error_is_plain_when_no_answer_came(self) -> None:
        self.assertEqual('no route', str(CloudError('no route')))


class ManifestErrorTest(cases.TestCase):
    def test_a_manifest_error_tells_each_problem_on_a_line_of_its_own(
        self,
    ) -> None:
        error = ManifestError(
            [Problem('a.yml', 3, 7, 'odd'), Problem('b.yml', 1, 1, 'even')]
        )
        self.assertEqual(
            [
                'Invalid input, nothing was done:',
                'a.yml:3:7: odd',
                'b.yml:1:1: even',
            ],
            str(error).splitlines(),
        )

    def test_thousands_of_problems_are_a_page_of_text(self) -> None:
        many = [Problem('a.yml', n, 1, 'x' * 9999) for n in range(4362)]
        error = ManifestError(many)
        self.assertEqual(many, list(error.problems))
        self.assertTrue(str(error).endswith('\nand 4,312 more'))
        self.assertLess(len(str(error)), 30_000)
