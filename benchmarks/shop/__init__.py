"""A made-up Chinese online shop: its customers, its bot, its agents, and what they write to each other."""
