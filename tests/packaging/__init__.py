"""The builder of the installable program: its decisions. The build itself is ``make installer``."""
