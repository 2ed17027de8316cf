"""The page: Django has the goods, the script shows them."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from shop.vite import script_url, style_urls

GOODS = ("apples", "pears")


def index(request: HttpRequest) -> HttpResponse:
    context = {"goods": ",".join(GOODS), "script": script_url(), "styles": style_urls()}
    return render(request, "index.html", context)


def script(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(script_url())
