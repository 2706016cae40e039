"""Hatchling's hook: a wheel holds the built apps, or is not made. `make wheel` builds them first."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NEEDED = ("pass/index.html", "pass/sw.js", "scan/index.html", "scan/sw.js")


class WholeOnly(BuildHookInterface[Any]):
    """Looks before the wheel is packed."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Raise when an app is not there; an editable install may lack them, `make build` brings them later."""
        static = Path(self.root, "server", "estran", "static")
        lacking = [name for name in NEEDED if not (static / name).is_file()]
        if version != "editable" and lacking:
            raise FileNotFoundError(f"the apps are not built ({', '.join(lacking)}): run `make wheel`")
