"""From tables to values: whole sessions, facts, measures, merged."""
