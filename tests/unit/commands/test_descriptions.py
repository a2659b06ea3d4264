# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import configparser
import importlib
import pathlib

import osc_hwmt
from tests.unit.support import cases

ROOT = pathlib.Path(osc_hwmt.__file__).parent.parent
NAMESPACE = 'openstack.machine_type_migration.v1'


class DescriptionTest(cases.TestCase):
    def test_openstack_help_has_a_line_for_each_command(self) -> None:
        # It prints the first line, with the command before it.
        config = configparser.ConfigParser()
        config.read(ROOT / 'setup.cfg')
        points = config['entry_points'][NAMESPACE].split('\n')
        for point in filter(None, points):
            module, _colon, name = point.partition('=')[2].partition(':')
            command = getattr(importlib.import_module(module.strip()), name)
            first, *_rest = command._description.split('\n')
            self.assertLess(len(first), 64, name)
            self.assertTrue(first.endswith('.'), name)
