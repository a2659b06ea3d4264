# SPDX-License-Identifier: Apache-2.0

"""The tests, and the clouds and programs that they need."""

import signal

# What a shell starts in the background ignores interrupts, and so would the
# commands that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
