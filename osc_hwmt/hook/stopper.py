# SPDX-License-Identifier: Apache-2.0

"""A task of Ansible's, made to do something else on one host and no other.

An exception in a callback is only a warning to Ansible. But what a callback
sees at the start of a task on a host is the task that is then forked off to
be executed (ansible-core 2.15 to 2.21, plugins/strategy/__init__.py,
_queue_task). Hosts share it, so it is given back before the next start.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Whatever could keep a failure from counting, or from being this host's.
_COUNTING: dict[str, Any] = {
    'async_val': 0,
    'changed_when': [],
    'delegate_to': None,
    'failed_when': [],
    'ignore_errors': False,
    'ignore_unreachable': False,
    'no_log': False,
    'retries': 0,
    'until': [],
}
#: Whatever could keep a task from running.
_UNCONDITIONAL: dict[str, Any] = {'loop': None, 'loop_with': None, 'when': []}


class Stopper:
    """Makes hosts fail at their next task, until that has happened."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._borrowed: tuple[Any, dict[str, Any]] | None = None

    @property
    def pending(self) -> Mapping[str, str]:
        """The reasons of hosts that have not failed yet, by host."""
        return dict(self._reasons)

    def stop(self, host: str, reason: str) -> None:
        """Let the host's next task fail for that reason."""
        self._reasons[host] = reason

    def starting(self, host: str, task: Any) -> bool:
        """Turn a task that starts on a host into a failing one, if need be.

        To be called for every start of every task. Returns whether it fails.
        """
        self.give_back()
        reason = self._reasons.get(host)
        if reason is None:
            return False
        self._lend(task, 'fail', reason, {**_COUNTING, **_UNCONDITIONAL})
        return True

    def refuse(self, task: Any, reason: str) -> None:
        """Let a task that starts fail, if it would run at all."""
        self._lend(task, 'fail', reason, _COUNTING)

    def spare(self, task: Any, message: str) -> None:
        """Let a task that starts only say something, if it would run."""
        self._lend(task, 'debug', message, _COUNTING)

    def failed(self, host: str) -> None:
        """Let the host go on: it has failed, and its play knows."""
        self._reasons.pop(host, None)

    def give_back(self) -> None:
        """Let the task that was borrowed last be what it was."""
        if self._borrowed:
            task, before = self._borrowed
            task.__dict__.clear()
            task.__dict__.update(before)
            self._borrowed = None

    def _lend(
        self, task: Any, action: str, text: str, fields: Mapping[str, Any]
    ) -> None:
        from ansible.utils.unsafe_proxy import wrap_var

        self.give_back()
        self._borrowed = task, dict(task.__dict__)
        # First what it does: what fails here must not let it do the other.
        task.action = f'ansible.builtin.{action}'
        # What comes from files and clouds is no template.
        task.args = {'msg': wrap_var(text)}
        for name, value in fields.items():
            setattr(task, name, value)
