"""People: one account per e-mail address, one role each."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone


class Role(models.TextChoices):
    """What a person may do beyond learning. Every role includes learning."""

    LEARNER = "learner", "Learner"
    REVIEWER = "reviewer", "Reviewer"
    AUTHOR = "author", "Author"
    ADMIN = "admin", "Administrator"


class UserManager(BaseUserManager["User"]):
    """Creates accounts by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An account; without a password nobody can sign in to it until one is set by reset."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An administrator (for `manage.py createsuperuser`)."""
        return self.create_user(email, password, **{"role": Role.ADMIN, "is_superuser": True, **fields})


class User(AbstractBaseUser, PermissionsMixin):
    """One person. The e-mail address is the login name and is kept in lower case."""

    email = models.EmailField("e-mail address", unique=True)
    display_name = models.CharField(max_length=80, blank=True, help_text="Shown to others and on certificates.")
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.LEARNER, db_index=True)
    is_active = models.BooleanField("active", default=True, help_text="Unset instead of deleting.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_account_per_address"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="role_is_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """How the person is addressed: the display name, or what stands before the @."""
        return self.display_name or self.email.partition("@")[0]

    @property
    def is_staff(self) -> bool:
        """Whether the administration pages are open to them."""
        return self.role == Role.ADMIN

    @property
    def can_review(self) -> bool:
        """Whether the reviewer's queue is open to them."""
        return self.role in {Role.REVIEWER, Role.ADMIN}

    def get_full_name(self) -> str:
        """Django's name for `name`."""
        return self.name

    def get_short_name(self) -> str:
        """Django's name for `name`."""
        return self.name
