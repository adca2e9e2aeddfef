"""Outside lists: registers of people who want no mail or are dead, imported version by version (docs/LISTS.md)."""
