# SPDX-License-Identifier: Apache-2.0

"""The OpenStack releases a test cloud can be made of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

HERE = Path(__file__).parent
#: Modules that newer Pythons lack and older releases import.
NEWER = HERE / 'services' / 'newer'


@dataclasses.dataclass(frozen=True)
class Pins:
    """Every package that a release runs with on some Pythons.

    ``pythons`` are in order of preference.  ``build_tools`` are installed
    before everything else, because the source packages are built with them;
    ``compiled`` tells whether that takes a C compiler.  ``modules`` are for
    PYTHONPATH.
    """

    name: str
    pythons: tuple[str, ...]
    build_tools: tuple[str, ...] = (
        'pip==26.0',
        'setuptools==79.0.1',
        'wheel==0.45.1',
    )
    compiled: bool = False
    modules: tuple[Path, ...] = ()

    @property
    def path(self) -> Path:
        """Return the file that lists the packages."""
        return HERE / 'pins' / f'{self.name}.txt'


@dataclasses.dataclass(frozen=True)
class Release:
    """One release, and what it takes to install and run it.

    ``pins`` are in order of preference: those of its own time come first.
    """

    name: str
    pins: tuple[Pins, ...]
    virt_driver: str

    @property
    def pythons(self) -> tuple[str, ...]:
        """Return all Pythons that it runs on, in order of preference."""
        found = [each for pins in self.pins for each in pins.pythons]
        return tuple(dict.fromkeys(found))


# RHOSP 16.2 is made of it.
TRAIN = Release(
    name='train',
    pins=(
        Pins(
            'train',
            pythons=('3.6',),
            # suds-jurko needs use_2to3, which setuptools 58 dropped.
            build_tools=('pip==21.3.1', 'setuptools==57.5.0', 'wheel==0.37.1'),
            compiled=True,
        ),
        Pins(
            'train-newer',
            pythons=('3.11', '3.12', '3.13', '3.14', '3.10', '3.9'),
            modules=(NEWER,),
        ),
    ),
    virt_driver='fake.FakeDriver',
)
# RHOSO 18 is made of it.
ANTELOPE = Release(
    name='2023.1',
    pins=(
        Pins('2023.1', pythons=('3.10',), compiled=True),
        Pins(
            '2023.1-newer',
            pythons=('3.11', '3.12', '3.13', '3.14', '3.10', '3.9'),
            modules=(NEWER,),
        ),
    ),
    # The plain fake driver makes up another node at every start.
    virt_driver='fake.FakeDriverWithoutFakeNodes',
)
# The newest when this was written.
GAZPACHO = Release(
    name='2026.1',
    pins=(Pins('2026.1', pythons=('3.12', '3.13', '3.14', '3.11', '3.10')),),
    virt_driver='fake.FakeDriverWithoutFakeNodes',
)

RELEASES = {each.name: each for each in (TRAIN, ANTELOPE, GAZPACHO)}
