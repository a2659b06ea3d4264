# SPDX-License-Identifier: Apache-2.0

# The services read the environment when they are imported.
# ruff: noqa: E402

"""Keystone, Placement and the network stub behind one WSGI entry point.

Keystone and Placement can share a process because Placement keeps its
options apart from oslo.config's global object.
"""

import os
import sys

import network_stub

ETC = os.environ['OSC_HWMT_CLOUD_ETC']
os.environ['OS_KEYSTONE_CONFIG_DIR'] = ETC
os.environ['OS_KEYSTONE_CONFIG_FILES'] = 'keystone.conf'
os.environ['OS_PLACEMENT_CONFIG_DIR'] = ETC

# Keystone parses the command line, and gunicorn's is not for it.
sys.argv = ['keystone']

# Both read the environment above when they are imported.
from keystone.server import wsgi as keystone_wsgi
from placement import wsgi as placement_wsgi

APPLICATIONS = {
    '/identity': keystone_wsgi.initialize_public_application(),
    '/placement': placement_wsgi.init_application(),
    '/network': network_stub.application,
}


def application(environ, start_response):
    """Hand one request to the application its first path segment names."""
    path = environ['PATH_INFO']
    for prefix, chosen in APPLICATIONS.items():
        if path == prefix or path.startswith(prefix + '/'):
            environ['SCRIPT_NAME'] = environ.get('SCRIPT_NAME', '') + prefix
            environ['PATH_INFO'] = path[len(prefix):]
            return chosen(environ, start_response)
    start_response('404 Not Found', [('Content-Type', 'text/plain')])
    return [b'no application has this prefix\n']
