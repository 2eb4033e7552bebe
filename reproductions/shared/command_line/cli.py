"""The command line: ``python -m reproductions STUDY TARGET`` and the commands that belong to no study."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from common.errors import UserError, unknown
from common.interruption import Interrupted, Interruption
from common.unfinished import UNWRITABLE
from common.workers import Cluster, cluster, is_chief, leave, require_shared, work_alone
from reproductions.shared.command_line.commands import COMMANDS
from reproductions.shared.command_line.quiet import import_tensorflow
from reproductions.shared.harness.leftovers import sweep_all
from reproductions.shared.harness.options import RESULTS, Options
from reproductions.shared.harness.registry import Paper, papers
from reproductions.shared.harness.setups import setup_for
from reproductions.shared.harness.targets import RUN_FLAGS, Flag, Target

PROGRAM = "python -m reproductions"


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
    found, strange = _suite(papers, commands).parse_known_args(list(arguments))
    given = vars(found)
    level = given.pop("_level")
    target, name = level.target, level.prog.removeprefix(f"{PROGRAM} ")
    if target is None:
        level.print_help()
        return
    _refuse(name, target, [text for text in strange if text != "--"])
    words = [_word(name, word, given.pop(f"_{place}", None)) for place, word in enumerate(target.words)]
    for flag, needed in target.options.items():
        if needed.required and _argument(flag) not in given:
            raise UserError(
                f"{name} needs {needed.shown(flag)} ({_argument(flag).upper()}=...): {needed.help}."
            )
    of_run = {argument: given.pop(argument) for argument in map(_argument, RUN_FLAGS) if argument in given}
    if "profile" not in target.options and ("data-root" not in target.options or "data_root" in of_run):
        # It is about the committed results, unless generated faces stand in.
        of_run.setdefault("results_root", RESULTS)
    if "setup" in of_run:
        profile = of_run.get("profile", Options.profile)
        setup = setup_for(of_run["setup"], name.partition(" ")[0], profile, papers)
        of_run.setdefault("replicas", setup.replicas)
    shared = _shared_run(name, target)
    if shared:
        of_run.setdefault("replicas", shared.size)
    options = Options(**of_run)
    if is_chief():
        sweep_all(options, papers)
    if not target.light:
        options.check_data_root()
        import_tensorflow(options.replicas, short=options.is_first_look)
    if not shared:
        target.run(options, *words, **given)
        return
    require_shared(options.runs_root)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(sys.stdout if is_chief() else nowhere):
        target.run(options, *words, **given)
    leave()


def _shared_run(name: str, target: Target) -> Cluster | None:
    """Return the workers that run a target together; None where this process does it alone.

    Raises:
        UserError: this is not worker 0, and the target is no work for several.
    """
    here = cluster()
    if here is None or "replicas" in target.options:
        return here
    if not here.is_chief:
        raise UserError(f"{name} is no work for several machines: worker 0 does it, and the others need not.")
    work_alone()
    return None


def _refuse(name: str, target: Target, strange: Sequence[str]) -> None:
    """Raise UserError where something was typed that a target does not take."""
    valid = [spelling for flag, one in target.options.items() for spelling in one.spellings(flag)]
    for text in strange:
        if text.startswith("-"):
            raise unknown(f"option of {name}", text.partition("=")[0], [*valid, "--help"])
    if strange:
        raise UserError(f"one thing at a time: {strange[0]!r} is too much.")


def _word(name: str, word: Flag, typed: str | None) -> Any:
    """Return what the word that was typed after a target stands for."""
    choices = tuple(word.choices())
    if typed is None:
        needed = f"{word.help}: {', '.join(choices)}" if choices else f"{word.metavar}: {word.help}"
        raise UserError(f"{name} needs a {needed}.")
    if choices and typed not in choices:
        raise unknown(word.help, typed, choices)
    return word.value(word.metavar, typed)


def _argument(flag: str) -> str:
    return flag.replace("-", "_")


class _Parser(argparse.ArgumentParser):
    """One level of the command line, the suite, a study or a target, whose mistakes are UserErrors."""

    def __init__(self, prog: str, target: Target | None = None, **settings: Any) -> None:
        super().__init__(
            prog, allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **settings
        )
        self.target = target
        self.set_defaults(_level=self)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        if self.target is None and args and args[0].startswith("-") and args[0] not in ("-h", "--help"):
            usage = self.usage % {"prog": self.prog}
            raise UserError(f"{args[0]} comes too early: options follow the target, as in {usage}.")
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message.removeprefix('argument ')}; {self.prog} --help lists the options.")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            raise unknown(str(action.metavar), value, action.choices)

    def names(self, what: str) -> Any:
        """Return where levels below are added, each the name of a `what`; the epilog lists them."""
        return self.add_subparsers(prog=self.prog, metavar=what, help=argparse.SUPPRESS)


class _Option(argparse.Action):
    """Reads what is typed for a flag, once."""

    def __init__(self, option_strings: Sequence[str], dest: str, flag: Flag) -> None:
        super().__init__(
            option_strings,
            dest,
            nargs=0 if flag.read is None else None,
            default=argparse.SUPPRESS,
            metavar=flag.metavar,
            help=flag.help.replace("%", "%%"),
        )
        self.flag = flag

    def __call__(self, parser: Any, namespace: Any, values: Any, option_string: str | None = None) -> None:
        if hasattr(namespace, self.dest):
            raise UserError(f"{option_string} is one time too many: an option is given once.")
        typed = option_string == self.option_strings[0] if self.flag.read is None else values
        setattr(namespace, self.dest, self.flag.value(str(option_string), typed))


def _suite(papers: Mapping[str, Paper], commands: Mapping[str, Target]) -> _Parser:
    """Return the parser of all that can be typed."""
    suite = _Parser(PROGRAM, usage="%(prog)s STUDY TARGET [options]")
    suite.description = f"{PROGRAM} STUDY TARGET --help lists the options of a target."
    names = suite.names("study or command")
    listings = []
    for paper in papers.values():
        listings.append(_listing(paper.title, f"{paper.name} ", paper.targets.values()))
        study = names.add_parser(paper.name, usage="%(prog)s TARGET [options]", epilog=listings[-1])
        targets = study.names(f"target of {paper.name}")
        for target in paper.targets.values():
            _add(targets, target)
    for command in commands.values():
        _add(names, command)
    suite.epilog = "\n\n".join([*listings, _listing("For all studies", "", commands.values())])
    return suite


def _add(names: Any, target: Target) -> None:
    needed = [flag.shown(name) for name, flag in target.flags.items() if flag.required]
    usage = " ".join(["%(prog)s", *(word.metavar for word in target.words), *needed, "[options]"])
    parser = names.add_parser(target.name, target=target, usage=usage, description=target.help)
    for place, word in enumerate(target.words):
        # Whoever leaves it out is told what it may be.
        parser.add_argument(f"_{place}", metavar=word.metavar, help=word.help, nargs="?")
    for name, flag in target.options.items():
        parser.add_argument(*flag.spellings(name), action=_Option, flag=flag)


def _listing(title: str, ahead: str, targets: Iterable[Target]) -> str:
    """Return lines that name targets, each with the options of its own."""
    lines = [title]
    for target in targets:
        lines.append(f"  {ahead + target.usage:<28} {target.help}")
        lines += [f"    {flag.shown(name):<26} {flag.help}" for name, flag in target.flags.items()]
    return "\n".join(lines)
