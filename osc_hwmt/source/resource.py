# SPDX-License-Identifier: Apache-2.0

"""What export writes of a server: its facts, and a resource of its own."""

from __future__ import annotations

from typing import Any

from osc_hwmt.manifest.resource import SERVER_TYPE
from osc_hwmt.manifest.sections import LEFT, PRESUMED
from osc_hwmt.model.evidence import Conclusion
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.source.choice import with_choice
from osc_hwmt.source.facts import ExportedServer, Fact, ServerFacts
from osc_hwmt.source.selection import RequestedProperties


def resource(
    server: ExportedServer, found: ServerFacts, requested: RequestedProperties
) -> dict[str, Any]:
    """Return a server as os-migrate would lay it out, with our keys."""
    fact = with_choice(found)
    known: dict[str, tuple[Conclusion, dict[str, Any]]] = {
        MACHINE_TYPE: (fact, fact_data(fact))
    }
    for key in requested.of(found):
        conclusion = fact.properties[key]
        known[key] = (conclusion, conclusion_data(conclusion))
    params: dict[str, Any] = {
        'name': server.name,
        **{
            key: conclusion.wanted
            for key, (conclusion, _facts) in known.items()
            if not conclusion.unknown
        },
        **found.wanted,
    }
    if server.image_id:
        name = fact.image.name if fact.image else None
        params['image_ref'] = {'name': name or server.image_id}
    return {
        'type': SERVER_TYPE,
        'params': params,
        '_info': {
            'id': server.id,
            'project_id': server.project_id,
            **{key: facts for key, (_conclusion, facts) in known.items()},
        },
        '_migration_params': {
            'boot_disk_copy': not server.image_id,
            'boot_volume': {'uuid': None},
        },
    }


def conclusion_data(found: Conclusion) -> dict[str, Any]:
    """Return what is recorded of any property under _info."""
    facts: dict[str, Any] = {
        'value': found.value,
        'evidence': found.evidence.value,
    }
    if found.unknown:
        facts['unknown'] = found.unknown
    for others in ('contradicted_by', 'confirmed_by'):
        words = getattr(found, others)
        if words:
            facts[others] = [
                {'evidence': other.evidence.value, 'value': other.value}
                for other in words
            ]
    return facts


def fact_data(fact: Fact) -> dict[str, Any]:
    """Return what is recorded under _info.hw_machine_type."""
    facts = {**conclusion_data(fact), **fact.context}
    if fact.presumed:
        facts[PRESUMED] = fact.presumed.value
    if fact.left_to_destination:
        facts[LEFT] = True
    if fact.proposal:
        facts[fact.proposal.kind.value] = fact.proposal.machine_type
    if fact.boot_volume:
        facts['boot_volume_id'] = fact.boot_volume.id
        facts['boot_volume_name'] = fact.boot_volume.name
        facts['boot_volume_size'] = fact.boot_volume.size
        facts['boot_volume_rule'] = fact.boot_volume_rule
    if fact.image:
        facts['image_id'] = fact.image.id
    if fact.architecture:
        facts['architecture'] = fact.architecture
    if fact.vcpus is not None:
        facts['vcpus'] = fact.vcpus
    if fact.devices is not None:
        facts['devices'] = fact.devices
    if fact.project:
        facts['project_name'] = fact.project.name
        facts['project_domain_name'] = fact.project.domain_name
    return facts
