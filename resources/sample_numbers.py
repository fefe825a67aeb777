"""Numbers of the invented sample world that its data, the demo and tests name: policies by what happens to them, and the catastrophe."""

from __future__ import annotations

COLON = "HS2021030100017"
COUNTER = "KQ2026010100023"
CLINIC = "AT2026070100031"
WAITING = "HS2026080100042"
QUAKE_DEATH = "AT2026070100058"

QUAKE_ID = "CAT-2026-11"
