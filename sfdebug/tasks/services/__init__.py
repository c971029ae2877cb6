"""AWS services that are really called, at a local endpoint, at another one, or in the user's account."""
