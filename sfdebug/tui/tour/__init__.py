"""The tour: five real keys, on a real run. Each step goes on when what it asks for has happened."""
