# SPDX-License-Identifier: Apache-2.0

"""What an export may do to a manifest, drawn at random."""

from __future__ import annotations

import random

from osc_hwmt.manifest.entry import Entry, SourceVolume
from osc_hwmt.manifest.reading import read_manifest
from osc_hwmt.model import properties
from osc_hwmt.model.evidence import Conclusion, Evidence
from osc_hwmt.source import update as update_source
from osc_hwmt.source.facts import ExportedServer, Fact, ServerFacts
from osc_hwmt.source.parking import parked
from osc_hwmt.source.selection import RequestedProperties
from tests.unit.support import fakes
from tests.unit.support.fakes import PC, Q35

KEY = 'hw_machine_type'


def edited(text: str, path: str, chance: random.Random) -> str:
    """Return a manifest after some of what an export may do to it."""
    manifest = read_manifest(text, path)
    found = {
        entry.server_id: found_of(entry, chance)
        for entry in manifest.entries
        if chance.random() < 0.9
    }
    extend = chance.random() < 0.3
    if extend:
        new = fakes.server("new: it's #1", 'new')
        found['new'] = ServerFacts(
            ExportedServer.of(new), Fact(PC, Evidence.LIBVIRT_DOMAIN)
        )
    update = update_source.update(
        manifest, found, extend=extend, requested=requested(chance)
    )
    text = update.text
    return parked(text, path).text if chance.random() < 0.5 else text


def found_of(entry: Entry, chance: random.Random) -> ServerFacts:
    """Return what a source may know of a server or volume of a manifest."""
    boot_volume = entry.boot_volume
    said = boot_volume.said if boot_volume else {}
    conclusions = {}
    for key, values in (
        (KEY, (None, PC, Q35)),
        ('hw_disk_bus', (None, 'ide')),
        ('os_type', (None, 'linux', 'windows')),
    ):
        value = said[key].written if key in said else chance.choice(values)
        legal = not value or properties.expected(key, value) is None
        conclusions[key] = Conclusion(
            value if legal else None,
            Evidence.VOLUME_IMAGE_METADATA if value else Evidence.NONE,
            unknown='no' if not legal or chance.random() < 0.1 else None,
        )
    machine_type = conclusions.pop(KEY)
    orders: tuple[dict[str, str | None], ...] = (
        {},
        {},
        {KEY: 'virt'},
        {'os_type': ''},
        {KEY: None},
    )
    ordered = chance.choice(orders)
    if KEY in ordered:
        # As an export looks for all that is ordered.
        conclusions[KEY] = machine_type
    return ServerFacts(
        None
        if entry.detached
        else ExportedServer.of(fakes.server(entry.name, entry.server_id)),
        Fact(
            machine_type.value,
            machine_type.evidence,
            unknown=machine_type.unknown,
            properties=conclusions,
            boot_volume=chance.choice(
                (None, SourceVolume('volume-1', 'a: #1', 10, True))
            ),
        ),
        ordered,
    )


def requested(chance: random.Random) -> RequestedProperties:
    """Return what an export may be asked for."""
    return chance.choice(
        (
            RequestedProperties(),
            RequestedProperties(hardware=True),
            RequestedProperties(frozenset(('os_type', 'hw_disk_bus'))),
        )
    )
