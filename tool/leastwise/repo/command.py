"""Starting git: a clean environment, no prompts, errors with advice, and no secret in any message.

The only module that imports GitPython.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, BinaryIO, cast

from leastwise.errors import RepositoryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import ModuleType

    import git

# The user's configuration must neither run code of theirs (hooks), nor sign in the user's name, nor start
# helpers that outlive us, nor write beside the index we name.
_CONFIGURATION = (
    f"core.hooksPath={os.devnull}",
    "core.fsmonitor=false",
    "core.splitIndex=false",
    "core.untrackedCache=false",
    "commit.gpgSign=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "i18n.commitEncoding=UTF-8",
    "i18n.logOutputEncoding=UTF-8",
    "color.ui=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
)
_NEVER_ASK = {"GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never", "SSH_ASKPASS_REQUIRE": "never"}

# Variables by which a calling git (a hook, `git rebase --exec`) points its children at its own repository
# and index must not reach ours; these say how to reach a remote, and must.
_KEPT_VARIABLES = frozenset(
    {
        "GIT_ALLOW_PROTOCOL", "GIT_ASKPASS", "GIT_CONFIG_COUNT", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM",
        "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH", "GIT_HTTP_PROXY_AUTHMETHOD", "GIT_HTTP_USER_AGENT",
        "GIT_PROXY_SSL_CAINFO", "GIT_SSH", "GIT_SSH_COMMAND", "GIT_SSH_VARIANT", "GIT_SSL_CAINFO",
        "GIT_SSL_CAPATH", "GIT_SSL_NO_VERIFY", "GIT_TERMINAL_PROMPT",
    }
)  # fmt: skip
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_", "GIT_PYTHON_", "GIT_TRACE")
_ENVIRONMENT_LOCK = threading.RLock()

_USER_INFORMATION = re.compile(r"://[^/\s'\"]*@")
_SECRET_PARAMETER = re.compile(
    r"([?&][^=\s&]*(?:token|key|secret|password|signature)[^=\s&]*=)[^&\s'\"]+", re.IGNORECASE
)
_REMEDIES = {
    "dubious ownership": " (another user owns it: `git config --global --add safe.directory FOLDER`)",
    "could not read Username": " (no credentials: set up a credential helper, or use an ssh remote)",
    "Authentication failed": " (the credentials were refused: renew the token or key of this remote)",
    "Permission denied": " (the key or token has no write access to this remote)",
    "Could not resolve host": " (no network, or the remote's address is wrong: see `git remote -v`)",
    "does not appear to be a git repository": " (the remote's address is wrong: see `git remote -v`)",
    "unknown option": " (leastwise needs git 2.31 or newer)",
}


@dataclass(frozen=True, slots=True)
class GitCommand:
    """Git, run in one folder.  Every failure is a RepositoryError in git's own words, with advice."""

    git: git.Git
    environment: Mapping[str, str]
    """Added to the cleaned environment of every run."""

    @classmethod
    def within(cls, folder: Path) -> GitCommand:
        """Git in a folder that need not be a repository (yet)."""
        return cls(_import_git().Git(folder), {})

    @classmethod
    def of_repository(cls, folder: Path) -> tuple[GitCommand, Path | None]:
        """Git in the repository that holds ``folder``, and its top folder (``None`` when it is bare)."""
        git_module = _import_git()
        with _clean_environment():
            try:
                repo = git_module.Repo(folder, search_parent_directories=True, expand_vars=False)
            except (git_module.InvalidGitRepositoryError, git_module.NoSuchPathError):
                raise RepositoryError(
                    f"{folder} is not in a git repository: make it one (`git init`), name another folder with"
                    " --root, or use --publish preview, which needs no git"
                ) from None
        top = Path(repo.working_tree_dir).resolve() if repo.working_tree_dir else None
        return cls(repo.git, {**_quiet_ssh(repo), "GIT_LITERAL_PATHSPECS": "1"}), top

    def text(
        self,
        *arguments: str,
        given: bytes = b"",
        env: Mapping[str, str] = MappingProxyType({}),
        ok: Sequence[int] = (0,),
    ) -> str:
        """What git prints, without the last line's end."""
        _, out, _ = self.run(*arguments, given=given, env=env, ok=ok)
        return out.decode(errors="surrogateescape").removesuffix("\n")

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        env: Mapping[str, str] = MappingProxyType({}),
        ok: Sequence[int] = (0,),
    ) -> tuple[int, bytes, str]:
        """Run git, the one place where it is started: exit status, output and error text.

        ``given`` is its standard input; a status outside ``ok`` is an error.
        """
        settings = [part for setting in _CONFIGURATION for part in ("-c", setting)]
        with tempfile.TemporaryFile() as stdin, _clean_environment():
            stdin.write(given)
            stdin.seek(0)
            status, out, err = self.git.execute(
                [self.git.GIT_PYTHON_GIT_EXECUTABLE, *settings, *arguments],
                istream=cast(BinaryIO, stdin),
                with_extended_output=True,
                with_exceptions=False,
                stdout_as_string=False,
                strip_newline_in_stdout=False,
                env={**_NEVER_ASK, **self.environment, **env},
            )
        if status not in ok:
            raise RepositoryError(f"git {arguments[0]} failed: {advice(str(err))}")
        return status, out, str(err)


def advice(said: str) -> str:
    """Git's own complaint without progress, hints and secrets, and what to do where we know."""
    lines = [line.strip() for line in _redacted(said).splitlines()]
    complaint = "; ".join(
        line for line in lines if line and not line.startswith(("hint:", "To ", "Done", "="))
    )
    return complaint + next((do for sign, do in _REMEDIES.items() if sign in complaint), "")


def _redacted(text: str) -> str:
    """Without user names, passwords and tokens of addresses."""
    return _SECRET_PARAMETER.sub(r"\1***", _USER_INFORMATION.sub("://***@", text))


def _import_git() -> ModuleType:
    """GitPython looks for git when it is imported, and fails where there is none: so not at our import."""
    try:
        import git  # noqa: PLC0415  see the docstring
    except ImportError:
        raise RepositoryError(
            "git could not be started: install it (https://git-scm.com) and have it on the PATH"
        ) from None
    return git


@contextmanager
def _clean_environment() -> Iterator[None]:
    """Take another git's variables out of the environment for a moment: GitPython passes all of it on."""
    with _ENVIRONMENT_LOCK:
        taken = {name: os.environ.pop(name) for name in list(os.environ) if _belongs_to_another_git(name)}
        try:
            yield
        finally:
            os.environ.update(taken)


def _belongs_to_another_git(name: str) -> bool:
    return name.startswith("GIT_") and name not in _KEPT_VARIABLES and not name.startswith(_KEPT_PREFIXES)


def _quiet_ssh(repo: git.Repo) -> dict[str, str]:
    """ssh asks for passwords on the terminal, whatever git is told; unless the user chose another ssh."""
    if {"GIT_SSH", "GIT_SSH_COMMAND"} & os.environ.keys():
        return {}
    with repo.config_reader() as config:
        chosen = config.get_value("core", "sshCommand", default="")
    return {} if chosen else {"GIT_SSH_COMMAND": "ssh -o BatchMode=yes"}
