"""Public pages that belong to no workspace, and the pages for what went wrong."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from lumika import docs


@require_GET
def start(request: HttpRequest) -> HttpResponse:
    return render(request, "start.html")


@require_GET
def docs_index(request: HttpRequest) -> HttpResponse:
    return redirect("docs-page", "quick-start")


@require_GET
def docs_page(request: HttpRequest, page_slug: str) -> HttpResponse:
    page = docs.PAGES.get(page_slug)
    if page is None:
        raise Http404
    try:
        article = docs.article(page)
    except FileNotFoundError:
        raise Http404 from None
    pages = list(docs.PAGES.values())
    following = next(iter(pages[pages.index(page) + 1 :]), None)
    return render(request, "docs.html", {"page": page, "pages": pages, "article": article, "following": following})


def too_many_requests(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response["Retry-After"] = "60"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=403)
