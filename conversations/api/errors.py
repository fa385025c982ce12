"""Errors of the public API: a status, a stable code, and words that say what to do. docs/api.md lists them."""

from typing import Any


class ApiError(Exception):
    def __init__(
        self, status: int, code: str, message: str, *, param: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.headers = headers or {}

    def as_json(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message, "param": self.param}}


def invalid(param: str, message: str, *, code: str = "invalid_parameter") -> ApiError:
    return ApiError(400, code, message, param=param)


def missing(param: str, what: str) -> ApiError:
    return invalid(param, f"{param} is missing: {what}", code="missing_parameter")


def unavailable() -> ApiError:
    message = "The service is busy or cannot reach its database right now. Try again in a few seconds."
    return ApiError(503, "unavailable", message, headers={"Retry-After": "5"})
