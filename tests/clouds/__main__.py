# SPDX-License-Identifier: Apache-2.0

"""The command line: ``python -m tests.clouds``."""

import sys

from tests.clouds.command_line import main

sys.exit(main())
