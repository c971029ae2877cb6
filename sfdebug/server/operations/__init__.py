"""What each operation of the API answers."""
