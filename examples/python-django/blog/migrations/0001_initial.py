"""The table of posts, with a first one in it."""

from django.db import migrations, models


def first_post(apps, schema_editor):
    apps.get_model("blog", "Post").objects.create(title="Welcome")


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Post",
            fields=[
                ("id", models.AutoField(primary_key=True)),
                ("title", models.CharField(max_length=200)),
                ("published", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.RunPython(first_post, migrations.RunPython.noop),
    ]
