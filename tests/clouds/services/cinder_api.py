# SPDX-License-Identifier: Apache-2.0

"""Cinder's API alone, for several processes of gunicorn's.

What it would hand on to the scheduler or to a backend reaches nobody: the
in-memory message driver (``fake://``) ends at the process.
"""

import os
import sys

# Cinder parses the command line, and gunicorn's is not for it.
sys.argv = [
    'cinder-api',
    '--config-file',
    os.path.join(os.environ['OSC_HWMT_CLOUD_ETC'], 'cinder.conf'),
]

# ruff: noqa: E402
from cinder.wsgi import wsgi
from sqlalchemy import event
from sqlalchemy.engine import Engine


@event.listens_for(Engine, 'before_cursor_execute', retval=True)
def begin_in_turn(connection, cursor, statement, parameters, context, many):
    """Let each transaction wait at its beginning until it may write.

    Of two that read and then write, SQLite would refuse one at once:
    "database is locked".
    """
    if statement == 'BEGIN':
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters


application = wsgi.initialize_application()
