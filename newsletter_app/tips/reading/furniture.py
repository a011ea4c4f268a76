"""The table of page furniture, in both languages: what stands around a tip on a web page and is no part of
it.
"""

import re

MAX_FURNITURE = 200

# Everything that follows one of these at the end of a page belongs to the page, not to the tip.
TAIL = frozenset({"food-for-thought", "appeal", "share", "subscribe", "choose-notices"})

_LINES = {
    "skip-link": r"(?:skip|jump) to (?:main )?content|(?:passer|aller) au contenu(?: principal)?",
    "share": r"share(?: this(?: \w{1,20})?| on \w{1,20})?\s?:?"
    r"|partage[rz](?: cet article| cette page| ce conseil)?\s?:?",
    "share-target": r"facebook|twitter|linkedin|pinterest|whatsapp|print(?: this (?:page|article|tip))?"
    r"|imprimer(?: cet article| cette page)?|copy (?:the )?link|copier le lien"
    r"|send by e-?mail|envoyer par courriel",
    "subscribe": r"(?:subscribe|sign up)(?: to| for) (?:our|the) (?:newsletter|infolettre)"
    r"|(?:abonnez-vous|s'abonner|inscrivez-vous) à (?:notre|l')\s?infolettre",
    "choose-notices": r"choose (?:the )?notices to receive\s?:?|choisissez les avis à recevoir\s?:?",
    "food-for-thought": r"food for thought\s?(?:…|\.{2,})?|matière à réflexion\s?(?:…|\.{2,})?",
    "appeal": r"we can'?t do it alone[.!]?|we cannot do it alone[.!]?|nous avons besoin de vous[.!]?"
    r"|nous ne pouvons pas (?:y arriver|le faire) seule?s[.!]?",
    "donate": r"donate(?: now| today)?|give now|faire un don|donnez(?: maintenant)?|je donne",
    "postal-address": r"(?:p\.?\s?o\.?\s?box|c\.?\s?p\.?|case postale)\s\d.*"
    r"|[^.!?]{0,100}\b[a-z]\d[a-z]\s?\d[a-z]\d(?:,? canada)?",
}
_TABLE = {code: re.compile(pattern, re.IGNORECASE) for code, pattern in _LINES.items()}


def furniture_code(text: str) -> str | None:
    """Which piece of furniture a tidy line is, or None. A line of more than 200 characters is none."""
    if not text or len(text) > MAX_FURNITURE:
        return None
    plain = text.replace("’", "'").replace("\u00a0", " ")
    return next((code for code, pattern in _TABLE.items() if pattern.fullmatch(plain)), None)
