"""Writing an article, and importing many."""

from typing import Any

from django import forms
from django.core.validators import URLValidator

from integrations.article_import import (
    MOST_BYTES,
    MOST_BYTES_OF_A_FILE,
    MOST_FILES,
    SUFFIXES,
    File,
    ImportRefused,
    Skipped,
    from_zip,
)
from integrations.forms.concurrent import ConcurrentForm
from integrations.models import Article
from integrations.uploads import BoundedUpload
from workspaces.typed import TypedField


class ArticleForm(ConcurrentForm):
    url = forms.URLField(
        label="Web address",
        required=False,
        max_length=500,
        assume_scheme="https",
        help_text="Where customers can read it. Replies link to it as their source.",
    )

    class Meta:
        model = Article
        fields = ["title", "body", "url", "language"]
        labels = {"body": "Text"}
        help_texts = {
            "title": "What customers would look for. Words of the title weigh most in the search.",
            "body": "In Markdown. Short sections with headings are found best. Customers never see <!-- comments -->.",
            "language": "The search knows its word endings.",
        }
        field_classes = {"title": TypedField, "body": TypedField}
        widgets = {"body": forms.Textarea(attrs={"rows": 18})}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if url:
            URLValidator(schemes=["http", "https"])(url)
        return url


class SeveralFiles(forms.FileField):
    """Any number of files; cleans to the list of them."""

    class Widget(forms.ClearableFileInput):
        allow_multiple_selected = True

    widget = Widget

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        clean_one = super().clean
        return [clean_one(one, initial) for one in data] if data else [clean_one(None, initial)] * self.required


class ImportForm(forms.Form):
    """A zip, several files, or a folder. ``clean`` opens the zips, so that what refuses them stands in the form."""

    uploads = SeveralFiles(
        label="Files",
        required=False,
        allow_empty_file=True,
        help_text="A zip of Markdown files, or the Markdown files themselves.",
        widget=SeveralFiles.Widget(attrs={"accept": ".zip,.md,.markdown"}),
    )
    folder = SeveralFiles(
        label="Folder",
        required=False,
        allow_empty_file=True,
        help_text="Its Markdown files are taken, those of the folders in it too.",
        widget=SeveralFiles.Widget(attrs={"webkitdirectory": True}),
    )
    language = forms.ChoiceField(
        choices=Article.Language, initial=Article.Language.ENGLISH, help_text="Of all of these articles."
    )

    def __init__(self, *args: Any, upload: BoundedUpload, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._upload = upload
        self.found: list[File] = []
        self.skipped: list[Skipped] = []

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self._upload.refusal:
            raise forms.ValidationError(self._upload.refusal)
        self.skipped = [Skipped(name, "not Markdown") for name in self._upload.ignored]
        chosen = [*cleaned.get("uploads", []), *cleaned.get("folder", [])]
        if not (chosen or self.skipped):
            raise forms.ValidationError("Choose a zip, files or a folder first.")
        try:
            for file in chosen:
                self._take(file.name, file.read())
            self._check_sum()
        except ImportRefused as error:
            raise forms.ValidationError(str(error)) from None
        return cleaned

    def _take(self, name: str, content: bytes) -> None:
        if name.lower().endswith(".zip"):
            found, skipped = from_zip(content)
            self.found += found
            self.skipped += skipped
        else:
            self.found.append(File(name, content))

    def _check_sum(self) -> None:
        """The limits hold for all zips together."""
        if len(self.found) > MOST_FILES or sum(len(file.content) for file in self.found) > MOST_BYTES:
            raise ImportRefused(f"More than {MOST_FILES:,} files or {MOST_BYTES // 1024**2} MB. Import it in parts.")


def bounded_upload() -> BoundedUpload:
    return BoundedUpload(
        suffixes=(*SUFFIXES, ".zip"),
        most_files=MOST_FILES,
        most_bytes=MOST_BYTES_OF_A_FILE,
        most_bytes_of_all=MOST_BYTES,
    )
