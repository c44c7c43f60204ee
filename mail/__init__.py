"""Mail: templates into messages, and messages once into the world. Nothing here knows Temporal."""
