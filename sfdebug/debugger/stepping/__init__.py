"""The verbs: walking forward and back, interventions, breakpoints, and what would happen."""
