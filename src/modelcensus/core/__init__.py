"""Values and pure functions: no I/O, clock, SQL, HTTP or logging."""
