"""What AWS's own client library knows: the only room that imports botocore or boto3, and only when it is asked.

Reading executions: `AwsReader` (session.py) makes the requests, and can make no other than those in `ReadOperation`;
`executions`, `listing` and `express` say what to ask; `fetching` and `opening` put it together; `saving` and
`redacting` keep the answers.
"""
