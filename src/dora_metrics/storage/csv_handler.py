"""CSVHandler: every CSV file that leaves or comes back, as bytes. No file is opened here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from dora_metrics.domain.known_keys import KnownService
from dora_metrics.domain.links import GITHUB
from dora_metrics.domain.models import Annotation, Dataset
from dora_metrics.domain.review import ReviewRow
from dora_metrics.storage import annotation_csv, dataset_csv, review_csv, review_import
from dora_metrics.storage.review_import import ReviewImport


class CSVHandler:
    """The review file, the accepted decisions and the master dataset, to and from text.

    The same records give the same bytes. No cell can run in a spreadsheet, none holds an e-mail address.
    """

    def __init__(self, *, host: str = GITHUB) -> None:
        """`host` begins every address of a page on GitHub: another one for GitHub Enterprise."""
        self._host = host

    def changes_csv(self, datasets: Iterable[Dataset], *, include_authors: bool) -> bytes:
        """changes.csv, a change a row; author names only with `include_authors`."""
        return dataset_csv.changes_csv(datasets, include_authors=include_authors, host=self._host)

    def deployments_csv(self, datasets: Iterable[Dataset]) -> bytes:
        """deployments.csv, a deployment a row with all its failures joined into one."""
        return dataset_csv.deployments_csv(datasets, host=self._host)

    def incidents_csv(self, datasets: Iterable[Dataset]) -> bytes:
        """incidents.csv, a failure a row, those that no deployment answers for included."""
        return dataset_csv.incidents_csv(datasets)

    def commits_csv(self, datasets: Iterable[Dataset]) -> bytes:
        """commits.csv, a delivered non-merge commit a row."""
        return dataset_csv.commits_csv(datasets)

    def review_csv(self, rows: Iterable[ReviewRow]) -> bytes:
        """pending_review.csv, rows in the order given."""
        return review_csv.review_csv(rows)

    def review_file(self, rows: Iterable[ReviewRow], form: str) -> bytes:
        """The same rows as `csv` or as `xlsx`."""
        if form != "xlsx":
            return self.review_csv(rows)
        from dora_metrics.storage.review_xlsx import review_xlsx  # noqa: PLC0415 (few write it)

        return review_xlsx(rows)

    def parse_review(
        self,
        content: bytes,
        *,
        file_name: str,
        known: Sequence[KnownService],
        timezone: str,
        accepted_at: datetime,
        date_order: str = "",
        skip_unknown: bool = False,
    ) -> ReviewImport:
        """The decisions that a person saved as csv, xlsx or ods; raises `ReviewRefusedError` and then takes nothing.

        `known` says which keys exist; times without an offset are local ones of `timezone`, and `date_order` (`dmy` or
        `mdy`) says how ambiguous ones are meant. With `skip_unknown` rows of unknown keys are warnings.
        """
        return review_import.parse_review(
            content,
            file_name=file_name,
            known=known,
            timezone=timezone,
            accepted_at=accepted_at,
            date_order=date_order,
            skip_unknown=skip_unknown,
        )

    def annotations_csv(self, annotations: Iterable[Annotation]) -> bytes:
        """Our own file of accepted decisions, in the order given."""
        return annotation_csv.annotations_csv(annotations)

    def parse_annotations(self, content: bytes) -> list[Annotation]:
        """What `annotations_csv` wrote; raises `IntegrityError` for anything else."""
        return annotation_csv.parse_annotations(content)
