"""How things look: signs, paints, themes, short texts."""
