"""What a pattern of `allowed_outbound_hosts` allows, in words."""

from __future__ import annotations

from spindle.outbound_hosts import (
    WELL_KNOWN_PORTS,
    AnyHost,
    OutboundHost,
    OutboundHostError,
    Self,
    Subdomains,
    parse_outbound_host,
)


def card_of_host(text: str, resolved: str | None) -> str:
    """Markdown about a pattern; `resolved` is it with its variables' values, if they are known."""
    lines = [f"**`{text}`** · allowed outbound host"]
    if resolved is None:
        return "\n\n".join([*lines, "A value of its variables is not known here."])
    if resolved != text:
        lines.append(f"Here it is `{resolved}`.")
    try:
        lines.append(explained(parse_outbound_host(resolved)))
    except OutboundHostError as error:
        lines.append(f"It is malformed: {error}.")
    return "\n\n".join(lines)


def explained(host: OutboundHost) -> str:
    """What a pattern allows, as a sentence."""
    scheme = "any protocol" if host.scheme is None else f"`{host.scheme}`"
    return f"Allows {scheme} to {_host(host)}, {_ports(host)}."


def _host(host: OutboundHost) -> str:
    if (chained := host.chained_component) is not None:
        return f"the component `{chained}` of this application, without leaving the host"
    match host.host:
        case AnyHost():
            return "any host"
        case Subdomains(suffix):
            return f"every subdomain of `{suffix[1:]}`, at any depth, but not `{suffix[1:]}` itself"
        case Self():
            return "the application itself, by relative URLs"
        case str(domain):
            return f"`{domain}` alone"
        case network:
            if network.num_addresses == 1:
                return f"the address `{network.network_address}`"
            return f"the {network.num_addresses:,} addresses of `{network}`"


def _ports(host: OutboundHost) -> str:
    ports = host.ports
    if ports is None:
        return "on any port"
    if len(ports) == 1:
        usual = host.scheme is not None and WELL_KNOWN_PORTS.get(host.scheme) == ports.start
        return f"on port {ports.start}" + (", the usual one" if usual else "")
    return f"on ports {ports.start} to {ports.stop - 1}" if ports else "on no port"
