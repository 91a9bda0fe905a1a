"""`manage.py found_organization`: the first organization of an installation, or another one, with its owner."""

from __future__ import annotations

import getpass
import os
import secrets
import sys
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import BaseCommand, CommandError
from django.core.management.base import CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError
from django.utils.text import slugify

from organization.engine.names import sort_key
from organization.models import User
from organization.services.organizations import found_with_owner

PASSWORD = "OWNER_PASSWORD"  # noqa: S105  # the name of a variable


class Command(BaseCommand):
    help = (
        "Found an organization with its owner, who then invites everybody else in the browser. "
        f"The password is read from {PASSWORD} or asked for; somebody who has an account keeps theirs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help='what it is called, such as "Yunhe Home Goods"')
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who signs in first and holds every right")
        parser.add_argument("--owner-name", default="", help="default: the part of the address before the @")
        parser.add_argument("--name-zh", default="", help="the name in Chinese")
        parser.add_argument("--slug", default="", help="short name, unique (default: made of the name)")
        parser.add_argument("--timezone", default="UTC", help="where its days begin and end, such as Asia/Shanghai")
        parser.add_argument("--language", default="en", choices=[code for code, _name in settings.LANGUAGES])
        parser.add_argument("--currency", default="USD", help="three letters (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        email = _email(options["owner"])
        slug = options["slug"] or slugify(sort_key(options["name"]))[:50]
        facts = {
            "name_zh": options["name_zh"],
            "timezone": _zone(options["timezone"]),
            "language": options["language"],
            "currency": _currency(options["currency"]),
        }
        if not options["name"].strip() or len(options["name"]) > 200:
            raise CommandError("The name has between 1 and 200 characters.")
        if not slug or slug != slugify(slug) or len(slug) > 50:
            raise CommandError("Name a --slug of small letters, digits and hyphens, at most 50.")
        is_known = User.objects.filter(email=email).exists()
        chosen = "" if is_known else self._password(email, options["owner_name"])
        password = chosen or secrets.token_urlsafe(12)
        person = options["owner_name"] or email.partition("@")[0]
        try:
            found_with_owner(name=options["name"], slug=slug, email=email, person=person, password=password, **facts)
        except IntegrityError as error:
            raise CommandError(f"There is an organization called {slug}; name another --slug.") from error
        self.stdout.write(f"{options['name']} is founded; {email} may sign in.")
        if not is_known and not chosen:
            self.stdout.write(f"Password: {password}  (it is not shown again)")

    def _password(self, email: str, name: str) -> str:
        password = os.environ.get(PASSWORD, "")
        if not password and sys.stdin.isatty():
            password = getpass.getpass(f"Password for {email} (empty makes one): ")
            if password and getpass.getpass("Once more: ") != password:
                raise CommandError("The two passwords differ. Nothing was made.")
        if not password:
            return ""
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        return password


def _email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CommandError(f"{text!r} is no e-mail address.") from error
    return text.lower()


def _zone(name: str) -> str:
    if name not in available_timezones():
        raise CommandError(f"There is no time zone called {name!r}; write one such as Asia/Shanghai or Europe/Berlin.")
    return name


def _currency(code: str) -> str:
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise CommandError(f"{code!r} is no currency; write three letters such as CNY or EUR.")
    return code.upper()
