# SPDX-License-Identifier: Apache-2.0

"""How one cloud comes from whatever state it is in to being healthy."""

from __future__ import annotations

import functools
import threading
import time
from collections.abc import Sequence

from tests.clouds import (
    bindings,
    catalog,
    configuration,
    databases,
    environments,
    golden,
    health,
    processes,
    state,
)
from tests.clouds.cloud import GLANCE, KEYSTONE, LIBVIRT, Cloud
from tests.clouds.errors import CloudError, Failed
from tests.clouds.narration import Strand

POLL_INTERVAL = 0.2


class Startup:
    """Brings one cloud up; ``cancelled`` makes it give up."""

    def __init__(
        self,
        cloud: Cloud,
        strand: Strand,
        limit: float,
        cancelled: threading.Event,
    ) -> None:
        self._cloud = cloud
        self._strand = strand
        self._limit = limit
        self._cancelled = cancelled
        self._pids = {
            process.owner.program: process.pid
            for process in processes.running(cloud.state)
            if process.owner.cloud == cloud.name and process.leads
        }

    def run(self) -> None:
        """Return when the cloud is healthy.

        :raises CloudError: when it does not get there.
        """
        environments.install(
            self._cloud.environment,
            self._cloud.owner(environments.INSTALLER),
            self._strand,
        )
        if self._cloud.compute == LIBVIRT:
            bindings.install(
                self._cloud.environment,
                self._cloud.owner(environments.INSTALLER),
                self._strand,
            )
        if self._has_databases():
            self._start_existing()
        else:
            self._start_new()
            golden.save(self._cloud)
            state.record_initialised(self._cloud)

    def _has_databases(self) -> bool:
        """Tell whether there are databases, golden ones if need be."""
        if state.initialised(self._cloud):
            return True
        if not golden.restore(self._cloud):
            return False
        self._strand.say('took the databases from the golden state')
        state.record_initialised(self._cloud)
        return True

    def _start_existing(self) -> None:
        programs = self._cloud.programs
        missing = [each for each in programs if each not in self._pids]
        if not missing:
            self._strand.say('runs already')
        elif len(missing) < len(programs):
            self._strand.say(f'starting again: {", ".join(missing)}')
        else:
            configuration.write(self._cloud)
            databases.rebind(self._cloud)
        self._start(missing)
        self._await(programs)

    def _start_new(self) -> None:
        databases.make_password(self._cloud)
        configuration.write(self._cloud)
        databases.initialise(self._cloud, self._strand)
        first = [KEYSTONE, GLANCE]
        self._start(first)
        self._await_authentication()
        catalog.fill(self._cloud)
        # Nova looks for placement in the catalog as soon as it starts.
        programs = self._cloud.programs
        self._start([each for each in programs if each not in first])
        self._await(programs)

    def _start(self, programs: Sequence[str]) -> None:
        for program in programs:
            databases.forget_heartbeats(self._cloud, program)
            self._pids[program] = processes.start(
                self._cloud.owner(program),
                self._cloud.command(program),
                self._cloud.variables,
                self._cloud.log(program),
            )
            if program == LIBVIRT:
                # Nova connects to it as soon as it starts.
                self._poll(LIBVIRT, self._check(LIBVIRT))

    def _await_authentication(self) -> None:
        session = health.admin_session(self._cloud)
        self._poll(KEYSTONE, lambda: health.check_authentication(session))

    def _await(self, programs: Sequence[str]) -> None:
        began = time.monotonic()
        for program in programs:
            self._poll(program, self._check(program))
            taken = time.monotonic() - began
            self._strand.say(f'{program} is healthy ({taken:.1f} s)')

    def _check(self, program: str) -> health.Check:
        session = health.admin_session(self._cloud)
        return functools.partial(health.check, self._cloud, session, program)

    def _poll(self, program: str, check: health.Check) -> None:
        """Return when the check passes, and not before."""
        limit = time.monotonic() + self._limit
        while True:
            try:
                return check()
            except health.Unhealthy as error:
                problem = error
            self._require_life()
            if time.monotonic() > limit:
                raise Failed(
                    f'{self._cloud.name}: {program} is not healthy after '
                    f'{self._limit:.0f} s: {problem}',
                    self._cloud.log(program),
                )
            if self._cancelled.wait(POLL_INTERVAL):
                raise CloudError(f'{self._cloud.name}: interrupted')

    def _require_life(self) -> None:
        for program, pid in self._pids.items():
            if not processes.lives(pid, self._cloud.owner(program)):
                raise Failed(
                    f'{self._cloud.name}: {program} has ended',
                    self._cloud.log(program),
                )
