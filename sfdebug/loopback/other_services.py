"""Calls of AWS services that are not here, refused in the protocol of the service, so that its client gives the words.

Source: Smithy docs, "AWS protocols": S3 and what takes forms speak XML, the others JSON.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sfdebug.loopback.messages import HttpAnswer

if TYPE_CHECKING:
    from sfdebug.loopback.messages import HttpRequestHead

NO_LOCAL_SERVICE: Final = "NoLocalService"
"""The code of the error. With its status, 400, no SDK tries again."""
_STATUS: Final = 400


def called_service(head: HttpRequestHead) -> str:
    """What is called: the target, the service that the signature is for, or the method and the path."""
    signed = head.header("authorization").partition("Credential=")[2].split("/")
    named = signed[3] if len(signed) > 3 else f"{head.method} {head.target}"
    return head.header("x-amz-target") or named


def refused_in_xml(head: HttpRequestHead, message: str) -> HttpAnswer | None:
    """The error for a call of a service that speaks XML; None for one that speaks JSON."""
    told = f"<Code>{NO_LOCAL_SERVICE}</Code><Message>{escape(message)}</Message>"
    if "/s3/aws4_request" in head.header("authorization"):
        text = f"<Error>{told}</Error>"
    elif "x-www-form-urlencoded" in head.header("content-type"):
        error = f"<Error><Type>Sender</Type>{told}</Error>"
        text = f"<ErrorResponse>{error}<RequestId>0</RequestId></ErrorResponse>"
    else:
        return None
    return HttpAnswer(_STATUS, text.encode(), "application/xml")
