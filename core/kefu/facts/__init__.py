"""Facts: what the messages of whole sessions say, in one vocabulary for every metric."""
