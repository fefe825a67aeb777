"""The liability rules engine: ``rules.engine`` is pure, ``rules.tools`` reads files and prints."""
