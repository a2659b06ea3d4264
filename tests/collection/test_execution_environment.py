# SPDX-License-Identifier: Apache-2.0

"""The execution environment, as far as it can be had without building it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import fixtures
import testtools

_ROOT = Path(__file__).parents[2]


class ExecutionEnvironmentTest(testtools.TestCase):  # type: ignore[misc]
    """What ansible-builder makes of containers/execution-environment.yml."""

    def setUp(self) -> None:
        super().setUp()
        self.home = Path(self.useFixture(fixtures.TempDir()).path)
        shutil.copy(
            _ROOT / 'containers' / 'execution-environment.yml', self.home
        )
        (self.home / 'wheels').mkdir()
        (self.home / 'wheels' / 'osc_hwmt-1.0.0-py3-none-any.whl').touch()
        done = subprocess.run(
            [
                Path(sys.executable).parent / 'ansible-builder',
                'create',
                '--output-filename=Containerfile',
                '--context=context',
            ],
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self.assertEqual(0, done.returncode, done.stdout)
        self.context = self.home / 'context'

    def test_the_image_is_only_built_with_a_hook_that_loads(self) -> None:
        steps = (self.context / 'Containerfile').read_text()
        self.assertIn('RUN ansible-doc -t callback osc_hwmt.machine_', steps)
        self.assertIn('RUN openstack migrate machine-type apply', steps)

    def test_the_wheel_is_where_pip_looks(self) -> None:
        steps = (self.context / 'Containerfile').read_text()
        self.assertIn('ENV PIP_FIND_LINKS=/wheels', steps)
        self.assertTrue(list((self.context / '_build/wheels').iterdir()))

    def test_os_migrate_gets_the_libraries_that_it_pins(self) -> None:
        pinned = set(
            re.findall(
                r'^\S+==\S+$',
                (_ROOT / 'constraints' / 'os-migrate.txt').read_text(),
                re.MULTILINE,
            )
        )
        self.assertNotEqual(set(), pinned)
        needed = (self.context / '_build/requirements.txt').read_text()
        self.assertEqual(set(), pinned.difference(needed.split()))
