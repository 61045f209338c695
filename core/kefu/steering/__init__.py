"""Where a team is going: scorecards, goals, balance, and the outlook for each agent."""
