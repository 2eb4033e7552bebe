"""Archives in, prepared shards out: knows no paper."""
