"""``hop3-nix verify``: whether apps are reproducible, and run."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import click

from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.cli.console import echo
from hop3_nix.cli.options import pkgs_option
from hop3_nix.files.atomic import write_text_atomic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hop3_nix.building.gate import Verdict


@click.command(short_help="Build apps twice, compare, and start each alone.")
@click.argument("apps", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@pkgs_option
@click.option("--env", "env", metavar="NAME=VALUE", multiple=True, help="Set a variable.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.option(
    "--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write it for a CI service."
)
def verify(
    *,
    apps: tuple[Path, ...],
    pkgs: str | None,
    env: tuple[str, ...],
    as_json: bool,
    junit: Path | None,
) -> int:
    """Say of each of APPS (by default, of this directory) how far it can be relied on.

    \b
      hop3-nix verify examples/*          a table, and the exit code of the worst
      hop3-nix verify . --junit out.xml   for a CI service

    Each is built twice and compared bit for bit, and started with its closure and nothing else, to
    answer on its health path. The exit code is 0 if all are reproducible and run, 103 if one is not
    reproducible, 104 if one does not run, 100 if one does not build, and 65 if one is refused.
    """
    from hop3_nix.building.gate import EXIT, verify_app  # noqa: PLC0415 - likewise
    from hop3_nix.cli.progress import reporting  # noqa: PLC0415 - --help does without

    variables = {}
    for each in env:
        name, equals, value = each.partition("=")
        if not equals:
            raise click.BadParameter(f"{each!r} is not NAME=VALUE", param_hint="--env")
        variables[name] = value
    verdicts = []
    for app in apps or (Path(),):
        with reporting() as report:
            verdicts.append(verify_app(app, BuildOptions(pkgs=pkgs), variables, report))
    if junit:
        write_text_atomic(junit, _junit(verdicts))
    if as_json:
        echo(json.dumps([asdict(each) for each in verdicts], indent=2))
    else:
        _table(verdicts)
    order = list(EXIT)
    worst = max((each.outcome for each in verdicts), key=order.index)
    return EXIT[worst]


def _table(verdicts: Sequence[Verdict]) -> None:
    width = max(len(each.app) for each in verdicts)
    for each in verdicts:
        tier = f"tier {each.tier}" if each.tier else "      "
        row = f"{each.app.ljust(width)}  {tier}  {each.seconds:6.1f} s  {each.outcome}"
        echo(f"{row}: {each.detail}" if each.detail else row)


def _junit(verdicts: Sequence[Verdict]) -> str:
    failed = [each for each in verdicts if each.outcome != "reproducible"]
    suite = ET.Element(
        "testsuite", name="hop3-nix verify", tests=str(len(verdicts)), failures=str(len(failed))
    )
    for each in verdicts:
        case = ET.SubElement(suite, "testcase", name=each.app, time=f"{each.seconds:.1f}")
        if each in failed:
            ET.SubElement(case, "failure", message=each.outcome).text = each.detail
    return ET.tostring(suite, encoding="unicode") + "\n"
