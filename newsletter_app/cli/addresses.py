"""An e-mail address as a person types it at the terminal; refuses what is none before anything is opened."""

from __future__ import annotations

from typing import Any, Final

import click

from newsletter_app.kernel.addresses import Address, AddressFault, parse_address


class AddressParameter(click.ParamType[Address]):
    """An e-mail address."""

    name = "email"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Address:
        """Return the address that was typed."""
        if isinstance(value, Address):
            return value
        try:
            return parse_address(str(value))
        except AddressFault as fault:
            self.fail(f"{value!r} is no e-mail address ({fault.code})", param, context)


ADDRESS: Final = AddressParameter()
