"""Pages and what other programs call, over HTTP."""
