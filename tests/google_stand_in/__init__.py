"""Stands in for Google's Secret Manager and Cloud Tasks on this machine: a real gRPC server, for Google's own clients.

What it does is what their documentation and client libraries say; it was never held against the services themselves.
"""
