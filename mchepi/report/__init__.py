"""From what many runs left behind to one site that opens without a network."""

from .site import SiteError, build_site

__all__ = ["SiteError", "build_site"]
