"""The fleet in a box: laptops, hubs, sticks and headquarters of one seed, in one process, on one virtual clock.

Promise: what decides here is production code (``sync.wire.step``, ``claims.allowances``, ``trust.commits``, the whole of
``headquarters``); what is simulated is everything that fails: lines, disks, clocks, people. The same seed on the same commit gives
the same trace, byte for byte. Source: docs/adr/0159, docs/reliability.md.
"""
