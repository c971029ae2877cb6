"""How clients come to the served API: the environment that leads AWS's SDKs there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_PROXIES: Final = ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")
_IGNORED: Final = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
_HERE: Final = ("127.0.0.1", "localhost")
_NO_KEY: Final = "sfdebug"


def client_variables(
    url: str,
    region: str,
    around: Mapping[str, str] = os.environ,
    *,
    takes_events: bool = False,
    services_url: str = "",
) -> dict[str, str]:
    """The environment that brings clients here: the endpoint, no prefix before its host, credentials that are none.

    Recorded of clients: the service is called SFN, so that AWS_ENDPOINT_URL_STEPFUNCTIONS says nothing to them, and
    that of events is called EventBridge. What stands `around` may lead them elsewhere, to a proxy or to AWS itself:
    then this is set as well.

    Args:
        url: The address of the API.
        region: That of all ARNs there.
        around: The environment as it is.
        takes_events: Whether events are to come here, too: something waits for them.
        services_url: Where all other services are called; "" for where they are.
    """
    others = {"AWS_ENDPOINT_URL": services_url} if services_url else {}
    if takes_events:
        others["AWS_ENDPOINT_URL_EVENTBRIDGE"] = url
    return {
        "AWS_ENDPOINT_URL_SFN": url,
        **others,
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "AWS_ACCESS_KEY_ID": _NO_KEY,
        "AWS_SECRET_ACCESS_KEY": _NO_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **undisturbed(around),
    }


def undisturbed(around: Mapping[str, str]) -> dict[str, str]:
    """What takes back the variables that lead clients past an endpoint in the environment."""
    found: dict[str, str] = {}
    if around.get(_IGNORED):
        found[_IGNORED] = "false"
    if any(around.get(name) for name in _PROXIES):
        given = around.get("no_proxy") or around.get("NO_PROXY") or ""
        listed = [name for name in (part.strip() for part in given.split(",")) if name]
        value = ",".join([*listed, *(name for name in _HERE if name not in listed)])
        found |= {"NO_PROXY": value, "no_proxy": value}  # some clients read the one first, some the other
    return found
