# SPDX-License-Identifier: Apache-2.0

"""A task of Ansible's, made to fail on one host and on no other.

An exception in a callback is only a warning to Ansible. But what a callback
sees at the start of a task on a host is the task that is then forked off to
be executed (ansible-core 2.15 to 2.21, plugins/strategy/__init__.py,
_queue_task). Hosts share it, so it is given back before the next start.
"""

from __future__ import annotations

from typing import Any

#: Whatever could keep a task from running, or its failure from counting.
_UNCONDITIONAL: dict[str, Any] = {
    'action': 'ansible.builtin.fail',
    'async_val': 0,
    'changed_when': [],
    'delegate_to': None,
    'failed_when': [],
    'ignore_errors': False,
    'ignore_unreachable': False,
    'loop': None,
    'loop_with': None,
    'no_log': False,
    'retries': 0,
    'until': [],
    'when': [],
}


class Stopper:
    """Makes hosts fail at their next task, until that has happened."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}
        self._borrowed: tuple[Any, dict[str, Any]] | None = None

    def stop(self, host: str, reason: str) -> None:
        """Let the host's next task fail for that reason."""
        self._reasons[host] = reason

    def starting(self, host: str, task: Any) -> None:
        """Turn a task that starts on a host into a failing one, if need be.

        To be called for every start of every task.
        """
        self._give_back()
        reason = self._reasons.get(host)
        if reason is None:
            return
        from ansible.utils.unsafe_proxy import wrap_var

        self._borrowed = task, dict(task.__dict__)
        for name, value in _UNCONDITIONAL.items():
            setattr(task, name, value)
        # What comes from files and clouds is no template.
        task.args = {'msg': wrap_var(reason)}

    def failed(self, host: str) -> None:
        """Let the host go on: it has failed, and its play knows."""
        self._reasons.pop(host, None)

    def _give_back(self) -> None:
        if self._borrowed:
            task, before = self._borrowed
            task.__dict__.clear()
            task.__dict__.update(before)
            self._borrowed = None
