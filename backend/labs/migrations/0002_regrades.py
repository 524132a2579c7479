import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FILL = """
UPDATE labs_gradeattempt AS attempt
SET lab_digest = submission.lab_digest,
    grader_revision = COALESCE(attempt.report -> 'environment' ->> 'grader_revision', '')
FROM labs_submission AS submission
WHERE submission.id = attempt.submission_id
"""
REFUSE = """
CREATE FUNCTION labs_verdictchange_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'labs_verdictchange is append-only: write a new row that says what is right'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON labs_verdictchange
    FOR EACH ROW EXECUTE FUNCTION labs_verdictchange_is_append_only();
"""
ALLOW = """
DROP TRIGGER append_only ON labs_verdictchange;
DROP FUNCTION labs_verdictchange_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("curriculum", "0002_revision_keeps_its_kind"),
        ("labs", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="RegradeItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting to be graded"),
                            ("judged", "Graded"),
                            ("failed", "Our grader failed"),
                            ("unfit", "The lab asks for other files now"),
                            ("applied", "Changed"),
                            ("same", "Unchanged"),
                            ("kept", "Kept, since it would be lower"),
                            ("overtaken", "Left alone, since it was judged otherwise meanwhile"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "old_verdict",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("partial", "Partly accepted"),
                            ("wrong_answer", "Wrong answer"),
                            ("build_error", "Does not build"),
                            ("runtime_error", "Runtime error"),
                            ("time_limit", "Over the time limit"),
                            ("memory_limit", "Over the memory limit"),
                            ("output_limit", "Too much output"),
                            ("rejected", "Rejected"),
                            ("held", "Held for a person to look at"),
                            ("grader_error", "Our grader failed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("old_score", models.FloatField()),
                ("old_max_score", models.FloatField()),
                (
                    "new_verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("accepted", "Accepted"),
                            ("partial", "Partly accepted"),
                            ("wrong_answer", "Wrong answer"),
                            ("build_error", "Does not build"),
                            ("runtime_error", "Runtime error"),
                            ("time_limit", "Over the time limit"),
                            ("memory_limit", "Over the memory limit"),
                            ("output_limit", "Too much output"),
                            ("rejected", "Rejected"),
                            ("held", "Held for a person to look at"),
                            ("grader_error", "Our grader failed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("new_score", models.FloatField(default=0)),
                ("new_max_score", models.FloatField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="VerdictChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("regrade", "Regrade"),
                            ("rejudge", "Judged again"),
                            ("decision", "Decided by a person"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                (
                    "old_verdict",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("partial", "Partly accepted"),
                            ("wrong_answer", "Wrong answer"),
                            ("build_error", "Does not build"),
                            ("runtime_error", "Runtime error"),
                            ("time_limit", "Over the time limit"),
                            ("memory_limit", "Over the memory limit"),
                            ("output_limit", "Too much output"),
                            ("rejected", "Rejected"),
                            ("held", "Held for a person to look at"),
                            ("grader_error", "Our grader failed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("old_score", models.FloatField()),
                ("old_max_score", models.FloatField()),
                (
                    "new_verdict",
                    models.CharField(
                        choices=[
                            ("accepted", "Accepted"),
                            ("partial", "Partly accepted"),
                            ("wrong_answer", "Wrong answer"),
                            ("build_error", "Does not build"),
                            ("runtime_error", "Runtime error"),
                            ("time_limit", "Over the time limit"),
                            ("memory_limit", "Over the memory limit"),
                            ("output_limit", "Too much output"),
                            ("rejected", "Rejected"),
                            ("held", "Held for a person to look at"),
                            ("grader_error", "Our grader failed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("new_score", models.FloatField()),
                ("new_max_score", models.FloatField()),
                ("reason", models.TextField(max_length=1000)),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="gradeattempt",
            name="grader_revision",
            field=models.CharField(blank=True, help_text="Of the grader whose report it is.", max_length=500),
        ),
        migrations.AddField(
            model_name="gradeattempt",
            name="lab_digest",
            field=models.CharField(default="", help_text="Revision of the lab that judges.", max_length=64),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="gradeattempt",
            name="trial",
            field=models.BooleanField(
                default=False, help_text="Shows staff what a regrade would change, and decides nothing."
            ),
        ),
        migrations.AlterField(
            model_name="submission",
            name="lab_digest",
            field=models.CharField(help_text="Revision of the lab it was handed in for.", max_length=64),
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                ("mailed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Regrade",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "judged_by_grader",
                    models.CharField(
                        blank=True,
                        help_text="Only what this grader revision judged; empty: whatever judged it.",
                        max_length=500,
                    ),
                ),
                (
                    "outdated_only",
                    models.BooleanField(
                        default=True, help_text="Leave out what was judged with the lab's present revision."
                    ),
                ),
                ("reason", models.TextField(help_text="Shown to learners whose result changes.", max_length=1000)),
                ("requested_at", models.DateTimeField(auto_now_add=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("preview", "Preview"),
                            ("applying", "Being applied"),
                            ("applied", "Applied"),
                            ("discarded", "Discarded"),
                        ],
                        default="preview",
                        max_length=10,
                    ),
                ),
                (
                    "never_lower",
                    models.BooleanField(default=True, help_text="Results that would get worse stay as they are."),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "lab",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: all labs.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="curriculum.lab",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "ordering": ["-requested_at"],
            },
        ),
        migrations.AddField(
            model_name="gradeattempt",
            name="regrade",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attempts",
                to="labs.regrade",
            ),
        ),
        migrations.AddIndex(
            model_name="gradeattempt",
            index=models.Index(fields=["grader_revision"], name="attempts_by_grader"),
        ),
        migrations.AddField(
            model_name="regradeitem",
            name="attempt",
            field=models.OneToOneField(
                blank=True,
                help_text="The attempt whose report says what it would get.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="regrade_item",
                to="labs.gradeattempt",
            ),
        ),
        migrations.AddField(
            model_name="regradeitem",
            name="regrade",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="labs.regrade"
            ),
        ),
        migrations.AddField(
            model_name="regradeitem",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="regrade_items", to="labs.submission"
            ),
        ),
        migrations.AddField(
            model_name="verdictchange",
            name="attempt",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="labs.gradeattempt",
            ),
        ),
        migrations.AddField(
            model_name="verdictchange",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="verdictchange",
            name="regrade",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="labs.regrade",
            ),
        ),
        migrations.AddField(
            model_name="verdictchange",
            name="submission",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="changes", to="labs.submission"
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="change",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="notice", to="labs.verdictchange"
            ),
        ),
        migrations.AddConstraint(
            model_name="regrade",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "preview"),
                    models.Q(("decided_at__isnull", False), ("decided_by__isnull", False)),
                    _connector="OR",
                ),
                name="regrade_decided_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="regrade",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="regrade_says_why"
            ),
        ),
        migrations.AddIndex(
            model_name="regradeitem",
            index=models.Index(fields=["regrade", "state"], name="labs_regrad_regrade_3038ad_idx"),
        ),
        migrations.AddConstraint(
            model_name="regradeitem",
            constraint=models.UniqueConstraint(fields=("regrade", "submission"), name="submission_once_per_regrade"),
        ),
        migrations.AddIndex(
            model_name="verdictchange",
            index=models.Index(fields=["submission", "at"], name="labs_verdic_submiss_75b0db_idx"),
        ),
        migrations.AddConstraint(
            model_name="verdictchange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("regrade__isnull", False)),
                fields=("regrade", "submission"),
                name="verdict_changed_once_per_regrade",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)), fields=["learner"], name="unread_notices"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("mailed_at__isnull", True)), fields=["created_at"], name="unmailed_notices"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(REFUSE, ALLOW),
    ]
