"""The Qt screens and printing. With ``app`` the only place that knows PySide6."""
