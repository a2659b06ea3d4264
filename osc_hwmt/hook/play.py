# SPDX-License-Identifier: Apache-2.0

"""What Ansible's own objects say of a task that starts or has ended.

Only what is alike in ansible-core 2.15 to 2.21 is used of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from osc_hwmt.hook import os_migrate
from osc_hwmt.hook.os_migrate import Workload

#: os-migrate's variables: where its files are, and what overrules its
#: clouds.yaml, as openstack.config calls that.
_DATA_DIRECTORY = 'os_migrate_data_dir'
_CLOUDS_FILE = 'os_migrate_clouds_path'
_TLS = {
    'os_migrate_dst_validate_certs': 'verify',
    'os_migrate_dst_ca_cert': 'cacert',
    'os_migrate_dst_client_cert': 'cert',
    'os_migrate_dst_client_key': 'key',
}
#: Ours: what the operator says of the run, for its journal.
_NOTE = 'osc_hwmt_note'
_ITEM = 'item'


@dataclasses.dataclass(frozen=True)
class Ending:
    """A task that ended on a host, or one round of it in a loop of its own.

    ``workload`` is the one that it was for, None if that can't be told.
    ``result`` is what its module returned.
    """

    host: str
    action: str
    workload: Workload | None
    result: Mapping[str, Any]

    @property
    def job(self) -> str | None:
        """The job in the background that it began or looked after."""
        return self.result.get('ansible_job_id')


@dataclasses.dataclass(frozen=True)
class Surroundings:
    """What the play says of its files and its destination cloud.

    ``tls`` are settings of the cloud that overrule those of its file, and
    ``note`` is for the journal.
    """

    data_directory: str | None
    clouds_file: str | None
    tls: Mapping[str, Any]
    note: str | None = None


def endings(play: Any, result: Any) -> Iterator[Ending]:
    """Yield what a task result says, once for each round of its loop."""
    host, action = result._host.name, result._task.action
    rounds = result._result.get('results')
    if isinstance(rounds, list):
        for one in rounds:
            item = one.get(one.get('ansible_loop_var', _ITEM))
            yield Ending(host, action, os_migrate.workload(item), one)
        return
    yield Ending(host, action, _workload(play, result), result._result)


def starting_data(play: Any, host: Any, task: Any) -> object:
    """Return the argument "data" of a task that starts, else its item.

    None where neither can be told yet, as in a loop of the task's own.
    """
    from ansible.errors import AnsibleError

    known = _Variables(play, host, task)
    try:
        data = known.templated((task.args or {}).get('data'))
    except AnsibleError:
        data = None
    return known.read(_ITEM).get(_ITEM) if data is None else data


def surroundings(play: Any, host: Any, task: Any) -> Surroundings:
    """Return what the play's variables say where a task runs."""
    known = _Variables(play, host, task)
    said = known.read(_DATA_DIRECTORY, _CLOUDS_FILE, _NOTE, *_TLS)
    return Surroundings(
        said.get(_DATA_DIRECTORY),
        said.get(_CLOUDS_FILE),
        {_TLS[name]: said[name] for name in _TLS if name in said},
        str(said[_NOTE]) if _NOTE in said else None,
    )


def _workload(play: Any, result: Any) -> Workload | None:
    """Return the workload of a task: its argument, else the loop's item."""
    arguments = result._task_fields.get('args') or {}
    known = _Variables(play, result._host, result._task)
    return os_migrate.workload(arguments.get('data')) or os_migrate.workload(
        known.read(_ITEM).get(_ITEM)
    )


class _Variables:
    """The variables of a task on a host, without templates."""

    def __init__(self, play: Any, host: Any, task: Any) -> None:
        from ansible.template import Templar

        self._known = play.get_variable_manager().get_vars(
            play=play, host=host, task=task
        )
        self._templar = Templar(
            loader=task.get_loader(), variables=self._known
        )

    def read(self, *names: str) -> dict[str, Any]:
        """Return those of some variables that are set."""
        return {
            name: self.templated(self._known[name])
            for name in names
            if name in self._known
        }

    def templated(self, value: Any) -> Any:
        """Return a value with what stands for its templates."""
        return self._templar.template(value)
