"""The use cases, one file each: load, decide, write the intent, act, record.

Services take ``Ports`` and see nothing of Google Cloud, SQLite, HTTP or the SDK.
"""
