"""The Amazon States Language: text with positions, its checks, and the definition that the other rooms work on.

`load` reads definitions, `text.problems.render` shows what is wrong with one, `StateMachine.unresolved` says what in a
valid one cannot be run yet. Import from these modules: the package itself loads nothing.
"""
