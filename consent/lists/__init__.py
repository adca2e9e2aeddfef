"""Lists from outside: the opt-outs that a gateway holds, and numbers that were disconnected."""
