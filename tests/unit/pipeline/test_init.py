"""What `init` makes of the names of tags."""

from __future__ import annotations

import pytest

from dora_metrics.pipeline.init import tag_pattern


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        pytest.param(["v1.0", "v1.1", "v2.0-rc1"], "v*", id="a letter in front"),
        pytest.param(["draft-x-00", "draft-x-01"], "draft-x-*", id="a name in front"),
        pytest.param(["app-v1.0", "app-v1.1"], "app-v*", id="name and letter"),
        pytest.param(["15.0.0", "16.0.0"], "", id="bare numbers need no pattern"),
        pytest.param(["v1.0", "15.0.0"], "", id="two habits: the default rule decides"),
        pytest.param(["api/v1.0", "web/v1.0"], "", id="two services: a person decides"),
        pytest.param(["nightly", "latest"], "", id="no version"),
        pytest.param([], "", id="no tags"),
        pytest.param(["a*b-1.0", "a*b-1.1"], "", id="a sign that the pattern would read as its own"),
    ],
)
def test_the_pattern_that_the_tags_follow(names: list[str], pattern: str) -> None:
    assert tag_pattern(names) == pattern
