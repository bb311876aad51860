"""The page: a profile to look at closely, to search, to replay, and to try what blocking a value would do."""
