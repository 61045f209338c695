"""The night: run over transcripts, keep what was found by date, and answer from what was kept."""
