"""Lists that people have made of filters, for themselves or for others."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ViewAudience(models.TextChoices):
    PRIVATE = "private", _("Only me")
    TEAM = "team", _("Team")
    EVERYONE = "everyone", _("Everyone")


class SavedView(models.Model):
    """A name for a filter, in the form to keep of `tickets.filters`, and the order of its list.

    `owner` made it; one for a team or for everyone stays when they go. `position` is its place
    among those for the same people.
    """

    name = models.CharField(max_length=60)
    owner = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="views")
    audience = models.CharField(max_length=8, choices=ViewAudience, default=ViewAudience.PRIVATE)
    team = models.ForeignKey("tickets.Team", models.CASCADE, null=True, related_name="views")
    filter = models.TextField(blank=True)
    sort = models.CharField(max_length=8, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(audience__in=ViewAudience.values),
                name="saved_view_audience_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(audience=ViewAudience.TEAM, team__isnull=False)
                | (~models.Q(audience=ViewAudience.TEAM) & models.Q(team__isnull=True)),
                name="saved_view_of_a_team_has_one",
            ),
        )

    def __str__(self) -> str:
        return self.name
