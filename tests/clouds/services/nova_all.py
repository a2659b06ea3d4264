# SPDX-License-Identifier: Apache-2.0

"""nova-conductor, -scheduler, -compute and the API in one process.

The in-memory message driver (``fake://``) only reaches callers of its own
process, so all of Nova has to live in one.
"""

import nova.monkey_patch

# Importing is enough up to 2023.2; later releases want to be asked.
if hasattr(nova.monkey_patch, 'patch'):
    nova.monkey_patch.patch()

import inspect
import logging as python_logging
import os
import sys
import time
import urllib.request

import eventlet.wsgi
import nova.conf
import os_brick
import os_vif
from nova import config, objects, service, version
from oslo_log import log as logging
from oslo_reports import guru_meditation_report, opts
from oslo_service import service as oslo_service
from paste import deploy

CONF = nova.conf.CONF
SERVICES = (
    ('nova-conductor', 'conductor'),
    ('nova-scheduler', 'scheduler'),
    ('nova-compute', 'compute'),
)
PLACEMENT_LIMIT = 240


def await_placement(url):
    """Return once placement answers; nova-compute dies if it does not."""
    limit = time.time() + PLACEMENT_LIMIT
    while True:
        try:
            with urllib.request.urlopen(url, timeout=10):  # noqa: S310 ours
                return
        except OSError:
            if time.time() > limit:
                raise
            time.sleep(0.2)


def prepare():
    """Set up what each of Nova's commands sets up before it serves."""
    config.parse_args(sys.argv)
    logging.setup(CONF, 'nova')
    opts.set_defaults(CONF)
    guru_meditation_report.TextGuruMeditation.setup_autorun(version, conf=CONF)
    objects.register_all()
    os_vif.initialize()
    if hasattr(os_brick, 'setup'):
        os_brick.setup(CONF)
    objects.Service.enable_min_version_cache()


def background_services():
    """Yield conductor, scheduler and compute."""
    parameters = inspect.signature(service.Service.create).parameters
    for binary, topic in SERVICES:
        options = {'binary': binary, 'topic': topic}
        if topic == 'compute' and 'topic_alt' in parameters:
            options['topic_alt'] = 'compute-alt'
        yield service.Service.create(**options)


def serve_api_without_wsgi_service():
    """Serve the API in a green thread: newer Nova leaves that to others."""
    from nova.api.openstack import wsgi_app

    wsgi_app._setup_service(CONF.host, 'osapi_compute')
    application = deploy.loadapp(
        'config:' + CONF.wsgi.api_paste_config, name='osapi_compute'
    )
    # This Nova has no options for the address any more.
    port = int(os.environ['OSC_HWMT_CLOUD_COMPUTE_PORT'])
    listener = eventlet.listen(('127.0.0.1', port))
    eventlet.spawn(
        eventlet.wsgi.server,
        listener,
        application,
        log=python_logging.getLogger('nova.wsgi.server'),
    )


def main():
    """Serve until a signal ends the process."""
    prepare()
    await_placement(os.environ['OSC_HWMT_CLOUD_PLACEMENT'])
    launcher = oslo_service.ServiceLauncher(CONF)
    for each in background_services():
        launcher.launch_service(each)
    if hasattr(service, 'WSGIService'):
        launcher.launch_service(service.WSGIService('osapi_compute'))
    else:
        serve_api_without_wsgi_service()
    launcher.wait()


if __name__ == '__main__':
    main()
