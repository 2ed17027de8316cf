"""The text of a Gemfile.lock, for applications that consist of a few files."""

from __future__ import annotations

from typing import Final

DIGEST: Final = "0123456789abcdef" * 4


def lockfile(*specs: str, needs: str = "rack", checksums: bool = True, more: str = "") -> str:
    """Return a Gemfile.lock with ``specs``, each ``name (version)``, with a checksum each."""
    entries = "".join(f"    {spec}\n" for spec in specs)
    digests = "".join(f"  {spec} sha256={DIGEST}\n" for spec in specs if spec[0] != " ")
    return (
        f"GEM\n  remote: https://index.example/\n  specs:\n{entries}\n"
        f"PLATFORMS\n  ruby\n  x86_64-linux\n\nDEPENDENCIES\n  {needs}\n"
        + (f"\nCHECKSUMS\n{digests}" if checksums else "")
        + more
    )
