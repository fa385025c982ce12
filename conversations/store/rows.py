"""Rows as structs: ``Claim(*row)`` of a statement that selects ``columns_of(Claim, …)``."""

from msgspec import Struct


def columns_of(struct: type[Struct], **columns: str) -> str:
    """What to select for the struct's fields, given by their names and put into the order that they are declared in.

    Fields that no column is made for stand at the struct's end.
    """
    first = struct.__struct_fields__[: len(columns)]
    if set(first) != set(columns):
        raise TypeError(f"{struct.__name__} begins with {', '.join(first)}, not with {', '.join(columns)}.")
    return ", ".join(columns[field] for field in first)
