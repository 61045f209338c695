"""The report: the sections of all plugins over one period, as one HTML file that asks nobody for anything."""
