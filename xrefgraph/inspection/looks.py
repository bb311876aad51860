def look_of(kind: str, text: str) -> str | None:
    return None
