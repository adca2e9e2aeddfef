"""The demonstration of `make demo`: it comes in from outside, through the doors that gateways, mail and senders use."""
