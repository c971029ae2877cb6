"""What Java makes of JSON values, where AWS shows that it runs on Java."""
