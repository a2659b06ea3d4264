# SPDX-License-Identifier: Apache-2.0

"""What tempest loads; nothing else imports this package."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tempest import config
from tempest.test_discover import plugins

from osc_hwmt_tempest_plugin import config as ours


class MachineTypeTempestPlugin(plugins.TempestPlugin):  # type: ignore[misc]
    """The tests of machine types, and their options."""

    def load_tests(self) -> tuple[str, str]:
        """Return the directory of the tests, and that of their package."""
        here = Path(__file__).resolve().parent
        return str(here / 'tests'), str(here.parent)

    def register_opts(self, conf: Any) -> None:
        """Register the options."""
        config.register_opt_group(conf, ours.GROUP, ours.OPTIONS)

    def get_opt_lists(self) -> list[tuple[str, list[Any]]]:
        """Return the options by their group, for a sample configuration."""
        return [(ours.GROUP.name, ours.OPTIONS)]
