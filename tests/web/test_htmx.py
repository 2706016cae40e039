"""The one script of the desk is the published one, and its page lets it do nothing that the policy forbids."""

import json
import re
from pathlib import Path

import estran

SERVER = Path(estran.__file__).parent
PACKAGE = Path(__file__).parents[2] / "node_modules" / "htmx.org"


def test_htmx_is_the_published_file() -> None:
    assert (SERVER / "desk/static/htmx.js").read_bytes() == (PACKAGE / "dist/htmx.min.js").read_bytes()


def test_only_the_benefits_form_loads_it_and_without_eval() -> None:
    pages = {path.name: path.read_text("utf-8") for path in SERVER.glob("*/templates/**/*.html")}
    assert [name for name, page in pages.items() if "htmx.js" in page] == ["benefit_form.html"]
    settings = pages["benefit_form.html"].partition("content='")[2].partition("'")[0]
    assert json.loads(settings) == {
        "includeIndicatorStyles": False,
        "allowEval": False,
        "allowScriptTags": False,
        "historyEnabled": False,
        "selfRequestsOnly": True,
    }


def test_its_attributes_are_valid_html() -> None:
    pages = {path.name: path.read_text("utf-8") for path in SERVER.glob("*/templates/**/*.html")}
    assert [name for name, page in pages.items() if re.search(r"(?<!data-)\bhx-", page)] == []
    assert "data-hx-post=" in pages["benefit_form.html"]
