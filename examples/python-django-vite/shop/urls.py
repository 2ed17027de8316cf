"""One page, and a lasting address of the script that it loads."""

from django.urls import path

from shop.views import index, script

urlpatterns = [path("", index), path("app.js", script)]
