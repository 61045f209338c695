"""The pages: each takes a visit and returns an answer."""
