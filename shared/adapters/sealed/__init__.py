"""Secrets as ciphertext in the document store."""
