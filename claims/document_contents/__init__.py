"""What stands on each document of a case: one file a paper, each a ``claims.document_contents.content.Content``."""
