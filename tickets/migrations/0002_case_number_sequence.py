"""The sequence behind case numbers; `tickets.actions.numbers` permutes it with a secret key."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = (("tickets", "0001_initial"),)
    operations = (
        migrations.RunSQL(
            "CREATE SEQUENCE tickets_case_number START 1",
            "DROP SEQUENCE tickets_case_number",
        ),
    )
