"""HTTP on this machine, within bounds: what the served API and the callbacks of handlers stand on."""
