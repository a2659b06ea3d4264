# SPDX-License-Identifier: Apache-2.0

"""Facts that are written into a manifest, for tests of that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import yaml

from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model.evidence import Evidence
from osc_hwmt.source import update
from osc_hwmt.source.facts import ExportedServer, Fact, ServerFacts
from osc_hwmt.source.selection import ONLY_MACHINE_TYPE, RequestedProperties
from osc_hwmt.source.update import Update
from tests.unit.support import fakes
from tests.unit.support.fakes import PC

KEY = 'hw_machine_type'
PATH = 'workloads.yml'


def fact_of(value: str | None = PC, **more: Any) -> Fact:
    """Return what the boot volume said of the machine type."""
    return Fact(
        value,
        Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
        **more,
    )


def found_with(
    fact: Fact, server_id: str = 'source-1', name: str = 'web'
) -> ServerFacts:
    """Return a server with what is known of it."""
    return ServerFacts(ExportedServer.of(fakes.server(name, server_id)), fact)


UNKNOWN = fact_of(None, unknown='not allowed to see')


def created(
    *found: ServerFacts, asked: RequestedProperties = ONLY_MACHINE_TYPE
) -> Update:
    """Return a new manifest of servers, with what was found of each."""
    return update.create(_by_id(found), PATH, asked)


def _by_id(found: Iterable[ServerFacts]) -> dict[str, ServerFacts]:
    return {one.origin.id: one for one in found if one.origin}


def updated(text: str, *found: ServerFacts, extend: bool = False) -> Update:
    """Return a manifest updated with what was found."""
    return update.update(
        read_manifest(text, PATH),
        _by_id(found),
        extend=extend,
    )


def server_in(text: str, position: int = 0) -> dict[str, Any]:
    """Return a server of a manifest, as plain data."""
    found: dict[str, Any] = yaml.safe_load(text)['resources'][position]
    return found
