# SPDX-License-Identifier: Apache-2.0

"""How gunicorn serves the identity application; it reads this file."""

# One process, because Keystone's cache is in memory.
workers = 1
worker_class = 'gthread'
# Placement asks Keystone while it answers: were all threads taken by requests
# to Placement, neither would ever answer again.
threads = 64
# A connection that is kept is closed after two seconds of rest, and what is
# sent in that moment is never answered: Nova would make an error of it.
keepalive = 0
loglevel = 'warning'
# Newer gunicorn would put a socket into the home directory; older ignores it.
control_socket_disable = True

# Nova asks for the ports of up to 150 servers in one line.
limit_request_line = 0
