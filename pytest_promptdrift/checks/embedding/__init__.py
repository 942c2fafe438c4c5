"""Texts to vectors, for the one question "is it still about the same thing?".

Similarity hardly sees a changed fact (see ``static_table``), so nothing here may decide about
facts. Importing this package imports nothing heavy; the first ``embed`` pays for it.
"""

from .protocol import Embedder
from .registry import embedder_names, get_embedder

__all__ = ["Embedder", "embedder_names", "get_embedder"]
