# SPDX-License-Identifier: Apache-2.0

"""Which keys of a resource an export refreshes, and which edits it keeps."""

from __future__ import annotations

import dataclasses
from typing import Any

from osc_hwmt.manifest.edit import Put
from osc_hwmt.manifest.entry import Entry, Recorded, RecordedProperty
from osc_hwmt.manifest.sections import LEFT
from osc_hwmt.model.evidence import Conclusion, Evidence
from osc_hwmt.model.inventory import MACHINE_TYPE
from osc_hwmt.source.choice import with_choice
from osc_hwmt.source.facts import Fact, ServerFacts
from osc_hwmt.source.resource import conclusion_data, fact_data
from osc_hwmt.source.selection import RequestedProperties
from osc_hwmt.yaml_text.nodes import Node, child, data_of, scalar_of

#: What no API tells, or only part of it: it has to be given again.
_COLLECTED = (Evidence.LIBVIRT_DOMAIN, Evidence.NOVA_RECORD)
_DEFAULTS = (Evidence.RELEASE_DEFAULT, Evidence.OPERATOR_DEFAULT)


def refresh(
    entry: Entry,
    node: Node,
    found: ServerFacts,
    requested: RequestedProperties,
) -> list[Put]:
    """Return what is to change in the resource of a server or volume."""
    if _is_no_news(entry, found.fact) and not found.wanted:
        return []
    fact = with_earlier_proposal(with_choice(found, entry), entry.recorded)
    puts = _refresh_key(
        entry, node, MACHINE_TYPE, fact, fact_data(fact), restored=True
    )
    puts += _chosen_of_earlier(entry, found)
    for key in requested.of(found, entry):
        one = fact.properties[key]
        named = key in requested.named
        puts += _refresh_key(
            entry, node, key, one, conclusion_data(one), restored=named
        )
    if not found.wanted:
        return puts
    params = child(node, 'params')
    return [
        *(
            put
            for put in puts
            if put.section != 'params' or put.key not in found.wanted
        ),
        *(
            Put('params', key, value)
            for key, value in found.wanted.items()
            if not _says(child(params, key), value)
        ),
    ]


def tells_less(found: Conclusion, earlier: RecordedProperty | None) -> bool:
    """Tell whether an earlier export was told more than this one.

    Today nobody may read it; or it was collected then, or said in an option,
    and this time it was not.
    """
    if earlier is None or earlier.unknown:
        return False
    if found.unknown:
        return True
    if earlier.evidence in _COLLECTED:
        order = list(Evidence)
        return order.index(earlier.evidence) < order.index(found.evidence)
    return found.value is None and earlier.evidence in _DEFAULTS


def with_earlier_proposal(fact: Fact, earlier: Recorded | None) -> Fact:
    """Return the fact with what was proposed of the same fact before."""
    if fact.proposal or earlier is None or earlier.value != fact.value:
        return fact
    return dataclasses.replace(fact, proposal=earlier.proposal)


def _says(node: Node | None, value: str | None) -> bool:
    return node is not None and scalar_of(node) == value


def _is_no_news(entry: Entry, fact: Fact) -> bool:
    """Tell whether a volume is one of the many that no server boots from."""
    return (
        entry.detached
        and entry.recorded is None
        and not entry.lacks_machine_type
        and not (fact.value or fact.unknown or entry.wanted_properties)
        and not any(one.value for one in fact.properties.values())
    )


def _chosen_of_earlier(entry: Entry, found: ServerFacts) -> list[Put]:
    """Return what records a choice beside facts that stay as they were."""
    recorded = entry.recorded
    if (
        recorded is None
        or recorded.value
        or recorded.left_to_destination
        or not tells_less(found.fact, recorded)
        or found.wanted.get(MACHINE_TYPE, '') is not None
    ):
        return []
    return [Put(f'_info.{MACHINE_TYPE}', LEFT, True)]


def _refresh_key(
    entry: Entry,
    node: Node,
    key: str,
    found: Conclusion,
    facts: dict[str, Any],
    *,
    restored: bool,
) -> list[Put]:
    """Return what is to change for one property.

    One that was deleted is ``restored``, or else stays deleted: nothing is
    asked for then, but of the machine type, which has to be said.
    """
    params, info = child(node, 'params'), child(node, '_info')
    recorded, wanted = child(info, key), child(params, key)
    earlier = entry.recorded.of(key) if entry.recorded else None
    if tells_less(found, earlier):
        return []
    if wanted is None:
        kept = earlier is not None and not earlier.unknown and not restored
    else:
        kept = (
            earlier is None
            or earlier.unknown is not None
            or scalar_of(wanted) != earlier.wanted
            or (isinstance(earlier, Recorded) and earlier.left_to_destination)
        )
    puts = []
    if recorded is None or data_of(recorded) != _as_text(facts):
        puts.append(Put('_info', key, facts))
    if not (kept or found.unknown) and (
        wanted is None or scalar_of(wanted) != found.wanted
    ):
        puts.append(Put('params', key, found.wanted))
    return puts


def _as_text(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _as_text(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_as_text(element) for element in data]
    if isinstance(data, bool):
        return str(data).lower()
    return data if data is None else str(data)
