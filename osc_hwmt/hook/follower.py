# SPDX-License-Identifier: Apache-2.0

"""A play of os-migrate's, followed: what happens in it makes the hook act."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from osc_hwmt.destination.apply import Result
from osc_hwmt.display import printable
from osc_hwmt.exceptions import Error
from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.account import Account, Fate
from osc_hwmt.hook.going_on import Kept
from osc_hwmt.hook.holding import Holding
from osc_hwmt.hook.hooks import Hooks, Settings, in_directory
from osc_hwmt.hook.manifest import Manifest
from osc_hwmt.hook.os_migrate import Module, Transferred, Workload
from osc_hwmt.hook.play import (
    Ending,
    Surroundings,
    endings,
    starting_data,
    surroundings,
)
from osc_hwmt.hook.stopper import Stopper
from osc_hwmt.i18n import _
from osc_hwmt.tables import apply

#: Those whose end tells what is to be done.
_TELLING = (Module.PRELIMINARY, Module.TRANSFER, Module.TRANSFER_DETACHED)


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
        self._hooks = Hooks(settings, say)
        self._account = Account()
        #: By host and key, the workloads that nothing was set for yet.
        self._waiting: dict[str, dict[str, Workload]] = {}
        #: By host, the keys of those whose server may be built.
        self._settled: dict[str, set[str]] = {}
        #: By host, what its last transfer made and nothing is built from.
        self._kept: dict[str, Kept] = {}
        #: By the job in the background that copies its data.
        self._jobs: dict[str, Workload | None] = {}
        self._warned: set[str] = set()

    def task_starts(self, play: Any, host: Any, task: Any) -> None:
        """Change a task of Ansible's that starts and must not run so."""
        module = os_migrate.module_of(task.action)
        if module is Module.CLEAN_UP_DETACHED:
            # What comes after it fails, where the host is to be stopped.
            self._stopper.give_back()
        elif self._stopper.starting(host.name, task):
            return
        elif module is Module.CREATE:
            self._guard(play, host, task)
        elif module is Module.CLEAN_UP and host.name in self._kept:
            kept = self._kept[host.name]
            self._stopper.spare(task, f'osc-hwmt: {kept.sentence}')
        elif module is Module.EXPORT_DETACHED:
            with self._told(host.name, None):
                around = surroundings(play, host, task)
                found = os_migrate.detached(starting_data(play, host, task))
                hook = self._hooks.of(around, os_migrate.DETACHED_VOLUMES)
                hook.volumes_announced(found)
            self._stopper.starting(host.name, task)

    def task_ended(self, play: Any, result: Any) -> None:
        """Do what is due after a task of Ansible's that ended well."""
        with self._told(result._host.name, None):
            around = surroundings(play, result._host, result._task)
            for ending in endings(play, result):
                self.ended(ending, around)

    def task_skipped(self, play: Any, result: Any) -> None:
        """Do what is due after a task of Ansible's that was not run."""
        with self._told(result._host.name, None):
            around = surroundings(play, result._host, result._task)
            for ending in endings(play, result):
                self.skipped(ending, around)

    def task_failed(self, host: str, action: str) -> None:
        """Let a host go on that has failed."""
        self._stopper.failed(host)
        if os_migrate.module_of(action) is Module.TRANSFER:
            # os-migrate's clean-up is about that one's volumes now.
            self._kept.pop(host, None)

    def ended(self, ending: Ending, around: Surroundings) -> None:
        """Do what is due after a task, or a round of it, that ended well."""
        module, workload = self._meaning(ending)
        if module not in _TELLING or (
            module is Module.PRELIMINARY and not ending.result.get('changed')
        ):
            return
        with self._told(ending.host, self._fate(workload, around)):
            if module is Module.PRELIMINARY:
                self._announce(ending.host, _sure(workload), around)
            elif module is Module.TRANSFER:
                self._kept.pop(ending.host, None)
                self._transferred(ending, workload, around)
            else:
                self._volumes_transferred(ending.result, around)

    def skipped(self, ending: Ending, around: Surroundings) -> None:
        """Apply to a workload whose volumes are there without a transfer."""
        workload = ending.workload
        if os_migrate.module_of(ending.action) is not Module.TRANSFER:
            return
        self._kept.pop(ending.host, None)
        if (
            workload
            and workload.key in self._waiting.get(ending.host, ())
            and not workload.copies_data
        ):
            with self._told(ending.host, self._fate(workload, around)):
                self._apply(ending.host, workload, workload.placed, around)

    def finish(self) -> list[str]:
        """Say what was done and what was not, and end the journals.

        Returns why hosts were to fail that had no task left to fail in.
        """
        journals = self._hooks.close()
        for line in self._account.lines(self._settings.stop):
            self._say(line)
        for journal in journals:
            self._say(_('journal: %s') % journal)
        return list(self._stopper.pending.values())

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
        self, host: str, workload: Workload, around: Surroundings
    ) -> None:
        self._settled.setdefault(host, set()).discard(workload.key)
        self._waiting.setdefault(host, {})[workload.key] = workload
        fate = self._fate(workload, around)
        try:
            self._hooks.of(around).announced(workload)
        except Error as exc:
            if fate:
                fate.fail(str(exc), apply.Outcome.REFUSED.value)
            raise

    def _guard(self, play: Any, host: Any, task: Any) -> None:
        """Let no server be built whose volume nobody has looked after."""
        fate: Fate | None = None
        name, is_waiting = '?', True
        try:
            workload = os_migrate.workload(starting_data(play, host, task))
            reason = self._unsettled(host.name, workload)
            if reason is None:
                return
            if workload:
                name = printable(workload.name)
                is_waiting = workload.key in self._waiting.get(host.name, ())
            if is_waiting:
                around = surroundings(play, host, task)
                fate = self._fate(workload, around)
        except Exception as exc:
            reason = f'{type(exc).__name__}: {exc}'
        if fate:
            fate.fail(reason)
        if self._settings.stop:
            # Only if it would run: it does not where the server exists.
            self._stopper.refuse(task, f'osc-hwmt: {name}: {reason}')
        elif is_waiting:
            self._warn_once(f'{name}: {reason}')

    def _unsettled(self, host: str, workload: Workload | None) -> str | None:
        """Return why a server must not be built, None where it may be."""
        settled = self._settled.get(host, set())
        if workload is None:
            # In a loop of the task's own it has to be all of them.
            if settled and not self._waiting.get(host):
                return None
            return str(_unclear())
        if workload.key in settled:
            return None
        return _(
            'its server was about to be built, but its volumes were not '
            'seen: this os-migrate differs from 1.0.5'
        )

    def _transferred(
        self,
        ending: Ending,
        workload: Workload | None,
        around: Surroundings,
    ) -> None:
        made: Transferred | None = None
        try:
            made = os_migrate.transferred(ending.result)
            self._apply(ending.host, _sure(workload), made.boot, around)
        except (Exception, KeyboardInterrupt) as exc:
            keeps = self._settings.stop and self._settings.keep_volumes
            if keeps and (made is None or made.ids):
                kept = self._keep(workload, made, around)
                self._kept[ending.host] = kept
                if workload is None or isinstance(exc, KeyboardInterrupt):
                    # Nothing is said of it at the end of the play.
                    self._say(kept.instructions)
            raise

    def _apply(
        self,
        host: str,
        workload: Workload,
        volume_id: str | None,
        around: Surroundings,
    ) -> None:
        hook = self._hooks.of(around)
        result = self._holding().until_well(
            printable(workload.name),
            lambda: hook.transferred(workload, volume_id),
        )
        self._judge(result, self._fate(workload, around))
        self._settle(host, workload.key)

    def _keep(
        self,
        workload: Workload | None,
        made: Transferred | None,
        around: Surroundings,
    ) -> Kept:
        """Return what was made for a workload, to be kept."""
        path = in_directory(around.data_directory or '', os_migrate.WORKLOADS)
        place, image_backed = path, False
        if workload:
            with contextlib.suppress(Error):
                place, image_backed = Manifest(path).place(workload)
        name = workload.name if workload else '?'
        cloud = self._settings.destination_cloud
        kept = Kept(name, made, image_backed, place, cloud)
        fate = self._fate(workload, around)
        if fate:
            fate.kept = kept
        return kept

    def _volumes_transferred(
        self, result: Mapping[str, Any], around: Surroundings
    ) -> None:
        hook = self._hooks.of(around, os_migrate.DETACHED_VOLUMES)
        holding = self._holding()
        failures = []
        for source, target in os_migrate.volumes(result).items():
            if not hook.wants_of(source):
                continue
            fate = self._account.fate(hook.path, source, source, True)
            attempt = functools.partial(hook.transferred_to, source, target)
            try:
                self._judge(holding.until_well(source, attempt), fate)
            except Error as exc:
                fate.fail(str(exc))
                failures.append(f'{source}: {exc}')
        if failures:
            raise Error(
                _(
                    '%(failures)s; the volumes are kept: run apply once this '
                    'is fixed'
                )
                % {'failures': '; '.join(failures)}
            )

    def _holding(self) -> Holding:
        minutes = self._settings.retry_minutes if self._settings.stop else 0
        return Holding(minutes, self._say)

    def _judge(self, result: Result, fate: Fate | None) -> None:
        if fate:
            fate.word = apply.outcome(result).value
            fate.reason = fate.kept = None
            fate.undecided = result.step.entry.is_undecided
        if apply.is_well(result):
            self._say(apply.line(result))
        else:
            raise Error(apply.detail(result))

    def _settle(self, host: str, key: str) -> None:
        """Let a workload's server be built."""
        self._waiting.get(host, {}).pop(key, None)
        self._settled.setdefault(host, set()).add(key)

    def _fate(
        self, workload: Workload | None, around: Surroundings
    ) -> Fate | None:
        """Return what became of a workload, None where it is not known."""
        if workload is None:
            return None
        path = self._hooks.path(around, os_migrate.WORKLOADS)
        return self._account.fate(
            path or os_migrate.WORKLOADS, workload.key, workload.name
        )

    @contextlib.contextmanager
    def _told(self, host: str, fate: Fate | None) -> Iterator[None]:
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
        name = printable(fate.name) if fate else '?'
        if fate:
            fate.fail(reason)
        if self._settings.stop:
            self._stopper.stop(host, f'osc-hwmt: {name}: {reason}')
            return
        if fate:
            self._settle(host, fate.key)
        self._warn_once(f'{name}: {reason}')

    def _warn_once(self, text: str) -> None:
        if text not in self._warned:
            self._warned.add(text)
            self._warn(text)


def _unclear() -> Error:
    return Error(_('cannot tell which workload this task is for'))


def _sure(workload: Workload | None) -> Workload:
    """Return a workload; raises Error where it is not known."""
    if workload is None:
        raise _unclear()
    return workload
