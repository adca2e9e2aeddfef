"""Whether a mail provider's webhook is genuine: a module for each way of signing, and their registry. All of it pure.

These are no SMS gateways: their names are not in `consent.intake.registry`, and nothing here is reachable by itself.
"""
