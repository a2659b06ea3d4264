# SPDX-License-Identifier: Apache-2.0

"""The OpenStack releases a test cloud can be made of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

PINS = Path(__file__).parent / 'pins'


@dataclasses.dataclass(frozen=True)
class Release:
    """One release, and what it takes to install and run it.

    ``pythons`` are in order of preference.  ``build_tools`` are installed
    before everything else, because the source packages are built with them.
    """

    name: str
    pythons: tuple[str, ...]
    build_tools: tuple[str, ...]
    virt_driver: str

    def pins(self, python: str) -> Path:
        """Return the file that lists every package for a Python."""
        return PINS / f'{self.name}-py{python}.txt'


# RHOSP 16.2 is made of it.
TRAIN = Release(
    name='train',
    pythons=('3.6',),
    # suds-jurko needs use_2to3, which setuptools 58 dropped.
    build_tools=('pip==21.3.1', 'setuptools==57.5.0', 'wheel==0.37.1'),
    virt_driver='fake.FakeDriver',
)
# RHOSO 18 is made of it.
ANTELOPE = Release(
    name='2023.1',
    pythons=('3.10', '3.11'),
    build_tools=('pip==26.0', 'setuptools==79.0.1', 'wheel==0.45.1'),
    # The plain fake driver makes up another node at every start.
    virt_driver='fake.FakeDriverWithoutFakeNodes',
)
# The newest when this was written.
GAZPACHO = Release(
    name='2026.1',
    pythons=('3.12',),
    build_tools=('pip==26.0', 'setuptools==79.0.1', 'wheel==0.45.1'),
    virt_driver='fake.FakeDriverWithoutFakeNodes',
)

RELEASES = {each.name: each for each in (TRAIN, ANTELOPE, GAZPACHO)}
