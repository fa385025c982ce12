"""The two endpoints as a FastAPI team would write them: SQLAlchemy 2 on asyncpg, Pydantic, sse-starlette."""
