"""Objects for tests. Every tenant object follows its parent's workspace."""

import factory
from factory.django import DjangoModelFactory

from conversations.models import Conversation
from integrations.models import Article, IntegrationAccount, RefusedOrigin, Responder
from workspaces.models import Membership, Role, User, Workspace
from workspaces.sign_in.addresses import vouch_for


class UserFactory(DjangoModelFactory):
    """A person whose address is confirmed, as it is of everybody who was let in."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person-{n}@example.com")
    name = factory.Faker("first_name")

    @factory.post_generation
    def is_confirmed(user, create, extracted, **kwargs):  # noqa: N805 - factory_boy hands over the user
        if create and extracted is not False:
            vouch_for(user)


class WorkspaceFactory(DjangoModelFactory):
    class Meta:
        model = Workspace

    name = factory.Sequence(lambda n: f"Workspace {n}")
    slug = factory.Sequence(lambda n: f"workspace-{n}")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    workspace = factory.SubFactory(WorkspaceFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.AGENT


class ResponderFactory(DjangoModelFactory):
    class Meta:
        model = Responder

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Responder {n}")


class ArticleFactory(DjangoModelFactory):
    class Meta:
        model = Article

    workspace = factory.SubFactory(WorkspaceFactory)
    title = factory.Sequence(lambda n: f"Article {n}")
    body = "A body."


class AccountFactory(DjangoModelFactory):
    """An API account in auto mode without a responder; ``account.token`` is its first token in clear text."""

    class Meta:
        model = IntegrationAccount

    workspace = factory.SubFactory(WorkspaceFactory)
    name = factory.Sequence(lambda n: f"Account {n}")
    kind = "api"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        account, token = model_class.objects.open(*args, **kwargs)
        account.token = token
        return account


class RefusedOriginFactory(DjangoModelFactory):
    class Meta:
        model = RefusedOrigin

    account = factory.SubFactory(AccountFactory)
    workspace = factory.SelfAttribute("account.workspace")
    origin = factory.Sequence(lambda n: f"https://shop-{n}.example")


class ConversationFactory(DjangoModelFactory):
    class Meta:
        model = Conversation

    account = factory.SubFactory(AccountFactory)
    workspace = factory.SelfAttribute("account.workspace")
    external_id = factory.Sequence(lambda n: f"customer-{n}")
