"""Expressions of the States Language: JSONata; paths, intrinsic functions, payload templates, Choice rules, timestamps.

Each is compiled once, and reads an environment: what is bound where it is evaluated. Nothing here knows of states or
executions.
"""
