"""`sfdebug exec`: a command that finds the Step Functions API on this machine, for as long as it runs."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from sfdebug.cli.command import Command
from sfdebug.cli.served import add_serving_options, serving
from sfdebug.errors import UsageError
from sfdebug.text import escaped

if TYPE_CHECKING:
    import subprocess
    import threading
    from argparse import ArgumentParser, Namespace

    from sfdebug.cli.signals import SignalWait

_PATIENCE: Final = 10.0
"""Seconds that the command has to end after it was told to."""
_PASSED_ON: Final = ("SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2")
_OF_KEYS: Final = {2: "SIGINT", 3: "SIGQUIT"}
_ENDING: Final = {1: "SIGHUP", 15: "SIGTERM"}
"""By their numbers, which are the same everywhere: importing `signal` takes time."""

_FIX: Final = "Write it behind two dashes: sfdebug exec template.yaml -- pytest"


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug exec`."""
    parser.add_argument(
        "paths",
        metavar="FILE",
        nargs="*",
        default=[],
        help="what is there: projects, definitions, folders with definitions, as for sfdebug serve; behind -- the "
        "command with its arguments",
    )
    add_serving_options(parser)


def run(args: Namespace) -> int:
    """Serve, run the command, and end with what it ends with."""
    if not args.command:
        raise UsageError("there is no command to run", fix=_FIX)
    with serving(args.paths, 0, args) as served:
        return _run(args.command, {**os.environ, **served.variables()})


def _run(command: list[str], environment: dict[str, str]) -> int:
    """The exit code of a command, which is in this terminal's hands: Ctrl+C is its own. It does not outlive this."""
    import subprocess

    from sfdebug.cli.signals import SignalWait
    from sfdebug.tasks.reaper import MARK, REAPER

    REAPER.begin()  # should this be killed, the command is, too
    with SignalWait() as wait, _SignalRelay() as relay:
        try:
            child = subprocess.Popen(command, env={**environment, MARK: REAPER.new_mark()})
        except OSError as error:
            what = f"{escaped(command[0])} cannot be run: {error.strerror or error}"
            raise UsageError(what, fix="Is it installed, and on the PATH?") from error
        try:
            relay.lead_to(child)
            code = _ended(child, wait, relay)
        finally:
            if child.poll() is None:
                child.terminate()
                with suppress(subprocess.TimeoutExpired):
                    child.wait(_PATIENCE)
            if child.poll() is None:
                child.kill()
                child.wait()
    return 128 - code if code < 0 else code


def _ended(child: subprocess.Popen[bytes], wait: SignalWait, relay: _SignalRelay) -> int:
    """What a command returns, waited for; signals are passed on meanwhile."""
    import threading

    def look() -> None:
        child.wait()
        wait.end()

    threading.Thread(name="sfdebug-waits-for-command", target=look, daemon=True).start()
    while child.returncode is None:
        wait.wait()
        relay.see_to_the_end(child)
    return child.returncode


class _SignalRelay:
    """What this process is sent is for the command, and what that makes of it is the end of both; one that was told to
    end has some seconds. Ctrl+C at a terminal reaches the command by itself. What is ignored, as under nohup, stays so.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []
        self._before: dict[int, Any] = {}
        self._is_ending = False
        """Whether the command was told to end."""
        self._killer: threading.Timer | None = None

    def __enter__(self) -> _SignalRelay:
        import signal

        with suppress(ValueError):  # not on the main thread
            for number in (getattr(signal, name, None) for name in _PASSED_ON):
                if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._pass_on)
        return self

    def __exit__(self, *_: object) -> None:
        import signal

        if self._killer is not None:
            self._killer.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def lead_to(self, child: subprocess.Popen[bytes]) -> None:
        """The command has begun: it gets what came so far, too."""
        self._child = child
        for number in self._early:
            self._send(child, number)

    def _pass_on(self, number: int, frame: object) -> None:
        if number in _OF_KEYS and _is_before_a_terminal():
            return
        if self._child is None:
            self._early.append(number)
        else:
            self._send(self._child, number)

    def _send(self, child: subprocess.Popen[bytes], number: int) -> None:
        child.send_signal(number)
        self._is_ending = self._is_ending or number in _ENDING

    def see_to_the_end(self, child: subprocess.Popen[bytes]) -> None:
        """Give a command that was told to end its seconds. Nothing that a handler could do: one that comes while a
        thread is being started would wait for that, which waits for the handler."""
        import threading

        if self._is_ending and self._killer is None:
            self._killer = threading.Timer(_PATIENCE, child.kill)
            self._killer.name, self._killer.daemon = "sfdebug-ends-command", True
            self._killer.start()


def _is_before_a_terminal() -> bool:
    """Whether a key at a terminal reaches this process, and so the child as well, which is in its group."""
    for stream in (0, 1, 2):
        with suppress(OSError, AttributeError):  # no terminal, or Windows
            if os.tcgetpgrp(stream) == os.getpgrp():
                return True
    return False


COMMAND = Command(
    name="exec",
    summary="run a command against Step Functions on this machine: your tests",
    usage="sfdebug exec [FILE...] [options] -- COMMAND [ARGUMENT...]",
    description="""\
Run a command for which Step Functions is on this machine: the API of sfdebug serve is at a free port for as
long as the command runs, and its environment leads boto3, the AWS CLI and AWS's SDKs there. Signals are passed
on to the command, the exit code is that of the command, and neither outlives the other.""",
    epilog="""\
examples:
  sfdebug exec template.yaml -- pytest
      tests that call Step Functions by boto3, with the state machines of a project
  sfdebug exec orders.asl.json --mocks MockConfigFile.json -- pytest -k happy
      with test cases: start_execution(stateMachineArn=f"{arn}#HappyPath")
  sfdebug exec . --real -- npm test
      with the project's Lambda handlers and local services
  sfdebug exec -- terraform plan
      an empty account, in which the command creates what it needs

exit codes:
  that of the command; 128 and the number of the signal where one ended it
  2    the command was not run: the command line or a file cannot be used, or there is no such command
  3    the command was not run: a definition has errors, or placeholders where values are needed""",
    configure=configure,
    run=run,
    takes_command=True,
)
