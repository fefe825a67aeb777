"""The reference headquarters service: enrols devices, receipts their logs, replays and settles their promises."""
