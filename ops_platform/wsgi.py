"""The door for web servers."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from ops_platform.guard import refuse_privileged_roles

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ops_platform.settings")

application = get_wsgi_application()
refuse_privileged_roles()
