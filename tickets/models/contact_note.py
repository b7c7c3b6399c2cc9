"""What agents remember about a customer, whatever case it is about."""

from django.db import models


class ContactNote(models.Model):
    """A few words about a person, for colleagues only; no case and no customer shows them."""

    contact = models.ForeignKey("tickets.Contact", models.CASCADE, related_name="notes")
    author = models.ForeignKey("tickets.User", models.SET_NULL, null=True, related_name="+")
    text = models.TextField()
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index("contact", "created_at", "id", name="contact_note_order"),)

    def __str__(self) -> str:
        return f"note {self.pk} on {self.contact_id}"
