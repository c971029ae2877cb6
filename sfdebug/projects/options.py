"""What a user says of a project when it is opened."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from sfdebug.projects.model import DEFAULT_ACCOUNT, DEFAULT_REGION


class Options(Struct, frozen=True):
    """What was given: None and empty where nothing was."""

    parameters: Mapping[str, str] = field(default_factory=dict)
    substitutions: Mapping[str, str] = field(default_factory=dict)
    region: str | None = None
    account: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def region_or(self, configured: str | None = None) -> str:
        """The region that was given, that a file of the project says, or the stand-in."""
        return self.region or configured or DEFAULT_REGION

    @property
    def account_or_default(self) -> str:
        """The account that was given, or the stand-in."""
        return self.account or DEFAULT_ACCOUNT
