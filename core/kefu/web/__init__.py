"""The pages of ``kefu serve``: the repair queue, topics, what was verified, and the metrics, from the store."""
