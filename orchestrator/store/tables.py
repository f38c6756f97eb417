"""The stored tables. ``migrations`` creates them; a test keeps the two alike."""

from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, MetaData, Table, Text

metadata = MetaData()

_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only an INTEGER key."""

events = Table(
    "events",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    Column("prev_hash", Text, nullable=False),
    Column("hash", Text, nullable=False),
)
"""Moments and payloads are texts, exactly as they were hashed: a database's own types would round or reorder them."""

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("token", BigInteger, nullable=False),
    Column("holder", Text),
    Column("taken_from", Text, nullable=False),
    Column("expires_at", Text),
)
"""``holder`` is JSON, and null when nobody has the lease; the row stays, so that tokens only ever grow."""

campaigns = Table(
    "campaigns",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("trials", Integer, nullable=False),
    Column("best_point", Text),
    Column("best_score", Float),
    Column("seq", Integer, nullable=False),
    Column("head", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("updated_at", Text, nullable=False),
    Column("reason", Text, nullable=False),
)
"""The projection: one row of ``nightshift list`` per campaign, always as of its last event."""

commands = Table(
    "commands",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("campaign", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("trial", Integer),
    Column("note", Text, nullable=False),
    Column("is_now", Boolean, nullable=False),
    Column("done_at", Text),
    Column("suggestion_hash", Text, nullable=False, server_default=""),
    Column("content", Text, nullable=False, server_default="{}"),
    Column("role", Text, nullable=False, server_default="admin"),
)
"""People's orders; ``done_at`` is null until the engine has taken one."""

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Text, nullable=False),
    Column("expires_at", Text),
    Column("revoked_at", Text),
    Column("last_used_at", Text),
)
"""Who may call the API; a secret's hash only."""

login_links = Table(
    "login_links",
    metadata,
    Column("token_sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
)
"""Links that log a browser in; a row is removed by whoever uses it first."""

answers = Table(
    "answers",
    metadata,
    Column("key", Text, primary_key=True),
    Column("request_sha256", Text, nullable=False),
    Column("status", Integer),
    Column("body", Text, nullable=False),
    Column("at", Text, nullable=False),
)
"""What changes were answered, by the caller's idempotency key; ``status`` is null while the first request is under way."""
