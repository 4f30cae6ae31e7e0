"""A pipeline that only remembers what the command line asked of it."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Callable, Optional

from dora_metrics.config import Settings
from dora_metrics.domain.questions import Question

if TYPE_CHECKING:
    import pytest


@dataclass
class FakePipeline:
    """What was called, and what each call gives back; an exception in `fails` is raised instead."""

    calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = field(default_factory=list)
    fails: Optional[BaseException] = None
    does: Callable[[Any], None] = lambda _workspace: None
    """Run with the workspace inside each step."""
    needs_person: bool = False
    proposed: Settings = field(default_factory=Settings)
    questions: tuple[Question, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def workspace(self) -> Any:
        """The workspace of the only call."""
        [(_, positional, _)] = self.calls
        return next(value for value in positional if hasattr(value, "settings"))

    @property
    def options(self) -> dict[str, Any]:
        """The keywords of the only call."""
        [(_, _, keywords)] = self.calls
        return keywords

    def step(self, name: str, answer: Callable[[], Any]) -> Callable[..., Any]:
        """A function of the pipeline."""

        def called(*positional: Any, **keywords: Any) -> Any:
            self.calls.append((name, positional, keywords))
            self.does(positional[0])
            if self.fails is not None:
                raise self.fails
            return answer()

        return called

    def summary(self) -> SimpleNamespace:
        """What extract, update and import tell."""
        return SimpleNamespace(sentences=("12 commits read.",), warnings=self.warnings, needs_person=self.needs_person)

    def status(self) -> SimpleNamespace:
        """What status tells."""
        return SimpleNamespace(text="fresh", needs_person=self.needs_person, as_json='{"state": "fresh"}')

    def proposal(self) -> SimpleNamespace:
        """What init finds."""
        return SimpleNamespace(summary="tags v*: 42", settings=self.proposed, questions=self.questions)

    def modules(self) -> dict[str, dict[str, Any]]:
        """The functions by module, as the real pipeline has them."""
        page = self.page = SimpleNamespace(
            path=Path("/r/report.html"), where="/r/report.html", sentence="Wrote report.html."
        )
        demo = SimpleNamespace(report=Path("/r/demo.html"), text="The demo is ready.")
        modules: dict[str, dict[str, Any]] = {
            "pipeline.workspace": {"Workspace": SimpleNamespace},
            "pipeline.extract": {name: self.step(name, self.summary) for name in ("extract", "update")},
            "pipeline.review_import": {"import_file": self.step("import_file", self.summary)},
            "pipeline.results": {
                "calculate": self.step("calculate", lambda: SimpleNamespace(name="results")),
                "report": self.step("report", lambda: page),
                "report_text": self.step("report", lambda: "the page"),
                "explain": self.step("explain", lambda: "the explanation"),
            },
            "pipeline.status": {"status": self.step("status", self.status)},
            "pipeline.history": {
                "log_lines": self.step("log_lines", lambda: "the log\n"),
                "verify": self.step("verify", lambda: "all is well"),
            },
            "pipeline.init": {"propose": self.step("propose", self.proposal)},
            "demo": {"run_demo": self.step("run_demo", lambda: demo)},
        }
        for form in ("table", "json", "csv", "markdown"):
            modules[f"report.results_{form}"] = {
                f"results_{form}": lambda results, form=form: f"{results.name} as {form}\n"
            }
        return modules

    def install(self, monkeypatch: pytest.MonkeyPatch) -> FakePipeline:
        """Put the functions where the commands import them from; itself."""
        for name, functions in self.modules().items():
            module = ModuleType(f"dora_metrics.{name}")
            vars(module).update(functions)
            monkeypatch.setitem(sys.modules, module.__name__, module)
        return self
