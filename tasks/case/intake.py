"""The intake: a draft's bytes as they arrived, and what happened before a case existed.

A run is bound to these bytes, so that a file edited later can't change it.
"""

from __future__ import annotations

from letters.canonical import sha256_hex
from letters.errors import UsageError
from tasks.case.case import Case
from tasks.case.office import Office
from tasks.case.record import Record, StepRun

WITHDRAWAL = "json"
"""What stands in place of a draft where a letter is withdrawn: made by the office itself."""

KEPT_AS = ("md", "txt", "docx", WITHDRAWAL)


class Intake(Record):
    """One draft, under the hash of its bytes."""

    def __init__(self, office: Office, draft_sha256: str) -> None:
        super().__init__(office, f"intake/{draft_sha256}")
        self.draft_sha256 = draft_sha256

    @property
    def original_name(self) -> str:
        """The name of the draft as kept: `original.md`. Raises UsageError where there is none."""
        for extension in KEPT_AS:
            data = self.find(f"original.{extension}")
            if data is not None and sha256_hex(data) == self.draft_sha256:
                return f"original.{extension}"
        raise UsageError(
            f"The office holds no draft {self.draft_sha256[:12]}….",
            where=self.prefix,
            remedy="Submit the draft's file with `letters issue FILE`.",
            code="draft-missing",
        )

    def became(self) -> tuple[str, int] | None:
        """Tell which letter's revision the draft became, or None while it is none."""
        for entry in reversed(self.chain.entries()):
            if entry.event == "became":
                return entry.detail["reference"], entry.detail["revision"]
        return None


def take_in(office: Office, data: bytes, extension: str) -> Intake:
    """Keep a draft's bytes, create-once, and return its intake.

    Raises UsageError (draft-disposed) where these very bytes were kept, and are no more.
    """
    intake = Intake(office, sha256_hex(data))
    name = f"original.{extension}"
    if intake.key(name) in intake.recorded() and intake.find(name) is None:
        raise UsageError(
            "The office had just this draft, and it was disposed of, or taken away.",
            where=intake.prefix,
            remedy="To submit it as a new draft, change anything in it: a space is enough.",
            code="draft-disposed",
        )
    run = StepRun(intake, "intake")
    run.once(name, lambda: data)
    run.complete()
    return intake


def carry_over(run: StepRun[Intake], case: Case) -> StepRun[Case]:
    """Write into the case what happened to its draft before the case existed.

    Each entry of the intake is carried once; the step goes on at the case, with
    the same attempt.
    """
    carried = {
        entry.detail["intake_entry"]
        for entry in case.chain.entries()
        if "intake_entry" in entry.detail
    }
    for entry in run.record.chain.entries():
        entry_sha256 = sha256_hex(entry.to_bytes())
        if entry_sha256 not in carried:
            detail = {**entry.detail, "intake_at": entry.at, "intake_entry": entry_sha256}
            case.chain.append(
                entry.step, entry.event, attempt=entry.attempt, of=entry.of, detail=detail
            )
    onward = StepRun(case, run.step, attempt=run.attempt, of=run.of)
    onward.has_begun = run.has_begun
    return onward
