"""From a document to a definition: each object's fields, of the right shape, all problems reported at once."""
