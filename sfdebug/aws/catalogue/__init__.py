"""Which integrations Step Functions has, and what they take: botocore's API models, read lazily."""
