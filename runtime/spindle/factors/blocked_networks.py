"""Networks that nobody may connect to, whatever a manifest allows: `block_networks`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from spindle.errors import UserError

PRIVATE = "private"
"""Stands for every network that is not reachable from everywhere."""


@dataclass(frozen=True, slots=True)
class BlockedNetworks:
    """What `[outbound_networking]` forbids."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    private: bool = False

    @classmethod
    def of(cls, texts: Iterable[str]) -> BlockedNetworks:
        """Networks as the runtime configuration lists them; raises `UserError`."""
        names = list(texts)
        try:
            networks = tuple(ip_network(name, strict=False) for name in names if name != PRIVATE)
        except ValueError as error:
            raise UserError(
                f"`block_networks` is malformed: {error}",
                hints=(f"an entry is a network such as `10.0.0.0/8`, or `{PRIVATE}`",),
            ) from None
        return cls(networks, PRIVATE in names)

    def __contains__(self, host: object) -> bool:
        """Whether an address is in one of them; IPv4 in IPv6 clothes counts as what it is."""
        if not (self.networks or self.private):
            return False
        address = ip_address(str(host).partition("%")[0])
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        if self.private and not address.is_global:
            return True
        return any(address in network for network in self.networks)
