"""The same work by others. Each file runs by itself, under an interpreter that has the other program."""
