"""The stored tables' history, one alembic revision per change."""
