"""What the program tells of its work: lines with the id of their run, on standard error and in files."""
