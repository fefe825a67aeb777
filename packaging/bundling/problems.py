"""What stops the builder: told in one sentence that says what to do, never as a traceback."""

from __future__ import annotations


class BuildError(Exception):
    """The installer can't be built, or what was built does not work; the text is for the person who builds."""
