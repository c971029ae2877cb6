"""HTTP APIs that Tasks call: HTTP Tasks and API Gateway, at the addresses that a user maps their URLs to."""
