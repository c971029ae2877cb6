"""The Amazon States Language: text with positions, its checks, and the definition that the other rooms work on.

`load` reads definitions, `problems.render` shows what is wrong with one, `support.unsupported` says what in a valid
one the engine does not run. Import from these modules: the package itself loads nothing.
"""
