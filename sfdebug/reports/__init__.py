"""Reports: from a result, render to a stream."""
