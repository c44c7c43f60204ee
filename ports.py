"""Ports of this machine."""

import socket

from residency.errors import UnavailableError


def free(port: int) -> int:
    """The port, or any free one for 0; raises UnavailableError when it is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            why = getattr(error, "strerror", None) or "a port is 0 to 65535"
            raise UnavailableError(
                f'The port "{port}" can\'t be used: {why.lower()}. '
                "Choose another one, or 0 for any that is free."
            ) from error
        return int(probe.getsockname()[1])


def accepts(address: str) -> bool:
    """Whether something listens at `host:port`."""
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=1):
            return True
    except (OSError, ValueError):
        return False
