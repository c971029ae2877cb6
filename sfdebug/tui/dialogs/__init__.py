"""Dialogs: one question each, with a typed answer; Escape leaves without one."""
