"""The application, built where everything is imported: most of a second of work, and the same for every server of a journey.

Imported once, by the process that stands by (served.py); each server that divides itself from it moves in.
"""

import gc
from pathlib import Path
from typing import Any

from estran import app
from estran.settings import Settings

NOBODY = Settings(origin="http://127.0.0.1", data=Path(), database="", mail="", mail_from="")
BUILT = app.build(NOBODY)
build = app.build
gc.freeze()  # shared with the others: it is not to be looked through, and so copied


def ready(settings: Settings) -> Any:
    """What `app.build` returns in a server of a journey: of its settings, only the origin is another one each time."""
    if settings.demo or settings.is_https:
        return build(settings)
    engine: Any = BUILT.template_engine
    engine.engine.globals["origin"] = settings.origin
    return BUILT
