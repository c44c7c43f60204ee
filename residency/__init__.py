"""The pure core: what a residency is, without Temporal, database, clock or mail."""
