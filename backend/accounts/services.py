"""Creating accounts outside the sign-up page, and changing names and roles."""

from __future__ import annotations

import secrets

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import transaction

from backend.accounts.models import Role, User

_UNSAFE_IN_NAMES = {"\u200b", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067"}


class InvalidName(ValueError):
    """A display name that cannot be used; the message says why."""


class RoleChangeRefused(Exception):
    """A role change that would lock everybody out or give oneself rights."""


@transaction.atomic
def create_first_administrator(*, email: str) -> tuple[User, str] | None:
    """An administrator with a random password, with that password; None when there is an administrator already."""
    if User.objects.filter(role=Role.ADMIN).exists():
        return None
    password = secrets.token_urlsafe(15)
    user = User.objects.create_superuser(email, password, display_name="Administrator")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user, password


def rename(*, user: User, display_name: str) -> User:
    """Change how a person is shown to others.

    Raises:
        InvalidName: longer than 80 characters, or with characters that do not print.
    """
    name = " ".join(display_name.split())
    if len(name) > 80:
        raise InvalidName("A name may have 80 characters.")
    if any(not character.isprintable() or character in _UNSAFE_IN_NAMES for character in name):
        raise InvalidName("A name may only have characters that can be printed.")
    user.display_name = name
    user.save(update_fields=["display_name"])
    return user


@transaction.atomic
def change_role(*, user: User, role: str, by: User) -> User:
    """Give a person another role; sessions keep running, rights follow at once.

    Raises:
        RoleChangeRefused: `by` is no administrator, changes their own role, or `user` is the last administrator.
        ValidationError: no such role.
    """
    if role not in Role.values:
        raise ValidationError(f"There is no role “{role}”.")
    if by.role != Role.ADMIN or by.pk == user.pk:
        raise RoleChangeRefused("Only another administrator can change this role.")
    administrators = User.objects.select_for_update().filter(role=Role.ADMIN, is_active=True)
    if role != Role.ADMIN and {person.pk for person in administrators} == {user.pk}:
        raise RoleChangeRefused("This is the last administrator.")
    user.role = role
    user.is_superuser = role == Role.ADMIN
    user.save(update_fields=["role", "is_superuser"])
    return user
