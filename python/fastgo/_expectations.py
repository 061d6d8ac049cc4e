"""Expectations: what a parameter takes, in words for the client who has sent something else."""

import json
from typing import Any

from msgspec import inspect as kinds

from fastgo._decoders import items_of, members_of, type_info

_WORDS: dict[type[kinds.Type], str] = {
    kinds.IntType: "a whole number",
    kinds.FloatType: "a number",
    kinds.BoolType: "true or false",
    kinds.DecimalType: "a decimal number",
    kinds.DateTimeType: "a date and time such as 2026-01-31T12:00:00Z",
    kinds.DateType: "a date such as 2026-01-31",
    kinds.TimeType: "a time such as 12:00:00",
    kinds.TimeDeltaType: "a duration such as PT90S",
    kinds.UUIDType: "a UUID",
}

# What msgspec.Meta can ask of a value.
_BOUNDS = {
    "gt": "> {}",
    "ge": ">= {}",
    "lt": "< {}",
    "le": "<= {}",
    "multiple_of": "divisible by {}",
    "min_length": "of length >= {}",
    "max_length": "of length <= {}",
    "pattern": "matching {}",
}


def expected(wanted: Any) -> str:
    """Returns what a text, or several, must be to become a type that `read_values` reads."""
    return _words(type_info(wanted))


def _words(info: kinds.Type) -> str:
    if members := members_of(info):
        return " or ".join(map(_words, members))
    if isinstance(info, kinds.LiteralType):
        return _one_of(info.values)
    if isinstance(info, kinds.EnumType):
        return _one_of([each.value for each in info.cls])
    items = items_of(info)
    if items is None:
        what = _WORDS.get(type(info), "text")
    elif len(items) == 1:
        what = f"values that are each {_words(items[0])}"
    else:
        what = f"the values {' and '.join(map(_words, items))}"
    bounds = ((text, getattr(info, name, None)) for name, text in _BOUNDS.items())
    asked = [text.format(bound) for text, bound in bounds if bound is not None]
    return " ".join([what, " and ".join(asked)]) if asked else what


def _one_of(values: Any) -> str:
    return "one of " + ", ".join(json.dumps(each, ensure_ascii=False) for each in values)
