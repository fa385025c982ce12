"""What all three contenders are asked: the same account, conversation and questions."""

from collections.abc import Iterator

ALLOWED_DOMAINS = ["shop.example", "*.shop.example"]
ORIGIN = "https://www.shop.example"
MODEL = "bench-model"
LONG_CONVERSATION = "bench-long"
LONG_CONVERSATION_MESSAGES = 200
POLLED_MESSAGES = 2
TURNS_PER_CONVERSATION = 10
QUESTION = "How long does the delivery of order {number} take, and can I still change its address?"


def long_conversation() -> Iterator[tuple[str, str]]:
    """Actor and body of each message of the conversation that is polled."""
    for number in range(LONG_CONVERSATION_MESSAGES // 2):
        yield "customer", QUESTION.format(number=number)
        yield "assistant", f"Order {number} arrives within three working days; the address can be changed until then."
