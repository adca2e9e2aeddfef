"""When may a text be sent? Quiet hours by the country and US state of a number, as dated tables. Pure: no database.

`hours.not_before` is the question; `explain.explain_quiet` tells why. docs/QUIET_HOURS.md has the sources and limits.
"""
