"""What an office offers in Prefect's pages, in one table. Imports Prefect.

`letters serve` registers the table; `deploy/prefect.yaml` says the same to `prefect deploy`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple

from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Interval, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.check_archive import check_archive
from flows.check_deliveries import check_deliveries
from flows.collect_drafts import collect_drafts
from flows.housekeeping import housekeeping
from flows.issue_letter import issue_letter

NAME = "office"

TIMEZONE = "Europe/London"


class Offered(NamedTuple):
    """One deployment: a flow, when it runs by itself, and what its page tells people."""

    flow: Flow[..., Any]
    tag: str
    description: str
    schedule: Schedule | None = None

    @property
    def entrypoint(self) -> str:
        """The flow's dotted name.

        By a file's path Prefect would import the module a second time under another name.
        """
        return f"{self.flow.fn.__module__}.{self.flow.fn.__name__}"


ISSUE = """\
Issues one letter: drafting, HMI sign-off, rendering, archive, e-mails.

Lay the draft into the office's `drafts` folder, press **Run**, and type its file name.
The run is suspended until the inspector has decided; then it goes on by itself.
Resuming it by hand authorises nothing.
Running it twice is safe: a letter is issued once.
"""

COLLECT = """\
Every five minutes: starts `issue-letter` for each new draft in the office's `drafts` folder,
once for the same words. Subfolders, and files saved within the last ten seconds, are left alone.

A draft that was blocked begins again when its file is changed.
A round named **NeedsAPerson** met a file that can't be taken in: the artifact
`drafts-not-collected` says why, and what to do.
"""

HOUSEKEEPING = """\
Every five minutes: resumes the runs whose letter is decided, picks up approved letters
whose run crashed, tells the letters office by e-mail of approved letters with which no
run goes on, and copies the histories of ended runs into their cases.

A round named **Stranded** or **StillStranded** lists such letters: start them again.
"""

DELIVERIES = """\
Every quarter of an hour: takes in what the provider told of e-mails, ends what can be proven,
and lists in the artifact `deliveries-to-settle` what needs a person.
It sends nothing again by itself.

A round named **NeedsAPerson** lists something new.
"""

ARCHIVE = """\
Each night: checks a slice of the archive against its chains, so that in four weeks
every letter was checked, and sends the ledger's head out of the house.

A run that failed as **Differs** names what was altered, removed or added: touch nothing, and see
the runbook.
"""

OFFERED = (
    Offered(issue_letter, "letters", ISSUE),
    Offered(collect_drafts, "drafts", COLLECT, Interval(timedelta(minutes=5))),
    Offered(check_deliveries, "deliveries", DELIVERIES, Interval(timedelta(minutes=15))),
    Offered(check_archive, "archive", ARCHIVE, Cron("30 2 * * *", timezone=TIMEZONE)),
    Offered(housekeeping, "housekeeping", HOUSEKEEPING, Interval(timedelta(minutes=5))),
)


def deployments() -> list[RunnerDeployment]:
    """List the deployments of an office."""
    return [
        RunnerDeployment.from_flow(
            offered.flow,
            name=NAME,
            description=offered.description,
            tags=[offered.tag],
            schedule=offered.schedule,
            entrypoint_type=EntrypointType.MODULE_PATH,
        )
        for offered in OFFERED
    ]
