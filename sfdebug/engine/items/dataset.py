"""What an ItemReader finds outside (`Dataset`), and the items that come of it (`Items`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.faults import ITEM_READER_FAILED, StateError
from sfdebug.values import Json


class ItemReaderError(StateError):
    """The dataset cannot be read: fails the Map Run with States.ItemReaderFailed and this cause."""

    def __init__(self, cause: str) -> None:
        super().__init__(ITEM_READER_FAILED, cause)


@dataclass(frozen=True, slots=True)
class Dataset:
    """The answer to an ItemReader's question. Exactly one of `content`, `objects` and `items` is given.

    `content` is what s3:getObject returns: the bytes of the object, compressed as they may be. `objects` is what
    s3:listObjectsV2 lists, one JSON object for each (Key, Size, Etag, …). `files` holds, by `s3://bucket/key`,
    the data files that a manifest names, or the listed objects when their contents are read too (Transformation
    LOAD_AND_FLATTEN). `items` are items that need no reading any more (a mock). `source` is the `s3://bucket/key` of
    the object, or the `s3://bucket` of the listing.
    """

    content: bytes | None = None
    objects: tuple[Json, ...] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    items: tuple[Json, ...] | None = None
    source: str = ""
    provenance: Provenance = Provenance.USER
    after_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Raises ValueError unless exactly one of the three forms is given."""
        given = [name for name in ("content", "objects", "items") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a Dataset is content, or objects, or items; given: {', '.join(given) or 'none'}")


@dataclass(frozen=True, slots=True)
class Items:
    """The items of a Map Run in order.

    `keys` is their field names when they are the values of a JSON object (`$$.Map.Item.Key`), else None. `sources`
    says of each where it was read (`$$.Map.Item.Source`): the `s3://…` URI of its bucket or object.
    """

    values: tuple[Json, ...]
    keys: tuple[str, ...] | None = None
    sources: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.values)

    @property
    def given(self) -> list[Json]:
        """What the iterations are given without an ItemSelector: the items, or the pairs of an object.

        Measured on AWS (iwamot/sfnx) for a distributed Map: `{"Key": …, "Value": …}`.
        """
        if self.keys is None:
            return list(self.values)
        return [{"Key": key, "Value": value} for key, value in zip(self.keys, self.values, strict=True)]


NO_ITEMS: Final = Items(())


def pairs_of(value: dict[str, Json], most: int | None = None) -> Items:
    """The items that a JSON object stands for, at most `most` of them: its values, each with its key."""
    pairs = tuple(islice(value.items(), most))
    return Items(tuple(item for _, item in pairs), tuple(key for key, _ in pairs))


def items_of(value: Json, source: str, most: int | None = None, *, over_objects: bool = True) -> Items:
    """The items in the value of a JSON dataset, at most `most` of them: an array's, or the pairs of an object.

    Raises ItemReaderError with AWS's cause for anything else.
    Source: Developer Guide, "ItemReader (Map)": the file has an array or an object, whose key-value pairs are
    iterated over. Recorded before that was written, and so without `over_objects`: an object fails with the same cause.
    """
    if isinstance(value, list):
        values = tuple(value[:most])
        return Items(values, None, (source,) * len(values))
    if isinstance(value, dict) and over_objects:
        items = pairs_of(value, most)
        return replace(items, sources=(source,) * len(items))
    raise ItemReaderError("Attempting to map over non-iterable node.")


def at_most(found: Iterable[tuple[str, Json]], most: int | None) -> Items:
    """The first `most` of the items found, each with its source before it; all of them when it is None."""
    pairs = tuple(islice(found, most))
    return Items(tuple(item for _, item in pairs), None, tuple(source for source, _ in pairs))
