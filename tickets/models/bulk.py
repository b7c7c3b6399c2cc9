"""One action done to many cases: what was asked for, and what became of each case."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class BulkAction(models.TextChoices):
    ASSIGN = "assign", _("Assign")
    TEAM = "team", _("Move to a team")
    PRIORITY = "priority", _("Set the priority")
    CATEGORY = "category", _("Set the category")
    TAG = "tag", _("Add a tag")
    UNTAG = "untag", _("Remove a tag")
    SNOOZE = "snooze", _("Snooze")
    WAIT = "wait", _("Wait for the customer")
    RESOLVE = "resolve", _("Resolve")
    REOPEN = "reopen", _("Reopen")


class BulkRun(models.Model):
    """Somebody's action on a list of cases that was fixed when it began.

    `given` is with what (whom to assign to, until when …); `is_capped` says that more cases were
    meant than one run takes. `worked_at` is when a worker last took it up; `finished_at` is null
    while anything is left to do or to take back, `undo_by` is who wants it back. `origin` is the
    address of the list.
    """

    by = models.ForeignKey("tickets.User", models.CASCADE, related_name="bulk_runs")
    undo_by = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=8, choices=BulkAction)
    given = models.JSONField(default=dict)
    is_capped = models.BooleanField(default=False)
    origin = models.CharField(max_length=2000, blank=True)
    made_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(action__in=BulkAction.values), name="bulk_action_is_known"
            ),
        )
        indexes = (
            models.Index(
                "made_at", name="bulk_unfinished", condition=models.Q(finished_at__isnull=True)
            ),
            models.Index("by", models.F("id").desc(), name="bulk_of_person"),
        )

    def __str__(self) -> str:
        return f"{self.pk} {self.action}"


class BulkState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")


class BulkUndo(models.TextChoices):
    NONE = "", ""
    WANTED = "wanted", _("to be taken back")
    DONE = "done", _("taken back")
    LEFT = "left", _("left as it is")


class BulkItem(models.Model):
    """One case of a run. `code` and `data` say why it was not done, or not taken back.

    `before` and `after` are those facts of the case that the action is about, `version` is the
    case's after it. A forced one is done even if somebody is writing there.
    """

    run = models.ForeignKey(BulkRun, models.CASCADE, related_name="items")
    ticket = models.ForeignKey("tickets.Ticket", models.CASCADE, related_name="+")
    place = models.PositiveIntegerField()
    state = models.CharField(max_length=7, choices=BulkState, default=BulkState.WAITING)
    is_forced = models.BooleanField(default=False)
    code = models.CharField(max_length=40, blank=True)
    data = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)
    undo = models.CharField(max_length=6, choices=BulkUndo, default=BulkUndo.NONE, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("run", "place"), name="bulk_one_at_a_place"),
            models.UniqueConstraint(fields=("run", "ticket"), name="bulk_case_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=BulkState.values), name="bulk_state_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(undo__in=BulkUndo.values), name="bulk_undo_is_known"
            ),
        )
        indexes = (
            models.Index(
                "run",
                "place",
                name="bulk_to_do",
                condition=models.Q(state="waiting") | models.Q(undo="wanted"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.run_id}/{self.place} {self.state}"
