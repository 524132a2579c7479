"""Which submission a verdict was taken over from."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("labs", "0002_regrades")]

    operations = [
        migrations.AddField(
            model_name="submission",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                help_text="The submission with the same files whose verdict this one took over.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="labs.submission",
            ),
        ),
    ]
