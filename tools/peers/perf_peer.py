"""Python side of the perf runner's protocol: JSON lines in on standard input, replies out on file descriptor 3.

from perf_peer import Subject, serve
def prepare(params): return Subject(run=lambda: work(), work=(1500, "frame"), facts={"frames": 1500})
serve(prepare)
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from dataclasses import dataclass, field
from typing import Any, Callable


@dataclass
class Subject:
    """A prepared side. `run` is timed; it may return {"timesMs": [...]} when it holds several measurements of its own."""

    run: Callable[[], Any]
    work: tuple[float, str] | None = None
    facts: dict | Callable[[], dict] = field(default_factory=dict)
    close: Callable[[], Any] | None = None


def _measured(subject: Subject) -> list[float]:
    start = time.perf_counter()
    result = subject.run()
    elapsed = (time.perf_counter() - start) * 1e3
    return list(result["timesMs"]) if isinstance(result, dict) and "timesMs" in result else [elapsed]


def _turn(subject: Subject, turn_ms: float, discard: int) -> list[float]:
    for _ in range(discard):
        subject.run()
    times: list[float] = []
    start = time.perf_counter()
    while not times or (time.perf_counter() - start) * 1e3 < turn_ms:
        times += _measured(subject)
    return times


def _versions() -> dict[str, str]:
    names = ("torch", "transformers", "timm", "peft", "lerobot", "tensorflow", "numpy")
    loaded = {name: getattr(sys.modules.get(name), "__version__", None) for name in names}
    return {"python": sys.version.split()[0], **{name: value for name, value in loaded.items() if value}}


def serve(prepare: Callable[[dict], Subject]) -> None:
    replies = os.fdopen(3, "w")
    subject: Subject | None = None
    for line in sys.stdin:
        request = json.loads(line)
        op = request["op"]
        try:
            reply: dict = {"ok": True}
            if op == "prepare":
                start = time.perf_counter()
                subject = prepare(request["params"])
                work = None if subject.work is None else {"amount": subject.work[0], "unit": subject.work[1]}
                reply |= {"work": work, "prepareMs": (time.perf_counter() - start) * 1e3}
            elif op == "hello":  # answered once everything is imported
                pass
            elif op == "warmup":
                for _ in range(request["count"]):
                    subject.run()
            elif op == "turn":
                reply["timesMs"] = _turn(subject, request["turnMs"], request["discard"])
            else:
                reply["facts"] = subject.facts() if callable(subject.facts) else subject.facts
                reply["versions"] = _versions()
                if op == "close" and subject.close:
                    subject.close()
        except Exception as error:  # reported to the runner, which stops
            traceback.print_exc()
            reply = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if op == "close":
            break
    os._exit(0)
