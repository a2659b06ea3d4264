# SPDX-License-Identifier: Apache-2.0

"""Keystone, Placement and the network stub behind one WSGI entry point.

Keystone and Placement can share a process because Placement keeps its
options apart from oslo.config's global object.
"""

import contextlib
import os
import sys
import threading

import network_stub

ETC = os.environ['OSC_HWMT_CLOUD_ETC']
os.environ['OS_KEYSTONE_CONFIG_DIR'] = ETC
os.environ['OS_KEYSTONE_CONFIG_FILES'] = 'keystone.conf'
os.environ['OS_PLACEMENT_CONFIG_DIR'] = ETC

# Keystone parses the command line, and gunicorn's is not for it.
sys.argv = ['keystone']

# Both read the environment above when they are imported.
# ruff: noqa: E402
from keystone.server import wsgi as keystone_wsgi
from placement import wsgi as placement_wsgi


class OneAtATime:
    """Lets one request after the other into an application.

    Two that read and then write make SQLite refuse one of them at once,
    and the client gets a 500, "database is locked".
    """

    def __init__(self, application):
        self._application = application
        self._lock = threading.Lock()

    def __call__(self, environ, start_response):
        """Return the whole answer, so that nothing is open afterwards."""
        with self._lock, contextlib.ExitStack() as stack:
            answer = self._application(environ, start_response)
            if hasattr(answer, 'close'):
                stack.callback(answer.close)
            return list(answer)


APPLICATIONS = {
    '/identity': OneAtATime(keystone_wsgi.initialize_public_application()),
    '/placement': OneAtATime(placement_wsgi.init_application()),
    '/network': network_stub.application,
}


def application(environ, start_response):
    """Hand one request to the application its first path segment names."""
    path = environ['PATH_INFO']
    for prefix, chosen in APPLICATIONS.items():
        if path == prefix or path.startswith(prefix + '/'):
            environ['SCRIPT_NAME'] = environ.get('SCRIPT_NAME', '') + prefix
            environ['PATH_INFO'] = path[len(prefix) :]
            return chosen(environ, start_response)
    start_response('404 Not Found', [('Content-Type', 'text/plain')])
    return [b'no application has this prefix\n']
