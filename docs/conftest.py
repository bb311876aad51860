"""What of this folder pytest does not read: what builds the documents, and what a build left here."""

collect_ignore_glob = ["conf.py", "_build", "_extensions", "notebooks", "reference/api"]
