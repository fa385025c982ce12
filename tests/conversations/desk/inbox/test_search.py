"""Finding conversations by their key and by words, in both ways that the search knows."""

import asyncio

import pytest
from django.db import connection

from conversations import store
from conversations.desk.inbox import lists, search
from conversations.desk.inbox.excerpts import excerpt
from conversations.desk.inbox.search import Question
from conversations.store import database
from tests.factories import AccountFactory, ConversationFactory
from tests.factories import desk_states as states

pytestmark = pytest.mark.django_db


@pytest.fixture
def elsewhere(world):
    return AccountFactory(workspace=world.elsewhere)


@pytest.fixture(params=["by the index", "through the conversations"])
def way(request, monkeypatch):
    """Each test runs in both ways; they must not differ in what they find."""
    if request.param == "through the conversations":
        monkeypatch.setattr(search, "FEW", -1)


def saying(account, *bodies):
    conversation = ConversationFactory(account=account)
    for body in bodies:
        states.say(conversation, body)
    return conversation


def found(account, text, **options):
    return [key.conversation_id for key in search.by_words(account.workspace, Question.of(text), **options).page.keys]


@pytest.mark.parametrize(
    "text",
    [
        "parcel",
        "PARCEL",
        "parc",
        "where parcel",
        "parcel where",
        "“parcel”",
        "A-1042",
        "1042",
        "mina@shop.example",
        "shop",
        "été",
        "don’t",
        "don't",
        "weeks…",
        "(tracking)",
        "50%",
        "path/to",
        "under_score",
    ],
)
def test_a_message_is_found_by_its_words(account, way, text):
    body = "Where is my “Parcels”—order A-1042? Mail to mina@shop.example. L’été, don’t, 3 weeks… (tracking) 50% "
    wanted = saying(account, "Hello.", body + "https://x.example/path/to under_score")
    saying(account, "Something else")

    assert found(account, text) == [wanted.pk]


@pytest.mark.parametrize("text", ["parcel lorry", "arcel", "wo", "'", "%", "___", "\x00"])
def test_what_is_not_there_is_not_found(account, way, text):
    saying(account, "Where is my parcel?")
    assert found(account, "parcel") != []

    assert found(account, text) == []


@pytest.mark.parametrize("text", ["parcel' | 'x", "parcel & !x:*", "parcel:*", "!parcel", "parcel <-> ", "par%"])
def test_what_means_something_to_the_database_is_only_text(account, way, text):
    wanted = saying(account, "Where is my parcel?")
    saying(account, "The x on the map")

    assert set(found(account, text)) <= {wanted.pk}


def test_a_search_stays_in_its_workspace(account, elsewhere, way):
    ours, theirs = saying(account, "A secret parcel"), saying(elsewhere, "A secret parcel")

    assert found(account, "secret") == [ours.pk]
    assert found(elsewhere, "secret") == [theirs.pk]
    assert found(account, f"w{theirs.workspace_id.hex}") == []
    assert found(account, f"w{ours.workspace_id.hex}") in ([], [ours.pk])


def test_a_key_is_found_in_its_workspace_only(account, elsewhere):
    ours = ConversationFactory(account=account, external_id="customer-42")
    ConversationFactory(account=elsewhere, external_id="customer-42")

    assert search.by_key(account.workspace, Question.of("customer-42")) == [ours.pk]


def test_a_key_is_found_by_its_beginning_and_the_whole_one_comes_first(account):
    second = AccountFactory(workspace=account.workspace)
    for number in range(20):
        ConversationFactory(account=account, external_id=f"customer-4{number:03}")
    whole = ConversationFactory(account=second, external_id="customer-4")
    ConversationFactory(account=second, external_id="xcustomer-4")
    ConversationFactory(account=second, external_id="Customer-4")

    found = search.by_key(account.workspace, Question.of(" customer-4 "))

    assert len(found) == search.SAME_KEY
    assert found[0] == whole.pk


@pytest.mark.parametrize("key", ["100%", "a_b", "back\\slash", "quo'te", "Åsa"])
def test_a_key_is_taken_word_by_word(account, key):
    wanted = ConversationFactory(account=account, external_id=key)
    ConversationFactory(account=account, external_id="100x aXb")

    assert search.by_key(account.workspace, Question.of(key)) == [wanted.pk]


def test_the_newest_conversation_comes_first_with_its_newest_match(account, way):
    first = saying(account, "My parcel, please", "No parcel yet", "Thanks")
    second = saying(account, "A parcel")
    states.say(first, "Bye")

    result = search.by_words(account.workspace, Question.of("parcel"))

    assert [key.conversation_id for key in result.page.keys] == [first.pk, second.pk]
    assert result.bodies == {first.pk: "No parcel yet", second.pk: "A parcel"}
    assert result.is_complete


def test_results_are_paged(account, way, monkeypatch):
    monkeypatch.setattr(search, "PAGE", 3)
    made = [saying(account, "parcel").pk for _ in range(8)]

    seen, after = [], None
    while after or not seen:
        result = search.by_words(account.workspace, Question.of("parcel"), after=after)
        seen += [key.conversation_id for key in result.page.keys]
        after = result.page.older

    assert seen == made[::-1]


def test_a_search_that_did_not_reach_the_end_goes_on_from_there(account, monkeypatch):
    """Where many messages match, but not among the newest conversations, each page looks through so many."""
    monkeypatch.setattr(search, "FEW", 1)
    monkeypatch.setattr(search, "WALKED", 3)
    wanted = [saying(account, "parcel").pk for _ in range(2)]
    for _ in range(7):
        saying(account, "something else")

    pages, after = [], None
    while after or not pages:
        result = search.by_words(account.workspace, Question.of("parcel"), after=after)
        pages.append(([key.conversation_id for key in result.page.keys], result.is_complete))
        after = result.page.older

    assert pages == [([], False), ([], False), (wanted[::-1], False), ([], True)]


def test_common_words_that_turn_out_to_be_rare_are_looked_up(account, monkeypatch):
    """The estimate may be wrong: what going through the newest conversations does not find, the index does."""
    monkeypatch.setattr(search, "WALKED", 3)
    monkeypatch.setattr(search._Search, "expected", lambda self: 1_000_000.0)
    wanted = saying(account, "parcel")
    for _ in range(7):
        saying(account, "something else")

    result = search.by_words(account.workspace, Question.of("parcel"))

    assert [key.conversation_id for key in result.page.keys] == [wanted.pk]
    assert result.is_complete


def test_a_long_message_is_stored_and_found_by_its_beginning(account):
    conversation = saying(account, "parcel " + "".join(f"word{number} " for number in range(60_000)))

    assert found(account, "word7") == [conversation.pk]
    assert found(account, "word59999") == []


def test_the_index_of_words_is_used(account):
    saying(account, "parcel")
    found = "SELECT 1 FROM conversations_message WHERE message_words_1(workspace_id, body) @@ 'parcel'::tsquery"

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {found}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "message_by_word" in plan


@pytest.mark.django_db(transaction=True)
def test_new_words_are_taken_into_the_index_ahead_of_time(account):
    saying(account, "parcel")

    async def sort():
        await store.sort_words()
        await database.close()

    asyncio.run(sort())

    with connection.cursor() as cursor:
        cursor.execute("SELECT gin_clean_pending_list('message_by_word')")
        assert cursor.fetchone() == (0,)
        saying(account, "another parcel")
        cursor.execute("SELECT gin_clean_pending_list('message_by_word')")
        assert cursor.fetchone() > (0,)


def test_a_page_of_a_search_has_a_bounded_number_of_queries(account, way, django_assert_max_num_queries):
    for _ in range(5):
        saying(account, "parcel")

    with django_assert_max_num_queries(4):
        search.by_words(account.workspace, Question.of("parcel"))
    with django_assert_max_num_queries(1):
        search.by_key(account.workspace, Question.of("parcel"))


@pytest.mark.parametrize(
    ("body", "words", "expected"),
    [
        ("My parcels\n\nare late", ["parc"], "My [parcels] are late"),
        ("A parcel, unparceled, PARCEL", ["parcel"], "A [parcel], unparceled, [PARCEL]"),
        ("Nothing here", ["parcel"], "Nothing here"),
        ("x" * 30 + " word " * 20 + "parcel " + "y" * 300, ["parcel"], None),
    ],
)
def test_an_excerpt_shows_the_words_in_their_place(body, words, expected):
    shown = "".join(f"[{piece.text}]" if piece.is_match else piece.text for piece in excerpt(body, words))

    if expected is None:
        assert "[parcel]" in shown
        assert shown.startswith("…") and shown.endswith("…")
        assert len(shown) < 190
    else:
        assert shown == expected


def test_a_question_keeps_what_can_be_looked_for():
    assert Question.of("  a parcel, a Parcel!  ").words == ("parcel", "Parcel")
    assert Question.of("a").words == ("a",)
    assert Question.of("!?").words == ()
    assert not Question.of("  ")
    assert len(Question.of("x" * 1_000).text) == search.LONGEST
    assert len(Question.of(" ".join(f"w{n}" for n in range(50))).words) == search.MOST_WORDS


def test_the_size_of_a_page_is_that_of_the_inbox():
    assert search.PAGE == lists.PAGE
