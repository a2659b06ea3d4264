# SPDX-License-Identifier: Apache-2.0

"""Fails where the hook does not follow this very play."""

from __future__ import annotations

import os
import sys
from typing import Any

from ansible.plugins.action import ActionBase

_HOOK = 'osc_hwmt.machine_type.hook'


class ActionModule(ActionBase):  # type: ignore[misc]
    """Runs on the controller, in check mode as well."""

    TRANSFERS_FILES = False
    _supports_check_mode = True
    _VALID_ARGS: frozenset[str] = frozenset()

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Return a failed result if the hook is missing, and what to do."""
        missing = _missing()
        return {
            **super().run(tmp, task_vars),
            'changed': False,
            'failed': missing is not None,
            'msg': missing or f'{_HOOK} is active',
        }


def _missing() -> str | None:
    """Return why the hook does not act in this play, None if it does.

    A task runs in a child of the process that has loaded the callbacks; a
    variable that was inherited from elsewhere names another process.
    """
    if os.environ.get('OSC_HWMT_HOOK_ACTIVE') != str(os.getppid()):
        return (
            f'The callback {_HOOK} is not active in this play: servers would '
            "be built with the destination's default machine type. Enable it "
            f'with "callbacks_enabled = {_HOOK}" under [defaults] in the '
            "project's ansible.cfg, and make sure that osc-hwmt is installed "
            f'for {sys.executable}'
        )
    try:
        import osc_hwmt.hook.follower  # noqa: F401
    except ImportError as exc:
        return f'{sys.executable} cannot import osc-hwmt: {exc}'
    return None
