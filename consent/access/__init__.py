"""How people prove whose address it is: by a code that is sent there (docs/PROOF.md)."""
