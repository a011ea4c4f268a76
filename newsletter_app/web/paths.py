"""The public addresses, English and French side by side; every link on a page is built from this table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from flask import Blueprint, request, url_for

from newsletter_app.kernel.languages import LANGUAGES, Language, other
from newsletter_app.web.language import current_language
from newsletter_app.web.ports import ports

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "home": ("/", "/fr/"),
    "subscribe": ("/subscribe", "/fr/abonnement"),
    "embed": ("/embed", "/fr/integrer"),
    "embedded_form": ("/embed/form", "/fr/integrer/formulaire"),
    "sheet": ("/embed/sheet", "/fr/integrer/feuille"),
    "sent": ("/subscribe/sent/<token>", "/fr/abonnement/envoi/<token>"),
    "change": ("/change", "/fr/changer"),
    "library": ("/tips", "/fr/conseils"),
    "tip": ("/tips/<name>", "/fr/conseils/<name>"),
    "print": ("/tips/<name>/print", "/fr/conseils/<name>/imprimer"),
    "useful": ("/useful/<int:tip_id>", "/fr/utile/<int:tip_id>"),
    "short": ("/<int:number>", "/fr/<int:number>"),
    "topic": ("/topics/<slug>", "/fr/sujets/<slug>"),
    "privacy": ("/privacy", "/fr/confidentialite"),
    "atom_feed": ("/feeds/<key>.atom", "/fr/fils/<key>.atom"),
    "json_feed": ("/feeds/<key>.json", "/fr/fils/<key>.json"),
}
BLUEPRINT: Final = "public"

View = TypeVar("View", bound=Callable[..., Any])


def bilingual(blueprint: Blueprint, name: str, *methods: str) -> Callable[[View], View]:
    """Register a view under both of its addresses; it takes no language, ``current_language()`` knows it."""

    def register(view: View) -> View:
        for language, path in zip(("en", "fr"), PAGES[name], strict=True):
            blueprint.add_url_rule(
                path, name, view, defaults={"language": language}, methods=methods or ("GET",)
            )
        return view

    return register


def page_url(page: str, language: Language | None = None, /, **values: Any) -> str:
    """Return the local address of a bilingual page, in the language of the present page unless told."""
    return url_for(f"{BLUEPRINT}.{page}", language=language or current_language(), **values)


def absolute(path: str) -> str:
    """Return a local address as the rest of the world spells it; never built from a request's Host (S19)."""
    return ports().settings.public_url + path


def addresses() -> dict[Language, str]:
    """Return the present page's absolute address in each language; none where it has no such pair."""
    name = (request.endpoint or "").removeprefix(f"{BLUEPRINT}.")
    values = request.view_args or {}
    if name not in PAGES or "token" in values or not _is_shown():
        return {}
    return {language: absolute(page_url(name, language, **values)) for language in LANGUAGES}


def other_side_url() -> str:
    """Return the address of the present page in the other language (same page, same token)."""
    wanted = other(current_language())
    endpoint = request.endpoint or ""
    name = endpoint.removeprefix(f"{BLUEPRINT}.")
    if not _is_shown():
        return page_url("home", wanted)
    if name in PAGES:
        return page_url(name, wanted, **(request.view_args or {}))
    if endpoint.startswith((f"{BLUEPRINT}.", "staff.")):
        return url_for(endpoint, **(request.view_args or {}), lang=wanted)
    return page_url("home", wanted)


def _is_shown() -> bool:
    """Tell whether the present address can be looked at; an error may answer one that only takes a press."""
    return "GET" in ((request.url_rule and request.url_rule.methods) or ())


def is_local(path: str) -> bool:
    """Tell whether ``path`` leads to this site whatever a browser makes of it (no open redirect)."""
    return (
        path.startswith("/")
        and not path.startswith("//")
        and "\\" not in path
        and path.isascii()
        and path.isprintable()
    )
