"""What doctor says of the DNS: for each code what was found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PUBLISH: Final = "publish it as `flask doctor records` prints it; it may take an hour until everybody sees it"
AGAIN: Final = "look whether this machine reaches its name server, then run `flask doctor` again"
DNS_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "spf-ok": ("SPF of {subject} can be evaluated, with {lookups} of 10 look-ups: {record}", ""),
    "spf-missing": ("SPF: {subject} has no record, so no server may send for it", PUBLISH),
    "spf-several": (
        "SPF: {where} has more than one record, which counts as none",
        "put all that they name into one record and delete the others",
    ),
    "spf-syntax": (
        "SPF of {subject} cannot be read at “{where}”, so it counts for nobody",
        "correct that word; `flask doctor records` prints a record that can be read",
    ),
    "spf-include-missing": (
        "SPF of {subject} includes {where}, which has no SPF record, so the whole counts for nobody",
        "take that include out, or ask its provider for the right name",
    ),
    "spf-too-many-lookups": (
        "SPF of {subject} needs more than 10 look-ups, so it counts for nobody (RFC 7208 section 4.6.4)",
        "take out includes of services that send nothing for this domain, or use a bounce domain of its own",
    ),
    "spf-too-many-voids": (
        "SPF of {subject} names more than two hosts that are not there (as {where}), so it is void",
        "take out what is gone",
    ),
    "spf-nobody": ("SPF of {subject} lets nobody send: {record}", PUBLISH),
    "spf-anybody": (
        "SPF of {subject} lets anybody send: {record}",
        "let it end with ~all, so that others cannot use your name",
    ),
    "spf-open-end": (
        "SPF of {subject} does not say what to think of other servers: {record}",
        "let it end with ~all",
    ),
    "spf-server-ok": ("SPF lets {server} ({addresses}) send for {subject}", ""),
    "spf-server-unnamed": (
        "SPF of {subject} does not name {server} ({addresses})",
        "if your provider sends from other addresses, as most do, see that its include: stands in the record;"
        " if not, add what `flask doctor records` prints",
    ),
    "spf-server-unasked": ("SPF: the addresses of {subject} could not be asked ({why})", AGAIN),
    "spf-unasked": ("SPF: {subject} could not be asked ({why})", AGAIN),
    "dkim-ok": ("DKIM: {subject} holds our key", ""),
    "dkim-none": (
        "DKIM: no key signs, so mail from {subject} leaves unsigned",
        "flask dkim new, publish its record, then flask dkim use; also where your provider signs as well",
    ),
    "dkim-key-refused": ("DKIM: a key cannot sign: {why}", "see `flask dkim list`"),
    "dkim-missing": (
        "DKIM: there is no record {subject}, so signatures by {selector} count for nothing",
        PUBLISH,
    ),
    "dkim-several": (
        "DKIM: there is more than one record {subject}",
        "keep the one that `flask dkim list` prints",
    ),
    "dkim-differs": (
        "DKIM: the record {subject} is not that of our key (its {tag}= differs), so signatures fail",
        "publish the record of `flask dkim list` in its place; a form wants it as one text without quotes",
    ),
    "dkim-testing": (
        "DKIM: {subject} says t=y, which asks others to ignore it",
        "take t=y out of the record",
    ),
    "dkim-unasked": ("DKIM: {subject} could not be asked ({why})", AGAIN),
    "dmarc-ok": ("DMARC: {subject} asks for “{policy}”: {record}", ""),
    "dmarc-missing": ("DMARC: there is no record {subject}, nor one above it", PUBLISH),
    "dmarc-several": (
        "DMARC: there is more than one record {subject}, which counts as none",
        "delete all but one",
    ),
    "dmarc-faulty": (
        "DMARC: {subject} names no policy that is known: {record}",
        "write p=none, p=quarantine or p=reject",
    ),
    "dmarc-unasked": ("DMARC: {subject} could not be asked ({why})", AGAIN),
    "bounce-aligned": ("The bounce domain {subject} and {from_domain} belong together", ""),
    "bounce-unaligned": (
        "The bounce domain {subject} does not count for {from_domain}, so only DKIM proves who sends",
        "let BOUNCE_DOMAIN be a name under the domain of MAIL_FROM, and DMARC say no aspf=s",
    ),
    "bounce-unasked": (
        "Whether bounce domain and sender belong together could not be asked ({subject}: {why})",
        AGAIN,
    ),
    "mx-ok": ("MX: mail to {subject} goes to {hosts}", ""),
    "mx-missing": (
        "MX: no mail can reach {subject}, so bounces are lost and many servers refuse its mail",
        PUBLISH,
    ),
    "mx-null": ("MX: {subject} says that it takes no mail, so bounces are lost", PUBLISH),
    "mx-dead": (
        "MX: mail to {subject} would go to {hosts}, which has no address",
        "correct the name in the MX record",
    ),
    "mx-address-only": (
        "MX: {subject} has no MX record; bounces go to its address",
        "publish an MX record, if a mail server listens there",
    ),
    "mx-unasked": ("MX: {subject} could not be asked ({why})", AGAIN),
    "ehlo-ok": ("The name we greet with, {subject}, leads to {addresses}", ""),
    "ehlo-unknown": (
        "The name we greet with, {subject}, has no address",
        "set EHLO_NAME to a name of this machine that is in the DNS",
    ),
    "ehlo-unasked": ("The name we greet with, {subject}, could not be asked ({why})", AGAIN),
    "ptr-ok": ("Reverse DNS: {subject} leads back to {name}", ""),
    "ptr-missing": (
        "Reverse DNS: {subject} has no name, and Gmail refuses mail from such an address",
        "have whoever hosts this machine name it {name} (often a field “reverse DNS” or “PTR”)",
    ),
    "ptr-differs": (
        "Reverse DNS: {subject} is called {names}, and we greet as {name}",
        "have whoever hosts this machine name it {name}, or set EHLO_NAME to its name",
    ),
    "ptr-unasked": ("Reverse DNS: {subject} could not be asked ({why})", AGAIN),
    "bimi-ok": ("BIMI: {subject} shows a logo: {record}", ""),
    "bimi-idle": (
        "BIMI: {subject} is there, and nobody shows the logo while DMARC asks for nothing",
        "once the reports look well, let DMARC say p=quarantine; until then nothing is amiss",
    ),
    "bimi-faulty": (
        "BIMI: {subject} has no https address in l=: {record}",
        "correct l=, or delete the record",
    ),
    "dns-not-asked": ("DNS: not asked, since mail and pages stay on this machine", ""),
}
