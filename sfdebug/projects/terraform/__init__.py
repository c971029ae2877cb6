"""Terraform's own files: read with places, evaluated as far as they alone say."""
