# SPDX-License-Identifier: Apache-2.0

"""A server keeps its machine type when it moves between OpenStack clouds."""


def version() -> str:
    """Return the version of the installed package."""
    from importlib import metadata  # costs start-up time

    return metadata.version('osc-hwmt')
