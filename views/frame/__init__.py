"""The frame around the work: rail, top bar with the truth about safety, messages, and the way from screen to screen."""
