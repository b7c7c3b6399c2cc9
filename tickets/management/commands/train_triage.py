"""Train the triage model, show how good it is, and switch between versions.

manage.py train_triage                 learn from our material and this desk's solved cases
manage.py train_triage --list          say which versions there are
manage.py train_triage --activate V    let version V count from now on
manage.py train_triage --back          let the version before it count again
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from tickets.actions.refusals import Refused
from tickets.actions.triage_models import activate_model, go_back, keep_model
from tickets.models import TriageModel
from tickets.queries.training import labelled_cases
from tickets.triage import report
from tickets.triage.assessing import STARTER
from tickets.triage.material import FOLDER, Row, fingerprint, read_rows, rows_in, starter_rows
from tickets.triage.training import FOLDS, Result, train

from ..progress import Progress


class Command(BaseCommand):
    help = "Train the triage model, show how good it is, and switch between versions."

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="say which versions there are")
        what.add_argument("--activate", metavar="VERSION", help="let this version count")
        what.add_argument("--back", action="store_true", help="let the version before count again")
        what.add_argument(
            "--starter",
            action="store_true",
            help="for makers of the product: train the model that comes with it",
        )
        parser.add_argument(
            "--material", type=Path, metavar="FOLDER", help="texts to learn from instead of ours"
        )
        parser.add_argument("--days", type=int, help="learn only from cases solved since")
        parser.add_argument("--folds", type=int, default=FOLDS, help=f"of the trial; {FOLDS}")
        parser.add_argument(
            "--keep-only", action="store_true", help="keep the new version without activating it"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do one of them. Raises CommandError."""
        now = timezone.now()
        if options["list"]:
            self._list()
        elif options["activate"]:
            self._activate(options["activate"], now)
        elif options["back"]:
            before = go_back()
            self.stdout.write(f"active: {before or 'the starter model'}")
        elif options["starter"]:
            self._train_starter(options["folds"])
        else:
            self._train(options, now)

    def _list(self) -> None:
        versions = list(TriageModel.objects.defer("weights").order_by("-made_at", "-pk"))
        for each in versions:
            mark = "*" if each.is_active else " "
            f1 = each.scores.get("macro_f1", 0.0)
            cases = each.scores.get("rows", {}).get("desk", 0)
            self.stdout.write(f"{mark} {each.version}  macro-F1 {f1:.3f}  {cases} cases")
        starter = "  " if any(each.is_active for each in versions) else "* "
        self.stdout.write(f"{starter}starter")

    def _activate(self, version: str, now: datetime) -> None:
        try:
            activate_model(version=version, now=now)
        except Refused:
            raise CommandError(f"there is no version {version}; see --list") from None
        self.stdout.write(f"active: {version}")

    def _train(self, options: dict[str, Any], now: datetime) -> None:
        since = now - timedelta(days=options["days"]) if options["days"] else None
        cases = list(labelled_cases(since))
        texts = rows_in(options["material"]) if options["material"] else [*starter_rows()]
        self.stdout.write(f"{len(texts)} texts, {len(cases)} cases of this desk")
        version = f"{timezone.localtime(now):%Y%m%d-%H%M%S}"
        result = self._learned([*texts, *cases], version, options["folds"])
        keep_model(model=result.model, scores=report.scores(result), now=now)
        if not options["keep_only"]:
            self._activate(version, now)

    def _train_starter(self, folds: int) -> None:
        rows = starter_rows()
        result = self._learned(rows, f"starter-{fingerprint(rows)[:8]}", folds)
        STARTER.write_bytes(result.model.dump())
        self.stdout.write(f"{STARTER.name}: {STARTER.stat().st_size // 1024} KiB")
        held_out = read_rows(FOLDER.parent / "held_out.jsonl")
        self.stdout.write(report.on_unseen(result.model, held_out))

    def _learned(self, rows: Sequence[Row], version: str, folds: int) -> Result:
        bar = Progress(self.stdout, "training")
        try:
            result = train(rows, version=version, folds=folds, progress=bar.show)
        except ValueError as error:
            raise CommandError(str(error)) from None
        finally:
            bar.end()
        self.stdout.write(report.in_words(result))
        return result
