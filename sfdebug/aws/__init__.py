"""What AWS's own client library knows: the only room that imports botocore or boto3, and only when it is asked.

Reading executions: `Reader` (session.py) makes the requests, and can make no other than those in `Operation`;
`executions`, `map_runs`, `machines`, `following` and `express` say what to ask; `saving` and `redacting` keep the
answers.
"""
