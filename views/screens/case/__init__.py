"""The case page: a stepper, the panel of one step, and the summary that never scrolls away."""
