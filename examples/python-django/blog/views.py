"""The list of posts."""

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils import timezone

from blog.models import Post


def index(request: HttpRequest) -> HttpResponse:
    titles = ", ".join(post.title for post in Post.objects.order_by("id"))
    return HttpResponse(
        f"Posts: {titles}\nStyle: {static('blog/style.css')}\n"
        f"Zone: {timezone.get_current_timezone_name()}\n",
        content_type="text/plain",
    )
