"""Where something is deployed to: partition, region and account, and the stack of a template."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

CHINA: Final = ("aws-cn", "amazonaws.com.cn")
GOVERNMENT: Final = ("aws-us-gov", "amazonaws.com")
COMMERCIAL: Final = ("aws", "amazonaws.com")


def partition_of(region: str) -> tuple[str, str]:
    """The partition of a region, and the domain that its URLs end with."""
    return CHINA if region.startswith("cn-") else GOVERNMENT if region.startswith("us-gov-") else COMMERCIAL


class DeploymentPlace(Struct, frozen=True):
    """Where resources are deployed to, and whether that was given or stands in."""

    region: str
    account: str
    is_region_given: bool = True
    is_account_given: bool = True

    def filled(self, form: str, name: str) -> str:
        """An ARN or URL of this form for a name."""
        partition, suffix = partition_of(self.region)
        return form.format(name=name, region=self.region, account=self.account, partition=partition, suffix=suffix)


class StackPlace(DeploymentPlace, frozen=True, kw_only=True):
    """The stack that a template is deployed as.

    `name_prefix` stands before the names that CloudFormation makes at deployment, so that two stacks of a project do
    not share them.
    """

    stack: str
    is_stack_given: bool = False
    name_prefix: str = ""
