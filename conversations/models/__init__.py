from conversations.models.conversation import Conversation
from conversations.models.desk import DeskPreferences, SavedReply
from conversations.models.draft import EarlierDraft
from conversations.models.message import Message
from conversations.models.note import Note
from conversations.models.presence import Reading, Viewing
from conversations.models.reply import Reply

__all__ = [
    "Conversation",
    "DeskPreferences",
    "EarlierDraft",
    "Message",
    "Note",
    "Reading",
    "Reply",
    "SavedReply",
    "Viewing",
]
