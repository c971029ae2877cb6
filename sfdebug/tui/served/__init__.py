"""What `sfdebug serve --watch` shows: the executions that clients have started, live, and each of them opened."""
