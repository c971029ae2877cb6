"""Questions: what a predict step or the quiz asks, answered by the engine, with wrong choices from known mistakes."""
