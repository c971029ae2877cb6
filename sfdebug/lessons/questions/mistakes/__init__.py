"""Known mistakes: what somebody who thinks so would answer, computed, and the sentence that mends it."""
