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

from flows.annual_review import annual_review
from flows.check_archive import check_archive
from flows.check_deliveries import check_deliveries
from flows.collect_drafts import collect_drafts
from flows.correct_letter import correct_letter, withdraw_letter
from flows.housekeeping import housekeeping
from flows.issue_letter import issue_letter
from flows.release_held import release_held
from flows.remind import remind
from flows.tell_office import tell_of_bounce, tell_of_failure

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

CORRECT = """\
Corrects an issued letter: everyone who got it gets the corrected one, and so does anyone new.
The earlier letter stays as it is, marked as corrected.

Lay the corrected draft into the office's `drafts` folder, press **Run**, and type the letter's
reference, the draft's file name and the reason, which is printed in the letter.
A run named **Ordered** has begun a run of `issue-letter`, which waits for the inspector.
One named **Blocked** or **Refused** says what to put right. Running it twice is safe.
"""

WITHDRAW = """\
Withdraws an issued letter: everyone who got it gets a signed notice that says so.
The letter stays as it is, marked as withdrawn.

Press **Run**, and type the letter's reference and the reason, which is printed in the notice.
A run named **Ordered** has begun a run of `issue-letter`, which waits for the inspector.
One named **Refused** says what to put right. Running it twice is safe.
"""

RELEASE = """\
Each morning: begins a run for each letter that was held back for a period, such as before an
election, once the period is over. They are signed and archived by then; only their sending waited.
A letter whose date no longer fits is returned for a new date instead of being sent.

A round named **Released** lists the letters that go on.
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

REMIND = """\
On working days at eight: reminds inspectors by e-mail of letters that wait for their sign-off for
too long, and later asks their delegates and tells the letters office. Each is told once.

A round named **Reminded** lists of which letters somebody was told.
"""

FAILURE = """\
Tells the letters office by e-mail that a run of `issue-letter` failed or crashed, and what to do.
An automation starts it, and it tells each failure once: there is nothing to press.
"""

BOUNCE = """\
Tells the letters office by e-mail that a copy of a letter did not arrive, and what to do.
An automation starts it, and it tells each bounce once: there is nothing to press.
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

ANNUAL = """\
On 1 September at nine: reviews the last year that is over. A dossier for each authority and one
for the year, the auditors' report, and a draft of each yearly letter in `drafts/open`.

For another year press **Run** and type it; running it again does only what is missing.
A run that failed as **Incomplete** names authorities that could not be reviewed, one that failed
as **Damaged** letters that can't be read: see the runbook.
"""

OFFERED = (
    Offered(issue_letter, "letters", ISSUE),
    Offered(correct_letter, "letters", CORRECT),
    Offered(withdraw_letter, "letters", WITHDRAW),
    Offered(collect_drafts, "drafts", COLLECT, Interval(timedelta(minutes=5))),
    Offered(release_held, "letters", RELEASE, Cron("0 7 * * *", timezone=TIMEZONE)),
    Offered(remind, "reminders", REMIND, Cron("0 8 * * 1-5", timezone=TIMEZONE)),
    Offered(check_deliveries, "deliveries", DELIVERIES, Interval(timedelta(minutes=15))),
    Offered(tell_of_failure, "notices", FAILURE),
    Offered(tell_of_bounce, "notices", BOUNCE),
    Offered(check_archive, "archive", ARCHIVE, Cron("30 2 * * *", timezone=TIMEZONE)),
    Offered(annual_review, "reports", ANNUAL, Cron("0 9 1 9 *", timezone=TIMEZONE)),
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
