# SPDX-License-Identifier: Apache-2.0

"""Which machine types releases have and hosts can run."""
