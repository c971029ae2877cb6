"""The eight state types, each compiled to a program that takes a step on."""
