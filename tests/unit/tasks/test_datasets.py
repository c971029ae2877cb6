"""ItemReaders answered from local files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from sfdebug.asl.definition import State, StateType
from sfdebug.engine.execution.decisions import Dataset, Provenance, TaskFailure
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.engine.items.reading import read_items
from sfdebug.errors import UsageError
from sfdebug.tasks.datasets import LAST_MODIFIED, LocalFiles
from sfdebug.values import Json
from tests.task_requests import task_request

GET = "arn:aws:states:::s3:getObject"
LIST = "arn:aws:states:::s3:listObjectsV2"


def map_request(arguments: Json, resource: str | None = GET, **config: Json) -> TaskRequest:
    """What a distributed Map called Each asks."""
    fields: dict[str, Json] = {"Type": "Map"}
    if resource is not None:
        fields["ItemReader"] = {"Resource": resource, "ReaderConfig": {**config}}
    state = State("Each", StateType.MAP, ("Each",), ("States", "Each"), fields)
    return TaskRequest((), state, arguments, 1, 0, scheduled_event_id=3, kind=RequestKind.MAP_RUN)


@pytest.fixture
def bucket(tmp_path: Path) -> Path:
    """The folder of the bucket `data`, beside a file that no reader may see."""
    (tmp_path / "secret.csv").write_text("secret")
    folder = tmp_path / "s3" / "data"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "b.csv").write_bytes(b"x\n1\n")
    (folder / "in" / "a.csv").write_bytes(b"x\n2\n3\n")
    (folder / "other.json").write_bytes(b"[]")
    return folder


@pytest.fixture
def files(bucket: Path) -> LocalFiles:
    return LocalFiles(bucket.parent)


def found(files: LocalFiles, request: TaskRequest) -> Dataset:
    answer = files.answer(request)
    assert isinstance(answer, Dataset), answer
    assert answer.provenance is Provenance.MOCKED
    return answer


def failure(files: LocalFiles, request: TaskRequest) -> str:
    answer = files.answer(request)
    assert isinstance(answer, TaskFailure)
    assert answer.error == "States.ItemReaderFailed"
    return str(answer.cause)


class TestGetObject:
    def test_the_content_of_the_file(self, files: LocalFiles) -> None:
        dataset = found(files, map_request({"Bucket": "data", "Key": "in/b.csv"}, InputType="CSV"))
        assert (dataset.content, dataset.source) == (b"x\n1\n", "s3://data/in/b.csv")

    @pytest.mark.parametrize("key", ["in/c.csv", "in", "", "in/b.csv/x"])
    def test_an_object_that_is_not_there(self, files: LocalFiles, key: str) -> None:
        assert failure(files, map_request({"Bucket": "data", "Key": key})).startswith(f"There is no object {key} in")

    @pytest.mark.parametrize("key", ["../../secret.csv", "/etc/hostname", "in/../../../secret.csv", "a\0b", "..\\x"])
    def test_a_key_that_leads_out_of_the_folder(self, files: LocalFiles, key: str) -> None:
        assert "leads out of the folder" in failure(files, map_request({"Bucket": "data", "Key": key}))

    @pytest.mark.parametrize("name", ["..", ".", "", "a/b", "data\\in", "c:"])
    def test_a_bucket_that_is_no_folder_name(self, files: LocalFiles, name: str) -> None:
        assert "is no name of a bucket" in failure(files, map_request({"Bucket": name, "Key": "secret.csv"}))

    def test_a_link_out_of_the_folder_is_not_followed(self, bucket: Path, files: LocalFiles) -> None:
        (bucket / "link.csv").symlink_to(bucket.parents[1] / "secret.csv")
        assert "leads out" in failure(files, map_request({"Bucket": "data", "Key": "link.csv"}))
        listing = found(files, map_request({"Bucket": "data", "Prefix": "l"}, LIST))
        assert listing.objects == ()

    @pytest.mark.parametrize(("arguments", "missing"), [({}, "Bucket"), ({"Bucket": "data"}, "Key"), (None, "Bucket")])
    def test_arguments_that_are_missing(self, files: LocalFiles, arguments: Json, missing: str) -> None:
        assert failure(files, map_request(arguments)) == f"The ItemReader of 'Each' needs {missing}, a text."

    def test_arguments_that_are_not_imitated(self, files: LocalFiles) -> None:
        with pytest.raises(UsageError, match="gives Range"):
            files.answer(map_request({"Bucket": "data", "Key": "other.json", "Range": "bytes=0-1"}))


class TestListing:
    def test_the_objects_under_a_prefix_in_order(self, files: LocalFiles) -> None:
        dataset = found(files, map_request({"Bucket": "data", "Prefix": "in/"}, LIST))
        digest = hashlib.md5(b"x\n2\n3\n").hexdigest()
        assert dataset.objects is not None
        assert dataset.objects[0] == {
            "Etag": f'"{digest}"',
            "Key": "in/a.csv",
            "LastModified": LAST_MODIFIED,
            "Size": 6,
            "StorageClass": "STANDARD",
        }
        assert [listed["Key"] for listed in dataset.objects if isinstance(listed, dict)] == ["in/a.csv", "in/b.csv"]
        assert (dataset.source, dict(dataset.files)) == ("s3://data", {})

    def test_without_a_prefix_all(self, files: LocalFiles) -> None:
        assert len(found(files, map_request({"Bucket": "data"}, LIST)).objects or ()) == 3

    def test_a_prefix_without_objects_lists_none(self, files: LocalFiles) -> None:
        assert found(files, map_request({"Bucket": "data", "Prefix": "none/"}, LIST)).objects == ()

    def test_a_bucket_that_is_not_there(self, files: LocalFiles) -> None:
        assert failure(files, map_request({"Bucket": "nothing"}, LIST)).startswith("There is no bucket nothing")

    def test_load_and_flatten_brings_the_contents(self, files: LocalFiles) -> None:
        config: dict[str, Json] = {
            "InputType": "CSV",
            "CSVHeaderLocation": "FIRST_ROW",
            "Transformation": "LOAD_AND_FLATTEN",
        }
        dataset = found(files, map_request({"Bucket": "data", "Prefix": "in/"}, LIST, **config))
        items = read_items(config, dataset)
        assert items.values == ({"x": "2"}, {"x": "3"}, {"x": "1"})
        assert items.sources[-1] == "s3://data/in/b.csv"


class TestManifest:
    def test_it_brings_its_data_files(self, bucket: Path, files: LocalFiles) -> None:
        manifest = {
            "destinationBucket": "arn:aws:s3:::data",
            "fileFormat": "CSV",
            "fileSchema": "Bucket, Key",
            "files": [{"key": "in/list.csv"}],
        }
        (bucket / "manifest.json").write_text(json.dumps(manifest))
        (bucket / "in" / "list.csv").write_text('"b","k"\n')
        dataset = found(files, map_request({"Bucket": "data", "Key": "manifest.json"}, InputType="MANIFEST"))
        assert read_items({"InputType": "MANIFEST"}, dataset).values == ({"Bucket": "b", "Key": "k"},)

    def test_a_data_file_out_of_the_folder_is_refused(self, bucket: Path, files: LocalFiles) -> None:
        (bucket / "m.csv").write_text("s3://data/../../secret.csv\n")
        request = map_request({"Bucket": "data", "Key": "m.csv"}, ManifestType="ATHENA_DATA", InputType="CSV")
        assert "leads out" in failure(files, request)


class TestNamedFiles:
    def test_each_object_has_its_file(self, bucket: Path) -> None:
        files = LocalFiles({"s3://orders/today.csv": bucket / "in" / "b.csv", "s3://orders/a/b": bucket / "other.json"})
        assert found(files, map_request({"Bucket": "orders", "Key": "today.csv"})).content == b"x\n1\n"
        listed = found(files, map_request({"Bucket": "orders"}, LIST)).objects
        assert [entry["Key"] for entry in listed or () if isinstance(entry, dict)] == ["a/b", "today.csv"]

    def test_others_are_not_there(self, bucket: Path) -> None:
        files = LocalFiles({"s3://b/k": bucket / "gone"})
        assert failure(files, map_request({"Bucket": "b", "Key": "x"})) == "There is no object x in the bucket b."
        assert "looked for" in failure(files, map_request({"Bucket": "b", "Key": "k"}))
        assert failure(files, map_request({"Bucket": "c"}, LIST)) == "There is no bucket c."

    @pytest.mark.parametrize("name", ["today.csv", "s3://bucket", "s3://bucket/", "https://b/k"])
    def test_names_that_name_no_object(self, name: str) -> None:
        with pytest.raises(UsageError, match="does not name an object"):
            LocalFiles({name: "file"})


class TestOtherRequests:
    def test_what_is_not_its_matter(self, files: LocalFiles) -> None:
        assert files.answer(task_request(resource=GET, input={"Bucket": "data", "Key": "other.json"})) is None
        assert files.answer(map_request([1, 2], None)) is None
        assert files.answer(map_request({}, "arn:aws:states:::dynamodb:scan")) is None

    def test_the_folder_must_be_there(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="no such folder"):
            LocalFiles(tmp_path / "nowhere")
