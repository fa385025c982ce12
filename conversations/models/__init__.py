from conversations.models.conversation import Conversation
from conversations.models.message import Message
from conversations.models.note import Note
from conversations.models.reply import Reply

__all__ = ["Conversation", "Message", "Note", "Reply"]
