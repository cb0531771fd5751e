"""What an office offers in Prefect's pages. Imports Prefect."""

from __future__ import annotations

from datetime import timedelta

from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.check_archive import check_archive
from flows.check_deliveries import check_deliveries
from flows.housekeeping import housekeeping
from flows.issue_letter import issue_letter

NAME = "office"
HOUSEKEEPING_EVERY = timedelta(minutes=5)
DELIVERIES_EVERY = timedelta(minutes=15)
ARCHIVE_AT = "30 2 * * *"


def deployments() -> list[RunnerDeployment]:
    """List the deployments of an office, by dotted entrypoints.

    By a file's path Prefect would import the module a second time under another name.
    """
    return [
        RunnerDeployment.from_flow(
            issue_letter,
            name=NAME,
            description=ISSUE,
            tags=["letters"],
            entrypoint_type=EntrypointType.MODULE_PATH,
        ),
        RunnerDeployment.from_flow(
            housekeeping,
            name=NAME,
            description=HOUSEKEEPING,
            tags=["housekeeping"],
            interval=HOUSEKEEPING_EVERY,
            entrypoint_type=EntrypointType.MODULE_PATH,
        ),
        RunnerDeployment.from_flow(
            check_deliveries,
            name=NAME,
            description=DELIVERIES,
            tags=["deliveries"],
            interval=DELIVERIES_EVERY,
            entrypoint_type=EntrypointType.MODULE_PATH,
        ),
        RunnerDeployment.from_flow(
            check_archive,
            name=NAME,
            description=ARCHIVE,
            tags=["archive"],
            schedule=Cron(ARCHIVE_AT, timezone="Europe/London"),
            entrypoint_type=EntrypointType.MODULE_PATH,
        ),
    ]


ISSUE = """\
Issues one letter: drafting, HMI sign-off, rendering, archive, e-mails.

Lay the draft into the office's `drafts` folder, press **Run**, and type its file name.
The run is suspended until the inspector has decided; then it goes on by itself.
Resuming it by hand authorises nothing.
Running it twice is safe: a letter is issued once.
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
