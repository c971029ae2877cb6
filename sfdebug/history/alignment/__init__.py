"""Which branch, visit and attempt each recorded event belongs to, and what it answered."""
