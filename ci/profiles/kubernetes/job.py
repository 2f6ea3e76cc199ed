#!/usr/bin/env python
"""Jobs of Snakemake as Kubernetes Jobs, by kubectl.

    job.py submit --rule R --gpu N --cpu N --memory MB --minutes N SCRIPT     prints a name
    job.py status NAME                                     prints running, success or failed
    job.py NAME...                                         deletes the jobs
"""

import argparse
import subprocess
import sys
import uuid
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).with_name("job.yaml")


def kubectl(*arguments: str, **options) -> str:
    done = subprocess.run(["kubectl", *arguments], check=True, text=True,
                          stdout=subprocess.PIPE, **options)
    return done.stdout.strip()


def manifest(given: argparse.Namespace) -> dict:
    """The template with name, command, time limit and resources."""
    job = yaml.safe_load(TEMPLATE.read_text())
    rule = given.rule.replace("_", "-")
    job["metadata"]["name"] = f"topdown-{rule}-{uuid.uuid4().hex[:8]}"
    job["spec"]["activeDeadlineSeconds"] = given.minutes * 60
    pod = job["spec"]["template"]["spec"]
    wanted = {"cpu": str(given.cpu), "memory": f"{given.memory}M"}
    if given.gpu:
        wanted["nvidia.com/gpu"] = str(given.gpu)
    else:
        del pod["tolerations"]
    pod["containers"][0] |= {"command": ["bash", given.script], "workingDir": str(Path.cwd()),
                             "resources": {"requests": wanted, "limits": wanted}}
    return job


def submit(arguments: list[str]) -> str:
    parser = argparse.ArgumentParser(prog="job.py submit")
    parser.add_argument("--rule", required=True)
    for name in ("gpu", "cpu", "memory", "minutes"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("script")
    job = manifest(parser.parse_args(arguments))
    kubectl("create", "-f", "-", input=yaml.safe_dump(job))
    return job["metadata"]["name"]


def status(name: str) -> str:
    """Of a job that is no longer there nothing is known, which counts as failed."""
    found = kubectl("get", "job", name, "--ignore-not-found", "-o",
                    "jsonpath={.metadata.name} {range .status.conditions[?(@.status=='True')]}"
                    "{.type} {end}").split()
    if not found or "Failed" in found:
        return "failed"
    return "success" if "Complete" in found else "running"


def main(word: str, *others: str) -> None:
    if word == "submit":
        print(submit(list(others)))
    elif word == "status":
        print(status(*others))
    else:
        kubectl("delete", "job", "--ignore-not-found", "--wait=false", word, *others)


if __name__ == "__main__":
    main(*sys.argv[1:])
