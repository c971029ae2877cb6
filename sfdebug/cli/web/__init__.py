"""A screen of the program in a browser: a server on this machine, and a process of sfdebug for each page that is open.

`serving` needs the extra `web` (textual-serve) and is loaded when it is asked for; `options` and `child` are not in
need of it.
"""
