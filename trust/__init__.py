"""Trust: keys, certificates, signed commits, vouchers, statements, sealed boxes and release records.

Bytes in, verdicts out. Nothing here reads a clock, a file or the network, and nothing here imports the rest of Outpost.
"""
