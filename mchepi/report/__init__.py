"""From what many runs left behind to one site that opens without a network."""

from .ledgers import SiteError
from .site import build_site

__all__ = ["SiteError", "build_site"]
