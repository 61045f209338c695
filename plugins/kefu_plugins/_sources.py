"""Where the definitions come from."""

TEN_METRICS = "呼叫中心智慧運營的十大關鍵指標 (51Callcenter, 2016)"
