# SPDX-License-Identifier: Apache-2.0

"""The callback plugin that Ansible loads. It does nothing by itself."""

from __future__ import annotations

DOCUMENTATION = """
name: hook
type: notification
short_description: Sets machine types inside os-migrate's import_workloads
description:
  - Sets the machine type that the manifest wants on a workload's boot volume,
    after os-migrate has created and filled the volume and before it creates
    the server. Nova reads it when it builds the server.
  - Does nothing in a play without os-migrate's tasks.
requirements:
  - osc-hwmt in the Python that runs ansible-playbook
options:
  manifest:
    description:
      - Manifest, or workloads file that contains machine types.
      - If not set, workloads.yml in the play's os_migrate_data_dir.
    type: path
    env:
      - name: OSC_HWMT_HOOK_MANIFEST
    ini:
      - section: osc_hwmt
        key: manifest
  destination_cloud:
    description: Destination cloud, by its name in the clouds file.
    type: str
    default: dst
    env:
      - name: OSC_HWMT_HOOK_DESTINATION_CLOUD
    ini:
      - section: osc_hwmt
        key: destination_cloud
  clouds_file:
    description:
      - clouds.yaml that contains the destination cloud.
      - If not set, os-migrate's own, which is the play's
        os_migrate_clouds_path, or clouds.yaml in os_migrate_data_dir.
    type: path
    env:
      - name: OSC_HWMT_HOOK_CLOUDS_FILE
    ini:
      - section: osc_hwmt
        key: clouds_file
  on_failure:
    description:
      - What to do if the machine type of a workload cannot be set.
      - C(stop) fails its import before the server is created. os-migrate then
        cleans up and stops there, as after any other failure, but the copied
        volumes are kept.
      - A manifest that is missing, or lacks the workload, is such a failure.
      - C(warn) continues. The server is built with the destination's default.
      - Any other value ends the run in the first task of an import.
    type: str
    default: stop
    env:
      - name: OSC_HWMT_HOOK_ON_FAILURE
    ini:
      - section: osc_hwmt
        key: on_failure
  destination_release:
    description:
      - Destination release, such as rhoso18. A machine type that it does not
        support is a failure.
    type: str
    env:
      - name: OSC_HWMT_HOOK_DESTINATION_RELEASE
    ini:
      - section: osc_hwmt
        key: destination_release
  destination_hosts:
    description:
      - Files or directories with capabilities collected from the
        destination's hosts, as for C(apply --destination-hosts).
    type: list
    elements: path
    env:
      - name: OSC_HWMT_HOOK_DESTINATION_HOSTS
    ini:
      - section: osc_hwmt
        key: destination_hosts
  ignore_unsupported:
    description:
      - C(true) also sets machine types that the destination is known not to
        support.
      - Any value that is not a boolean to Ansible ends the run in the first
        task of an import.
    type: str
    default: 'false'
    env:
      - name: OSC_HWMT_HOOK_IGNORE_UNSUPPORTED
    ini:
      - section: osc_hwmt
        key: ignore_unsupported
  strict:
    description:
      - C(true) refuses undecided servers, whose machine type is neither
        recorded nor chosen, before their data is copied. C(false) only
        reports them.
      - Any value that is not a boolean to Ansible ends the run in the first
        task of an import.
    type: str
    default: 'false'
    env:
      - name: OSC_HWMT_HOOK_STRICT
    ini:
      - section: osc_hwmt
        key: strict
  retry_minutes:
    description:
      - How many minutes to retry while Cinder does not set a volume's
        metadata or does not answer. The play waits, and reports that every
        minute. After that it is a failure.
      - C(0) tries once. With C(on_failure=warn) there is always one attempt.
      - Any value that is not a number ends the run in the first task of an
        import.
    type: str
    default: '10'
    env:
      - name: OSC_HWMT_HOOK_RETRY_MINUTES
    ini:
      - section: osc_hwmt
        key: retry_minutes
  keep_volumes:
    description:
      - C(true) excludes the copied volumes of a workload that this hook
        stopped from os-migrate's clean-up, and shows how to continue with
        them.
      - C(false) lets os-migrate delete them, if its own
        os_migrate_workload_cleanup_on_failure is true.
      - Any value that is not a boolean to Ansible ends the run in the first
        task of an import.
    type: str
    default: 'true'
    env:
      - name: OSC_HWMT_HOOK_KEEP_VOLUMES
    ini:
      - section: osc_hwmt
        key: keep_volumes
  journal_directory:
    description:
      - Directory for the journal of all writes, in which the journals of
        earlier runs are read as well, as for C(apply --journal-directory).
        Created if missing, accessible only to its user.
      - If not set, the directory of the manifest.
    type: path
    env:
      - name: OSC_HWMT_JOURNAL_DIRECTORY
    ini:
      - section: osc_hwmt
        key: journal_directory
"""

import os
import sys
from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """Hands on what becomes of os-migrate's tasks, and nothing else."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = 'notification'
    CALLBACK_NAME = 'osc_hwmt.machine_type.hook'
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._play: Any = None
        self._follower: Any = None

    def v2_playbook_on_play_start(self, play: Any) -> None:
        self._play = play
        # hook_is_active reads it in a child of this process.
        os.environ['OSC_HWMT_HOOK_ACTIVE'] = str(os.getpid())

    def v2_runner_on_start(self, host: Any, task: Any) -> None:
        if self._follower is None and _short(task.action) in _LATE:
            self._safely(self._follow)
        if self._follower:
            self._safely(self._follower.task_starts, self._play, host, task)

    def v2_runner_on_ok(self, result: Any) -> None:
        name = _short(result._task.action)
        if self._follower is None and name.startswith('import_'):
            self._safely(self._follow)
        if self._follower and name.startswith(_FOLLOWED):
            self._safely(self._follower.task_ended, self._play, result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        name = _short(result._task.action)
        if self._follower and name.startswith(_FOLLOWED):
            self._safely(self._follower.task_skipped, self._play, result)

    def v2_runner_on_failed(
        self, result: Any, ignore_errors: bool = False
    ) -> None:
        if self._follower and not ignore_errors:
            host, action = result._host.name, result._task.action
            self._safely(self._follower.task_failed, host, action)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if self._follower:
            self._safely(self._finish)

    def _finish(self) -> None:
        left = self._follower.finish()
        if left:
            # No task was left that could have failed.
            self._end('; '.join(left))

    def _safely(self, act: Callable[..., None], *arguments: Any) -> None:
        """Act; what goes wrong in it must not let the import go on.

        Of an exception Ansible makes a warning.
        """
        try:
            act(*arguments)
        except Exception as exc:
            self._give_up(f'osc-hwmt: {exc!r}')

    def _follow(self) -> None:
        """Load what does the work, which no other play pays for."""
        wrong = self._wrong_setting()
        if wrong:
            self._end(f'osc-hwmt: {wrong}')
        try:
            from osc_hwmt.display import lines
            from osc_hwmt.hook import follower, hooks, stopper
            from osc_hwmt.local import logs
        except ImportError as exc:
            self._give_up(f'{sys.executable} cannot import osc-hwmt: {exc}')
            return
        logs.make_safe()
        self._follower = follower.Follower(
            hooks.Settings(
                destination_cloud=self.get_option('destination_cloud'),
                clouds_file=self.get_option('clouds_file'),
                manifest=self.get_option('manifest'),
                journal_directory=self.get_option('journal_directory'),
                stop=self._stops(),
                ignore_unsupported=boolean(
                    self.get_option('ignore_unsupported')
                ),
                destination_release=self.get_option('destination_release'),
                destination_hosts=self.get_option('destination_hosts') or (),
                strict=boolean(self.get_option('strict')),
                retry_minutes=int(self.get_option('retry_minutes')),
                keep_volumes=boolean(self.get_option('keep_volumes')),
            ),
            stopper.Stopper(),
            lambda line: self._display.display(
                lines(f'osc-hwmt: {line}'), stderr=True
            ),
            lambda line: self._display.warning(lines(f'osc-hwmt: {line}')),
        )

    def _wrong_setting(self) -> str | None:
        """Return what is wrong with a setting, None where all are right.

        Were these choices, booleans and numbers to Ansible, it would warn of
        a wrong one and import without the hook, and take "maybe" for false.
        """
        on_failure = self.get_option('on_failure')
        if on_failure not in _ON_FAILURE:
            return _expected('on_failure', _ON_FAILURE, on_failure)
        for name in _BOOLEANS:
            value = self.get_option(name)
            try:
                boolean(value)
            except TypeError:
                return _expected(name, ('true', 'false'), value)
        minutes = self.get_option('retry_minutes')
        if not str(minutes).isdecimal():
            return f'retry_minutes: expected a number, found {minutes!r}'
        return None

    def _give_up(self, why: str) -> None:
        """End the run, or go on without, where something of ours fails."""
        self.disabled = True
        if self._stops():
            self._end(why)
        self._display.warning(why)

    def _end(self, why: str) -> NoReturn:
        self._display.error(why)
        # Of any other exception Ansible makes a warning, and goes on.
        raise SystemExit(1)

    def _stops(self) -> bool:
        return bool(self.get_option('on_failure') != _WARN)


_WARN = 'warn'
_ON_FAILURE = ('stop', _WARN)
_BOOLEANS = ('ignore_unsupported', 'keep_volumes', 'strict')
#: How the modules begin that matter here, by their short names.
_FOLLOWED = ('import_', 'async_status')
#: Those before which the hook has to be there, whatever came before them.
_LATE = ('import_workload_create_instance', 'import_volumes_export')


def _short(action: object) -> str:
    return str(action).rpartition('.')[2]


def _expected(name: str, values: Iterable[str], found: Any) -> str:
    return f'{name}: expected one of {", ".join(values)}, found {found!r}'
