"""The kinds of writes to Xero, one file per family."""
