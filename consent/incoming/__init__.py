"""One mail provider's API for received mail a module: how a message that was only told of is asked for. Pure."""
