"""Where the definitions come from."""

TEN_METRICS = "呼叫中心智慧運營的十大關鍵指標 (51Callcenter, 2016)"
FIRST_METRICS = "管理客服中心,先抓好这些指标 (2025)"
BASIC_TARGETS = "基本呼叫中心绩效目标"
SCHEDULING = "客服调度绩效考核 (2025)"
EFFICIENCY = "提升呼叫中心运营效率与客户感知"
