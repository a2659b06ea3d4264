# SPDX-License-Identifier: Apache-2.0

"""cinder-api, cinder-scheduler and cinder-volume in one process.

The in-memory message driver (``fake://``) only reaches callers of its own
process, so all of Cinder has to live in one.
"""

import eventlet

# Nothing may be imported before this.
# ruff: noqa: E402
eventlet.monkey_patch()

import sys
import threading

# As cinder's own commands do it: threads made before the patch must be seen
# by the patched module, see https://bugs.launchpad.net/bugs/1863021.
import __original_module_threading as original_threading

original_threading.current_thread.__globals__['_active'] = threading._active

from cinder import i18n

i18n.enable_lazy()

from cinder import coordination, objects, rpc, service, version
from cinder.common import config
from oslo_config import cfg
from oslo_log import log as logging
from oslo_service import service as oslo_service

CONF = cfg.CONF


class NeighbouringService(service.Service):
    """A service that reports for itself although others are beside it.

    Cinder keeps the id of the one service of a process in its class, where
    the last one started wins; every other would look dead after a minute.
    """

    def report_state(self):
        """Send a heartbeat under this service's own id."""
        last_started = service.Service.service_id
        service.Service.service_id = self.origin_service_id
        try:
            super().report_state()
        finally:
            service.Service.service_id = last_started


def prepare():
    """Set up what each of Cinder's commands sets up before it serves."""
    objects.register_all()
    CONF(sys.argv[1:], project='cinder', version=version.version_string())
    config.set_middleware_defaults()
    logging.setup(CONF, 'cinder')
    rpc.init(CONF)
    coordination.COORDINATOR.start()


def services():
    """Yield the scheduler, one volume service per backend, and the API."""
    yield NeighbouringService.create(binary='cinder-scheduler')
    for backend in CONF.enabled_backends:
        CONF.register_opt(cfg.StrOpt('backend_host'), group=backend)
        yield NeighbouringService.create(
            binary='cinder-volume',
            host=f'{CONF.host}@{backend}',
            service_name=backend,
            coordination=True,
        )
    yield service.WSGIService('osapi_volume')


def main():
    """Serve until a signal ends the process."""
    prepare()
    launcher = oslo_service.ServiceLauncher(CONF)
    for each in services():
        launcher.launch_service(each)
    launcher.wait()


if __name__ == '__main__':
    main()
