"""Drives `pixelvla serve` with the unmodified vla-eval: its stub benchmark, a StepBenchmark of ours in its process, its load.

serve_vla_eval.py URL CASE.json   Prints one JSON line. Cases come from serving-cases.ts.
"""

from __future__ import annotations

import json
import sys
import time
from importlib.metadata import version
from typing import Any

import anyio
import numpy as np
import vla_eval
from vla_eval.benchmarks.base import StepBenchmark, StepResult
from vla_eval.cli.smoke import _make_stub_benchmark
from vla_eval.connection import Connection
from vla_eval.runners.sync_runner import SyncEpisodeRunner

from serve_case import TOLERANCE, difference, load

CASE = load(sys.argv[2]) if len(sys.argv) > 2 else None


def observation() -> dict[str, Any]:
    found: dict[str, Any] = {"images": {"agentview": CASE.image}, "task_description": CASE.instruction}
    if CASE.state.size:
        found["states"] = CASE.state
    if CASE.mask is not None:
        found["visual_prompt"] = {"mask": CASE.mask}
    return found


class ExpectedActions(StepBenchmark):
    """Shows one observation and compares every action with what the policy gives in its own process."""

    differences: list[float] = []

    def get_tasks(self) -> list[dict[str, Any]]:
        return [{"name": "expected"}]

    def reset(self, task: dict[str, Any]) -> Any:
        self.actions: list[np.ndarray] = []
        return None

    def step(self, action: dict[str, Any]) -> StepResult:
        self.actions.append(np.asarray(action["actions"]))
        executed = CASE.execute_steps
        wanted = CASE.expected[:, :executed].reshape(-1, CASE.expected.shape[2])
        done = len(self.actions) == len(wanted)
        if done:
            ExpectedActions.differences.append(difference(self.actions, wanted))
        return StepResult(obs=None, reward=0.0, done=done, info={})

    def make_obs(self, raw_obs: Any, task: dict[str, Any]) -> dict[str, Any]:
        return observation()

    def get_step_result(self, step_result: StepResult) -> dict[str, Any]:
        return {"success": step_result.done and ExpectedActions.differences[-1] < TOLERANCE}

    def get_metadata(self) -> dict[str, Any]:
        return {"max_steps": 100}


async def connections(url: str) -> dict[str, Any]:
    stub_success = None
    if not CASE.state.size:  # the stub's state has eight zeros under "state", in any case an image of zeros
        async with Connection(url) as conn:
            stub = _make_stub_benchmark({"name": "stub"})
            result = await SyncEpisodeRunner().run_episode(stub, {"name": "stub"}, conn, max_steps=50)
            stub_success = result["metrics"]["success"]
            assert stub_success, result
    async with Connection(url) as conn:
        # An observation without an episode, and one without image: errors, and the connection stays.
        for broken in (observation(), None):
            try:
                if broken is None:
                    await conn.start_episode({"task": {"name": "x"}})
                await conn.act(broken or {"task_description": "x"})
                raise AssertionError("answered")
            except RuntimeError as error:
                assert "PVLA_SERVE" in str(error), error
        await conn.start_episode({"task": {"name": "x"}})
        await conn.act(observation())

    times: list[float] = []

    async def load_generator(count: int) -> None:
        async with Connection(url) as conn:
            await conn.start_episode({"task": {"name": "load"}})
            for _ in range(count):
                start = time.perf_counter()
                await conn.act(observation())
                times.append((time.perf_counter() - start) * 1e3)

    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(load_generator, 20)
    return {"stub": stub_success, "requests": len(times), "medianMs": round(float(np.median(times)), 2)}


def main(url: str) -> None:
    found = anyio.run(connections, url)
    config = {"server": {"url": url}, "benchmarks": [{"benchmark": "serve_vla_eval:ExpectedActions", "episodes_per_task": 2}]}
    import serve_vla_eval  # the class the orchestrator makes is this module's, imported by name

    serve_vla_eval.CASE = CASE
    results = vla_eval.run(config, docker=False, no_save=True)
    differences = serve_vla_eval.ExpectedActions.differences
    assert len(differences) == 2 and max(differences) < TOLERANCE, (differences, results)
    print(json.dumps({"client": f"vla-eval {version('vla-eval')}", "difference": max(differences), **found}))


if __name__ == "__main__":
    main(sys.argv[1])
