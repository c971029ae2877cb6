"""What can be wrong with a saved session."""

from __future__ import annotations

from sfdebug.errors import SfdebugError


class SessionError(SfdebugError):
    """A saved session that cannot be read, opened or written: what is wrong with it, and what to do."""
