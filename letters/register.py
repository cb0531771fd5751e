"""The register: which authorities there are, who holds which post, who inspects."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints

from letters.errors import LettersError
from letters.letter import Authority, Frozen, Line, Slug

EVERY_AUTHORITY = "*"

EmailAddress = Annotated[
    str,
    StringConstraints(
        pattern=r"^[A-Za-z0-9._%+'-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+$", max_length=254
    ),
]


class RegisterError(LettersError):
    """A file of the register is missing or can't be understood."""

    code = "register-invalid"


class Contact(Frozen):
    """Who holds a post at an authority (`*` for every one), and the address to write to."""

    authority: str
    role: Slug
    name: Line
    email: EmailAddress | None
    """None where the register has no address: such a post can't be written to."""


class Inspector(Frozen):
    """An HMI. `sample` inspectors sign with a software key, for trying out and tests only."""

    id: Slug
    name: Line
    email: EmailAddress
    sample: bool = False


class Register(Frozen):
    """What the office knows of the people outside and inside it, at one moment."""

    authorities: tuple[Authority, ...]
    contacts: tuple[Contact, ...]
    inspectors: tuple[Inspector, ...]

    def authority(self, code_or_name: str) -> Authority | None:
        """Find an authority by code, name or short name, whatever the case."""
        wanted = code_or_name.casefold()
        for authority in self.authorities:
            known = (authority.code, authority.name, authority.short_name)
            if wanted in (name.casefold() for name in known):
                return authority
        return None

    def contacts_for(self, authority_code: str) -> tuple[Contact, ...]:
        """List the posts at an authority, those that stand for every authority last."""
        own = [contact for contact in self.contacts if contact.authority == authority_code]
        shared = [contact for contact in self.contacts if contact.authority == EVERY_AUTHORITY]
        return (*own, *shared)

    def contact(self, authority_code: str, role: str, name: str) -> Contact | None:
        """Find who holds a post: the role and the printed name must both agree."""
        for contact in self.contacts_for(authority_code):
            if contact.role == role and contact.name == name:
                return contact
        return None

    def inspector(self, inspector_id: str) -> Inspector | None:
        """Find an inspector by id."""
        return next((i for i in self.inspectors if i.id == inspector_id), None)

    def inspector_named(self, name: str) -> Inspector | None:
        """Find the inspector whose printed name is exactly `name`."""
        return next((i for i in self.inspectors if i.name == name), None)
