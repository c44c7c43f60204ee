"""Rehearsals: a whole program in a minute, with its own clock and a cast that acts by itself."""
