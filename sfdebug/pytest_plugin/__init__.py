"""The pytest plugin: fixtures that run state machines, files of test cases that collect themselves, coverage.

pytest finds `hooks` by an entry point. It imports nothing but pytest until a test needs more: other people's tests do
not wait for it. docs/testing.md says what there is.
"""
