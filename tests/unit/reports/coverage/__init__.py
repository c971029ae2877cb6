"""Reports of coverage."""
