"""Expressions of the States Language: paths, intrinsic functions, payload templates, Choice rules, timestamps.

Each is compiled once, to a closure that reads an `Environment`. Nothing here knows of states or executions.
"""
