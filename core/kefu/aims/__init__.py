"""What a team aims at, as settings: scorecards, goals, and the balance of efficiency and perception."""
