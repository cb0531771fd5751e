"""Letters of a campaign that go through Prefect: the real command, killed and run again.

An embedded Prefect runs meanwhile. What is in doubt in the end is decided by the plain
steps, as for all other letters.
"""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from desk.failures import Exit
from tasks.case.faults import VARIABLE
from tests.faults.campaign import launcher
from tests.faults.campaign.chance import lot
from tests.faults.campaign.lives import KILLED_AT_POINT, KILLED_IN_TIME, forked
from tests.faults.campaign.offices import SEED, Shard
from tests.faults.campaign.worker import work
from tests.faults.commands import Commands
from tests.issuing import SIGNATORY

AT_ONCE = 4
KILLS = (1, 3)
"""How often a letter's command is killed, before it is let live."""

MEAN_SECONDS = 1.5
TRIES = 8
"""Commands that live; each goes on with what the provider took nothing of."""


def take_through_prefect(
    shards: Sequence[Shard], points: Sequence[str], folder: Path
) -> Counter[str]:
    """Take all letters to their end; return how processes ended."""
    kept = folder / "prefect-deaths.json"
    child = forked(lambda: kept.write_text(json.dumps(_commanded(shards, points, folder))))
    os.waitpid(child, 0)
    assert kept.exists(), "the letters could not be taken through Prefect"
    for shard in shards:
        numbers = range(len(shard.authorities))
        os.waitpid(forked(lambda s=shard, n=numbers: work(s, n, is_later=True)), 0)  # type: ignore[misc]
    return Counter(json.loads(kept.read_text()))


def _commanded(shards: Sequence[Shard], points: Sequence[str], folder: Path) -> Counter[str]:
    from flows.engine import embedded_prefect
    from tests.faults.trial import prefect_of_this_process

    ends: Counter[str] = Counter()
    letters = [(shard, number) for shard in shards for number in range(len(shard.authorities))]
    with embedded_prefect(folder / "prefect", announce=lambda _: None):
        prefect = prefect_of_this_process()
        commands = Commands(AT_ONCE, folder / "prefect-of-nobody", script=launcher.__file__)
        try:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for deaths in pool.map(
                    lambda each: _issued(commands, *each, points, prefect), letters
                ):
                    ends += deaths
        finally:
            commands.stop()
    return ends


def _issued(
    commands: Commands, shard: Shard, number: int, points: Sequence[str], prefect: dict[str, str]
) -> Counter[str]:
    """Issue a letter by as many commands as it takes."""
    chance = lot(shard.environment[SEED], "command", shard.authorities[number].code)
    folder = shard.folder / f"letter-{number}"
    folder.mkdir()
    (folder / "draft.md").write_bytes(shard.draft(number))
    ends: Counter[str] = Counter()
    kills = chance.randint(*KILLS)
    for turn in range(kills + TRIES):
        told = {}
        if turn < kills and chance.random() < 0.5:
            told = {VARIABLE: chance.choice(points)}
        elif turn < kills:
            told = {launcher.KILL_AFTER: f"{chance.expovariate(1 / MEAN_SECONDS):.3f}"}
        environment = {**prefect, **shard.environment, **told}
        arguments = ("issue", "draft.md", "--sign-as", SIGNATORY, "--json")
        ended = commands.letters(folder, *arguments, **environment)
        if ended.code == -signal.SIGKILL:
            ends[KILLED_AT_POINT if VARIABLE in told else KILLED_IN_TIME] += 1
        else:
            ends[f"letters issue: exit code {ended.code}"] += 1
        if turn >= kills and ended.code in (0, Exit.IN_DOUBT):
            break
    return ends
