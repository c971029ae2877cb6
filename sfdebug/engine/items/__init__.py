"""Items of a distributed Map: reading a dataset, batching, writing results. All of it is pure."""
