"""Statements that others measured on AWS, written as definitions of this project's own, each file with its source."""
