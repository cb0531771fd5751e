"""The one place where a step of the work becomes a Prefect task.

A step is a plain function of a `StepRun`; here it gets its name, tags, time-out
and retries, and its attempts are written into the case's chain and, by the
standard logger, into the run's logs. Prefect decides when an attempt is made;
the case decides whether there is anything left to do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.context import TaskRunContext
from prefect.tasks import exponential_backoff
from prefect.utilities.annotations import quote

from tasks.case.office import Office
from tasks.case.record import Record, StepRun, attempt_step, is_transient

P = ParamSpec("P")
T = TypeVar("T")
R = TypeVar("R", bound=Record)

JITTER = 0.5
"""Waits are stretched at random by up to half, so that runs that failed together part."""


class Step(Generic[R, P, T]):
    """A step as flows call it: `step(office, place, ...)`."""

    def __init__(
        self,
        name: str,
        do: Callable[Concatenate[StepRun[R], P], T],
        *,
        at: Callable[[Office, str], R],
        is_retried: bool,
        tags: tuple[str, ...],
    ) -> None:
        self.name = name
        self._do = do
        self._at = at
        self._is_retried = is_retried
        self._task: Task[..., T] = Task(
            self._attempt,
            name=name,
            description=(do.__doc__ or "").partition("\n")[0],
            tags={"letters", *tags},
            # The case knows what is done; Prefect's cache and results would be a second opinion.
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    def __call__(self, office: Office, place: str, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the step as a task of the current flow run. Raises what the last attempt raised."""
        steps = office.settings.steps
        told = [self.name, _shortened(place), *(said for said in args if isinstance(said, str))]
        options: dict[str, Any] = {"task_run_name": " ".join(told)}
        if self._is_retried:
            options |= {
                "retries": steps.attempts - 1,
                "retry_delay_seconds": exponential_backoff(steps.first_wait_seconds),
                "retry_jitter_factor": JITTER,
                "retry_condition_fn": is_worth_retrying,
                "timeout_seconds": steps.timeout_seconds,
            }
        # Quoted: Prefect looks for futures in all it is handed, and an office holds registers.
        return self._task.with_options(**options)(quote(office), place, *args, **kwargs)

    def plain(self, office: Office, place: str, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the step once, without Prefect."""
        run = StepRun(self._at(office, place), self.name)
        return attempt_step(run, self._do, lambda _: None, *args, **kwargs)

    def _attempt(self, office: Office, place: str, *args: P.args, **kwargs: P.kwargs) -> T:
        steps = office.settings.steps
        of = steps.attempts if self._is_retried else 1
        number = _attempt_number()
        run = StepRun(self._at(office, place), self.name, attempt=number, of=of)

        def again_in_seconds(error: BaseException) -> float | None:
            if number >= of or not is_transient(error):
                return None
            return float(steps.first_wait_seconds * 2 ** (number - 1))

        return attempt_step(run, self._do, again_in_seconds, *args, **kwargs)


def step(
    name: str,
    *,
    at: Callable[[Office, str], R],
    is_retried: bool = True,
    tags: tuple[str, ...] = (),
) -> Callable[[Callable[Concatenate[StepRun[R], P], T]], Step[R, P, T]]:
    """Make a step of a plain function; `at` opens the record that it works on.

    `is_retried=False` also takes away the time-out: a delivery that Prefect cut
    short would lose an acceptance.
    """

    def made(do: Callable[Concatenate[StepRun[R], P], T]) -> Step[R, P, T]:
        return Step(name, do, at=at, is_retried=is_retried, tags=tags)

    return made


def _attempt_number() -> int:
    context = TaskRunContext.get()
    return context.task_run.run_count if context is not None else 1


async def is_worth_retrying(_task: Any, _run: Any, state: Any) -> bool:
    """Tell Prefect whether a task's failure may pass without anyone changing anything."""
    try:
        await state.aresult()
    except Exception as error:  # whatever the step raised is asked for its nature
        return is_transient(error)
    return False


def _shortened(place: str) -> str:
    """Shorten an intake's 64 digits; a reference stays whole."""
    return place[:12] if len(place) == 64 else place
