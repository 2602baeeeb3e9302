"""The database: the only place that knows tables. SQLite and PostgreSQL by one code base."""
