# SPDX-License-Identifier: Apache-2.0

"""The few Network API answers Nova needs while no server has a port.

Every ``GET /servers`` asks the network service for security groups, so
without something that answers, listing servers fails.  This is not Neutron.
"""

import json

COLLECTIONS = (
    'agents',
    'extensions',
    'floatingips',
    'networks',
    'ports',
    'routers',
    'security-groups',
    'subnets',
)
QUOTA = dict.fromkeys(
    ('floatingip', 'network', 'port', 'security_group', 'security_group_rule'),
    -1,
)


def application(environ, start_response):
    """Answer one request; this is a WSGI application."""
    status, body = answer(segments(environ['PATH_INFO']), base(environ))
    payload = json.dumps(body).encode()
    start_response(
        status,
        [
            ('Content-Type', 'application/json'),
            ('Content-Length', str(len(payload))),
        ],
    )
    return [payload]


def segments(path):
    """Return the parts of ``path``; clients may append ``.json``."""
    if path.endswith('.json'):
        path = path[: -len('.json')]
    return [part for part in path.split('/') if part]


def base(environ):
    """Return the URL under which this application is reached."""
    script = environ.get('SCRIPT_NAME', '')
    return f'http://{environ["HTTP_HOST"]}{script}'


def answer(path, url):
    """Return the status line and the body for a path."""
    if not path:
        link = {'rel': 'self', 'href': url + '/v2.0/'}
        version = {'id': 'v2.0', 'status': 'CURRENT', 'links': [link]}
        return '200 OK', {'versions': [version]}
    if path == ['v2.0']:
        return '200 OK', {'resources': []}
    if path[0] == 'v2.0' and path[1] == 'quotas':
        return '200 OK', {'quota': QUOTA}
    if len(path) == 2 and path[0] == 'v2.0' and path[1] in COLLECTIONS:
        return '200 OK', {path[1].replace('-', '_'): []}
    return '404 Not Found', {
        'NeutronError': {
            'type': 'HTTPNotFound',
            'message': 'The network stub does not know this path.',
            'detail': '',
        }
    }
