"""Answering a Map Run: what its ItemReader finds, written or from a file; or its whole result, or a failure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual.containers import Vertical
from textual.widgets import Input

from sfdebug.debugger.wording.values import dataset_location
from sfdebug.engine.execution.decisions import Dataset, Provenance, TaskFailure
from sfdebug.errors import SfdebugError
from sfdebug.files import is_folder, is_there, path_typed
from sfdebug.text import clean
from sfdebug.tui.dialogs.answer_task import AnswerDraft, AnswerKind, AnswerTaskDialog
from sfdebug.tui.dialogs.frame import DialogField, DialogNote, text_input
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.terminal.threads import AnswerForecaster, no_forecast
from sfdebug.values import is_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.app import ComposeResult

    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.values import Json

_RESULT_NOTE = "what the whole Map Run gives on; no child execution runs"


class AnswerMapRunDialog(AnswerTaskDialog):
    """What a distributed Map is to start with. Without an ItemReader it has its items: only its result or its failure
    can be given.

    `items` stand in the editor of the items at first, and `comment` says where they are from.
    """

    DEFAULT_CSS: ClassVar[str] = """
    AnswerMapRunDialog #items-seconds { width: 12; }
    """

    def __init__(
        self,
        request: TaskRequest,
        items: Json,
        result: Json,
        comment: str = "",
        *,
        retrier_counts: Sequence[int] = (),
        where: str = "",
        draft: AnswerDraft | None = None,
        forecast_of: AnswerForecaster = no_forecast,
    ) -> None:
        self._has_reader = not request.is_optional
        super().__init__(
            request,
            result,
            _RESULT_NOTE,
            retrier_counts=retrier_counts,
            where=where,
            draft=draft,
            forecast_of=forecast_of,
        )
        self._items = items
        self._items_comment = comment

    @property
    def kinds(self) -> tuple[AnswerKind, ...]:
        """The ways to answer: items only where an ItemReader reads them."""
        own = (AnswerKind.ITEMS, AnswerKind.FILE) if self._has_reader else ()
        return (*own, AnswerKind.RESULT, AnswerKind.FAILURE)

    @property
    def asks_with(self) -> str:
        """What stands above the reader's arguments, or the items."""
        if not self._has_reader:
            return "starts a Map Run over these items:"
        return f"starts a Map Run; its ItemReader calls {clean(self._request.resource)}, with:"

    def more_kinds(self) -> ComposeResult:
        """The items, and a file."""
        if not self._has_reader:
            return
        with Vertical(id=AnswerKind.ITEMS.name):
            if self._items_comment:
                yield DialogNote(self._items_comment, classes="comment")
            yield JsonEditor(self._items, id="items")
            yield DialogField("Takes", text_input("0", id="items-seconds"), "seconds of virtual time")
        with Vertical(id=AnswerKind.FILE.name):
            yield DialogNote(self._file_note(), classes="comment")
            yield DialogField("File", text_input(placeholder="path of a file or folder", id="dataset-file"))

    def _file_note(self) -> str:
        source = dataset_location(self._request.input) or "what is read"
        return (
            f"A file stands for {source}; it is read as its ReaderConfig says. "
            "A folder stands for S3: in it is one folder for each bucket."
        )

    # Drafts

    def _filled_in(self) -> AnswerDraft:
        draft = super()._filled_in()
        if not self._has_reader:
            return draft
        items = (self.query_one("#items", JsonEditor).text, *(self.query_one(field, Input).value for field in _FIELDS))
        return replace(draft, fields=(*draft.fields, *items))

    def _fill_in(self, draft: AnswerDraft) -> None:
        super()._fill_in(draft)
        if self._has_reader:
            text, *fields = draft.fields[-1 - len(_FIELDS) :]
            self.query_one("#items", JsonEditor).set_text(text)
            for field, value in zip(_FIELDS, fields, strict=True):
                self.query_one(field, Input).value = value

    # The answer

    def _focus_answer(self) -> None:
        if self._kind is AnswerKind.ITEMS:
            self.query_one("#items", JsonEditor).focus()
        elif self._kind is AnswerKind.FILE:
            self.query_one("#dataset-file", Input).focus()
        else:
            super()._focus_answer()

    def action_answer(self) -> None:
        """Give the answer, if it is one."""
        if self._kind is AnswerKind.ITEMS:
            self._answer_items()
        elif self._kind is AnswerKind.FILE:
            self._answer_file()
        else:
            super().action_answer()

    def _answer_items(self) -> None:
        editor = self.query_one("#items", JsonEditor)
        value, seconds = editor.value, self._seconds("#items-seconds")
        if not is_present(value) or not isinstance(value, list):
            kind = "an array" if is_present(value) else "JSON yet: Ctrl+G goes to the mistake"
            self.complain(f"the items are not {kind}")
            editor.focus()
        elif seconds is not None:
            source = dataset_location(self._request.input)
            self.dismiss(Dataset(items=tuple(value), source=source, after_seconds=seconds))

    def _answer_file(self) -> None:
        entry = self.query_one("#dataset-file", Input)
        path = path_typed(entry.value.strip())
        if not entry.value.strip() or not is_there(path):
            self.complain("there is no such file" if entry.value.strip() else "name a file, or a folder")
            entry.focus()
            return
        try:
            answer = read_dataset(self._request, path)
        except (SfdebugError, OSError) as error:
            self.complain(clean(str(error)).splitlines()[0])
            return
        if isinstance(answer, Dataset):
            self.dismiss(answer)
        else:
            self.complain(clean(answer))


_FIELDS = ("#items-seconds", "#dataset-file")


def read_dataset(request: TaskRequest, path: Path) -> Dataset | str:
    """What the ItemReader finds in a file that stands for its object, or in a folder that stands for S3; or in words
    why it finds nothing there. Raises UsageError when it cannot be read."""
    from sfdebug.tasks.datasets import LocalFiles

    source = dataset_location(request.input)
    if is_folder(path):
        answer = LocalFiles(path).answer(request)
    elif request.resource.endswith("listObjectsV2"):
        return "its ItemReader lists a bucket: name a folder that has a folder for each bucket"
    else:
        answer = LocalFiles({source: path}).answer(request)
    if isinstance(answer, Dataset):
        return replace(answer, provenance=Provenance.USER)
    if isinstance(answer, TaskFailure):
        return answer.cause or answer.error or "it cannot be read"
    return "files stand for s3:getObject and s3:listObjectsV2 alone: give the items instead"
