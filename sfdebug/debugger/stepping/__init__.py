"""The verbs: walking forward and back, jumps, interventions, and what would happen."""
