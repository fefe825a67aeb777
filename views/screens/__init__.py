"""The screens, one a file. Each is a ``views.workplace.Screen``."""
