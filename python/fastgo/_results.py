"""Results: the answers that functions return, where they are of a type that C does not know."""

from fastgo._problems import Answer


def convert(result: object) -> Answer:
    """Returns the answer for a result that is neither str nor bytes nor None."""
    if isinstance(result, bytearray | memoryview):
        return 200, "application/octet-stream", bytes(result)
    import msgspec  # most programs do not need it

    return 200, "application/json", msgspec.json.encode(result)
