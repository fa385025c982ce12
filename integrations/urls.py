from django.urls import path

from integrations.pages import (
    account,
    accounts,
    article_import,
    connect,
    domains,
    knowledge,
    requests,
    responders,
    tokens,
    try_it,
)

app_name = "integrations"
urlpatterns = [
    path("integrations/", accounts.index, name="accounts"),
    path("integrations/new/", accounts.create, name="create-account"),
    path("integrations/<uuid:account_id>/", account.settings, name="account"),
    path(
        "integrations/<uuid:account_id>/identity-secret/reveal/",
        account.reveal_identity_secret,
        name="reveal-identity-secret",
    ),
    path(
        "integrations/<uuid:account_id>/identity-secret/rotate/",
        account.rotate_identity_secret,
        name="rotate-identity-secret",
    ),
    path("integrations/<uuid:account_id>/tokens/", tokens.index, name="tokens"),
    path("integrations/<uuid:account_id>/tokens/rotate/", tokens.rotate, name="rotate-token"),
    path("integrations/<uuid:account_id>/tokens/<uuid:token_id>/reveal/", tokens.reveal, name="reveal-token"),
    path("integrations/<uuid:account_id>/tokens/<uuid:token_id>/revoke/", tokens.revoke, name="revoke-token"),
    path("integrations/<uuid:account_id>/retire/", tokens.retire, name="retire-account"),
    path("integrations/<uuid:account_id>/domains/", domains.index, name="domains"),
    path("integrations/<uuid:account_id>/domains/preview/", domains.preview, name="preview-domains"),
    path("integrations/<uuid:account_id>/refused-origins/<uuid:origin_id>/allow/", domains.allow, name="allow-origin"),
    path(
        "integrations/<uuid:account_id>/refused-origins/<uuid:origin_id>/dismiss/",
        domains.dismiss,
        name="dismiss-origin",
    ),
    path("integrations/<uuid:account_id>/try-it/", try_it.index, name="try-it"),
    path("integrations/<uuid:account_id>/connect/", connect.index, name="connect"),
    path("integrations/<uuid:account_id>/requests/", requests.index, name="requests"),
    path("responders/", responders.index, name="responders"),
    path("responders/new/", responders.choose, name="choose-responder"),
    path("responders/new/<slug:kind>/", responders.create, name="create-responder"),
    path("responders/<uuid:responder_id>/", responders.edit, name="responder"),
    path("responders/<uuid:responder_id>/test/", responders.test, name="test-responder"),
    path("responders/<uuid:responder_id>/new-secret/", responders.new_secret, name="new-signing-secret"),
    path("responders/<uuid:responder_id>/delete/", responders.delete, name="delete-responder"),
    path("knowledge/", knowledge.index, name="knowledge"),
    path("knowledge/new/", knowledge.create, name="create-article"),
    path("knowledge/import/", article_import.index, name="import-articles"),
    path("knowledge/<uuid:article_id>/", knowledge.edit, name="article"),
    path("knowledge/<uuid:article_id>/delete/", knowledge.delete, name="delete-article"),
]
