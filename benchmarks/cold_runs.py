"""`letters serve` with runs started as Prefect starts them: what warm ones are measured against."""

from __future__ import annotations

from typing import Any

from desk.command_line import run


def main() -> None:
    """Serve the office that the environment names."""
    import desk.serving

    start = desk.serving.embedded_prefect

    def begin(*arguments: Any, **options: Any) -> Any:
        return _Cold(start(*arguments, **options))

    desk.serving.embedded_prefect = begin  # type: ignore[assignment]
    raise SystemExit(run(["serve"]))


class _Cold:
    """The office's Prefect; once it is there, the runner's own starter is put back."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __enter__(self) -> Any:
        entered = self._engine.__enter__()
        from prefect.runner import Runner

        from flows.warm_runs import WarmRunner

        async def enter(self: WarmRunner) -> WarmRunner:
            await Runner.__aenter__(self)
            self._entered.set()
            return self

        WarmRunner.__aenter__ = enter  # type: ignore[method-assign]
        return entered

    def __exit__(self, *error: object) -> Any:
        return self._engine.__exit__(*error)
