from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0001_ways_in"),
    ]

    operations = [
        migrations.AddField(
            model_name="integrationaccount",
            name="unsigned_ids_at",
            field=models.DateTimeField(
                blank=True, help_text="When a page last named a conversation without a signature.", null=True
            ),
        ),
        migrations.AddField(
            model_name="integrationaccount",
            name="unsigned_ids_origin",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
    ]
