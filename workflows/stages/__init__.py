"""One file per stage. They see only the story."""
