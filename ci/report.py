"""What ran, where and how long: python ci/report.py [--since SECONDS]

Every step of the pipeline leaves a note in build/notes/; this joins those of one build to a table,
printed and written to build/report.json, together with the steps that did not have to run.
"""

import argparse
import json
import os
import platform
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

BUILD = Path("build")


def note(step: str, part: str, started: float, done: dict) -> None:
    """Leave a note that a step has run here, and make what it was made from its known inputs."""
    content = {"step": step, "part": part, "host": platform.node(), "device": _device(),
               "started": started, "seconds": round(time.time() - started, 1), "done": done}
    path = BUILD / "notes" / f"{step}-{part.replace('/', 'of')}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    words = ", ".join(f"{k} {v}" for k, v in done.items() if v not in (0, ""))
    print(f"book: {step} done in {content['seconds']:.0f} s ({words})", flush=True)


def _device() -> str:
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "" or "torch" not in sys.modules:
        return "CPU"
    torch = sys.modules["torch"]
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def notes(since: float) -> list[dict]:
    found = (json.loads(path.read_text()) for path in (BUILD / "notes").rglob("*.json"))
    return sorted((n for n in found if n["started"] >= since), key=lambda n: n["started"])


def report(since: float) -> dict:
    """The report of the build that began at `since` (seconds of the epoch)."""
    ran, why = notes(since), json.loads((BUILD / "reasons.json").read_text())
    for entry in ran:
        entry["why"] = why.get(entry["step"]) or "by the dates of its files"
        entry["started"] = datetime.fromtimestamp(entry["started"], UTC).isoformat("T", "seconds")
    names = {entry["step"] for entry in ran}
    failed = sorted(name for name, reason in why.items() if reason and name not in names)
    return {"ran": ran, "up_to_date": sorted(name for name, reason in why.items() if not reason),
            "not_finished": failed, "seconds": round(time.time() - since, 1)}


def as_text(content: dict) -> str:
    lines = [f"{'step':28} {'seconds':>8}  {'where':24} why"]
    for entry in content["ran"]:
        where = f"{entry['host']} {entry['device']}"
        lines.append(f"{entry['step']:28} {entry['seconds']:8.1f}  {where:24} {entry['why']}")
    lines.append(f"{len(content['ran'])} ran, {len(content['up_to_date'])} up to date, "
                 f"{len(content['not_finished'])} not finished; {content['seconds']:.0f} s in all")
    return "\n".join(lines)


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--since", type=float, default=0.0)
    content = report(parser.parse_args(arguments).since)
    (BUILD / "report.json").write_text(json.dumps(content, indent=1) + "\n")
    text = as_text(content)
    (BUILD / "report.txt").write_text(text + "\n")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
