"""Domains beyond ASCII, as the rest of the world writes them: IDNA 2008, read by UTS 46."""


def ascii_domain(domain: str) -> str:
    """The domain as it goes over the wire: `bücher.example` is `xn--bcher-kva.example`.

    One in ASCII stays as it is. Raises UnicodeError for what no registry would take. Python's own
    codec "idna" is of 2003: it would write `straße.example` as `strasse.example`, another domain.
    """
    if domain.isascii():
        return domain
    import idna  # noqa: PLC0415  # Few domains need it, and its tables are large.

    return idna.encode(domain, uts46=True).decode("ascii")
