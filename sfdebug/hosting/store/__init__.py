"""What a host keeps in a file: machines, activities, executions with all their decisions. What clients are told is in
it before they are told."""
