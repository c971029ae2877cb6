"""JSONPath as AWS reads it: jsonpath-ng's grammar, Jayway's rules, and direct look-ups for plain paths.

AWS runs Jayway JsonPath, in Java. jsonpath-ng reads a path's syntax here; what a path means, and what an error says, is
Jayway's and stands in this room. A path goes one of two ways:

- A plain path, a root followed by names and indices (`$.a['b c'][0]`), which most fields hold, is read by one regular
  expression and compiled to look-ups (`fast_paths`), without loading jsonpath-ng or regex. A Reference Path is always
  plain (`reference_path`).
- Any other path is cut into tokens (`lexer`), which jsonpath-ng's parser takes instead of those of its own lexer;
  `parser` lays its syntax tree out as a row of steps, which `ast` evaluates.

What stands beside jsonpath-ng's grammar, and why:

- The lexer. Jayway takes more in a name (`$.é`, `$.k-dash`, `$.a@b`), wants indices within a Java int, and its errors
  show the position. A filter and a function call travel through the grammar as names that carry their own text
  (`FilterName`, `FunctionName`), since Jayway's conditions and functions are not jsonpath-ng's.
- The conditions of filters (`filters`). Jayway compares by other rules and has operators that jsonpath-ng lacks
  (`contains`, `anyof`, `size`, `=~` with flags); its regular expressions get a time limit.
- The functions at the end of a path (`parser`): `.length()`, `.sum()` and the rest give what Jayway gives.
- The evaluation (`ast`). Jayway tells definite paths from others, by which a missing field is an error or nothing, and
  reads slices and several names in a bracket in its own way. One deviation from Jayway is recorded: a path that can
  select several values gives `[]`, not an error, when a field on its way is missing (`$.nope[*]`).
"""
