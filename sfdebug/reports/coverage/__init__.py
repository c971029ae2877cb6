"""Coverage as people and their tools read it: tables, graphs, lcov, Cobertura, pages."""
