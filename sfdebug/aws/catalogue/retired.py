"""Services that were AWS SDK integrations and are gone: what became of each, and what does its work now.

Sources: the service integrations' release history of the Developer Guide (what was taken out in 2026), botocore, which
has dropped the models of services that have ended, and the services' own end-of-support notices. No dates are given:
they differ by customer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class RetiredService(NamedTuple):
    """A service that is gone: its full name, what became of it, and what to do instead."""

    name: str
    end: str
    instead: str


_ENDED: Final = "AWS has ended"
_OUT: Final = "is no longer among the integrations"
_NOTHING: Final = "take the Task out: nothing has taken its place"


def _ended(name: str, instead: str = _NOTHING) -> RetiredService:
    return RetiredService(name, _ENDED, instead)


RETIRED: Final[Mapping[str, RetiredService]] = {
    "alexaforbusiness": _ended("Alexa for Business"),
    "codestar": _ended("CodeStar", "use CodeCatalyst, or CodePipeline and CodeBuild by themselves"),
    "elasticinference": _ended("Elastic Inference", "use Inferentia instances"),
    "elastictranscoder": _ended("Elastic Transcoder", "use MediaConvert: arn:aws:states:::mediaconvert:createJob"),
    "evidently": _ended("CloudWatch Evidently", "use AppConfig feature flags"),
    "honeycode": _ended("Honeycode"),
    "iot1clickprojects": _ended("IoT 1-Click"),
    "iotanalytics": _ended("IoT Analytics", "use Kinesis, S3 and Athena"),
    "iotevents": _ended("IoT Events"),
    "ioteventsdata": _ended("IoT Events"),
    "iotfleethub": _ended("Fleet Hub for IoT"),
    "lexmodelbuilding": RetiredService("Lex V1", _OUT, "use Lex V2: aws-sdk:lexmodelsv2"),
    "lexruntime": RetiredService("Lex V1", _OUT, "use Lex V2: aws-sdk:lexruntimev2"),
    "lookoutmetrics": _ended("Lookout for Metrics", "use CloudWatch anomaly detection"),
    "lookoutvision": _ended("Lookout for Vision", "use a model of your own in SageMaker, or Rekognition Custom Labels"),
    "nimble": _ended("Nimble Studio", "use Deadline Cloud"),
    "opsworks": _ended("OpsWorks Stacks", "use Systems Manager"),
    "opsworkscm": _ended("OpsWorks for Chef and Puppet", "use Systems Manager"),
    "panorama": _ended("Panorama"),
    "qldb": _ended("QLDB", "use Aurora PostgreSQL"),
    "qldbsession": _ended("QLDB", "use Aurora PostgreSQL"),
    "robomaker": _ended("RoboMaker", "use Batch"),
    "sms": _ended("Server Migration Service", "use Application Migration Service: aws-sdk:mgn"),
}
"""By the name in a Resource, without "aws-sdk:"."""
