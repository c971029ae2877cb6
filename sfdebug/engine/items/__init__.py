"""Items of a distributed Map: reading a dataset, batching, tolerating failures, writing results. All of it is pure."""
