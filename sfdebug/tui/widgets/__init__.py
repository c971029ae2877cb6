"""Widgets that the panes and dialogs are made of: lines, lists of lines, the search, messages."""
