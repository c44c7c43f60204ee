"""The benchmark: nine-month residencies against a plain workflow that does as much, in turns."""
