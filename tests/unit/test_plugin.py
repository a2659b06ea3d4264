# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import argparse

from osc_hwmt import plugin
from tests.unit.support import cases


class PluginTest(cases.TestCase):
    def test_its_name_can_be_an_attribute_and_an_option(self) -> None:
        self.assertTrue(plugin.API_NAME.isidentifier())
        self.assertIn(plugin.API_NAME, plugin.API_VERSION_OPTION)

    def test_its_default_version_exists(self) -> None:
        self.assertIn(plugin.DEFAULT_API_VERSION, plugin.API_VERSIONS.keys())

    def test_the_plugin_adds_no_global_option(self) -> None:
        parser = argparse.ArgumentParser()
        before = parser.format_help()
        self.assertIs(parser, plugin.build_option_parser(parser))
        self.assertEqual(before, parser.format_help())
