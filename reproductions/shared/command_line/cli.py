"""The command line: ``python -m reproductions PAPER TARGET`` and the commands that belong to no paper."""

from __future__ import annotations

import argparse
import errno
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from common.errors import UserError, unknown
from common.interruption import Interrupted, Interruption
from common.unfinished import UNWRITABLE
from reproductions.shared.command_line.commands import COMMANDS
from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.leftovers import sweep_all
from reproductions.shared.harness.options import RESULTS, Options
from reproductions.shared.harness.registry import Paper, papers
from reproductions.shared.harness.targets import RUN_FLAGS, Flag, Target

PROGRAM = "python -m reproductions"


@dataclass(frozen=True)
class _Typed:
    """A command line taken apart: options with what was typed for them, words in order, unknown options."""

    given: dict[str, Any]
    words: list[str]
    strange: list[str]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    Returns:
        0, 2 for a user's mistake, 130 after Ctrl-C, 143 after SIGTERM.
    """
    with Interruption() as interruption:
        try:
            run(sys.argv[1:] if arguments is None else arguments, papers(), COMMANDS)
        except BaseException as error:
            # After a signal whatever else is raised comes of it.
            if interruption.number is None and not isinstance(error, KeyboardInterrupt):
                return _refused(error)
            stopped = error
        else:
            if interruption.number is None:
                return 0
            stopped = Interrupted(interruption.number)
        # What cannot be gone on with says itself what it leaves.
        told = isinstance(stopped, KeyboardInterrupt) and str(stopped)
        print(f"\ninterrupted: {told or 'the same command goes on from what is finished.'}", file=sys.stderr)
        return 128 + getattr(stopped, "number", interruption.number or signal.SIGINT)


def _refused(error: BaseException) -> int:
    """Tell a user's mistake, or what the disk or the network refused, in a sentence; raise anything else."""
    if isinstance(error, UserError):
        print(f"error: {error}", file=sys.stderr)
    elif isinstance(error, OSError) and error.errno in UNWRITABLE:
        remedy = (
            "choose another folder" if error.errno == errno.EROFS else "make room, or choose another folder"
        )
        print(
            f"error: cannot write {error.filename or 'a file'}: {error.strerror}; {remedy}: the same command "
            "goes on from what is finished.",
            file=sys.stderr,
        )
    elif isinstance(error, OSError) and error.filename is not None:
        print(f"error: cannot use {error.filename}: {error.strerror}.", file=sys.stderr)
    else:
        raise error
    return 2


def run(arguments: Sequence[str], papers: Mapping[str, Paper], commands: Mapping[str, Target]) -> None:
    """Do what the command line asks for, or raise the UserError that says why not."""
    typed = _parse(arguments, papers, commands)
    if typed.strange:
        raise _unknown_option(typed.strange[0], _flags_of(typed.words, papers, commands))
    if not typed.words:
        print(overview(papers, commands))
        return
    first, rest = typed.words[0], typed.words[1:]
    if first in papers:
        _run_target(papers[first], rest, typed.given)
    elif first in commands:
        _run(first, commands[first], rest, typed.given)
    else:
        raise unknown("paper or command", first, [*papers, *commands])


def overview(papers: Mapping[str, Paper], commands: Mapping[str, Target]) -> str:
    """Return the listing of every paper with its targets and of every other command."""
    lines = [f"usage: {PROGRAM} PAPER TARGET [options]   ({PROGRAM} --help lists the options)"]
    for paper in papers.values():
        lines += ["", _listing(paper)]
    lines += ["", "For all papers"]
    for command in commands.values():
        lines += _entry(command.usage, command.help, command.flags)
    return "\n".join(lines)


def _run_target(paper: Paper, rest: Sequence[str], given: Mapping[str, Any]) -> None:
    if not rest:
        print(_listing(paper))
        return
    if rest[0] not in paper.targets:
        raise unknown(f"target of {paper.name}", rest[0], paper.targets)
    target = paper.targets[rest[0]]
    _run(f"{paper.name} {target.name}", target, rest[1:], given)


def _run(name: str, target: Target, rest: Sequence[str], given: Mapping[str, Any]) -> None:
    word = _word(name, target, rest)
    options, settings = _options(name, given, target.options)
    sweep_all(options, papers())
    if not target.light:
        options.check_data_root()
        import_tensorflow(options.replicas)
    target.run(options, *word, **settings)


def _word(name: str, target: Target, words: Sequence[str]) -> list[Any]:
    """Return the word that `target` takes, read, in a list; an empty list where it takes none."""
    word = target.word
    if word is None:
        _refuse_more(words)
        return []
    choices = tuple(word.choices())
    if not words and choices:
        raise UserError(f"{name} needs a {word.help}: {', '.join(choices)}.")
    if not words:
        raise UserError(f"{name} needs a {word.metavar}: {word.help}.")
    _refuse_more(words[1:])
    if choices and words[0] not in choices:
        raise unknown(word.help, words[0], choices)
    return [word.value(word.metavar, words[0])]


def _refuse_more(words: Sequence[str]) -> None:
    if words:
        raise UserError(f"one thing at a time: {words[0]!r} is too much.")


def _options(
    what: str, given: Mapping[str, Any], takes: Mapping[str, Flag]
) -> tuple[Options, dict[str, Any]]:
    """Return the options of the run and, by the names of arguments, the values of the other flags given."""
    for name in given:
        if name not in takes:
            valid = ", ".join(f"--{flag}" for flag in takes) or "no options"
            raise UserError(f"--{name} means nothing to {what}, which takes {valid}.")
    for name, flag in takes.items():
        if flag.required and name not in given:
            raise UserError(f"{what} needs {flag.shown(name)}: {flag.help}.")
    values = {name: takes[name].value(f"--{name}", typed) for name, typed in given.items()}
    of_run = {_argument(name): value for name, value in values.items() if name in RUN_FLAGS}
    others = {_argument(name): value for name, value in values.items() if name not in RUN_FLAGS}
    if "profile" not in takes and ("data-root" not in takes or "data_root" in of_run):
        # It is about the committed results, unless generated faces stand in.
        of_run.setdefault("results_root", RESULTS)
    return Options(**of_run), others


def _parse(arguments: Sequence[str], papers: Mapping[str, Paper], commands: Mapping[str, Target]) -> _Typed:
    """Take the command line apart; what an option means is left to what the words ask for."""
    parser = _Parser(prog=PROGRAM, usage=f"{PROGRAM} PAPER TARGET [options]", allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = overview(papers, commands).partition("\n\n")[2]
    for name, flag in _all_flags(papers, commands).items():
        style = {"action": argparse.BooleanOptionalAction} if flag.read is None else {"metavar": flag.metavar}
        # Options that not every target takes are listed with those that do.
        help = flag.help if name in RUN_FLAGS else argparse.SUPPRESS
        parser.add_argument(f"--{name}", default=argparse.SUPPRESS, help=help, **style)
    # What follows -- are words, be they named like options.
    ahead = list(arguments)[: list(arguments).index("--")] if "--" in arguments else list(arguments)
    found, others = parser.parse_known_args(ahead)
    given = {name.replace("_", "-"): value for name, value in vars(found).items()}
    strange = [word for word in others if word.startswith("-")]
    words = [word for word in others if word not in strange] + list(arguments)[len(ahead) + 1 :]
    return _Typed(given, words, strange)


def _all_flags(papers: Mapping[str, Paper], commands: Mapping[str, Target]) -> dict[str, Flag]:
    """Return every option there is, by name; ValueError where one takes a value here and none there."""
    found = dict(RUN_FLAGS)
    targets = [target for paper in papers.values() for target in paper.targets.values()]
    for taker in (*targets, *commands.values()):
        for name, flag in taker.flags.items():
            if (found.setdefault(name, flag).read is None) != (flag.read is None):
                raise ValueError(f"--{name} takes a value for one target and none for another")
    return found


def _flags_of(
    words: Sequence[str], papers: Mapping[str, Paper], commands: Mapping[str, Target]
) -> Mapping[str, Flag]:
    """Return the options of what the words name; every option there is where they name nothing."""
    first, second = (*words, "", "")[:2]
    if first in commands:
        return commands[first].options
    if first in papers and second in papers[first].targets:
        return papers[first].targets[second].options
    return _all_flags(papers, commands)


def _unknown_option(word: str, flags: Mapping[str, Flag]) -> UserError:
    undone = [f"--no-{name}" for name, flag in flags.items() if flag.read is None]
    return unknown("option", word.partition("=")[0], [*(f"--{name}" for name in flags), *undone, "--help"])


def _argument(name: str) -> str:
    return name.replace("-", "_")


def _listing(paper: Paper) -> str:
    entries = [
        line
        for target in paper.targets.values()
        for line in _entry(f"{paper.name} {target.usage}", target.help, target.flags)
    ]
    return "\n".join([paper.title, *entries])


def _entry(words: str, help: str, flags: Mapping[str, Flag]) -> Iterable[str]:
    """Yield the line of a target or command, and one for each option of its own."""
    yield f"  {words:<28} {help}"
    for name, flag in flags.items():
        yield f"    {flag.shown(name):<26} {flag.help}"


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as a UserError instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message.removeprefix('argument ')}; {PROGRAM} --help lists the options.")
