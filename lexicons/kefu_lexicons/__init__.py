"""Word lists, as data: a folder a subject, a file a category."""
