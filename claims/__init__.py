"""The claims domain: events, lifecycle, money safety, use cases, and the ports through which they reach the world."""
