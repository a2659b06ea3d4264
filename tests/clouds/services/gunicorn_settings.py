# SPDX-License-Identifier: Apache-2.0

"""How gunicorn serves the identity application; it reads this file."""

# One process, because Keystone's cache is in memory; several threads,
# because Placement asks Keystone while it answers Nova.
workers = 1
worker_class = 'gthread'
threads = 8
loglevel = 'warning'
# Newer gunicorn would put a socket into the home directory; older ignores it.
control_socket_disable = True
