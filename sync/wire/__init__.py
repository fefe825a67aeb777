"""The pure half of sync: message types and the ``step`` function. No clock, no random, no input or output."""
