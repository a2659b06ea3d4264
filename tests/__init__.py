# SPDX-License-Identifier: Apache-2.0

"""The tests, and the clouds and programs that they need."""

import signal

# What a shell starts in the background, or with nohup, ignores these, and so
# would the commands that tests interrupt.
for _number, _handler in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _handler)
