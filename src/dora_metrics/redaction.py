"""Takes secrets and e-mail addresses out of text that leaves by the terminal or a log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dora_metrics.domain.privacy import HIDDEN, redact

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST_SECRET = 6
"""A shorter value would blank out ordinary words."""
SECRET_NAME = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|WEBHOOK|ACCESS_KEY|API_KEY|PRIVATE_KEY", re.IGNORECASE
)
SECRET_FORMS: tuple[tuple[str, str], ...] = (
    # Headers, as text and as Python or JSON prints them
    (
        r"(?i)(\b(?:authorization|x-amz-security-token|private-token)['\"]?\s*[:=,]\s*(?:b?['\"])?)[^'\"\r\n,}]+",
        rf"\1{HIDDEN}",
    ),
    (r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}", rf"\1 {HIDDEN}"),
    # Parameters of signed addresses
    (
        r"(?i)([?&](?:[\w-]{0,40}(?:token|signature|credential)|sig|secret|password|key)=)[^&\s'\"]+",
        rf"\1{HIDDEN}",
    ),
)
"""Expressions and what stands instead; compiled by the first line that is logged."""


@dataclass
class Redactor:
    """Knows the secrets of this run, longest first so that none is cut into pieces by a shorter one."""

    secrets: list[str] = field(default_factory=list)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Redactor:
        """One that knows the values of all variables whose names speak of secrets."""
        redactor = cls()
        redactor.learn(value for name, value in environ.items() if SECRET_NAME.search(name))
        return redactor

    def learn(self, values: Iterable[str]) -> None:
        """From now on these values are hidden too; blanks around them do not count, nor do very short ones."""
        known = {*self.secrets, *(value.strip() for value in values)}
        self.secrets = sorted((value for value in known if len(value) >= SHORTEST_SECRET), key=len, reverse=True)

    def text(self, text: str) -> str:
        """`text` without known secrets, forms of tokens, credentials in addresses, and e-mail addresses."""
        for secret in self.secrets:
            text = text.replace(secret, HIDDEN)
        for form, replacement in SECRET_FORMS:
            text = re.sub(form, replacement, text)
        return redact(text)

    def value(self, value: Any) -> Any:
        """`value` with the texts inside lists and tables redacted; what JSON does not know becomes text."""
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.value(item) for key, item in value.items()}
        if isinstance(value, (list, tuple, set, frozenset)):
            return [self.value(item) for item in value]
        return value if value is None or isinstance(value, (bool, int)) else self.text(str(value))
