"""The agents' desk, below a workspace's address."""

from django.urls import path

from conversations.desk.approvals import decisions, waiting_drafts
from conversations.desk.approvals import pages as approvals
from conversations.desk.conversation import handling
from conversations.desk.conversation import pages as conversation
from conversations.desk.counts import pages as counts
from conversations.desk.inbox import pages as inbox
from conversations.desk.preferences import pages as preferences
from conversations.desk.saved_replies import pages as saved_replies

app_name = "desk"
urlpatterns = [
    path("approvals/", approvals.index, name="approvals"),
    path("approvals/<uuid:reply_id>/", approvals.draft, name="draft"),
    path("approvals/<uuid:reply_id>/state/", approvals.state, name="draft-state"),
    path("approvals/<uuid:reply_id>/next/", approvals.next_draft, name="next-draft"),
    path("approvals/<uuid:reply_id>/previous/", approvals.previous_draft, name="previous-draft"),
    path("approvals/queue/", approvals.queue, name="queue"),
    path("approvals/held/", approvals.held, name="held"),
    path("replies/<uuid:reply_id>/approve/", decisions.approve, name="approve"),
    path(
        "replies/<uuid:reply_id>/approve-with-customer/", decisions.approve_with_customer, name="approve-with-customer"
    ),
    path("replies/<uuid:reply_id>/approve-edited/", decisions.approve_edited, name="approve-edited"),
    path("replies/<uuid:reply_id>/reject/", decisions.reject, name="reject"),
    path("replies/<uuid:reply_id>/regenerate/", decisions.regenerate, name="regenerate"),
    path("replies/<uuid:reply_id>/answer-by-hand/", decisions.answer_by_hand, name="answer-by-hand"),
    path("replies/<uuid:reply_id>/note/", decisions.leave_note, name="note-on-draft"),
    path("replies/<uuid:reply_id>/undo/", decisions.undo, name="undo"),
    path("replies/<uuid:reply_id>/carry-out/", decisions.carry_out, name="carry-out"),
    path("replies/<uuid:reply_id>/retry/", handling.retry, name="retry"),
    path("replies/<uuid:reply_id>/stop/", handling.stop, name="stop"),
    path("inbox/", inbox.index, name="inbox"),
    path("inbox/rows/", inbox.rows, name="inbox-rows"),
    path("inbox/close/", inbox.close, name="close-conversations"),
    path("inbox/<uuid:conversation_id>/", inbox.opened, name="inbox-conversation"),
    path("conversations/<uuid:conversation_id>/", conversation.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/thread/", conversation.thread, name="thread"),
    path("conversations/<uuid:conversation_id>/state/", conversation.state, name="conversation-state"),
    path("conversations/<uuid:conversation_id>/onlookers/", conversation.onlookers, name="onlookers"),
    path("conversations/<uuid:conversation_id>/reply/", handling.reply_by_hand, name="reply-by-hand"),
    path("conversations/<uuid:conversation_id>/note/", handling.leave_note, name="leave-note"),
    path("conversations/<uuid:conversation_id>/assign/", handling.assign, name="assign"),
    path("conversations/<uuid:conversation_id>/close/", handling.close, name="close"),
    path("conversations/<uuid:conversation_id>/reopen/", handling.reopen, name="reopen"),
    path("conversations/<uuid:conversation_id>/approve-customer/", handling.approve_customer, name="approve-customer"),
    path("conversations/<uuid:conversation_id>/block-customer/", handling.block_customer, name="block-customer"),
    path(
        "conversations/<uuid:conversation_id>/unreview-customer/", handling.unreview_customer, name="unreview-customer"
    ),
    path("approvals/waiting/", waiting_drafts.waiting_drafts, name="waiting-drafts"),
    path("counts/", counts.counts, name="counts"),
    path("saved-replies/", saved_replies.index, name="saved-replies"),
    path("saved-replies/new/", saved_replies.create, name="create-saved-reply"),
    path("saved-replies/<uuid:saved_reply_id>/", saved_replies.edit, name="saved-reply"),
    path("saved-replies/<uuid:saved_reply_id>/delete/", saved_replies.delete, name="delete-saved-reply"),
    path("conversations/<uuid:conversation_id>/saved-replies/", saved_replies.offered, name="saved-replies-for"),
    path("preferences/", preferences.edit, name="preferences"),
]
