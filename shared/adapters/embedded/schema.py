"""The tables of the embedded backend, all in one file so that a copy of it is a copy of everything.

``fields`` holds the top-level scalars that are asked for (``queried_fields``): every query reads an index, as in
Firestore, and values keep their type (``type_rank``), so a string never equals a number.
"""

from __future__ import annotations

SCHEMA_VERSION = 1

SCHEMA = """
CREATE TABLE documents (
    path TEXT NOT NULL PRIMARY KEY,
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    data TEXT NOT NULL,
    version TEXT NOT NULL
);
CREATE UNIQUE INDEX documents_by_id ON documents (collection, id);

CREATE TABLE fields (
    collection TEXT NOT NULL,
    field TEXT NOT NULL,
    type_rank INTEGER NOT NULL,
    value NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (collection, field, type_rank, value, id)
) WITHOUT ROWID;

CREATE TABLE secrets (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    nonce BLOB,
    ciphertext BLOB,
    PRIMARY KEY (name, version)
);

CREATE TABLE tasks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT UNIQUE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting',
    eta TEXT NOT NULL,
    next_at TEXT NOT NULL,
    lease TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    answers INTEGER NOT NULL DEFAULT 0,
    last_status INTEGER,
    ended_at TEXT
);
CREATE INDEX tasks_by_next ON tasks (state, next_at);
CREATE INDEX tasks_by_end ON tasks (ended_at) WHERE ended_at IS NOT NULL;
"""
