"""The articles of a workspace: finding, writing and deleting them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from integrations import articles, markdown, page_search
from integrations.edits import compared_anew
from integrations.forms.articles import ArticleForm
from integrations.models import Article
from integrations.page_search import SearchTooSlow
from integrations.responders.base import ARTICLES_FOR_A_REPLY
from workspaces import typed
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership

ON_A_PAGE = 50
MOST_HITS = 20
LONGEST_QUESTION = 1000


@require_GET
@for_admins
def index(request: MemberRequest, member: Membership) -> HttpResponse:
    question = typed.clean(request.GET.get("q", ""))[:LONGEST_QUESTION]
    if question:
        context = _hits(member, question)
    else:
        known = Article.objects.filter(workspace=member.workspace).in_reading_order()
        context = {"page": Paginator(known, ON_A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "integrations/knowledge/index.html", context | {"question": question})


def _hits(member: Membership, question: str) -> dict[str, Any]:
    try:
        hits = page_search.search(member.workspace_id, question, most=MOST_HITS)
    except SearchTooSlow:
        return {"is_too_slow": True}
    return {"hits": hits, "best": hits[0].score if hits else 0, "for_a_reply": ARTICLES_FOR_A_REPLY}


@require_http_methods(["GET", "POST"])
@for_admins
def create(request: MemberRequest, member: Membership) -> HttpResponse:
    return _write(request, Article(workspace=member.workspace))


@require_http_methods(["GET", "POST"])
@for_admins
@compared_anew
def edit(request: MemberRequest, member: Membership, article_id: UUID) -> HttpResponse:
    return _write(request, _article_of(member, article_id))


@require_http_methods(["GET", "POST"])
@for_admins
def delete(request: MemberRequest, member: Membership, article_id: UUID) -> HttpResponse:
    article = _article_of(member, article_id)
    if request.method == "GET":
        return render(request, "integrations/knowledge/delete.html", {"article": article})
    articles.delete(article=article, by=request.by)
    messages.success(request, f"{article.title} is deleted.")
    return redirect("integrations:knowledge", member.workspace.slug)


def _article_of(member: Membership, article_id: UUID) -> Article:
    return get_object_or_404(Article.objects.filter(workspace=member.workspace).without_text(), pk=article_id)


def _write(request: MemberRequest, article: Article) -> HttpResponse:
    """The form, its preview (which saves nothing), or the saved article."""
    form = ArticleForm(request.POST or None, instance=article)
    if request.method == "POST" and "preview" in request.POST:
        return _page(request, article, form, preview=markdown.render_article(request.POST.get("body", "")))
    if request.method == "POST" and form.is_valid():
        saved = _save(request, article, form)
        messages.success(request, f"{saved.title} is saved. The next reply may use it.")
        return redirect("integrations:knowledge", request.member.workspace.slug)
    return _page(request, article, form, preview=markdown.render_article(article.body))


def _save(request: MemberRequest, article: Article, form: ArticleForm) -> Article:
    if form.is_new:
        return articles.create(workspace=request.member.workspace, to=form.changes, by=request.by)
    return articles.change(article=article, to=form.changes, seen=form.seen, by=request.by)


def _page(request: MemberRequest, article: Article, form: ArticleForm, *, preview: str) -> HttpResponse:
    context = {"article": article, "is_new": article._state.adding, "form": form, "preview": preview}
    return render(request, "integrations/knowledge/edit.html", context)
