"""A runner of GitHub Actions for our own workflows: `run:` steps are run by bash, `uses:` by stand-ins.

Expressions are looked up in a table that the test gives, literally; one that is not there is a failure of the
test.  What a stand-in needs of an action is what its documentation says; nothing else of it is imitated.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import yaml

WORKFLOWS = Path(__file__).resolve().parents[2] / ".github" / "workflows"
REPOSITORY = WORKFLOWS.parents[1]
INSTALL = "python -m pip install --quiet --require-hashes -r requirements/runtime.lock"


def workflow(name):
    """A workflow's YAML; its key ``on`` is read as YAML 1.1 has it."""
    return yaml.safe_load((WORKFLOWS / name).read_text("utf-8"))


@dataclass
class Ran:
    """One ``run:`` step that was run."""

    name: str
    code: int
    output: str
    fails_the_job: bool


@dataclass
class Runner:
    """Runs jobs; ``remote`` is what is checked out, ``artifacts`` what jobs leave each other."""

    folder: Path
    remote: Path
    expressions: dict
    variables: dict
    ref: str = "main"
    artifacts: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    """What the steps of the latest job wrote to `$GITHUB_OUTPUT`."""
    used: list = field(default_factory=list)

    def run(self, workflow_name, job):
        """Every step of a job in a folder of its own; after one that fails only those that always run."""
        whole = workflow(workflow_name)
        here = self.folder / f"{job}-{len(list(self.folder.iterdir()))}"
        ran = []
        (self.folder / "outputs").write_text("")
        for step in whole["jobs"][job]["steps"]:
            has_failed = any(one.fails_the_job for one in ran)
            if not self._applies(step.get("if")) or (has_failed and step.get("if") != "always()"):
                continue
            if "uses" in step:
                self._use(step, here)
            elif step["run"] == INSTALL:
                assert (here / "requirements" / "runtime.lock").is_file()
            else:
                env = {**whole.get("env", {}), **step.get("env", {})}
                ran.append(self._bash(step, here, env))
        written = (self.folder / "outputs").read_text().splitlines()
        self.outputs = dict(line.split("=", 1) for line in written)
        return ran

    def _bash(self, step, here, env):
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md"),
            "GITHUB_OUTPUT": str(self.folder / "outputs"),
            **self.variables,
            **{name: str(self._value(value)) for name, value in env.items()},
        }
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=here,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        fails = done.returncode != 0 and not self._value(step.get("continue-on-error", False))
        return Ran(step.get("name", step["run"]), done.returncode, done.stdout + done.stderr, fails)

    def _use(self, step, here):
        action, _, _ = step["uses"].partition("@")
        given = {name: self._value(value) for name, value in step.get("with", {}).items()}
        self.used.append((action, given))
        if action == "actions/checkout":
            self._check_out(here, given.get("fetch-depth", 1), given.get("ref"))
            for name in ("tool", "requirements"):
                (here / name).symlink_to(REPOSITORY / name)
        elif action == "actions/upload-artifact":
            source = here / given["path"]
            if source.exists():
                kept = self.folder / "artifacts" / given["name"]
                shutil.rmtree(kept, ignore_errors=True)
                shutil.copytree(source if source.is_dir() else source.parent, kept)
                self.artifacts[given["name"]] = kept
            else:
                assert given["if-no-files-found"] == "ignore"
        elif action == "actions/download-artifact":
            shutil.copytree(self.artifacts[given["name"]], here / given["path"], dirs_exist_ok=True)
        else:
            assert action in {"actions/setup-python", "aws-actions/configure-aws-credentials"}

    def _check_out(self, here, depth, commit):
        shallow = ["--depth", str(depth)] if depth else []
        origin = f"file://{self.remote}"
        if commit is None:
            git = ["git", "clone", "--quiet", *shallow, "--branch", self.ref, origin, str(here)]
            subprocess.run(git, check=True)
            return
        for words in (
            ["init", "--quiet", str(here)],
            ["-C", str(here), "remote", "add", "origin", origin],
            ["-C", str(here), "fetch", "--quiet", *shallow, "origin", commit],
            ["-C", str(here), "checkout", "--quiet", "--detach", commit],
        ):
            subprocess.run(["git", *words], check=True)

    def _applies(self, condition):
        return condition is None or bool(self.expressions[condition])

    def _value(self, value):
        """A value with its expression, of which we write no more than one, looked up."""
        text = str(value)
        before, opened, rest = text.partition("${{")
        expression, _, after = rest.partition("}}")
        if not opened:
            return value
        found = self.expressions[expression.strip()]
        return f"{before}{found}{after}" if before or after else found
