"""What the store knows, for other programs: tidy tables, text for Prometheus, SQL tables, the schemas of our JSON."""
