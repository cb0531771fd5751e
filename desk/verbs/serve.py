"""The verb `letters serve`."""

from __future__ import annotations

from collections.abc import Callable

from desk.failures import Exit
from desk.printing import print_fields, say
from desk.serving import AlreadyServed, Links, serve
from tasks.case.office import Office


def serve_office(office: Office, *, reopen: Callable[[], Office]) -> int:
    """Serve the office until Ctrl-C; a second start prints the links of the first."""

    def ready(links: Links) -> None:
        say("The office is served. Ctrl-C ends it.", style="bold green")
        _print_links(links, office)

    try:
        serve(office, reopen=reopen, announce=say, on_ready=ready)
    except AlreadyServed as served:
        say(served.message, style="bold yellow")
        _print_links(served.links, office)
        return Exit.DONE
    say("Ended. What waits goes on waiting; serve again, and it goes on.")
    return Exit.DONE


def _print_links(links: Links, office: Office) -> None:
    print_fields(
        "",
        [
            ("Prefect's pages", links.prefect),
            ("  start a letter", links.start),
            ("  open letters", links.open_letters),
            ("  they ask for", f"what stands in {links.password_file}"),
            ("signing page", links.signing),
            ("drafts go into", office.drafts_folder),
        ],
    )
