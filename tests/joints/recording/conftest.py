"""The small house of the end-to-end tests serves here, too."""

from tests.e2e.conftest import furnished, made_once, small

__all__ = ["furnished", "made_once", "small"]
