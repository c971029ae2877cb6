"""What AWS's own client library knows: the only room that imports botocore or boto3, and only when it is asked."""
