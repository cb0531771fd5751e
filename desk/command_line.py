"""The command `letters`: its verbs, options and exit codes.

Each verb opens the office, asks one room for the work, and prints. A verb's
modules are imported when it runs, and Prefect by `issue` alone, once its server
is on the way: a check answers in half a second.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from desk import printing
from desk.failures import Exit, exit_code_of, unforeseen
from desk.options import (
    AsJson,
    DraftPath,
    ForSignatory,
    OfficeDir,
    OptionalOf,
    OptionalReference,
    Reference,
    RegisterDir,
    SettleAs,
    SignAs,
    SignAsEach,
)
from desk.verbs import inspectors
from flows.office import office_folder, open_office
from letters.disposal import Keeping
from letters.errors import LettersError
from letters.signoff import Decision


def _end(code: int, **_: object) -> None:
    """End with the exit code that the verb returned."""
    raise typer.Exit(int(code))


app = typer.Typer(
    name="letters",
    result_callback=_end,
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Issue an inspectorate's letters: check, preview, issue, sign, and prove what was sent.",
)


app.add_typer(inspectors.app)


@app.callback()
def places(office: OfficeDir = None, register: RegisterDir = None) -> None:
    """Issue an inspectorate's letters: check, preview, issue, sign, and prove what was sent."""


@app.command()
def check(
    draft: DraftPath,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """List what is wrong with a draft. Ends with 1 if anything blocks it."""
    from desk.verbs.check import check_draft

    return check_draft(open_office(), draft, as_json=as_json)


@app.command()
def preview(
    draft: DraftPath,
    into: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="Where to write the files.")
    ] = Path("preview"),
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Render a draft as it would go out, without opening a case."""
    from desk.verbs.preview import preview_draft

    return preview_draft(open_office(), draft, into.absolute(), as_json=as_json)


@app.command()
def draft(
    source: Annotated[
        Path, typer.Argument(metavar="SOURCE", help="A letter as Word (.docx) or text (.txt).")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.md", help="The draft to write.")
    ],
    accept_all: Annotated[
        str | None,
        typer.Option("--accept-all", metavar="WHY", help="Clear every doubt, with this reason."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Turn a Word file or text into the office's Markdown draft, its doubts listed."""
    from desk.verbs.draft import write_draft

    return write_draft(
        open_office(), source, output, accept_all=accept_all, force=force, as_json=as_json
    )


@app.command()
def clear(
    draft: DraftPath,
    code: Annotated[str, typer.Argument(metavar="CODE", help="As `letters check` names it.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The inspector reads it.")],
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="PLACE", help="Where, if the code stands more than once."),
    ] = None,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Clear a doubt or override a problem of a draft, with a reason; an edit voids it."""
    from desk.verbs.clear import clear_problem

    return clear_problem(open_office(), draft, code, place=place, why=why)


@app.command()
def answer(
    draft: DraftPath,
    area: Annotated[str, typer.Argument(metavar="AREA", help="Its place in the earlier letter.")],
    place: Annotated[str, typer.Argument(metavar="PLACE", help="The passage that answers it.")],
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Say which passage of a draft answers an area of the authority's last letter."""
    from desk.verbs.clear import answer_area

    return answer_area(open_office(), draft, area, place)


@app.command()
def template(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="Such as focused-visit.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE.docx", help="The file to write.")
    ],
    force: Annotated[bool, typer.Option("--force", help="Overwrite the output.")] = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Write the house template for Word: the styles that an inspector fills in."""
    from desk.verbs.template import write_template

    return write_template(open_office(), kind, output, force=force)


@app.command()
def issue(
    draft: Annotated[
        str, typer.Argument(metavar="DRAFT", help="The draft, or the reference of an open letter.")
    ],
    sign_as: SignAsEach = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Issue a letter: draft, sign-off, rendering, archive, e-mails. Safe to run again.

    Ends with 0 issued, 1 blocked, 2 usage, 3 waiting for sign-off, returned, refused or held,
    4 issued but some delivery refused or unknown, 5 could not: run it again.
    """
    from desk.verbs.issue import issue_draft

    return issue_draft(open_office(), draft, sign_as=sign_as or (), as_json=as_json)


@app.command()
def correct(
    reference: Reference,
    draft: DraftPath,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is printed in the letter.")
    ],
    sign_as: SignAsEach = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Correct an issued letter by a draft: a new sign-off, and to everyone who got the old one.

    Ends as `issue` does.
    """
    from desk.verbs.change import correct_letter

    return correct_letter(
        open_office(), reference, draft, reason=reason, sign_as=sign_as or (), as_json=as_json
    )


@app.command()
def withdraw(
    reference: Reference,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; it is printed in the notice.")
    ],
    sign_as: SignAsEach = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Withdraw an issued letter: a signed notice goes to everyone who got it.

    Ends as `issue` does.
    """
    from desk.verbs.change import withdraw_letter

    return withdraw_letter(
        open_office(), reference, reason=reason, sign_as=sign_as or (), as_json=as_json
    )


@app.command()
def serve(office: OfficeDir = None, register: RegisterDir = None) -> int:
    """Serve the office: Prefect with its pages, the signing page, and what they start."""
    from desk.reopening import KeptOffice
    from desk.verbs.serve import serve_office

    return serve_office(open_office(), reopen=KeptOffice())


@app.command("desk")
def desk_only(office: OfficeDir = None, register: RegisterDir = None) -> int:
    """Serve the signing page alone, of an office on several machines: deploy/cluster.md."""
    from desk.reopening import KeptOffice
    from desk.verbs.work import open_desk

    return open_desk(open_office(), reopen=KeptOffice())


@app.command()
def work(
    pool: Annotated[
        str, typer.Option("--pool", metavar="POOL", help="Prefect's work pool.")
    ] = "letters",
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Else this machine's.")
    ] = None,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Run the letters started in a Prefect that several machines share: deploy/cluster.md."""
    from desk.verbs.work import work_in_pool

    return work_in_pool(open_office(), pool=pool, name=name)


@app.command()
def sign(
    reference: Reference,
    sign_as: SignAs = None,
    on_behalf_of: ForSignatory = None,
    decision: Annotated[Decision, typer.Option(help="The decision.")] = Decision.APPROVE,
    comments: Annotated[
        str, typer.Option("--comments", metavar="TEXT", help="Required for a return.")
    ] = "",
    code: Annotated[
        str | None,
        typer.Option(metavar="CODE", help="The content code you read: refuse if it is another."),
    ] = None,
    open_page: Annotated[
        bool, typer.Option("--open", help="Open the signing page in a browser.")
    ] = False,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Print the link to the signing page of a letter that waits; or sign as a sample inspector."""
    from desk.verbs.sign import sign_letter

    return sign_letter(
        open_office(),
        reference,
        sign_as=sign_as,
        on_behalf_of=on_behalf_of,
        decision=decision,
        comments=comments,
        code=code,
        open_page=open_page,
        as_json=as_json,
    )


@app.command("export-sign-off")
def export_sign_off(
    reference: Reference,
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write it; else printed."),
    ] = None,
    revision: Annotated[
        int | None,
        typer.Option("--revision", min=1, metavar="N", help="Else the latest that was decided on."),
    ] = None,
    signatory: ForSignatory = None,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Write a sign-off as JSON that anyone can check: docs/check-a-sign-off.md."""
    from desk.verbs.export_sign_off import export_sign_off

    return export_sign_off(
        open_office(is_register_needed=False),
        reference,
        output,
        revision=revision,
        signatory=signatory,
    )


@app.command()
def housekeep(
    as_json: AsJson = False, office: OfficeDir = None, register: RegisterDir = None
) -> int:
    """Do at once what the office does by itself while it is served; look at every run.

    Marks dead runs Crashed, resumes decided letters, picks up crashed ones, copies what
    Prefect knows of ended runs into their cases. Ends with 5 if any part failed.
    """
    from desk.verbs.housekeep import keep_house_once

    return keep_house_once(open_office(is_register_needed=False), as_json=as_json)


@app.command("list")
def list_letters(
    due: Annotated[
        bool,
        typer.Option(
            "--due", help="Only what is open: for whom it waits, days left, what went wrong."
        ),
    ] = False,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """List the letters the office knows."""
    known = open_office(is_register_needed=False)
    if due:
        from desk.verbs.due import tell_due

        return tell_due(known, as_json=as_json)
    from desk.verbs.tell import tell_all

    return tell_all(known, as_json=as_json)


@app.command()
def show(
    reference: Reference,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Show where a letter stands."""
    from desk.verbs.tell import tell_letter

    return tell_letter(open_office(is_register_needed=False), reference, as_json=as_json)


@app.command()
def history(
    reference: Reference,
    is_brief: Annotated[
        bool, typer.Option("--brief", help="Leave out how steps went that went well.")
    ] = False,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Show everything that happened to a letter."""
    from desk.verbs.tell import tell_history

    return tell_history(
        open_office(is_register_needed=False), reference, is_brief=is_brief, as_json=as_json
    )


@app.command()
def deliveries(
    reference: Reference,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Show what became of each e-mail."""
    from desk.verbs.tell import tell_deliveries

    return tell_deliveries(open_office(is_register_needed=False), reference, as_json=as_json)


@app.command()
def verify(
    reference: OptionalReference = None,
    all_: Annotated[bool, typer.Option("--all", help="Check every letter (the default).")] = False,
    head: Annotated[
        list[str] | None,
        typer.Option(
            "--head",
            metavar="SEQ:SHA256",
            help="A head you got from outside: of the letter's chain (X-Case-Head of an e-mail),"
            " or without REFERENCE of the ledger.",
        ),
    ] = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Check that nothing was altered, removed or added. Ends with 1 on any difference."""
    from desk.verbs.verify import verify_letters

    return verify_letters(
        open_office(is_register_needed=False),
        None if all_ else reference,
        heads=tuple(head or ()),
        as_json=as_json,
    )


@app.command()
def doctor(as_json: AsJson = False, office: OfficeDir = None, register: RegisterDir = None) -> int:
    """Look at everything the office rests on: folders, bucket, seal, mail, people.

    Letters, settings and keys stay as they are; in a bucket it writes probes and takes them
    away again. Ends with 1 on any failure.
    """
    from desk.verbs.doctor import see_doctor

    return see_doctor(open_office(is_register_needed=False), as_json=as_json)


@app.command()
def export(
    reference: Reference,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="DIR", help="The bag to write; made anew.")
    ],
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Write all that is kept of a letter as a bag (BagIt) that a stranger can check."""
    from desk.verbs.export import export_letter

    return export_letter(
        open_office(is_register_needed=False), reference, output.absolute(), as_json=as_json
    )


@app.command()
def audit(
    year: Annotated[
        int,
        typer.Argument(
            metavar="YEAR", min=1900, max=9999, help="In which the inspections began, such as 2011."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Where to write it. [dim]audit-YEAR[/dim]"
        ),
    ] = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Write a report over all letters of a year: times, retries, decisions; as PDF and CSV.

    From the archive alone: the same archive gives the same bytes. Ends with 1 if a letter
    is damaged, and tells of the others.
    """
    from desk.verbs.audit import audit_letters

    into = Path(f"audit-{year}") if output is None else output
    return audit_letters(
        open_office(is_register_needed=False), year, into.absolute(), as_json=as_json
    )


@app.command()
def review(
    year: Annotated[
        int,
        typer.Argument(
            metavar="YEAR", min=1900, max=9999, help="In which the inspections began, such as 2011."
        ),
    ],
    output: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="DIR", help="Where to write it. [dim]review-YEAR[/dim]"
        ),
    ] = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Review a year: a dossier of each authority and of all, and drafts of the yearly letters.

    Does only what is missing, and copies the dossiers from the archive. Drafts of a year that
    is over are laid into `drafts/open`. Ends with 1 if something could not be told of.
    """
    from desk.verbs.review import review_letters

    into = Path(f"review-{year}") if output is None else output
    return review_letters(open_office(), year, into.absolute(), as_json=as_json)


@app.command()
def hold(
    reference: Reference,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Who asked for it, and why.")],
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Put all that is kept of a letter under legal hold, where the archive can (S3)."""
    from desk.verbs.hold import hold_letter

    return hold_letter(
        open_office(is_register_needed=False), reference, is_held=True, why=why, as_json=as_json
    )


@app.command()
def release(
    reference: Reference,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Who asked for it, and why.")],
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Release a letter from its legal hold."""
    from desk.verbs.hold import hold_letter

    return hold_letter(
        open_office(is_register_needed=False), reference, is_held=False, why=why, as_json=as_json
    )


@app.command()
def dispose(
    of: OptionalOf = None,
    keeping: Annotated[
        Keeping | None, typer.Option("--class", help="What of it. Of a draft: working.")
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", metavar="TEXT", help="By which rule it may go.")
    ] = None,
    approve: Annotated[
        int | None,
        typer.Option("--approve", metavar="N", help="Approve what somebody else proposed."),
    ] = None,
    certificate: Annotated[
        int | None, typer.Option("--certificate", metavar="N", help="Print it, or its proposal.")
    ] = None,
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Dispose of what was kept for its years: list it; propose; approve, as another person.

    Removes for good what the proposal names, and never the trail.
    """
    from desk.verbs.dispose import Asked, dispose_of

    return dispose_of(
        open_office(is_register_needed=False),
        Asked(of, keeping, why, approve, certificate),
        as_json=as_json,
    )


@app.command()
def settle(
    reference: Reference,
    role: Annotated[str, typer.Argument(metavar="ROLE", help="The recipient's role.")],
    as_: Annotated[SettleAs, typer.Option("--as", help="Send again, or count it as sent.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="What you know about it.")],
    as_json: AsJson = False,
    office: OfficeDir = None,
    register: RegisterDir = None,
) -> int:
    """Settle a delivery in doubt by your own decision, which is kept with your name."""
    from desk.verbs.settle import settle_delivery

    return settle_delivery(open_office(), reference, role, as_=as_, why=why, as_json=as_json)


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process with its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    sys.exit(run(given))


def run(arguments: list[str]) -> int:
    """Run the command and return its exit code; whatever fails is told, never thrown."""
    as_json = "--json" in arguments
    try:
        app(args=arguments)
    except SystemExit as ended:  # the usual end; usage errors are told by then
        return int(ended.code or Exit.DONE)
    except LettersError as error:
        printing.print_error(error, as_json=as_json)
        return exit_code_of(error)
    except KeyboardInterrupt:
        printing.err.print("Interrupted. Run it again: nothing is done twice.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return Exit.DONE  # whoever read our output has seen enough
    except Exception as error:  # the last resort: never a bare traceback at a user
        told = unforeseen(error, office_folder())
        printing.print_error(told, as_json=as_json)
        return exit_code_of(told)
    return Exit.DONE
