"""A run, or two that are compared, as one page that anybody can open: a file of HTML that needs nothing else."""
