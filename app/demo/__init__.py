"""The demo: the main job end to end on real parts, from a throw-away headquarters to receipted vouchers."""
