"""JSONata: read by a library, compiled and evaluated here."""
