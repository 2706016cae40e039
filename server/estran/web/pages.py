"""Server-rendered pages: one Jinja environment over the rooms' `templates/` folders, words from texts.py.

A template has `lang`, `path`, `origin`, `demo` and `t('key', …)` in the page's language, and `asset('site.css')` for a file's
address.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from litestar import Request, Response
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from estran.settings import Settings
from estran.texts import DEFAULT_LANG, LANGS, pick_lang, t
from estran.web.static import Assets

LANG_COOKIE = "estran_lang"


def template_engine(folders: Sequence[Path], settings: Settings, assets: Assets) -> JinjaTemplateEngine:
    """The environment of all pages; escapes everything, and fails on a name that is not given."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(t=_t, asset=assets.address, demo=settings.demo, origin=settings.origin, langs=LANGS)
    return JinjaTemplateEngine.from_environment(environment)


@pass_context
def _t(context: Context, key: str, **values: object) -> str:
    return t(str(context.get("lang", DEFAULT_LANG)), key, **values)


def page_lang(request: Request[Any, Any, Any]) -> str:
    """The language of a page: asked for in the address, remembered in a cookie, else what the browser prefers."""
    asked = request.query_params.get("lang") or request.cookies.get(LANG_COOKIE, "")
    return asked if asked in LANGS else pick_lang(request.headers.get("accept-language", ""))


def page(request: Request[Any, Any, Any], name: str, *, status_code: int = 200, **values: object) -> Response[Any]:
    """The template `name` as a page in the reader's language; a language asked for in the address is remembered."""
    lang = page_lang(request)
    response = Template(
        template_name=name,
        context={"lang": lang, "path": request.scope["path"], **values},
        status_code=status_code,
        media_type="text/html",
    )
    if request.query_params.get("lang") == lang:
        response.set_cookie(LANG_COOKIE, lang, path="/", max_age=31_536_000, httponly=True, samesite="lax")
    return response
