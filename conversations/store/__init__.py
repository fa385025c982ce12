"""The SQL of the conversation API, one function a statement. Each borrows a connection for that statement only.

The rules that must hold under concurrency live in the database (``conversations/sql/``): a function there sees what
was committed before it got the conversation's row lock, which one big statement would not.
"""

from conversations.store.accepting import Accepted, Context, accept, context
from conversations.store.accounts import (
    Account,
    account_of_token,
    count_refused,
    is_issued,
    mark_unsigned_ids,
    mark_used,
    working_tokens,
)
from conversations.store.articles import find_articles
from conversations.store.failure import STOPPED, Failure
from conversations.store.finishing import Finished, finish
from conversations.store.leases import (
    MAX_ATTEMPTS,
    Claim,
    database_time,
    hand_back,
    renew,
    start_over,
    start_waiting,
    take_over,
)
from conversations.store.messages import HistoryPage, Page, PublishedMessage, history, sort_words, timestamp
from conversations.store.releasing import release_due
from conversations.store.replies import ReplyState, changed_replies, mark_delivered, reply_state
from conversations.store.requests import RequestNote, forget_old_requests, record_requests
from conversations.store.stopping import Stopped, end_stopped, stop

__all__ = [
    "MAX_ATTEMPTS",
    "STOPPED",
    "Accepted",
    "Account",
    "Claim",
    "Context",
    "Failure",
    "Finished",
    "HistoryPage",
    "Page",
    "PublishedMessage",
    "ReplyState",
    "RequestNote",
    "Stopped",
    "accept",
    "account_of_token",
    "changed_replies",
    "context",
    "count_refused",
    "database_time",
    "end_stopped",
    "find_articles",
    "finish",
    "forget_old_requests",
    "hand_back",
    "history",
    "is_issued",
    "mark_delivered",
    "mark_unsigned_ids",
    "mark_used",
    "record_requests",
    "release_due",
    "renew",
    "reply_state",
    "sort_words",
    "start_over",
    "start_waiting",
    "stop",
    "take_over",
    "timestamp",
    "working_tokens",
]
