from integrations.models.account import IntegrationAccount
from integrations.models.article import Article
from integrations.models.refused_origin import RefusedOrigin
from integrations.models.request_record import RequestRecord
from integrations.models.responder import Responder
from integrations.models.token import IntegrationToken

__all__ = ["Article", "IntegrationAccount", "IntegrationToken", "RefusedOrigin", "RequestRecord", "Responder"]
