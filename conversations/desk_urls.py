"""The agents' desk, below a workspace's address."""

from django.urls import path

from conversations.pages import approvals, decisions

app_name = "desk"
urlpatterns = [
    path("approvals/", approvals.index, name="approvals"),
    path("approvals/<uuid:reply_id>/", approvals.draft, name="draft"),
    path("approvals/<uuid:reply_id>/state/", approvals.state, name="draft-state"),
    path("approvals/queue/", approvals.queue, name="queue"),
    path("replies/<uuid:reply_id>/approve/", decisions.approve, name="approve"),
    path(
        "replies/<uuid:reply_id>/approve-with-customer/", decisions.approve_with_customer, name="approve-with-customer"
    ),
    path("replies/<uuid:reply_id>/approve-edited/", decisions.approve_edited, name="approve-edited"),
    path("replies/<uuid:reply_id>/reject/", decisions.reject, name="reject"),
    path("replies/<uuid:reply_id>/regenerate/", decisions.regenerate, name="regenerate"),
    path("replies/<uuid:reply_id>/undo/", decisions.undo, name="undo"),
    path("replies/<uuid:reply_id>/carry-out/", decisions.carry_out, name="carry-out"),
]
