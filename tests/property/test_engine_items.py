"""The items of a Map Run hold up for any data: CSV round trips, batches that lose nothing, hostile files."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sfdebug.engine.execution.decisions import Dataset
from sfdebug.engine.items.batching import batch_items
from sfdebug.engine.items.csv_reading import DELIMITERS, csv_records
from sfdebug.engine.items.formats import ItemReaderError
from sfdebug.engine.items.reading import read_items
from sfdebug.values import Json, compact

CHARACTERS = st.sampled_from("ab \t,;|\"\\'\r\n\u2028é😀")
FIELDS = st.text(CHARACTERS, max_size=8)
RECORDS = st.lists(st.lists(FIELDS, min_size=2, max_size=4), max_size=6)
JSONS: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@given(RECORDS, st.sampled_from(sorted(DELIMITERS)))
def test_csv_as_python_writes_it_is_read_back(records: list[list[str]], delimiter: str) -> None:
    text = io.StringIO(newline="")
    doubled = [[field.replace("\\", "\\\\") for field in record] for record in records]
    csv.writer(text, delimiter=DELIMITERS[delimiter], quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(doubled)
    assert list(csv_records(text.getvalue(), DELIMITERS[delimiter], "f")) == records


@given(st.lists(st.lists(st.text("ab é'{}", max_size=5), min_size=2, max_size=4), max_size=6))
def test_plain_csv_is_read_as_quoted_csv_is(records: list[list[str]]) -> None:
    """The short way for files without quotes and the scanner mean the same."""
    plain = "".join(",".join(record) + "\r\n" for record in records)
    marked = plain + '"end",""\n'
    assert [*csv_records(plain, ",", "f"), ["end", ""]] == list(csv_records(marked, ",", "f"))


@given(st.binary(max_size=60), st.sampled_from(["CSV", "JSON", "JSONL", "MANIFEST", "PARQUET"]))
def test_any_bytes_give_items_or_a_clear_failure(content: bytes, input_type: str) -> None:
    config: dict[str, Json] = {"InputType": input_type, "CSVHeaderLocation": "FIRST_ROW"}
    try:
        items = read_items(config, Dataset(content=content), max_items=5)
    except ItemReaderError as failure:
        assert failure.cause
    else:
        assert len(items) <= 5
        assert len(items.sources) == len(items)


@given(st.lists(JSONS, max_size=8), st.integers(0, 9))
def test_json_and_json_lines_read_the_same_items(values: list[Json], most: int) -> None:
    whole = Dataset(content=json.dumps(values).encode())
    lines = Dataset(content="\n".join(json.dumps(value) for value in values).encode())
    expected = tuple(values[:most] if most else values)
    assert read_items({"InputType": "JSON"}, whole, max_items=most).values == expected
    assert read_items({"InputType": "JSONL"}, lines, max_items=most).values == expected


@given(
    st.lists(JSONS, max_size=20), st.none() | st.integers(0, 5), st.none() | st.integers(150, 300), st.none() | JSONS
)
def test_batches_keep_all_items_in_order_and_within_the_limits(
    items: list[Json], most_items: int | None, most_bytes: int | None, batch_input: Json
) -> None:
    items = [item for item in items if len(compact(item)) < 40]
    if len(compact(batch_input).encode()) > 60:
        batch_input = None
    batches = batch_items(
        items, max_items_per_batch=most_items, max_input_bytes_per_batch=most_bytes, batch_input=batch_input
    )
    joined: list[Json] = []
    for batch in batches:
        assert isinstance(batch.input, dict)
        held = batch.input["Items"]
        assert isinstance(held, list)
        assert batch.input["BatchInput"] == batch_input
        assert (batch.first, batch.count) == (len(joined), len(held))
        assert 0 < len(held) <= (most_items or len(items))
        assert most_bytes is None or len(compact(batch.input).encode("utf-8", "surrogatepass")) <= most_bytes
        joined += held
    assert joined == items


@given(st.lists(JSONS, min_size=2, max_size=12), st.integers(150, 300))
def test_no_batch_could_have_taken_the_next_item(items: list[Json], most_bytes: int) -> None:
    items = [item for item in items if len(compact(item)) < 40]
    batches = batch_items(items, max_input_bytes_per_batch=most_bytes)
    for batch, after in pairwise(batches):
        fuller: dict[str, Json] = {"Items": items[batch.first : after.first + 1]}
        assert len(compact(fuller).encode("utf-8", "surrogatepass")) > most_bytes
