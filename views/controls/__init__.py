"""The controls that all screens are made of. Each paints itself from tokens, says its words in both languages, and has an accessible name."""
