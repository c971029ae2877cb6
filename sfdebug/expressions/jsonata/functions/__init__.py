"""The functions that JSONata expressions find in AWS."""
