"""Decoders: how values of a request become types that msgspec knows.

msgspec turns text into other types where it stands in JSON. So what C has read is written as JSON
again and decoded, by an encoder and a decoder that are made once for each parameter: in less than
half of the time of `msgspec.convert`, which looks at the type anew each time.
"""

from collections.abc import Callable
from typing import Any, Union

import msgspec
from msgspec import inspect as kinds

from fastgo._annotations import Reading

# What one text can be.
_TEXTS = (
    *(kinds.StrType, kinds.IntType, kinds.FloatType, kinds.BoolType, kinds.DecimalType),
    *(kinds.DateTimeType, kinds.DateType, kinds.TimeType, kinds.TimeDeltaType),
    *(kinds.UUIDType, kinds.EnumType, kinds.LiteralType),
)

# The types that C alone can read where nothing is asked of their values, and their forms.
_FORMS: dict[type[kinds.Type], str] = {
    kinds.StrType: "str",
    kinds.IntType: "int",
    kinds.FloatType: "float",
    kinds.BoolType: "bool",
}

_UNREADABLE = (
    *(kinds.CustomType, kinds.ExtType, kinds.NoneType),
    *(kinds.ByteArrayType, kinds.MemoryViewType),  # bytes can be had
)

_LISTS = (kinds.ListType, kinds.SetType, kinds.FrozenSetType, kinds.VarTupleType)


def read_values(wanted: Any) -> Reading | None:
    """Returns how texts become a type; see `_annotations.read_values`."""
    info = type_info(wanted)
    items = items_of(info)
    if not all(map(_is_text, (info,) if items is None else items)):
        return None
    if items is None and any(info == kind() for kind in _FORMS):
        return Reading(_form(info))
    forms = {_form(each) for each in ((info,) if items is None else items)}
    form = forms.pop() if len(forms) == 1 else "str"
    return Reading(form, items is not None, _through_json(wanted))


def read_body(wanted: Any, *, optional: bool) -> Reading:
    """Returns how the body becomes a type; see `_annotations.read_body`."""
    info = type_info(wanted)
    if isinstance(info, kinds.StrType | kinds.BytesType):
        return Reading(type(info).__name__[:-4].lower(), False, _through_json(wanted))
    whole: Any = Union[wanted, None] if optional else wanted  # noqa: UP007
    return Reading("json", False, (msgspec.json.Decoder(whole).decode,))


def type_info(wanted: Any) -> kinds.Type:
    """Returns what msgspec knows of a type.

    Raises:
        TypeError: It knows it not, or no request can hold it.
    """
    info = _bare(kinds.type_info(wanted))
    for each in (info, *(items_of(info) or ()), *members_of(info)):
        if isinstance(each, _UNREADABLE):
            raise TypeError("nothing that a request has can be turned into it")
    return info


def items_of(info: kinds.Type) -> tuple[kinds.Type, ...] | None:
    """Returns the types of the items of a list, set or tuple, None for other types."""
    if isinstance(info, _LISTS):
        return (_bare(info.item_type),)
    return tuple(map(_bare, info.item_types)) if isinstance(info, kinds.TupleType) else None


def members_of(info: kinds.Type) -> tuple[kinds.Type, ...]:
    """Returns the types of a union but None, nothing for other types."""
    if not isinstance(info, kinds.UnionType):
        return ()
    return tuple(_bare(each) for each in info.types if not isinstance(each, kinds.NoneType))


def _bare(info: kinds.Type) -> kinds.Type:
    """Returns a type without what is said of it for others, such as a title."""
    return _bare(info.type) if isinstance(info, kinds.Metadata) else info


def _is_text(info: kinds.Type) -> bool:
    members = members_of(info)
    return isinstance(info, _TEXTS) or (bool(members) and all(map(_is_text, members)))


def _form(info: kinds.Type) -> str:
    return _FORMS.get(type(info), "str")


def _through_json(wanted: Any) -> tuple[Callable[[Any], Any], ...]:
    return msgspec.json.Encoder().encode, msgspec.json.Decoder(wanted, strict=False).decode
