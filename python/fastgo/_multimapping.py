"""MultiMapping: names that may have several values each, such as header fields."""

from collections.abc import Iterable, Iterator, Mapping


class MultiMapping(Mapping[str, str]):
    """A mapping, which nobody can change, of names to one or more values each.

    As a mapping it has the first value of each name, in the order in which the names came first;
    `getall` has all of them.

    Args:
        pairs: Names and values.
        ignore_case: Whether names that differ by case alone are one. They are lower case then.

    Example:
        >>> query = MultiMapping([("page", "1"), ("tag", "a"), ("tag", "b")])
        >>> query["tag"], query.getall("tag"), query.get("size", "10")
        ('a', ['a', 'b'], '10')
        >>> MultiMapping([("Accept", "*/*")], ignore_case=True)["ACCEPT"]
        '*/*'
    """

    __slots__ = ("_ignore_case", "_values")

    def __init__(self, pairs: Iterable[tuple[str, str]] = (), *, ignore_case: bool = False) -> None:
        """Collects the pairs."""
        self._ignore_case = ignore_case
        self._values: dict[str, list[str]] = {}
        for name, value in pairs:
            self._values.setdefault(self._key(name), []).append(value)

    def _key(self, name: str) -> str:
        return name.lower() if self._ignore_case else name

    def __getitem__(self, name: str) -> str:
        """Returns the first value of a name.

        Raises:
            KeyError: There is none.
        """
        return self._values[self._key(name)][0]

    def getall(self, name: str) -> list[str]:
        """Returns all values of a name in their order; none where it is not there."""
        return self._values.get(self._key(name), [])[:]

    def __iter__(self) -> Iterator[str]:
        """Iterates over the names, each of them once."""
        return iter(self._values)

    def __len__(self) -> int:
        """Returns how many names there are."""
        return len(self._values)

    def __contains__(self, name: object) -> bool:
        """Returns whether a name is there."""
        return isinstance(name, str) and self._key(name) in self._values

    def __repr__(self) -> str:
        """Shows all values."""
        return f"<fastgo.MultiMapping {self._values}>"
