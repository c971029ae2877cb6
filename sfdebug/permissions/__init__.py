"""What a state machine's role has to allow, and what a role does allow: IAM, without asking AWS."""
