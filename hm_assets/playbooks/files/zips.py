"""Office files are ZIP archives that hold the time at which they were made: here, the day that they describe."""

import datetime as dt
import io
import re
import zipfile
from typing import Final

STAMP: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def reproducible(archive: bytes, day: dt.date) -> bytes:
    """The same archive with the day in place of every time, also in the archives inside (workbooks of charts)."""
    stamp = f"{day.isoformat()}T00:00:00Z".encode()
    sink = io.BytesIO()
    # A ZIP knows no day before 1980.
    moment = (max(day.year, 1980), day.month, day.day, 0, 0, 0)
    with zipfile.ZipFile(io.BytesIO(archive)) as found, zipfile.ZipFile(sink, "w") as made:
        for entry in found.infolist():
            content = found.read(entry)
            if entry.filename.endswith(".xlsx"):
                content = reproducible(content, day)
            elif entry.filename == "docProps/core.xml":
                content = STAMP.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            kept = zipfile.ZipInfo(entry.filename, moment)
            kept.compress_type, kept.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            made.writestr(kept, content)
    return sink.getvalue()
