# SPDX-License-Identifier: Apache-2.0

"""The mappings of a resource, each looked up once."""

from __future__ import annotations

from osc_hwmt.model.memory import intern_value
from osc_hwmt.yaml_text.nodes import (
    MappingNode,
    Node,
    SequenceNode,
    integer_of,
    is_null,
    is_true,
    scalar_of,
)

METADATA = 'volume_image_metadata'
#: Where the same stands, out of the way of os-migrate's import.
PARKED = 'volume_image_metadata_parked'

#: Under _info.hw_machine_type, where nothing was found: the family that the
#: server most likely ran, and that an operator chose to leave it so.
PRESUMED = 'presumed'
LEFT = 'left_to_destination'


class Section:
    """The members of a mapping; anything else has none."""

    def __init__(self, node: Node | None) -> None:
        self.node = node
        self.is_mapping = isinstance(node, MappingNode)
        pairs = node.value if node and self.is_mapping else ()
        self.members: dict[str, Node] = {
            key.value: value for key, value in pairs
        }
        self.names: list[Node] = [key for key, _value in pairs]

    def get(self, key: str) -> Node | None:
        """Return a member's value, None if absent."""
        return self.members.get(key)

    def scalar(self, key: str) -> str | None:
        """Return a scalar, kept once of many that are alike, None if none."""
        text = scalar_of(self.get(key))
        return text and intern_value(text)

    def integer(self, key: str) -> int | None:
        """Return a decimal integer, None for anything else."""
        return integer_of(self.get(key))

    def is_true(self, key: str) -> bool:
        """Tell whether a member is a YAML true."""
        return is_true(self.get(key))

    def items(self, key: str) -> list[Node]:
        """Return the elements of a list, none for anything else."""
        node = self.get(key)
        return list(node.value) if isinstance(node, SequenceNode) else []

    def section(self, key: str) -> Section:
        """Return the section below a key."""
        return Section(self.get(key))


class Resource(Section):
    """A server, a volume, or one of the volumes in a server's list."""

    def __init__(self, node: Node | None) -> None:
        super().__init__(node)
        self.params = self.section('params')
        self.info = self.section('_info')
        self.volumes = [Resource(one) for one in self.params.items('volumes')]

    def metadata(self) -> Section:
        """Return a volume's image metadata, wherever it stands."""
        for key in (METADATA, PARKED):
            if not is_null(self.params.get(key)):
                return self.params.section(key)
        return Section(None)
