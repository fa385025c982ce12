"""Importing Markdown files. The answer to the POST is the report; sending the same files again changes nothing more."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from integrations.article_import import MOST_BYTES, MOST_BYTES_OF_A_FILE, MOST_FILES, ImportRefused, take
from integrations.forms.articles import ImportForm, bounded_upload
from integrations.uploads import BoundedUpload
from workspaces.access import MemberRequest, for_admins
from workspaces.models import Membership

LIMITS = {"files": MOST_FILES, "file_megabytes": MOST_BYTES_OF_A_FILE // 1024**2, "megabytes": MOST_BYTES // 1024**2}


@csrf_exempt  # nobody reads the body before the handler is set; the gated view below checks the token
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest, slug: str) -> HttpResponseBase:
    upload = bounded_upload()
    request.upload_handlers = [upload]
    return _gated(request, slug, upload)


@for_admins
@csrf_protect
def _gated(request: MemberRequest, member: Membership, upload: BoundedUpload) -> HttpResponse:
    is_sent = request.method == "POST"
    form = ImportForm(request.POST, request.FILES, upload=upload) if is_sent else ImportForm(upload=upload)
    report = None
    if is_sent and form.is_valid():
        try:
            report = take(
                workspace=member.workspace,
                files=form.found,
                skipped=form.skipped,
                language=form.cleaned_data["language"],
                by=request.by,
            )
        except ImportRefused as error:
            form.add_error(None, str(error))
    return render(request, "integrations/knowledge/import.html", {"form": form, "report": report, "limits": LIMITS})
