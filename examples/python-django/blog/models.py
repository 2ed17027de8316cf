"""Posts."""

from django.db import models


class Post(models.Model):
    """One post of the blog."""

    title = models.CharField(max_length=200)
    published = models.DateTimeField(auto_now_add=True)
