"""A name server of our own, for the questions of one test: UDP and TCP on one port of loopback.

    python -m tests.fakes.dns_program ZONE.json [ADDRESS PORT]

It listens on 127.0.0.1 and a free port, unless told otherwise.

The file maps a name to {"TXT" | "MX" | "A" | "AAAA" | "PTR" | "CNAME": [VALUES]}, or to what happens when
it is asked for: "servfail", "refused", or "timed-out" (nothing is said); one of these may stand in the place
of the values of one kind, too. An address is asked for backwards, and stands in the file as it is. It prints
"listening PORT". An answer of more than 512 octets is cut short over UDP, whatever the question allows, so
that it is asked for again over TCP.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import sys
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.reversename
import dns.rrset

LEAST_UDP = 512
RCODES = {"servfail": dns.rcode.SERVFAIL, "refused": dns.rcode.REFUSED}


def _spelled(name: str) -> dns.name.Name:
    try:
        return dns.reversename.from_address(str(ipaddress.ip_address(name)))
    except ValueError:
        return dns.name.from_text(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return " ".join(f'"{escaped[at : at + 255]}"' for at in range(0, len(escaped), 255))


class Answers:
    """What the server says to a question."""

    def __init__(self, records: dict[str, Any]) -> None:
        self._records = {_spelled(name): what for name, what in records.items()}

    def to(self, wire: bytes) -> dns.message.Message | None:
        """Return the answer, None for silence."""
        question = dns.message.from_wire(wire)
        answer = dns.message.make_response(question, recursion_available=True)
        asked = question.question[0]
        name, kind = asked.name, dns.rdatatype.to_text(asked.rdtype)
        found = self._records.get(name)
        while isinstance(found, dict) and "CNAME" in found:
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", found["CNAME"][0] + "."))
            name = dns.name.from_text(found["CNAME"][0])
            found = self._records.get(name)
        if isinstance(found, dict) and isinstance(found.get(kind), str):
            found = found[kind]
        if found == "timed-out":
            return None
        if isinstance(found, str):
            answer.set_rcode(RCODES[found])
        elif found is None:
            if not any(other.is_subdomain(name) for other in self._records):
                answer.set_rcode(dns.rcode.NXDOMAIN)
        elif values := found.get(kind):
            answer.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *map(self._value(kind), values)))
        return answer

    def _value(self, kind: str) -> Any:
        if kind == "TXT":
            return _quoted
        return (lambda value: f"{value.rstrip('.')}.") if kind in ("MX", "PTR") else str


class Udp(asyncio.DatagramProtocol):
    """Questions that fit into one datagram."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def connection_made(self, transport: Any) -> None:
        """Keep the way back."""
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        """Answer, cut short where it is long."""
        answer = self._answers.to(data)
        if answer is None:
            return
        wire = answer.to_wire()
        if len(wire) > LEAST_UDP:
            answer.answer.clear()
            answer.flags |= dns.flags.TC
            wire = answer.to_wire()
        self._transport.sendto(wire, address)


async def serve(records: dict[str, Any], address: str = "127.0.0.1", port: int = 0) -> None:
    """Answer until the process is ended."""
    answers = Answers(records)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        length = int.from_bytes(await reader.readexactly(2))
        answer = answers.to(await reader.readexactly(length))
        if answer is not None:
            wire = answer.to_wire()
            writer.write(len(wire).to_bytes(2) + wire)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, address, port)
    port = server.sockets[0].getsockname()[1]
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Udp(answers), local_addr=(address, port))
    print("listening", port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    file, *place = sys.argv[1:]
    asyncio.run(serve(json.loads(Path(file).read_text()), *place[:1], *map(int, place[1:])))
