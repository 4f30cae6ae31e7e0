"""The terminal table: readable in 100 columns, and never a bare number."""

from __future__ import annotations

from dataclasses import replace

from dora_metrics.report.results_table import results_table
from support.sample_results import a_quarter, nothing_deployed

JANUARY = """\
acme/shop: monthly, UTC, as of 2025-03-10 00:00 UTC

Period   Lead time        Deployments   Failure rate    Recovery (MTTR)  Rework rate
-------  ---------------  ------------  --------------  ---------------  -------------
2025-01  20.5 h           4             100 %           6 h              25 %
         2 h to 7.1 days  1.1 to 10.2   43.9 to 100 %                    4.6 to 69.9 %
         n 7              4.7 a month   3 of 3          n 1 (few)        1 of 4
  - partial: 26 days of it covered
  - 2 changes left out (left_truncated 1, negative 1)
  - 1 change undeployed (median age 13 days, oldest 13 days)
  - 2 of 3 failures proposed and not confirmed (rate without: 33.3 %)
  - 1 failure unattributed
  - 1 failure open (oldest 17 days)
  - 1 recovery left out (invalid 1)
  - rework over the trailing six months 25 %

2025-02  no data          0             no data         no data          no data
                          0 to 3.7
         n 0              0 a month     0 of 0          n 0              0 of 0
  - provisional: a late fact may still change it
"""


def test_a_period_says_value_interval_basis_and_what_else_must_be_known() -> None:
    assert results_table(a_quarter()).startswith(JANUARY)


def test_no_line_is_longer_than_a_terminal_and_none_ends_in_blanks() -> None:
    lines = results_table(a_quarter(grain="daily", timezone="Europe/Berlin")).splitlines()

    assert max(map(len, lines)) <= 100
    assert [line for line in lines if line != line.rstrip()] == []


def test_the_overall_block_comes_last() -> None:
    lines = results_table(a_quarter()).splitlines()

    assert [line.split()[0] for line in lines if line.startswith(("2", "overall"))] == [
        "2025-01",
        "2025-02",
        "2025-03",
        "overall",
    ]


def test_a_level_names_the_year_of_its_table() -> None:
    assert "  - DORA 2023 table: deployment frequency low (unverified)\n" in results_table(
        a_quarter(levels="2023", maturity_days=0)
    )
    assert "table:" not in results_table(a_quarter())


def test_nothing_deployed_is_said() -> None:
    text = results_table(nothing_deployed())

    assert "no data: nothing was deployed in this time" in text
    assert "rate: no data" in text


def test_several_repositories_are_named() -> None:
    text = results_table(replace(a_quarter(), repositories=("acme/api", "acme/shop")))

    assert text.startswith("acme/api, acme/shop: monthly")
