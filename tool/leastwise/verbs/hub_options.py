"""How GitHub is reached, as the options of several verbs and the environment say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leastwise.errors import UsageError
from leastwise.publish.github_api import GitHubApi
from leastwise.publish.github_http import PUBLIC_API
from leastwise.publish.github_run import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leastwise.publish.forge import Forge


@dataclass(frozen=True, slots=True)
class HubOptions:
    """Which repository, by which API, and how many pull requests; ``None``: what the environment says.

    The token comes from the environment alone: a command line is seen by every process of a machine.
    """

    repository: str | None = None
    api_url: str | None = None
    max_open: int = Limits().open
    max_per_run: int = Limits().per_run

    @property
    def limits(self) -> Limits:
        """As the publisher takes them."""
        return Limits(self.max_open, self.max_per_run)

    def is_set(self, environment: Mapping[str, str]) -> bool:
        """Whether GitHub can be asked at all."""
        return bool(
            environment.get("GITHUB_TOKEN") and (self.repository or environment.get("GITHUB_REPOSITORY"))
        )

    def forge(self, environment: Mapping[str, str]) -> Forge:
        """The repository on GitHub; ``UsageError`` where the environment does not say enough."""
        repository = self.repository or environment.get("GITHUB_REPOSITORY", "")
        if repository.count("/") != 1 or not all(repository.split("/")):
            raise UsageError(
                "say which repository: --repository OWNER/NAME, or the variable GITHUB_REPOSITORY"
            )
        token = environment.get("GITHUB_TOKEN", "")
        if not token:
            raise UsageError(
                "set the variable GITHUB_TOKEN: in Actions to ${{ github.token }} or the token of an app, "
                "elsewhere to a fine-grained token with contents, pull requests and issues (docs/setup.md)"
            )
        api = self.api_url or environment.get("GITHUB_API_URL") or PUBLIC_API
        return GitHubApi.connect(repository, token, api)
