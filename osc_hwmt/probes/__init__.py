# SPDX-License-Identifier: Apache-2.0

"""What is made in a cloud for a moment, to learn from it."""
