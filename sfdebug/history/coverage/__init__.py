"""Coverage: what of a definition executions took, and what none of them ever did."""
