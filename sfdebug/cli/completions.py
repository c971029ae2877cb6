"""Completion scripts for bash, zsh and fish, written from the parsers of the commands so that they never differ."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from sfdebug.cli.main import COMMANDS, load_command

_FILES: Final = frozenset({"FILE", "OUT", "DIR", "HISTORY", "RUN", "DEFINITION", "A", "B"})
"""What the help calls a value that is a file or a folder. NAME=FILE is one behind its name."""


class Option(Struct, frozen=True):
    """One option as shells see it: its spellings, what it says of itself, and what its value can be."""

    flags: tuple[str, ...]
    help: str
    takes_value: bool
    takes_file: bool
    is_named: bool
    """Whether the value is a name, an equals sign and the file."""
    choices: tuple[str, ...]


def script(shell: str) -> str:
    """The script for "bash", "zsh" or "fish"."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell]()


def options(command: str) -> list[Option]:
    """The options of a command ("" for the debugger itself)."""
    found = []
    for action in load_command(command).parser()._actions:
        if not action.option_strings:
            continue
        name, _, kind = str(action.metavar).rpartition("=")
        found.append(
            Option(
                flags=tuple(action.option_strings),
                help=_first_part(action.help or ""),
                takes_value=action.nargs != 0,
                takes_file=kind in _FILES,
                is_named=bool(name),
                choices=tuple(str(choice) for choice in action.choices or ()),
            )
        )
    return found


def words(command: str) -> tuple[str, ...]:
    """What can stand as the argument of a command, besides files."""
    if command == "completion":
        return ("bash", "zsh", "fish")
    if command == "demo":
        from sfdebug.cli.samples import sample_names

        return sample_names()
    if command == "learn":
        from sfdebug.lessons.reading import shipped_course

        return tuple(lesson.name for lesson in shipped_course().all_lessons())
    return COMMANDS if not command else ()


def takes_files(command: str) -> bool:
    """Whether the command's argument is a file."""
    if command == "learn":  # or the name of a lesson
        return True
    actions = load_command(command).parser()._actions
    return any(action.metavar in _FILES for action in actions if not action.option_strings)


def _first_part(text: str) -> str:
    """The first clause of a help text: completion menus are narrow."""
    return text.replace("%%", "%").split(" (")[0].split(";")[0].split(":")[0]


# bash

_BASH: Final = """\
# bash completion for sfdebug. To use it: source <(sfdebug completion bash)
_sfdebug() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command="" words="" files=""
    if ((COMP_CWORD > 1)); then
        case ${COMP_WORDS[1]} in
            @COMMANDS@) command=${COMP_WORDS[1]} ;;
        esac
    fi
    COMPREPLY=()
    case "$command $previous" in
@VALUES@
    esac
    case $command in
@WORDS@
    esac
    if [[ $current == -* ]]; then
        files=""
    else
        case $command in
@ARGUMENTS@
        esac
        ((COMP_CWORD == 1)) && words="@NAMES@"
    fi
    local IFS=$'\\n'
    COMPREPLY=($(compgen -W "${words// /$'\\n'}" -- "$current"))
    if [[ -n $files ]]; then
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$current"))
    fi
}
complete -F _sfdebug sfdebug
"""


def _bash() -> str:
    values, option_words, arguments = [], [], []
    for command in ("", *COMMANDS):
        for option in options(command):
            if option.takes_value:
                patterns = "|".join(f'"{command} {flag}"' for flag in option.flags)
                values.append(f"        {patterns}) {_bash_value(option)}; return ;;")
        flags = " ".join(flag for option in options(command) for flag in option.flags)
        option_words.append(f'        "{command}") words="{flags}" ;;')
        files = "files=yes" if takes_files(command) else 'files=""'
        named = " ".join(words(command)) if command else ""
        arguments.append(f'            "{command}") words="{named}" {files} ;;')
    return (
        _BASH.replace("@COMMANDS@", "|".join(COMMANDS))
        .replace("@NAMES@", " ".join(COMMANDS))
        .replace("@VALUES@", "\n".join(values))
        .replace("@WORDS@", "\n".join(option_words))
        .replace("@ARGUMENTS@", "\n".join(arguments))
    )


def _bash_value(option: Option) -> str:
    if option.choices:
        return f'COMPREPLY=($(compgen -W "{" ".join(option.choices)}" -- "$current"))'
    if option.takes_file:
        return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current"))'
    return "COMPREPLY=()"


# zsh


def _zsh() -> str:
    lines = [
        "#compdef sfdebug",
        "# zsh completion for sfdebug. To use it: source <(sfdebug completion zsh)",
        "_sfdebug() {",
        "    local -a commands",
        "    commands=(",
        *(f"        {_quoted(f'{name}:{load_command(name).summary}')}" for name in COMMANDS),
        "    )",
        "    if ((CURRENT == 2)) && [[ $words[2] != -* ]]; then",
        "        _describe command commands",
        "        _files",
        "        return",
        "    fi",
        "    case $words[2] in",
    ]
    for command in COMMANDS:
        lines += [
            f"        {command})",
            "            shift words; ((CURRENT--))",
            *_zsh_arguments(command, 12),
            "            ;;",
        ]
    lines += ["        *)", *_zsh_arguments("", 12), "            ;;", "    esac", "}"]
    lines += ["compdef _sfdebug sfdebug", ""]
    return "\n".join(lines)


def _zsh_arguments(command: str, indent: int) -> list[str]:
    arguments = []
    for option in options(command):
        value = ""
        if option.choices:
            value = f":value:({' '.join(option.choices)})"
        elif option.takes_value:
            value = _zsh_value(option)
        text = option.help.replace("[", "(").replace("]", ")")
        arguments += [_quoted(f"{flag}[{text}]{value}") for flag in option.flags]
    named = words(command) if command else ()
    if takes_files(command):
        arguments.append(_quoted("*:file:_files"))
    elif named:
        arguments.append(_quoted(f"1:argument:({' '.join(named)})"))
    first = f"{' ' * indent}_arguments "
    return [first + f" \\\n{' ' * (indent + 4)}".join(arguments)]


def _zsh_value(option: Option) -> str:
    if not option.takes_file:
        return ":value:"
    return ':file:{compset -P "*="; _files}' if option.is_named else ":file:_files"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# fish


def _fish() -> str:
    lines = [
        "# fish completion for sfdebug. To use it: sfdebug completion fish > ~/.config/fish/completions/sfdebug.fish",
        f"set -l commands {' '.join(COMMANDS)}",
    ]
    for name in COMMANDS:
        summary = _fish_quoted(load_command(name).summary)
        lines.append(f'complete -c sfdebug -n "__fish_is_first_token" -a {name} -d {summary}')
    for command in ("", *COMMANDS):
        condition = (
            "not __fish_seen_subcommand_from $commands" if not command else f"__fish_seen_subcommand_from {command}"
        )
        lines += [_fish_option(condition, option) for option in options(command)]
        if not takes_files(command):
            lines.append(f'complete -c sfdebug -n "{condition}" -f -a {_fish_quoted(" ".join(words(command)))}')
    return "\n".join([*lines, ""])


def _fish_option(condition: str, option: Option) -> str:
    parts = [f'complete -c sfdebug -n "{condition}"']
    parts += [f"-l {flag[2:]}" if flag.startswith("--") else f"-s {flag[1:]}" for flag in option.flags]
    if option.choices:
        parts.append(f"-x -a {_fish_quoted(' '.join(option.choices))}")
    elif option.takes_value:
        parts.append("-r" if option.takes_file else "-x")
    parts.append(f"-d {_fish_quoted(option.help)}")
    return " ".join(parts)


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
