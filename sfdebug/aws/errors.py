"""What can go wrong in reading from AWS: the errors of this room, and which of them an error of boto3 means.

AWS's own codes and botocore's exception classes are looked up by name, so that nothing is imported to judge them.
Codes: AWS Step Functions API Reference, "Errors" of each action and "Common Errors".
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError

if TYPE_CHECKING:
    from collections.abc import Callable


def shown(text: str) -> str:
    """`text` that a terminal can be given: control characters are written as escapes."""
    return "".join(
        letter if letter.isprintable() or letter == "\n" else letter.encode("unicode_escape").decode("ascii")
        for letter in text
    )


class AwsError(SfdebugError):
    """AWS could not be read."""

    def __init__(self, what: str, fix: str = "", *, where: str = "") -> None:
        super().__init__(shown(what), where=shown(where), fix=shown(fix))


class InvalidArnError(AwsError):
    """What was given is no ARN, or not of something that can be read."""


class NoClientError(AwsError):
    """boto3 is not installed."""


class CredentialsError(AwsError):
    """There are no credentials, or AWS does not take them: expired, unknown, wrongly signed."""


class DeniedError(AwsError):
    """The credentials are good and do not allow this. `action` is what a policy has to allow."""

    def __init__(self, action: str, what: str, fix: str, *, where: str = "") -> None:
        super().__init__(what, fix, where=where)
        self.action = action


class RegionError(AwsError):
    """No region is known, or one that does not exist or does not fit."""


class NotFoundError(AwsError):
    """There is no such execution, state machine, Map Run or log group (any more)."""


class ThrottledError(AwsError):
    """AWS refused because of too many requests, also after waiting."""


class UnreachableError(AwsError):
    """The endpoint does not answer, or not in time, or is not AWS."""


class NotSupportedError(AwsError):
    """AWS has no such information, for an Express workflow for example."""


class UnexpectedAnswerError(AwsError):
    """AWS answered with an error that nobody foresaw: its own words are passed on."""


OF_ONE_THING: Final = (DeniedError, InvalidArnError, NotFoundError, NotSupportedError, UnexpectedAnswerError)
"""What AWS says of one execution or state machine, and can answer otherwise for the next. All others hold for all that
is asked: of credentials, the network, too many requests."""


class CancelledError(AwsError):
    """The user cancelled."""


class NotReadingError(AwsError):
    """Something in sfdebug asked for an operation that is not in the list of those that only read."""


class AwsCall(Struct, frozen=True):
    """One request, as far as an error has to name it: what for, of what, and under which settings."""

    service: str
    operation: str
    target: str = ""
    profile: str | None = None
    region: str | None = None
    endpoint_url: str | None = None

    @property
    def action(self) -> str:
        """The name that IAM policies give it: `states:DescribeExecution`."""
        return f"{self.service}:{self.operation}"

    @property
    def destination(self) -> str:
        """Where the request goes, for a person."""
        return self.endpoint_url or f"Step Functions in {self.region or 'no region'}"


_SECRET: Final = re.compile(
    r"(x-amz-security-token\s*[:=]\s*|x-amz-signature\s*=\s*|\bsignature\s*=\s*|<Token(?:-\d)?>)[^\s&,;<'\"\\]+",
    re.IGNORECASE,
)
"""Of a refused signature AWS sends back the request that it should have been made for, with the session's token."""

_LONGEST: Final = 1000
"""Characters of a foreign message that are passed on."""

_THROTTLING: Final = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "KmsThrottlingException",
        "SlowDown",
    }
)
_TRANSIENT: Final = frozenset(
    {"ServiceUnavailable", "ServiceUnavailableException", "InternalFailure", "InternalServerError", "RequestTimeout"}
)
_TRANSIENT_CLASSES: Final = frozenset({"ConnectionClosedError", "ReadTimeoutError", "ConnectTimeoutError"})


def code_of(error: Exception) -> str:
    """The code of an error that AWS answered with; "" for one of another kind."""
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return ""
    # Some services prefix the code with a namespace, as in com.amazonaws.swf.service#ThrottlingException.
    return str(response.get("Error", {}).get("Code", "")).rpartition("#")[2]


def is_throttling(error: Exception) -> bool:
    """Whether AWS asks to be asked less often."""
    return code_of(error) in _THROTTLING or _status_of(error) == 429


def is_transient(error: Exception) -> bool:
    """Whether the same request can succeed a moment later: throttled, a server's own error, a lost connection."""
    if is_throttling(error) or code_of(error) in _TRANSIENT or _status_of(error) >= 500:
        return True
    return bool(_TRANSIENT_CLASSES & _class_names(error))


def explained(error: Exception, call: AwsCall) -> AwsError:
    """What `error`, raised by boto3 in this call, is in words."""
    if isinstance(error, AwsError):
        return error
    code = code_of(error)
    if code:
        return _explained_code(code, error, call)
    for name in (cls.__name__ for cls in type(error).__mro__):
        if name in _BY_CLASS:
            return _BY_CLASS[name](error, call)
    return UnexpectedAnswerError(
        f"{call.operation} failed: {_words(error)}",
        "Look at the settings: profile, region, endpoint.",
        where=call.target,
    )


def _explained_code(code: str, error: Exception, call: AwsCall) -> AwsError:
    if is_throttling(error):
        return ThrottledError(
            f"AWS still refuses {call.operation} because of too many requests, after several attempts ({code})",
            "Wait a minute and try again. Everybody who uses this account and region shares the limit.",
            where=call.target,
        )
    if code in _BY_CODE:
        return _BY_CODE[code](error, call)
    if _status_of(error) >= 500 or code in _TRANSIENT:
        return UnreachableError(
            f"{call.destination} has a problem of its own, also after several attempts: {_said(error)}",
            "Try again later; the AWS Health Dashboard lists known events.",
            where=call.target,
        )
    return UnexpectedAnswerError(f"AWS refused {call.operation}: {code}: {_said(error)}", where=call.target)


# Credentials


def _login(call: AwsCall) -> str:
    return f"aws sso login --profile {call.profile}" if call.profile else "aws sso login"


def _no_credentials(error: Exception, call: AwsCall) -> AwsError:
    whose = f"profile '{call.profile}' has" if call.profile else "there are"
    return CredentialsError(
        f"{whose} no AWS credentials that can be used ({_words(error)})",
        f"Name a profile (--profile NAME), log in ({_login(call)}), "
        "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    )


def _expired(error: Exception, call: AwsCall) -> AwsError:
    fix = f"Log in again ({_login(call)}), or renew the session token, then repeat this."
    if os.environ.get("AWS_SESSION_TOKEN") and not call.profile:
        fix = "They are those of AWS_SESSION_TOKEN: set new ones and start sfdebug again, or use --profile NAME."
    return CredentialsError(f"the AWS credentials have expired ({_said(error)})", fix)


def _unknown_credentials(error: Exception, call: AwsCall) -> AwsError:
    message = _said(error)
    if "expired" in message.lower() or "not yet current" in message.lower():
        return CredentialsError(
            f"AWS refuses the time in the request ({message})", "Set this machine's clock, then try again."
        )
    return CredentialsError(
        f"AWS does not know these credentials ({message})",
        "Check the access key, or use another profile: --profile NAME. "
        "A key of the partitions China or GovCloud works only there.",
    )


def _no_profile(error: Exception, call: AwsCall) -> AwsError:
    return CredentialsError(
        f"there is no profile '{call.profile or _words(error)}' in the AWS configuration",
        "aws configure list-profiles shows those that exist.",
        where="--profile",
    )


def _bad_configuration(error: Exception, call: AwsCall) -> AwsError:
    return CredentialsError(f"the AWS configuration cannot be read: {_words(error)}", "Mend the file that it names.")


# Permission


def _denied(error: Exception, call: AwsCall) -> AwsError:
    message = _said(error)
    named = re.search(r"perform:? ([a-z0-9-]+:\w+)", message)
    action = named.group(1) if named else call.action
    why = f" ({message})" if message else ""
    return DeniedError(
        action,
        f"these credentials may not {action}{why}",
        f"Ask for a policy that allows {action} here, or use another profile: --profile NAME.",
        where=call.target,
    )


def _denied_key(error: Exception, call: AwsCall) -> AwsError:
    return DeniedError(
        "kms:Decrypt",
        f"the data is encrypted with a KMS key that these credentials may not use ({_said(error)})",
        "Ask for a policy that allows kms:Decrypt with the state machine's key.",
        where=call.target,
    )


def _bad_key(error: Exception, call: AwsCall) -> AwsError:
    return NotSupportedError(
        f"the KMS key that the data is encrypted with cannot be used ({_said(error)})",
        "The key has to be enabled, and not be scheduled for deletion.",
        where=call.target,
    )


# Region and endpoint


def _no_region(error: Exception, call: AwsCall) -> AwsError:
    return RegionError(
        "no AWS region is known",
        "Name one (--region eu-west-1), set AWS_REGION, or give the profile one: aws configure set region eu-west-1",
    )


def _bad_region(error: Exception, call: AwsCall) -> AwsError:
    return RegionError(f"'{call.region}' is no AWS region", "They look like eu-west-1.", where="--region")


def _unreachable(error: Exception, call: AwsCall) -> AwsError:
    fix = (
        "Check the address, and that the service runs there."
        if call.endpoint_url
        else "Check the network, the proxy (HTTPS_PROXY) and the region: Step Functions has to exist there."
    )
    return UnreachableError(f"{call.destination} cannot be reached ({_words(error)})", fix, where=call.target)


def _timed_out(error: Exception, call: AwsCall) -> AwsError:
    return UnreachableError(
        f"{call.destination} did not answer {call.operation} in time, also after several attempts",
        "Try again; if it stays so, look at the network and the proxy.",
        where=call.target,
    )


def _no_trust(error: Exception, call: AwsCall) -> AwsError:
    return UnreachableError(
        f"the connection to {call.destination} cannot be trusted ({_words(error)})",
        "Behind a proxy that signs anew, name its certificates in AWS_CA_BUNDLE.",
    )


def _not_aws(error: Exception, call: AwsCall) -> AwsError:
    return UnreachableError(
        f"what answers at {call.destination} does not speak the AWS API ({_words(error)})",
        "Check the endpoint's address: --endpoint-url, AWS_ENDPOINT_URL, or the profile's endpoint_url.",
    )


# What was asked for


def _not_found(error: Exception, call: AwsCall) -> AwsError:
    return NotFoundError(
        f"AWS knows no such thing in this account and region ({code_of(error)})",
        "Check the account (--profile) and the region. AWS keeps a Standard execution for 90 days after its end, "
        "and an Express execution not at all: look for that one in its log.",
        where=call.target,
    )


def _invalid_arn(error: Exception, call: AwsCall) -> AwsError:
    return InvalidArnError(f"AWS does not take this ARN ({_said(error)})", "Copy all of it.", where=call.target)


def _express(error: Exception, call: AwsCall) -> AwsError:
    return NotSupportedError(
        "this belongs to an Express workflow, which AWS keeps no history of",
        "Its executions are in the log group of its logging configuration, when its log level is ALL.",
        where=call.target,
    )


def _invalid_token(error: Exception, call: AwsCall) -> AwsError:
    return NotSupportedError("AWS has forgotten where this list was left off", "Start again.", where=call.target)


def _invalid_request(error: Exception, call: AwsCall) -> AwsError:
    return UnexpectedAnswerError(f"{call.operation} cannot be asked this: {_said(error)}", where=call.target)


_BY_CODE: Final[dict[str, Callable[[Exception, AwsCall], AwsError]]] = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"), _expired),
    **dict.fromkeys(
        (
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "AuthFailure",
        ),
        _unknown_credentials,
    ),
    **dict.fromkeys(("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"), _denied),
    "KmsAccessDeniedException": _denied_key,
    "KmsInvalidStateException": _bad_key,
    **dict.fromkeys(
        ("ExecutionDoesNotExist", "StateMachineDoesNotExist", "ResourceNotFound", "ResourceNotFoundException"),
        _not_found,
    ),
    "InvalidArn": _invalid_arn,
    "InvalidToken": _invalid_token,
    "StateMachineTypeNotSupported": _express,
    "ValidationException": _invalid_request,
}

_BY_CLASS: Final[dict[str, Callable[[Exception, AwsCall], AwsError]]] = {
    **dict.fromkeys(
        ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "NoAuthTokenError"),
        _no_credentials,
    ),
    **dict.fromkeys(
        ("SSOError", "TokenRetrievalError", "LoginError", "RefreshWithMFAUnsupportedError"),
        _expired,
    ),
    "ProfileNotFound": _no_profile,
    **dict.fromkeys(("ConfigNotFound", "ConfigParseError", "InvalidConfigError"), _bad_configuration),
    "NoRegionError": _no_region,
    "InvalidRegionError": _bad_region,
    **dict.fromkeys(("ConnectTimeoutError", "ReadTimeoutError"), _timed_out),
    "SSLError": _no_trust,
    "ResponseParserError": _not_aws,
    "ParamValidationError": _invalid_request,
    **dict.fromkeys(
        ("EndpointConnectionError", "ProxyConnectionError", "ConnectionClosedError", "HTTPClientError"), _unreachable
    ),
}


def _class_names(error: Exception) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


def _status_of(error: Exception) -> int:
    response: Any = getattr(error, "response", None)
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(response, dict) else None
    return status if isinstance(status, int) else 0


def _said(error: Exception) -> str:
    """AWS's own words in an error it answered with."""
    response: Any = getattr(error, "response", None)
    message = response.get("Error", {}).get("Message") if isinstance(response, dict) else None
    if message and str(message).lstrip().startswith("<"):  # the page of a proxy or a web server
        return f"HTTP status {_status_of(error)}"
    return _short(str(message)) if message else _words(error)


def _words(error: Exception) -> str:
    return _short(str(error)) or type(error).__name__


def _short(text: str) -> str:
    text = _SECRET.sub(r"\1…", " ".join(text.split())).rstrip(".")
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
