"""What a replay proves: verdicts on recordings."""
