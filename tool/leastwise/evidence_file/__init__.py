"""Evidence as a text that is kept, and read back: ``read_evidence(evidence_text(e), path) == e``.

The text is JSON, what ``leastwise observe --format json`` prints; its schema is
``leastwise/render/schemas/evidence.schema.json``.  It holds no session name and no source address.
"""

from leastwise.evidence_file.reading import read_evidence
from leastwise.evidence_file.writing import evidence_object, evidence_text

__all__ = ["evidence_object", "evidence_text", "read_evidence"]
