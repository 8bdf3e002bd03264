"""Tasks in Google Cloud Tasks."""
