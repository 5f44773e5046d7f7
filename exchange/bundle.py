"""Bundles: resources under addresses that are made from what they hold."""

from __future__ import annotations

import re
from typing import Any, Final

from exchange.element import Element, identity, instant

__all__ = ["Entries", "collection"]

_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")


class Entries:
    """Resources with their full URLs, all derived from *seed*."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._entries: list[dict[str, Any]] = []
        self._keys: dict[str, str] = {}

    def add(self, resource: Element, name: str) -> str:
        """Take in *resource*, called *name* if FHIR can write it, and return its full URL."""
        kind = resource["resourceType"]
        place = identity(self._seed, kind, name)
        own = name if _ID.fullmatch(name) else place
        url = f"urn:uuid:{place}"
        self._keys[url] = f"{kind}/{own}"
        self._entries.append(
            {"fullUrl": url, "resource": {"resourceType": kind, "id": own, **resource}}
        )
        return url

    def key(self, url: str) -> str:
        """Return the type and id of the resource with the full URL *url*: `Condition/dx1`."""
        return self._keys[url]

    def keep(self, url: str, resource: Element) -> None:
        """Take in *resource* as it came, under the address that it came with."""
        self._entries.append({"fullUrl": url, "resource": resource})

    @property
    def all(self) -> list[dict[str, Any]]:
        """The entries of a Bundle, in their order."""
        return self._entries


def collection(entries: Entries, seed: str, day: str | None, profile: str | None = None) -> Element:
    """Return the Bundle of *entries*; *day* is when it was put together."""
    name = identity(seed, "Bundle")
    return {
        "resourceType": "Bundle",
        "id": name,
        **({"meta": {"profile": [profile]}} if profile else {}),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{name}"},
        "type": "collection",
        **({"timestamp": instant(day)} if day else {}),
        "entry": entries.all,
    }
