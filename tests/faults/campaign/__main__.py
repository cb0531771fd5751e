"""`python -m tests.faults.campaign`: letters issued by processes that are killed all the time.

The provider fails in every way a provider can, and writes down what it took. In the
end that is compared with what the cases say. Exits with 1 if a letter was sent twice or
not at all without anyone being told, or anything else is not as it must be.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.processes import ROOT
from benchmarks.tables import markdown, print_tables
from tests.faults.campaign.commanded import take_through_prefect
from tests.faults.campaign.judge import LURED, TROUBLES, UNFINISHED, Judgement, Truth, judged
from tests.faults.campaign.lives import AT_ONCE, Lives, forked, rehearsed
from tests.faults.campaign.offices import Shard, StoreName, shards
from tests.faults.campaign.page import tables
from tests.faults.campaign.worker import SABOTAGE
from tests.faults.campaign.worker import TROUBLES as TROUBLES_FILE
from tests.faults.commands import warm_up
from tests.faults.fault_provider import FaultProvider, fault_provider

PAGE = ROOT / "docs" / "faults.md"
FULL = (950, 50)
"""Letters through the plain steps, and through Prefect, of the run that docs/faults.md tells."""

WIDTH_OF_NO_TERMINAL = 140
SLOW_SECONDS = 6
SHOWN_CASES = 20
LETTERS_A_PREFECT_OFFICE = 10
BUCKET = "letters"
SABOTAGE_HELP = "break the delivery, to see that the campaign notices"


def main() -> None:
    told = _told()
    console = Console(width=None if sys.stdout.isatty() else WIDTH_OF_NO_TERMINAL)
    began = time.monotonic()
    with TemporaryDirectory(prefix="campaign-") as kept:
        folder = told.keep or Path(kept)
        found, deaths = _run(told, folder, console)
    seconds = time.monotonic() - began
    laid_out = tables(found, deaths)
    print_tables(laid_out, console)
    preface = _preface(told, found, deaths, seconds)
    console.print("\n".join(preface[2:]), highlight=False, markup=False)
    for case in found.cases[:SHOWN_CASES]:
        console.print(case, highlight=False, markup=False, style="red")
    if told.write or (told.letters, told.prefect_letters, told.store) == (*FULL, "both"):
        PAGE.write_text(markdown(preface, laid_out), "utf-8")
        console.print(f"Written to {PAGE.relative_to(ROOT)}.")
    sys.exit(1 if found.wrong else 0)


def _run(
    told: argparse.Namespace, folder: Path, console: Console
) -> tuple[Judgement, Counter[str]]:
    """Prepare everything, let all letters come to their end, and judge them."""
    found, deaths = Judgement(), Counter[str]()
    began = time.monotonic()
    deadline = began + 60 * told.minutes
    warm_up()
    with (
        fault_provider(
            seed=told.seed, folder=folder / "provider", slow_seconds=SLOW_SECONDS
        ) as provider,
        archives(told.store, folder) as archives_of,
    ):
        (rehearsal,) = shards(folder, provider, told.seed, letters=1, store="folder", first=10**6)
        points = rehearsed(rehearsal)
        laid_out = _laid_out(told, folder, provider, archives_of)
        console.print(f"{told.letters} letters in {len(laid_out)} offices, seed {told.seed} …")
        lives = Lives(
            told.seed, points, sabotage=told.sabotage, deadline=deadline, at_once=told.at_once
        )
        lives.take_all_to_their_end(laid_out)
        deaths += lives.ends
        if told.prefect_letters:
            console.print(f"{time.monotonic() - began:.0f} s; {told.prefect_letters} by Prefect …")
            through_prefect = shards(
                folder,
                provider,
                told.seed,
                letters=told.prefect_letters,
                store="folder",
                first=told.letters,
                letters_an_office=LETTERS_A_PREFECT_OFFICE,
            )
            deaths += take_through_prefect(through_prefect, points, folder)
            laid_out += through_prefect
        console.print(f"{time.monotonic() - began:.0f} s; what became of them is looked at …")
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for judgement in pool.map(lambda shard: _judged(shard, provider), laid_out):
                found.add(judgement)
        found.note(LURED, "the provider's 302", len(provider.lured()))
    return found, deaths


def _laid_out(
    told: argparse.Namespace,
    folder: Path,
    provider: FaultProvider,
    archives_of: Mapping[StoreName, Mapping[str, str]],
) -> list[Shard]:
    """Divide the letters among the stores, and each store's among offices."""
    laid_out: list[Shard] = []
    in_s3 = told.letters // 2 if told.s3_letters is None else told.s3_letters
    shares = {"folder": told.letters - in_s3, "s3": in_s3}
    for store, archive in archives_of.items():
        first = sum(len(shard.authorities) for shard in laid_out)
        laid_out += shards(
            folder,
            provider,
            told.seed,
            letters=shares[store] if len(archives_of) > 1 else told.letters,
            store=store,
            first=first,
            archive=archive,
        )
    return laid_out


@contextmanager
def archives(which: str, folder: Path) -> Iterator[dict[StoreName, dict[str, str]]]:
    """Say how each store is named in an office's environment; the server of S3 runs meanwhile."""
    stores: list[StoreName] = ["folder", "s3"] if which == "both" else [which]  # type: ignore[list-item]
    told: dict[StoreName, dict[str, str]] = {store: {} for store in stores}
    if "s3" not in stores:
        yield told
        return
    home = folder / "radosgw"
    port = free_port()
    radosgw("start", home, PORT=str(port))
    try:
        radosgw("bucket", home, BUCKET)
        told["s3"] = {
            "AWS_SHARED_CREDENTIALS_FILE": str(home / "credentials"),
            "LETTERS_ARCHIVE__STORE": "s3",
            "LETTERS_ARCHIVE__BUCKET": BUCKET,
            "LETTERS_ARCHIVE__ENDPOINT": f"http://127.0.0.1:{port}",
            "LETTERS_ARCHIVE__PATH_STYLE": "true",
        }
        yield told
    finally:
        radosgw("stop", home)


def radosgw(verb: str, home: Path, *arguments: str, **environment: str) -> None:
    """Tell `deploy/radosgw` what to do."""
    subprocess.run(
        [ROOT / "deploy" / "radosgw", verb, home, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _judged(shard: Shard, provider: FaultProvider) -> Judgement:
    """Judge an office in a process of its own, whose environment is the office's."""
    kept = shard.folder / "judgement.json"

    def judge() -> None:
        truth = Truth(provider.requests(), provider.accepted())
        references = [authority.reference for authority in shard.authorities]
        kept.write_text(json.dumps(judged(shard.open(), references, truth).to_json()), "utf-8")

    os.waitpid(forked(judge), 0)
    found = Judgement()
    if kept.exists():
        found = Judgement.from_json(json.loads(kept.read_text("utf-8")))
    else:
        found.note(UNFINISHED, f"{shard.folder.name} could not be judged", len(shard.authorities))
    troubles = shard.folder / TROUBLES_FILE
    if troubles.exists():
        told = troubles.read_text("utf-8")
        found.note(TROUBLES, told, told.count("Traceback (most recent call last)"))
    return found


def _told() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    letters, prefect_letters = FULL
    parser.add_argument("--letters", type=int, default=letters, help="through the plain steps")
    parser.add_argument("--prefect-letters", type=int, default=prefect_letters, help="in folders")
    parser.add_argument("--s3-letters", type=int, help="of the letters, those in S3: else half")
    parser.add_argument("--seed", default="", help="replays what was drawn by lot")
    parser.add_argument("--store", choices=["folder", "s3", "both"], default="both")
    parser.add_argument("--minutes", type=float, default=60, help="then what isn't done is undone")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="processes side by side")
    parser.add_argument("--keep", type=Path, help="a folder to keep all offices in")
    parser.add_argument("--write", action="store_true", help="write docs/faults.md all the same")
    parser.add_argument("--sabotage", choices=[*SABOTAGE], default="", help=SABOTAGE_HELP)
    told = parser.parse_args()
    told.seed = told.seed or secrets.token_hex(4)
    return told


def _preface(
    told: argparse.Namespace, found: Judgement, deaths: Counter[str], seconds: float
) -> list[str]:
    killed = sum(count for how, count in deaths.items() if how.startswith("killed"))
    is_sound = "Nothing was found that must not be." if not found.wrong else "NOT AS IT MUST BE."
    return [
        "# Faults",
        "",
        "Found by `make faults`, which is `python -m tests.faults.campaign`, in one run; the"
        " command writes this page.",
        "Letters are issued by real processes that are killed (SIGKILL) by the clock, and at named"
        " points of their work, while the provider, an HTTP server that behaves as SendGrid's,"
        " fails in every way it can and writes down what it took.",
        "Of a third of the recipients it can be asked at once what it took, of a third later, and"
        " of a third never: those a lot decides, as an operator would, or leaves in doubt.",
        "",
        f"{datetime.now(UTC):%-d %B %Y}, seed {told.seed}, {seconds:.0f} s on"
        f" {os.cpu_count()} cores: {found.letters} letters to {found.recipients} recipients"
        f" ({told.prefect_letters} letters through Prefect; archives: {_archives(told)}),"
        f" {killed} processes killed. {is_sound}",
        "",
        "`--seed` replays what is drawn by lot: the letters, what the provider does with the nth"
        " request about a recipient, what people decide, and each process's span of life or point.",
        "Which letter a process is at when its time comes, how many processes it takes, and which"
        " connections are reset before they are read is for the scheduler to say.",
    ]


def _archives(told: argparse.Namespace) -> str:
    if told.store != "both":
        return f"all in {told.store}"
    in_s3 = told.letters // 2 if told.s3_letters is None else told.s3_letters
    return f"{in_s3} of the letters in S3, the others in folders"


if __name__ == "__main__":
    main()
