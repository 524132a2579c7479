"""A wording keeps the kind of question it was written for."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def kind_of_the_question(apps, schema_editor):
    """What there is so far was written for the kind that the question has now."""
    question = apps.get_model("curriculum", "Question").objects.filter(pk=OuterRef("question_id"))
    apps.get_model("curriculum", "QuestionRevision").objects.update(kind=Subquery(question.values("kind")))


class Migration(migrations.Migration):
    dependencies = [("curriculum", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="questionrevision",
            name="kind",
            field=models.CharField(
                default="single",
                help_text="Of this wording; the question may have become another kind.",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.RunPython(kind_of_the_question, migrations.RunPython.noop),
    ]
