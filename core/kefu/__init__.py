"""kefu (客服): customer-service chat transcripts in, the metrics that a service team runs on out."""
