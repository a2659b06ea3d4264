# SPDX-License-Identifier: Apache-2.0

"""The clouds.yaml with which clients reach the clouds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from tests.clouds import state
from tests.clouds.catalog import DEMO
from tests.clouds.cloud import REGION, Cloud


def write(directory: Path, clouds: Iterable[Cloud]) -> Path:
    """Write the file for administrator and member; return its path."""
    entries = {}
    for cloud in clouds:
        entries[cloud.name] = _entry(cloud, 'admin')
        entries[f'{cloud.name}-{DEMO}'] = _entry(cloud, DEMO)
    path = directory / state.CLIENT_CONFIGURATION
    state.write_atomically(
        path, yaml.safe_dump({'clouds': entries}, sort_keys=False)
    )
    return path


def _entry(cloud: Cloud, user: str) -> dict[str, Any]:
    """Return a user's entry; the project is called like the user."""
    return {
        'auth': {
            'auth_url': cloud.identity_url,
            'username': user,
            'password': cloud.password,
            'project_name': user,
            'user_domain_name': 'Default',
            'project_domain_name': 'Default',
        },
        'region_name': REGION,
        'identity_api_version': '3',
        'volume_api_version': '3',
        'interface': 'public',
    }
