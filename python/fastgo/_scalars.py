"""Types of numbers for functions that are compiled; see `compiled`.

To type checkers they are int and float. `int`, `float` and `bool` are such types themselves:
int64, float64 and bool.
"""

from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True)
class Scalar:
    """What a type is to the compiler.

    Attributes:
        name: The name that NumPy has for it.
    """

    name: str


int8 = Annotated[int, Scalar("int8")]
int16 = Annotated[int, Scalar("int16")]
int32 = Annotated[int, Scalar("int32")]
int64 = Annotated[int, Scalar("int64")]
uint8 = Annotated[int, Scalar("uint8")]
uint16 = Annotated[int, Scalar("uint16")]
uint32 = Annotated[int, Scalar("uint32")]
uint64 = Annotated[int, Scalar("uint64")]
float32 = Annotated[float, Scalar("float32")]
float64 = Annotated[float, Scalar("float64")]

# The names of all of them.
SCALARS = (
    *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
    *("float32", "float64"),
)

_PLAIN = {int: "int64", float: "float64", bool: "bool"}


def scalar_name(annotation: object) -> str | None:
    """Returns the name of the scalar type that an annotation stands for, or None."""
    for mark in getattr(annotation, "__metadata__", ()):
        if isinstance(mark, Scalar):
            return mark.name
    return _PLAIN.get(annotation) if isinstance(annotation, type) else None
