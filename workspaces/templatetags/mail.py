from django import template
from django.conf import settings

register = template.Library()


@register.simple_tag
def mail_is_kept() -> bool:
    """Whether mails become files, because no mail server is set."""
    return bool(settings.EMAIL_FILE_PATH)
