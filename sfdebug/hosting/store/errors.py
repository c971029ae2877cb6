"""What can be wrong with the file of a host."""

from __future__ import annotations

from sfdebug.errors import UsageError


class StoreError(UsageError):
    """The file of a host that cannot be opened, or read: what is wrong with it, and what to do."""
