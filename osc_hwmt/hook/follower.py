# SPDX-License-Identifier: Apache-2.0

"""A play of os-migrate's, followed: what ends in it makes the hook act."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from osc_hwmt.cloud import connection
from osc_hwmt.cloud.interface import Cloud
from osc_hwmt.collected import load
from osc_hwmt.destination.apply import Result
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.os_migrate import Module, Workload
from osc_hwmt.hook.play import (
    Ending,
    Surroundings,
    endings,
    surroundings,
)
from osc_hwmt.hook.stopper import Stopper
from osc_hwmt.hook.workloads import Hook
from osc_hwmt.i18n import _
from osc_hwmt.tables import apply


@dataclasses.dataclass(frozen=True)
class Settings:
    """What the operator configured; None is what the play itself says."""

    destination_cloud: str
    clouds_file: str | None
    manifest: str | None
    journal_directory: str | None
    stop: bool
    ignore_unsupported: bool = False
    destination_release: str | None = None
    destination_hosts: Sequence[str] = ()
    strict: bool = False


class Follower:
    """Gives each workload its machine type as soon as its volumes are there.

    ``say`` and ``warn`` show a line to the operator.
    """

    def __init__(
        self,
        settings: Settings,
        stopper: Stopper,
        say: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._settings = settings
        self._stopper = stopper
        self._say = say
        self._warn = warn
        #: By manifest, None where there is none.
        self._hooks: dict[str, Hook | None] = {}
        #: By host, the workload that its play imports now.
        self._announced: dict[str, Workload] = {}
        #: By the job in the background that copies its data.
        self._jobs: dict[str, Workload | None] = {}

    def task_ended(self, play: Any, result: Any) -> None:
        """Do what is due after a task of Ansible's that ended well."""
        with self._told(result._host.name, None):
            around = surroundings(play, result)
            for ending in endings(play, result):
                self.ended(ending, around)

    def task_skipped(self, play: Any, result: Any) -> None:
        """Do what is due after a task of Ansible's that was not run."""
        with self._told(result._host.name, None):
            around = surroundings(play, result)
            for ending in endings(play, result):
                self.skipped(ending, around)

    def ended(self, ending: Ending, around: Surroundings) -> None:
        """Do what is due after a task, or a round of it, that ended well."""
        module, workload = self._meaning(ending)
        with self._told(ending.host, workload):
            if module is Module.PRELIMINARY and ending.result.get('changed'):
                self._announce(ending.host, workload, around)
            elif module is Module.TRANSFER:
                self._transferred(ending.result, workload, around)
            elif module is Module.TRANSFER_DETACHED:
                self._volumes_transferred(ending.result, around)

    def skipped(self, ending: Ending, around: Surroundings) -> None:
        """Apply to a workload whose volumes are there without a transfer."""
        workload = ending.workload
        if (
            os_migrate.module_of(ending.action) is Module.TRANSFER
            and workload
            and workload == self._announced.get(ending.host)
            and not workload.copies_data
        ):
            with self._told(ending.host, workload):
                hook = self._hook(around)
                if hook:
                    self._judge(hook.placed(workload))

    def finish(self) -> None:
        """Say what was done, and end the journals."""
        for path, hook in self._hooks.items():
            if hook:
                hook.close()
            if hook and hook.results:
                summary = apply.summary(hook.results)
                self._say(f'{printable(path)}: {summary}')
            if hook and hook.journal_path:
                self._say(_('journal: %s') % hook.journal_path)

    def _meaning(
        self, ending: Ending
    ) -> tuple[Module | None, Workload | None]:
        """Return whose result this is, and of which workload.

        A task that goes on in the background is not one's result yet; it
        comes with a later task, which looks after its job.
        """
        module, job = os_migrate.module_of(ending.action), ending.job
        if job and 'volume_map' not in ending.result:
            if module is Module.TRANSFER:
                self._jobs[job] = ending.workload
            return None, None
        if module is None and job in self._jobs:
            return Module.TRANSFER, self._jobs.pop(job)
        return module, ending.workload

    def _announce(
        self, host: str, workload: Workload | None, around: Surroundings
    ) -> None:
        hook = self._hook(around)
        if hook and workload:
            self._announced[host] = workload
            hook.announced(workload)

    def _transferred(
        self,
        result: Mapping[str, Any],
        workload: Workload | None,
        around: Surroundings,
    ) -> None:
        hook = self._hook(around)
        if hook is None:
            return
        if workload is None:
            raise Error(_('cannot tell which workload this task is for'))
        if 'censored' in result:
            raise Error(_('no_log hides which volume it boots from'))
        volume_id = os_migrate.boot_volume_id(result)
        self._judge(hook.transferred(workload, volume_id))

    def _volumes_transferred(
        self, result: Mapping[str, Any], around: Surroundings
    ) -> None:
        hook = self._hook(around, os_migrate.DETACHED_VOLUMES)
        if hook is None:
            return
        failures = []
        for source, target in os_migrate.volumes(result).items():
            try:
                done = hook.volume_transferred(source, target)
                if done:
                    self._judge(done)
            except Error as exc:
                failures.append(f'{source}: {exc}')
        if failures:
            raise Error('; '.join(failures))

    def _judge(self, result: Result) -> None:
        if apply.is_well(result):
            self._say(apply.line(result))
        else:
            raise Error(apply.detail(result))

    @contextlib.contextmanager
    def _told(self, host: str, workload: Workload | None) -> Iterator[None]:
        """Stop the host, or warn, where something goes wrong.

        Whatever that is: Ansible would build the server all the same.
        """
        try:
            yield
        except Error as exc:
            reason = str(exc)
        except Exception as exc:
            reason = f'{type(exc).__name__}: {exc}'
        else:
            return
        name = printable(workload.name) if workload else '?'
        if self._settings.stop:
            self._stopper.stop(host, f'osc-hwmt: {name}: {reason}')
        else:
            self._warn(f'{name}: {reason}')

    def _hook(
        self, around: Surroundings, name: str = os_migrate.WORKLOADS
    ) -> Hook | None:
        """Return the hook for a play's manifest, None where there is none."""
        path = self._settings.manifest or _in(around.data_directory, name)
        if path not in self._hooks:
            if self._settings.manifest is None and not os.path.lexists(path):
                self._warn(_('no manifest at %s: nothing is set') % path)
                self._hooks[path] = None
            else:
                self._hooks[path] = Hook(
                    path,
                    self._settings.journal_directory,
                    lambda: self._open_cloud(around),
                    load.computes(
                        self._settings.destination_release,
                        self._settings.destination_hosts,
                    ),
                    self._settings.ignore_unsupported,
                    self._say,
                    self._settings.strict,
                )
                self._say(
                    _(
                        'sets what %(path)s wants on cloud '
                        '%(cloud)s%(ignoring)s; on failure: %(failure)s'
                    )
                    % {
                        'path': printable(path),
                        'cloud': self._settings.destination_cloud,
                        'ignoring': _(', also what it cannot run')
                        if self._settings.ignore_unsupported
                        else '',
                        'failure': 'stop' if self._settings.stop else 'warn',
                    }
                )
        return self._hooks[path]

    def _open_cloud(self, around: Surroundings) -> Cloud:
        return connection.open_from_file(
            self._settings.clouds_file
            or around.clouds_file
            or _in(around.data_directory, os_migrate.CLOUDS),
            self._settings.destination_cloud,
            **around.tls,
        )


def _in(directory: str | None, name: str) -> str:
    if directory is None:
        raise Error(
            _('os_migrate_data_dir is not set: name %s in the settings') % name
        )
    return os.path.join(os.path.expanduser(directory), name)
