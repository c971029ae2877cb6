"""The view: a frozen picture of all there is to see at the cursor."""
