# SPDX-License-Identifier: Apache-2.0

"""The hook that python-openstackclient loads for every command it runs.

It imports nothing, because every ``openstack`` command pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

API_NAME = 'machine_type_migration'
API_VERSION_OPTION = 'os_machine_type_migration_api_version'
DEFAULT_API_VERSION = '1'
# A dict and not a tuple: osc-lib 2.7 calls keys() on it.
API_VERSIONS = {'1': 'osc_hwmt.plugin'}


def make_client(instance: Any) -> None:
    """Return None: the commands open their clouds themselves."""
    return None


def build_option_parser(
    parser: argparse.ArgumentParser,
) -> argparse.ArgumentParser:
    """Return the parser unchanged: there is no API version to choose."""
    return parser
