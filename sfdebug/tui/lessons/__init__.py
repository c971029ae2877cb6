"""Lessons and the quiz on the screen: the list of chapters, the foot that speaks, the screen to mend on."""
