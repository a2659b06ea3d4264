# SPDX-License-Identifier: Apache-2.0

"""Two small clouds of real OpenStack services, for tests and to play with.

See README.rst beside this file.
"""
