"""Annotations: how values of a request become what the annotation of a parameter says.

A value is read in C first, as one of the forms of values.h. For the types here that is all;
_decoders.py has the others, and msgspec.
"""

import types
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Union, get_args, get_origin

from fastgo._markers import Marker

# The types that C alone can read, and their forms.
_PLAIN: dict[Any, str] = {str: "str", int: "int", float: "float", bool: "bool"}


@dataclass(frozen=True)
class Reading:
    """How values become an argument.

    Attributes:
        form: How C reads each, as `fastgo_plan_read` takes it.
        many: Whether the argument is made of all values of a name.
        steps: Functions that it goes through then, one after the other.
    """

    form: str
    many: bool = False
    steps: tuple[Callable[[Any], Any], ...] = ()


def split(annotation: Any) -> tuple[Any, bool, tuple[Marker, ...]]:
    """Returns an annotation without None and markers, whether None was there, and the markers."""
    if type(annotation).__name__ == "TypeAliasType":  # of a statement such as `type Id = int`
        return split(annotation.__value__)
    if get_origin(annotation) is Annotated:
        inner, *metadata = get_args(annotation)
        wanted, optional, markers = split(inner)
        for each in metadata:
            if isinstance(each, type) and issubclass(each, Marker):
                markers += (each(),)
            elif isinstance(each, Marker):
                markers += (each,)
            else:
                wanted = Annotated[wanted, each]
        return wanted, optional, markers
    if get_origin(annotation) in (Union, types.UnionType):
        kinds = tuple(each for each in get_args(annotation) if each is not types.NoneType)
        if len(kinds) < len(get_args(annotation)):
            wanted, _, markers = split(Union[kinds])  # noqa: UP007
            return wanted, True, markers
    return annotation, False, ()


def read_values(wanted: Any) -> Reading | None:
    """Returns how texts become a type, None where a body alone can.

    Args:
        wanted: The type, without None and markers.

    Raises:
        TypeError: Nothing in a request can become that; the message says why.
    """
    if wanted is Any:
        return Reading("str")
    if form := _plain(wanted):
        return Reading(form)
    of = get_args(wanted)
    if get_origin(wanted) is list and of and (form := _plain(of[0])):
        return Reading(form, many=True)
    if wanted is bytes:
        return None
    from fastgo import _decoders  # which need msgspec; most programs do not

    return _decoders.read_values(wanted)


def read_body(wanted: Any, *, optional: bool) -> Reading:
    """Returns how the body becomes a type.

    Args:
        wanted: The type, without None and markers.
        optional: Whether the null of JSON may become None.

    Raises:
        TypeError: The body cannot become that; the message says why.
    """
    if wanted is bytes or wanted is str:
        return Reading(wanted.__name__)
    from fastgo import _decoders

    return _decoders.read_body(wanted, optional=optional)


def _plain(wanted: Any) -> str | None:
    return _PLAIN.get(wanted) if isinstance(wanted, type) else None
