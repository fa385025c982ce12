"""`manage.py`: what an operator can mend ends a command with one line, and without a trace."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import OperationalError

from lumika.embedded_postgres import EmbeddedPostgresError


def run(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumika.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reads all settings; Django itself would go on without them
        _execute(arguments)
    except ImproperlyConfigured as error:
        sys.exit(str(error))


def _execute(arguments: list[str]) -> None:
    from lumika import reachability  # needs settings

    try:
        execute_from_command_line(arguments)
    except (OperationalError, EmbeddedPostgresError) as error:
        if not reachability.is_unreachable(error):
            raise
        sys.exit(reachability.database_fault(error))
