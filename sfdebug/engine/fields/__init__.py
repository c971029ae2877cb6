"""The fields of a state in both query languages, and the flow of its data through them."""
