"""The command line: ``python -m reproductions PAPER TARGET`` and the commands that belong to no paper."""

from __future__ import annotations

import argparse
import errno
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NoReturn

from common.errors import UserError, unknown
from reproductions.commands import COMMANDS, Command
from reproductions.options import PRECISIONS, Options, parse_folder, parse_fraction, parse_seeds, parse_whole
from reproductions.profiles import PROFILES
from reproductions.quiet import import_tensorflow
from reproductions.registry import Paper, papers

PROGRAM = "python -m reproductions"
_DISK = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Flag:
    """An option: how its value is read, what stands for it in the help, and what it means."""

    read: Callable[[str], Any] | None
    metavar: str
    help: str


FLAGS = {
    "profile": Flag(str, "P", f"size of the run: {', '.join(PROFILES)} (default smoke)"),
    "data-root": Flag(parse_folder, "DIR", "folder of your data sets; generated faces are used without it"),
    "replicas": Flag(parse_whole, "N", "devices that share a batch: GPUs, or logical CPUs (default 1)"),
    "precision": Flag(str, "F", f"{', '.join(PRECISIONS)} (default the profile's own)"),
    "seeds": Flag(parse_seeds, "S,S", "one run for each seed (default 1,2,3)"),
    "resume": Flag(None, "", "go on where a stopped run was and keep finished records (default); or not"),
    "results-root": Flag(parse_folder, "DIR", "records, tables and figures (default results)"),
    "prepared-root": Flag(parse_folder, "DIR", "aligned faces, kept between runs (default prepared)"),
    "runs-root": Flag(parse_folder, "DIR", "checkpoints and logs (default runs)"),
    "size": Flag(parse_whole, "PX", "prepare: side of the crops (default 112)"),
    "template": Flag(str, "T", "prepare: where the landmarks come to lie (default arcface)"),
    "detector": Flag(str, "D", "prepare: auto, manual, mtcnn, retinaface or viola-jones (default auto)"),
    "margin": Flag(
        parse_fraction, "M", "prepare: fraction of the side shown beyond the template (default 0)"
    ),
    "workers": Flag(parse_whole, "N", "prepare, detectors: processes (default one a core)"),
}
_RUN_FLAGS = frozenset(field.name.replace("_", "-") for field in fields(Options))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status: 0, 2 for a user's mistake, 130 when interrupted."""
    try:
        run(sys.argv[1:] if arguments is None else arguments, papers(), COMMANDS)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        if error.errno not in _DISK:
            raise
        print(f"error: cannot write {error.filename or 'a file'}: {error.strerror}.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\ninterrupted: the same command goes on from what is finished.", file=sys.stderr)
        return 130
    return 0


def run(arguments: Sequence[str], papers: Mapping[str, Paper], commands: Mapping[str, Command]) -> None:
    """Do what the command line asks for, or raise the UserError that says why not."""
    given, words = _parse(arguments, papers, commands)
    if not words:
        print(overview(papers, commands))
        return
    first, rest = words[0], words[1:]
    if first in papers:
        _run_target(papers[first], rest, given)
    elif first in commands:
        _run_command(commands[first], rest, given)
    else:
        raise unknown("paper or command", first, [*papers, *commands])


def overview(papers: Mapping[str, Paper], commands: Mapping[str, Command]) -> str:
    """Return the listing of every paper with its targets and of every other command."""
    lines = [f"usage: {PROGRAM} PAPER TARGET [options]   ({PROGRAM} --help lists the options)"]
    for paper in papers.values():
        lines += ["", _listing(paper)]
    lines += ["", "For all papers"]
    lines += [_entry(command.usage, command.help) for command in commands.values()]
    return "\n".join(lines)


def _run_target(paper: Paper, rest: Sequence[str], given: dict[str, Any]) -> None:
    if not rest:
        print(_listing(paper))
        return
    if rest[0] not in paper.targets:
        raise unknown(f"target of {paper.name}", rest[0], paper.targets)
    _refuse_more(rest[1:])
    _refuse_other_flags(f"{paper.name} {rest[0]}", given, _RUN_FLAGS)
    options = _options(given)
    options.check_data_root()
    import_tensorflow(options.replicas)
    paper.targets[rest[0]].run(options)


def _run_command(command: Command, rest: Sequence[str], given: dict[str, Any]) -> None:
    words = list(rest)
    if command.argument is not None:
        if not words:
            raise UserError(f"{command.name} needs a {command.argument}: {', '.join(command.choices())}.")
        if words[0] not in command.choices():
            raise unknown(command.argument, words[0], command.choices())
    _refuse_more(words[1:] if command.argument is not None else words)
    _refuse_other_flags(command.name, given, command.flags)
    options = _options({name: value for name, value in given.items() if name in _RUN_FLAGS})
    settings = {name.replace("-", "_"): given[name] for name in given if name not in _RUN_FLAGS}
    command.run(options, *words, **settings)


def _options(given: dict[str, Any]) -> Options:
    return Options(**{name.replace("-", "_"): value for name, value in given.items()})


def _refuse_more(words: Sequence[str]) -> None:
    if words:
        raise UserError(f"one thing at a time: {words[0]!r} is too much.")


def _refuse_other_flags(what: str, given: dict[str, Any], allowed: frozenset[str]) -> None:
    for name in given:
        if name not in allowed:
            takes = ", ".join(f"--{flag}" for flag in FLAGS if flag in allowed) or "no options"
            raise UserError(f"--{name} means nothing to {what}, which takes {takes}.")


def _parse(
    arguments: Sequence[str], papers: Mapping[str, Paper], commands: Mapping[str, Command]
) -> tuple[dict[str, Any], list[str]]:
    """Split the command line into the options that were given, by name, and the words in order."""
    parser = _Parser(prog=PROGRAM, usage=f"{PROGRAM} PAPER TARGET [options]", allow_abbrev=False)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = overview(papers, commands).partition("\n\n")[2]
    for name, flag in FLAGS.items():
        style = {"action": argparse.BooleanOptionalAction} if flag.read is None else {"metavar": flag.metavar}
        parser.add_argument(f"--{name}", default=argparse.SUPPRESS, help=flag.help, **style)
    found, others = parser.parse_known_args(list(arguments))
    for word in others:
        if word.startswith("-"):
            valid = [*(f"--{name}" for name in FLAGS), "--no-resume", "--help"]
            raise unknown("option", word.partition("=")[0], valid)
    return {name.replace("_", "-"): _read(name, value) for name, value in vars(found).items()}, others


def _read(name: str, value: Any) -> Any:
    option = name.replace("_", "-")
    read = FLAGS[option].read
    if read is None:
        return value
    if value == "":
        raise UserError(f"--{option} has an empty value.")
    try:
        return read(value)
    except ValueError as error:
        raise UserError(f"--{option} {error}.") from None


def _listing(paper: Paper) -> str:
    entries = [_entry(f"{paper.name} {target.name}", target.help) for target in paper.targets.values()]
    return "\n".join([paper.title, *entries])


def _entry(words: str, help: str) -> str:
    return f"  {words:<28} {help}"


class _Parser(argparse.ArgumentParser):
    """Reports a mistake as a UserError instead of printing the usage and leaving."""

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message.removeprefix('argument ')}; {PROGRAM} --help lists the options.")
