"""The residency as a Temporal workflow: a story over ten stages."""
