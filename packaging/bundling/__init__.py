"""Making an installable program of the source tree, and proving that it works. Used by ``build_installer.py``; never shipped."""
