"""What a good teacher says about each stage: what happened, why, and what one might have expected."""
