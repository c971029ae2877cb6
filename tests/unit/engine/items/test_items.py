"""The items of a Map Run: reading the datasets that an ItemReader names."""

from __future__ import annotations

import gzip
import json

import pytest

from sfdebug.engine.execution.decisions import Dataset
from sfdebug.engine.items.formats import ItemReaderError, unpacked
from sfdebug.engine.items.reading import read_items
from sfdebug.values import Json

FIRST_ROW = {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}


def rows(text: str, **config: Json) -> list[Json]:
    found = read_items({**FIRST_ROW, **config}, Dataset(content=text.encode(), source="s3://b/k.csv"))
    return list(found.values)


def values(config: dict[str, Json], content: bytes, **limits: int | str) -> list[Json]:
    dataset = Dataset(content=content, source="s3://bucket/key")
    return list(read_items(config, dataset, **limits).values)  # type: ignore[arg-type]


def cause(config: dict[str, Json], content: bytes = b"[]", **limits: int | str) -> str:
    with pytest.raises(ItemReaderError) as caught:
        values(config, content, **limits)
    assert caught.value.error == "States.ItemReaderFailed"
    assert caught.value.cause is not None
    return caught.value.cause


class TestCsv:
    def test_every_field_is_text_and_short_records_are_filled(self) -> None:
        assert rows("0,True,{}\na,b,c\n,,,\ntrue,1,'x'\nNull,\n   \n") == [
            {"0": "a", "True": "b", "{}": "c"},
            {"0": "", "True": "", "{}": ""},
            {"0": "true", "True": "1", "{}": "'x'"},
            {"0": "Null", "True": "", "{}": ""},
            {"0": "   ", "True": "", "{}": ""},
        ]

    def test_a_record_with_too_many_fields_loses_the_rest(self) -> None:
        assert rows("a\n1,2,3\n") == [{"a": "1"}]

    def test_the_headers_can_be_given(self) -> None:
        config: dict[str, Json] = {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["x", "y"]}
        assert values(config, b"1,2\r\n3,4") == [{"x": "1", "y": "2"}, {"x": "3", "y": "4"}]

    def test_quotes_keep_delimiters_newlines_and_doubled_quotes(self) -> None:
        text = 'a,b,c\n"x, ""y""\nz",{""k"":""v""},"[1,2]"\n'
        assert rows(text) == [{"a": 'x, "y"\nz', "b": '{"k":"v"}', "c": "[1,2]"}]

    def test_a_quote_alone_in_mid_field_is_kept(self) -> None:
        assert rows('a\nsix 6" long\n') == [{"a": 'six 6" long'}]

    def test_backslashes_escape_the_special_characters_and_vanish_before_others(self) -> None:
        assert rows("a,b\nC:\\\\Programs\\\\App,1\\,2\\n\n") == [{"a": "C:\\Programs\\App", "b": "1,2n"}]

    @pytest.mark.parametrize(
        ("name", "character"), [("COMMA", ","), ("PIPE", "|"), ("SEMICOLON", ";"), ("SPACE", " "), ("TAB", "\t")]
    )
    def test_each_delimiter(self, name: str, character: str) -> None:
        assert rows(f'a{character}b\n"1{character}"{character}2\n', CSVDelimiter=name) == [
            {"a": f"1{character}", "b": "2"}
        ]

    def test_a_byte_order_mark_is_no_part_of_the_first_header(self) -> None:
        assert rows("\ufeffa\n1\n") == [{"a": "1"}]

    def test_a_file_with_nothing_but_headers_has_no_items(self) -> None:
        assert rows("a,b\n") == []
        assert rows("") == []

    def test_items_know_their_source(self) -> None:
        found = read_items(FIRST_ROW, Dataset(content=b"a\n1\n2\n", source="s3://b/k"))
        assert found.sources == ("s3://b/k", "s3://b/k")
        assert found.keys is None

    @pytest.mark.parametrize(
        ("config", "content", "expected"),
        [
            ({**FIRST_ROW}, b"a,b,a\n", "CSV headers cannot contain duplicates."),
            (
                {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["H1", "H1", "H3"]},
                b"",
                "CSV headers cannot contain duplicates.",
            ),
            ({"InputType": "CSV"}, b"a\n", "CSVHeaderLocation must be FIRST_ROW or GIVEN"),
            ({"InputType": "CSV", "CSVHeaderLocation": "GIVEN"}, b"", "CSVHeaders must be a list of texts"),
            ({**FIRST_ROW, "CSVDelimiter": "COLON"}, b"a\n", "CSVDelimiter must be one of COMMA, PIPE"),
            ({**FIRST_ROW}, b'a\n"open\n', "never closed"),
            ({**FIRST_ROW}, b"a\n\xff\n", "s3://bucket/key: byte 2 is not UTF-8."),
            ({**FIRST_ROW}, b"x" * 10_241, "CSV headers cannot be larger than 10240 bytes."),
        ],
    )
    def test_what_cannot_be_read(self, config: dict[str, Json], content: bytes, expected: str) -> None:
        assert expected in cause(config, content)


class TestJson:
    def test_the_items_of_an_array(self) -> None:
        assert values({"InputType": "JSON"}, b'[1, null, {"a": []}]') == [1, None, {"a": []}]

    def test_the_values_of_an_object_with_their_keys(self) -> None:
        found = read_items({"InputType": "JSON"}, Dataset(content=b'{"a": [1], "b": 2}', source="s3://b/k"))
        assert (found.values, found.keys) == (([1], 2), ("a", "b"))

    def test_items_pointer_selects_a_node(self) -> None:
        config: dict[str, Json] = {"InputType": "JSON", "ItemsPointer": "/a~1b/0/~0x"}
        assert values(config, b'{"a/b": [{"~x": [7, 8]}]}') == [7, 8]
        assert values({"InputType": "JSON"}, b'{"n": [1]}', items_pointer="/n") == [1]
        assert values({"InputType": "JSON"}, b"[1]", items_pointer="") == [1]

    @pytest.mark.parametrize("pointer", ["/b", "/a/2", "/a/00", "/a/-", "/a/0/x"])
    def test_an_items_pointer_that_leads_nowhere(self, pointer: str) -> None:
        assert "leads nowhere" in cause({"InputType": "JSON"}, b'{"a": [1, 2]}', items_pointer=pointer)

    def test_an_items_pointer_without_a_slash(self) -> None:
        assert "must begin with a slash" in cause({"InputType": "JSON"}, b"{}", items_pointer="a")

    @pytest.mark.parametrize("content", [b'"text"', b"1", b"null", b"true"])
    def test_a_value_without_items(self, content: bytes) -> None:
        assert cause({"InputType": "JSON"}, content) == "Attempting to map over non-iterable node."

    @pytest.mark.parametrize("content", [b"", b"[1,", b"[NaN]", b"[" * 100_000])
    def test_what_is_no_json(self, content: bytes) -> None:
        assert cause({"InputType": "JSON"}, content).startswith("s3://bucket/key is ")


class TestJsonLines:
    def test_one_item_for_each_line(self) -> None:
        assert values({"InputType": "JSONL"}, b'{"a": 1}\r\n\n[2]\n"\xe2\x80\xa8"') == [{"a": 1}, [2], "\u2028"]

    def test_a_line_that_is_no_json_is_named(self) -> None:
        assert cause({"InputType": "JSONL"}, b"1\n\n{").startswith("s3://bucket/key, line 3 is not JSON")


class TestMaxItems:
    def test_it_stops_reading(self) -> None:
        assert values({"InputType": "JSONL"}, b"1\n2\nnot read", max_items=2) == [1, 2]

    @pytest.mark.parametrize("most", [0, 100_000_000, 100_000_001])
    def test_zero_and_more_than_the_limit_are_all(self, most: int) -> None:
        assert values({"InputType": "JSON"}, b"[1,2,3]", max_items=most) == [1, 2, 3]

    def test_the_reader_config_has_it(self) -> None:
        assert values({"InputType": "JSON", "MaxItems": 1}, b'{"a": 1, "b": 2}') == [1]
        assert values({"InputType": "JSON", "MaxItems": 1}, b"[1,2]", max_items=2) == [1, 2]

    def test_it_cannot_be_negative(self) -> None:
        assert cause({"InputType": "JSON"}, max_items=-1) == "field MaxItems must be positive"

    def test_it_holds_for_items_that_were_given(self) -> None:
        dataset = Dataset(items=(1, 2, 3))
        assert read_items({}, dataset, max_items=2).values == (1, 2)


class TestListing:
    OBJECTS: tuple[Json, ...] = ({"Key": "p/a.json", "Size": 1}, {"Key": "p/b.json", "Size": 2})

    def test_the_items_are_the_listed_objects(self) -> None:
        found = read_items({}, Dataset(objects=self.OBJECTS, source="s3://b"))
        assert found.values == self.OBJECTS
        assert found.sources == ("s3://b", "s3://b")

    def test_load_and_flatten_reads_them(self) -> None:
        files = {"s3://b/p/a.json": b"[1,2]", "s3://b/p/b.json": gzip.compress(b"[3]", mtime=0)}
        config: dict[str, Json] = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
        found = read_items(config, Dataset(objects=self.OBJECTS, files=files, source="s3://b"))
        assert found.values == (1, 2, 3)
        assert found.sources == ("s3://b/p/a.json", "s3://b/p/a.json", "s3://b/p/b.json")

    def test_an_object_whose_content_is_not_there(self) -> None:
        config: dict[str, Json] = {"InputType": "JSON", "Transformation": "LOAD_AND_FLATTEN"}
        with pytest.raises(ItemReaderError, match=r"s3://b/p/a\.json is not known"):
            read_items(config, Dataset(objects=self.OBJECTS, source="s3://b"))


class TestManifests:
    MANIFEST = json.dumps(
        {
            "destinationBucket": "arn:aws:s3:::lists",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key, Size",
            "files": [{"key": "data/1.csv.gz"}, {"key": "data/2.csv"}],
        }
    ).encode()
    FILES = {
        "s3://lists/data/1.csv.gz": gzip.compress(b'"b","x+1.txt","7"\n', mtime=0),
        "s3://lists/data/2.csv": b'"b","y.txt","8"\n',
    }

    @pytest.mark.parametrize("config", [{"InputType": "MANIFEST"}, {"ManifestType": "S3_INVENTORY"}])
    def test_an_inventory_lists_objects(self, config: dict[str, Json]) -> None:
        dataset = Dataset(content=self.MANIFEST, files=self.FILES, source="s3://lists/manifest.json")
        assert read_items(config, dataset).values == (
            {"Bucket": "b", "Key": "x+1.txt", "Size": "7"},
            {"Bucket": "b", "Key": "y.txt", "Size": "8"},
        )

    def test_a_data_file_that_is_not_there(self) -> None:
        with pytest.raises(ItemReaderError, match=r"names s3://lists/data/1\.csv\.gz"):
            read_items({"InputType": "MANIFEST"}, Dataset(content=self.MANIFEST))

    def test_other_formats_are_told_apart(self) -> None:
        manifest = self.MANIFEST.replace(b'"CSV"', b'"XML"')
        with pytest.raises(ItemReaderError, match="fileFormat is XML"):
            read_items({"InputType": "MANIFEST"}, Dataset(content=manifest, files=self.FILES))

    @pytest.mark.parametrize("content", [b"[]", b"{}", b"no"])
    def test_what_is_no_manifest(self, content: bytes) -> None:
        with pytest.raises(ItemReaderError):
            read_items({"InputType": "MANIFEST"}, Dataset(content=content))

    def test_an_athena_manifest_names_data_files(self) -> None:
        config: dict[str, Json] = {"ManifestType": "ATHENA_DATA", "InputType": "JSONL"}
        files = {"s3://out/1.gz": gzip.compress(b"1\n2\n", mtime=0), "s3://out/2": b"3\n"}
        found = read_items(config, Dataset(content=b"s3://out/1.gz\ns3://out/2\n", files=files, source="s3://m/m.csv"))
        assert found.values == (1, 2, 3)
        assert found.sources == ("s3://out/1.gz", "s3://out/1.gz", "s3://out/2")

    def test_there_are_two_kinds(self) -> None:
        assert "ATHENA_DATA or S3_INVENTORY" in cause({"ManifestType": "ORC"})


class TestFormats:
    @pytest.mark.parametrize("config", [{}, {"InputType": "XML"}, {"InputType": 1}])
    def test_other_input_types(self, config: dict[str, Json]) -> None:
        assert "InputType must be one of" in cause(config)

    def test_gzip_is_unpacked(self) -> None:
        assert values({"InputType": "JSON"}, gzip.compress(b"[1]", mtime=0)) == [1]

    @pytest.mark.parametrize(
        "content", [b"\x1f\x8bxx", gzip.compress(b"[1]" * 99, mtime=0)[:-9], b"\x28\xb5\x2f\xfd..."]
    )
    def test_what_cannot_be_unpacked(self, content: bytes) -> None:
        with pytest.raises(ItemReaderError, match="s3://b/k"):
            unpacked(content, "s3://b/k")

    def test_a_bomb_is_not_unpacked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sfdebug.engine.items.formats.MAX_UNPACKED_BYTES", 1000)
        with pytest.raises(ItemReaderError, match="more than 1000 bytes"):
            unpacked(gzip.compress(bytes(100_000)), "s3://b/k")

    def test_a_dataset_has_one_form(self) -> None:
        with pytest.raises(ValueError, match="given: none"):
            Dataset()
        with pytest.raises(ValueError, match="given: content, items"):
            Dataset(content=b"", items=())
