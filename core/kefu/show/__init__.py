"""What people and programs read: tables in a terminal, JSON, CSV."""
