# SPDX-License-Identifier: Apache-2.0

"""All clouds of a state directory: up and down."""

from __future__ import annotations

import dataclasses
import os
import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.clouds import (
    client_configuration,
    ports,
    prerequisites,
    processes,
    state,
)
from tests.clouds.cloud import ALL_PROGRAMS, FAKE, LIBVIRT, PROGRAMS, Cloud
from tests.clouds.environments import PYTHON_VARIABLE, environment_for
from tests.clouds.errors import CloudError
from tests.clouds.narration import Narrator
from tests.clouds.processes import Process
from tests.clouds.releases import ANTELOPE, GAZPACHO, TRAIN, Release
from tests.clouds.startup import Startup

START_LIMIT = 300.0
DEFAULTS = {
    state.SOURCE: TRAIN,
    state.DESTINATION: ANTELOPE,
    state.NEWEST: GAZPACHO,
}


@dataclasses.dataclass(frozen=True)
class Wish:
    """What a cloud shall be; None stands for what it is or is by default."""

    release: Release | None = None
    compute: str | None = None


def up(
    directory: Path,
    asked: Mapping[str, Wish],
    narrator: Narrator,
    limit: float = START_LIMIT,
) -> list[Cloud]:
    """Bring clouds up, and return all clouds of the state directory.

    ``asked`` has the clouds that are wanted, by name.

    :raises CloudError: when a cloud does not become healthy.
    """
    with state.locked(directory, _busy(narrator, directory)):
        _stop_leftovers(directory, narrator)
        clouds = [
            _prepared(directory, name, wish, narrator)
            for name, wish in _wanted(directory, asked).items()
        ]
        if any(cloud.compute == LIBVIRT for cloud in clouds):
            prerequisites.require()
        clouds = _with_ports(directory, clouds)
        for cloud in clouds:
            state.record_cloud(cloud)
        _start_all(clouds, narrator, limit)
        client_configuration.write(directory, clouds)
        return clouds


def down(directory: Path, keep_data: bool, narrator: Narrator) -> None:
    """Stop everything of a state directory, and delete it unless kept.

    :raises CloudError: when a process does not end.
    """
    if not directory.exists():
        narrator.say(f'{directory} does not exist: nothing to take down')
        return
    with state.locked(directory, _busy(narrator, directory)):
        found = processes.running(directory)
        with narrator.step(f'stopped {len(found)} processes'):
            if keep_data or _has_guests(found):
                processes.stop(found)
            else:
                # What they would put in order is deleted.
                processes.stop(found, 0)
        left = processes.running(directory)
        if left:
            raise CloudError(
                f'{len(left)} processes were started meanwhile; try again.'
            )
        if not keep_data:
            state.delete(directory)
            narrator.say(f'deleted {directory}')


def _has_guests(found: Iterable[Process]) -> bool:
    return any(one.owner.program not in PROGRAMS for one in found)


def _busy(narrator: Narrator, directory: Path) -> state.Busy:
    return lambda: narrator.say(
        f'another run is busy with {directory}; waiting for it'
    )


def _wanted(directory: Path, asked: Mapping[str, Wish]) -> dict[str, Wish]:
    """Return what was asked for, and the clouds that are there already."""
    return {
        name: asked.get(name, Wish())
        for name in state.NAMES
        if name in asked or (directory / name).exists()
    }


def _stop_leftovers(directory: Path, narrator: Narrator) -> None:
    """Stop the commands that an interrupted run has left behind."""
    leftovers = _commands_of(directory)
    if leftovers:
        narrator.say('stopping what an interrupted run has left behind')
        processes.stop(leftovers)


def _commands_of(directory: Path) -> list[Process]:
    """Return what runs and is not one of the services."""
    return [
        process
        for process in processes.running(directory)
        if process.owner.program not in ALL_PROGRAMS
    ]


def _prepared(
    directory: Path, name: str, wish: Wish, narrator: Narrator
) -> Cloud:
    """Return the cloud that is there, or one that is yet to be made."""
    recorded = state.recorded_cloud(directory, name)
    if recorded is not None and state.initialised(recorded):
        _require_fit(recorded, wish)
        return recorded
    _discard(directory, name, narrator)
    release = wish.release or DEFAULTS[name]
    return dataclasses.replace(
        _new_cloud(directory, name, release, narrator),
        compute=wish.compute or FAKE,
    )


def _require_fit(cloud: Cloud, wish: Wish) -> None:
    if wish.release not in (
        None,
        cloud.environment.release,
    ) or wish.compute not in (None, cloud.compute):
        raise CloudError(
            f'The cloud {cloud.name} is there already, and it is '
            f'{cloud.release} with compute {cloud.compute}. Take it down '
            f'first.'
        )


def _discard(directory: Path, name: str, narrator: Narrator) -> None:
    """Delete a cloud that did not get as far as having its databases."""
    if (directory / name).exists():
        narrator.say(f'{name}: discarding what an interrupted run has left')
        processes.stop(
            process
            for process in processes.running(directory)
            if process.owner.cloud == name
        )
        state.delete(directory / name)


def _new_cloud(
    directory: Path, name: str, release: Release, narrator: Narrator
) -> Cloud:
    """Return a cloud of a release, and say what it runs on if not its own.

    :raises CloudError: when there is no Python that it runs on.
    """
    environment = environment_for(release)
    if environment is None:
        wanted = os.environ.get(PYTHON_VARIABLE)
        raise CloudError(
            f'{name}: {release.name} runs on Python '
            f'{", ".join(release.pythons)}, and '
            + (
                f'{PYTHON_VARIABLE} wants {wanted}.'
                if wanted
                else 'there is none of them here with its venv module: '
                'apt-get install python3-venv, or dnf install python3.12.'
            )
        )
    if environment.remark is not None:
        narrator.say(
            f'{name}: {release.name} on Python '
            f'{environment.interpreter.version} with newer libraries, '
            f'because {environment.remark}'
        )
    return Cloud(name, directory, environment, ports={})


def _with_ports(directory: Path, clouds: list[Cloud]) -> list[Cloud]:
    """Return the clouds with ports they can have.

    Those of a cloud that runs stay; those of one that does not are kept if
    nobody has taken them meanwhile.
    """
    running = {each.owner.cloud for each in processes.running(directory)}
    taken: set[int] = set()
    fitted = []
    for cloud in clouds:
        free = bool(cloud.ports) and all(
            map(ports.is_free, cloud.ports.values())
        )
        if cloud.name not in running and not free:
            others = {port for each in clouds for port in each.ports.values()}
            cloud = dataclasses.replace(
                cloud, ports=ports.choose(PROGRAMS, taken | others)
            )
        taken.update(cloud.ports.values())
        fitted.append(cloud)
    return fitted


def _start_all(clouds: list[Cloud], narrator: Narrator, limit: float) -> None:
    """Start all clouds side by side.

    :raises CloudError: at the end, when one did not become healthy.
    """
    cancelled = threading.Event()
    failed = []
    with ThreadPoolExecutor(len(clouds)) as pool:
        futures = {}
        for cloud in clouds:
            strand = narrator.about(cloud.name)
            startup = Startup(cloud, strand, limit, cancelled)
            futures[pool.submit(startup.run)] = cloud.name
        try:
            for future in as_completed(futures):
                error = future.exception()
                if isinstance(error, CloudError):
                    narrator.say(f'FAILED {error}')
                    failed.append(futures[future])
                elif error is not None:
                    raise error
        except BaseException:
            cancelled.set()
            processes.stop(_commands_of(clouds[0].state))
            raise
    if failed:
        raise CloudError(f'Not up: {", ".join(failed)}.')
