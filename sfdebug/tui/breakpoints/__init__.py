"""The dialogs of breakpoints and watches: what there is, and the line in which one is written."""
