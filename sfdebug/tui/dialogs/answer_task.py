"""Answering a Task: what it asks, and a result, a failure or silence to answer with."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Final

from msgspec import Struct
from msgspec.structs import replace
from textual import on
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import ContentSwitcher, Input, Static

from sfdebug.debugger.stepping.forecasts import Fate
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.faults import HEARTBEAT_TIMEOUT, TIMEOUT
from sfdebug.text import clean
from sfdebug.tui.dialogs.error_field import ErrorField
from sfdebug.tui.dialogs.frame import Dialog, DialogField, DialogNote, painted_lines, text_input
from sfdebug.tui.dialogs.outlook import forecast_lines, outlook
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.json.view import JsonView
from sfdebug.tui.painting.glyphs import glyphs_of
from sfdebug.tui.terminal.threads import AnswerForecaster, ForecastThread, no_forecast
from sfdebug.tui.widgets.line import Line
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sfdebug.debugger.stepping.forecasts import OutcomeForecast
    from sfdebug.engine.execution.visit import TaskRequest


class AnswerKind(StrEnum):
    """The ways to answer; the first two are for the items of a Map Run alone, the last for a Task alone."""

    ITEMS = "its items"
    FILE = "a file"
    RESULT = "return a result"
    FAILURE = "fail with an error"
    SILENCE = "never reply"


_FIELDS: Final = ("#result-seconds", "#cause", "#failure-seconds")


class AnswerDraft(Struct, frozen=True):
    """What was filled in: the kind, the text of the result, the error's name, and the other fields (`_FIELDS`)."""

    kind: AnswerKind
    text: str
    error: str
    fields: tuple[str, ...]


class KindStrip(Line, can_focus=True):
    """The ways, of which one is chosen: with the arrows, with the mouse, or with Ctrl+T from anywhere.

    A dialog that opens while somebody types opens here: letters do nothing, and Enter takes what is offered.
    """

    DEFAULT_CSS = """
    KindStrip { height: 1; margin-bottom: 1; }
    KindStrip:focus { background: $sf-cursor-blurred; }
    KindStrip:focus:nocolor { text-style: underline; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "screen.turn(-1)", "The way before", show=False),
        Binding("right", "screen.turn(1)", "The next way", show=False),
        Binding("down", "screen.fill_in", "Into the answer", show=False),
        Binding("enter", "screen.answer", "Answer", show=False),
    ]

    def show(self, chosen: AnswerKind, kinds: Sequence[AnswerKind]) -> None:
        """Mark the way that is chosen."""
        glyphs = glyphs_of(self)
        pieces: list[tuple[str, str] | tuple[str, str, str]] = []
        for kind in kinds:
            is_chosen = kind is chosen
            pieces.append(
                (f" {glyphs.current if is_chosen else ' '} {kind} ", "chosen" if is_chosen else "muted", kind)
            )
            pieces.append(("  ", ""))
        self.put(pieces)


class AnswerTaskDialog(Dialog[Answer]):
    """What a Task that waits is to be answered.

    `starting_value` stands in the editor at first, and `comment` says where it is from ("offered: guessed from …").
    `where` names the branch or iteration that asks; `draft` is what was filled in before, if it was. `forecast_of` says
    what the engine would make of an answer.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "answer", "Answer", id="dialog.answer", show=False),
        Binding("ctrl+r", "reset", "Reset", id="dialog.reset", show=False),
        Binding("ctrl+t", "turn_and_fill_in(1)", "Another kind of answer", id="dialog.turn", show=False),
        Binding("f4", "own_editor", "Own editor", id="dialog.own_editor", show=False),
    ]
    DEFAULT_CSS = """
    AnswerTaskDialog {
        & > .frame { height: 96%; max-height: 40; }
        & JsonView { height: 1fr; max-height: 12; min-height: 3; border-left: wide $sf-frame; }
        & ContentSwitcher { height: 2fr; min-height: 7; }
        & ContentSwitcher > Vertical { height: 1fr; }
        & .comment { height: auto; max-height: 2; color: $sf-waiting; }
        & .outlook { height: auto; margin-top: 1; text-wrap: nowrap; text-overflow: ellipsis; }
        & #result-seconds, & #failure-seconds { width: 12; }
        & .resource { height: 1; color: $sf-muted; }
    }
    """

    def __init__(
        self,
        request: TaskRequest,
        starting_value: Json,
        comment: str = "",
        *,
        retrier_counts: Sequence[int] = (),
        where: str = "",
        draft: AnswerDraft | None = None,
        forecast_of: AnswerForecaster = no_forecast,
    ) -> None:
        again = f"attempt {request.attempt}" if request.attempt > 1 else ""
        super().__init__(" · ".join(filter(None, (f"{named(request.state.name)} asks", where, again))))
        self._forecast_of = forecast_of
        self._forecast_thread = ForecastThread(forecast_of, self._tell_result)
        self._old_draft = draft
        self._untouched: AnswerDraft | None = None
        self.draft: AnswerDraft | None = None
        """What was filled in when the dialog was left without an answer; None when nothing was."""
        self._request = request
        self._start = starting_value
        self._comment = comment
        self._counts = tuple(retrier_counts)
        self._kind = self.kinds[0]
        self.add_class("-wide")

    @property
    def kinds(self) -> tuple[AnswerKind, ...]:
        """The ways to answer this question, the likeliest first."""
        return (AnswerKind.RESULT, AnswerKind.FAILURE, AnswerKind.SILENCE)

    @property
    def asks_with(self) -> str:
        """What stands above the value that it asks with."""
        return f"calls {clean(self._request.resource)}, with:"

    def body(self) -> ComposeResult:
        """What the task asks, the kind of answer, and the answer."""
        yield Static(self.asks_with, classes="resource", markup=False)
        yield JsonView(has_header=False, id="asked")
        yield KindStrip(id="kinds")
        with ContentSwitcher(initial=self._kind.name, id="answers"):
            yield from self.more_kinds()
            with Vertical(id=AnswerKind.RESULT.name):
                if self._comment:
                    yield DialogNote(self._comment, classes="comment")
                yield JsonEditor(self._start, id="result")
                yield DialogField("Takes", text_input("0", id="result-seconds"), "seconds of virtual time")
                yield DialogNote(classes="outlook", id="after-result")
            with Vertical(id=AnswerKind.FAILURE.name):
                yield ErrorField(self._request.state, rows=4)
                yield DialogField("Cause", text_input(placeholder="no cause", id="cause"))
                yield DialogField("Takes", text_input("0", id="failure-seconds"), "seconds of virtual time")
                yield DialogNote(classes="outlook", id="after-failure")
            with Vertical(id=AnswerKind.SILENCE.name):
                yield DialogNote(self._silence_text())
                yield DialogNote(classes="outlook", id="after-silence")

    def more_kinds(self) -> ComposeResult:
        """What is filled in for the ways that a Task does not have."""
        yield from ()

    def on_mount(self) -> None:
        """Start on the ways to answer."""
        self.query_one("#asked", JsonView).show_value(self._request.input)
        self._untouched = self._filled_in()
        if self._old_draft is not None:
            self._fill_in(self._old_draft)
        self._show_kind()
        self.query_one(KindStrip).focus()

    def hints(self) -> Iterable[tuple[str, str, str]]:
        """What Enter does on the ways, and Ctrl+S everywhere; how to get to the fields and back."""
        arrows = "Left Right" if self.app.has_class("ascii") else "← →"
        if self.query_one(KindStrip).has_focus:
            keys = (
                ("Enter", "answer", "answer"),
                (arrows, "other kind", "turn(1)"),
                ("Tab", "fill in", "app.focus_next"),
                *((("F4", "own editor", "own_editor"),) if self._kind is AnswerKind.RESULT else ()),
            )
        else:
            keys = (
                ("Ctrl+S", "answer", "answer"),
                ("Ctrl+T", "other kind", "turn(1)"),
                ("Tab", "next field", "app.focus_next"),
            )
        return (*keys, ("Esc", "cancel", "cancel"))

    def on_descendant_focus(self) -> None:
        """Say which keys there are now."""
        self.show_hints()

    # Drafts

    @property
    def _editor(self) -> JsonEditor:
        """The editor of the result."""
        return self.query_one("#result", JsonEditor)

    def _filled_in(self) -> AnswerDraft:
        fields = tuple(self.query_one(field, Input).value for field in _FIELDS)
        return AnswerDraft(self._kind, self._editor.text, self.query_one(ErrorField).error, fields)

    def _fill_in(self, draft: AnswerDraft) -> None:
        self._kind = draft.kind
        self._editor.set_text(draft.text)
        self.query_one(ErrorField).set_error(draft.error)
        for field, text in zip(_FIELDS, draft.fields, strict=False):
            self.query_one(field, Input).value = text

    def action_cancel(self) -> None:
        """Leave without an answer, and keep what was filled in."""
        draft = self._filled_in()
        if self._untouched is not None and replace(draft, kind=self._untouched.kind) != self._untouched:
            self.draft = draft
        super().action_cancel()

    # The kind of answer

    def action_turn(self, direction: int) -> None:
        """The next kind of answer, round and round."""
        kinds = self.kinds
        self._choose(kinds[(kinds.index(self._kind) + direction) % len(kinds)])

    def action_turn_and_fill_in(self, direction: int) -> None:
        """The next kind of answer, and into it."""
        self.action_turn(direction)
        self._focus_answer()

    def action_reset(self) -> None:
        """Put the offered value back, from wherever the focus is."""
        self._editor.action_reset()

    def action_own_editor(self) -> None:
        """Bring a result into the user's own editor, from wherever the focus is."""
        if self._kind is AnswerKind.RESULT:
            self._editor.action_own_editor()

    def action_fill_in(self) -> None:
        """From the ways into the answer."""
        self._focus_answer()

    @on(Line.Picked, "#kinds")
    def _kind_picked(self, event: Line.Picked) -> None:
        event.stop()
        self._choose(AnswerKind(event.target))

    def _choose(self, kind: AnswerKind) -> None:
        is_on_strip = self.query_one(KindStrip).has_focus
        self._kind = kind
        self._show_kind()
        self.complain("")
        if is_on_strip:
            self.show_hints()
        else:
            self._focus_answer()

    def _show_kind(self) -> None:
        self.query_one(KindStrip).show(self._kind, self.kinds)
        self.query_one("#answers", ContentSwitcher).current = self._kind.name
        self._show_forecast()

    def _focus_answer(self) -> None:
        if self._kind is AnswerKind.RESULT:
            self._editor.focus()
        elif self._kind is AnswerKind.FAILURE:
            self.query_one(ErrorField).focus_input()
        else:
            self.query_one(KindStrip).focus()

    # What will happen

    @on(ErrorField.Named)
    @on(Input.Changed)
    @on(JsonEditor.Checked)
    def _changed(self, event: ErrorField.Named | Input.Changed | JsonEditor.Checked) -> None:
        event.stop()
        self.complain("")
        self._show_forecast()

    def _show_forecast(self) -> None:
        """Say what the engine would make of the answer. A result that is simply taken needs no words."""
        kind, note = self._kind, self._outlook_note
        if note is None:
            return
        state, glyphs = self._request.state, glyphs_of(self)
        answer, error = self._answer_so_far()
        if kind is AnswerKind.RESULT:
            self._forecast_thread.ask(self.app, answer)
            return
        outcome = self._forecast_of(answer) if answer is not None else None
        lines = outlook(
            state, error, 1, glyphs, attempt=self._request.attempt, retrier_counts=self._counts, outcome=outcome
        )
        note.say(painted_lines(lines))

    def _tell_result(self, outcome: OutcomeForecast | None) -> None:
        """Say what would become of a result. One that is simply taken needs no words."""
        if not self.is_attached:
            return
        note = self.query_one("#after-result", DialogNote)
        is_plain = outcome is None or outcome.fate in (Fate.RETURNS, Fate.OPEN)
        note.display = not is_plain
        lines = [] if outcome is None or is_plain else forecast_lines(self._request.state, outcome, glyphs_of(self))
        note.say(painted_lines(lines))

    @property
    def _outlook_note(self) -> DialogNote | None:
        """Where it is said what would happen; a dataset's future is not told."""
        names = {
            AnswerKind.RESULT: "#after-result",
            AnswerKind.FAILURE: "#after-failure",
            AnswerKind.SILENCE: "#after-silence",
        }
        return self.query_one(names[self._kind], DialogNote) if self._kind in names else None

    def _answer_so_far(self) -> tuple[Answer | None, str | None]:
        """The answer as it is filled in, and the error that it fails the attempt with; None while it is no answer."""
        if self._kind is AnswerKind.SILENCE:
            return TaskSilence(), HEARTBEAT_TIMEOUT if self._is_heartbeat_first else TIMEOUT
        if self._kind is AnswerKind.FAILURE:
            error = self.query_one(ErrorField).error or None
            seconds = _seconds_in(self.query_one("#failure-seconds", Input).value)
            cause = self.query_one("#cause", Input).value or None
            return TaskFailure(error, cause, seconds or 0.0), error
        seconds, value = _seconds_in(self.query_one("#result-seconds", Input).value), self._editor.value
        return (TaskResult(value, seconds) if is_present(value) and seconds is not None else None), None

    @property
    def _is_heartbeat_first(self) -> bool:
        """Whether a task that stays silent misses a heartbeat before its time is over."""
        timeout, heartbeat = self._request.timeout_seconds, self._request.heartbeat_seconds
        return heartbeat is not None and (timeout is None or heartbeat < timeout)

    def _silence_text(self) -> str:
        timeout, heartbeat = self._request.timeout_seconds, self._request.heartbeat_seconds
        if self._is_heartbeat_first:
            return f"No heartbeat comes: HeartbeatSeconds ends the attempt after {heartbeat:,} s of virtual time."
        if timeout is not None:
            return f"No answer comes: TimeoutSeconds ends the attempt after {timeout:,} s of virtual time."
        return (
            "No answer comes, and the state has neither TimeoutSeconds nor HeartbeatSeconds: the attempt ends after "
            "99,999,999 s, AWS's longest timeout, more than three years of virtual time."
        )

    # The answer

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_answer()

    def action_answer(self) -> None:
        """Give the answer, if it is one."""
        if self._kind is AnswerKind.SILENCE:
            self.dismiss(TaskSilence())
        elif self._kind is AnswerKind.RESULT:
            self._answer_result()
        else:
            self._answer_failure()

    def _answer_result(self) -> None:
        value = self._editor.value
        seconds = self._seconds("#result-seconds")
        if not is_present(value):
            self.complain("the result is not JSON yet: Ctrl+G goes to the mistake")
            self._editor.focus()
        elif seconds is not None:
            self.dismiss(TaskResult(value, seconds))

    def _answer_failure(self) -> None:
        seconds = self._seconds("#failure-seconds")
        if seconds is not None:
            error = self.query_one(ErrorField).error or None
            cause = self.query_one("#cause", Input).value or None
            self.dismiss(TaskFailure(error, cause, seconds))

    def _seconds(self, field: str) -> float | None:
        """The seconds in a field; None, and a complaint, when it holds no such number."""
        entry = self.query_one(field, Input)
        seconds = _seconds_in(entry.value)
        if seconds is not None:
            return seconds
        self.complain("the seconds are a number from 0 to 99,999,999")
        entry.focus()
        return None


def _seconds_in(text: str) -> float | None:
    """The seconds that a field holds, 0 when it is empty; None when it holds no such number."""
    try:
        seconds = float(text.strip() or "0")
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e8 else None
