"""Three browser engines with the few verbs of a story: Chromium through Playwright, Firefox and WebKitGTK as W3C WebDriver.

Firefox itself speaks WebDriver's commands over a socket (Marionette, which geckodriver only translates); WebKitGTK has its
own driver, over HTTP. So neither needs a library; Debian's packages are enough (tools/find-engines).
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import httpx
from playwright.sync_api import Page

from .world import eventually, free_port

BUTTON = """
const [name, exact] = arguments;
const says = (element) => element.textContent.replace(/\\s+/g, ' ').trim();
const found = [...document.querySelectorAll('button, a[href]')].find((element) =>
  !element.disabled && element.getClientRects().length > 0 &&
  (exact ? says(element) === name : says(element).toLowerCase().includes(name.toLowerCase()))
);
found?.scrollIntoView({ block: 'center' });
return found ?? null;
"""
FIELD = """
const [name] = arguments;
return [...document.querySelectorAll('label')].find((label) => label.textContent.includes(name))?.control ?? null;
"""
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
LIMIT_S = 60


class Refused(Exception):
    """The driver would not: something lies over the element, or it has just gone."""


class Window(ABC):
    """One person's browser, with nothing in it yet."""

    @abstractmethod
    def open(self, address: str) -> None:
        """Go there; returns once the page has loaded."""

    @abstractmethod
    def run(self, script: str, *arguments: Any) -> Any:
        """The script is a function's body, as in WebDriver: `arguments` in, `return` out."""

    @abstractmethod
    def close(self) -> None:
        """Switched off and forgotten."""

    @abstractmethod
    def _press(self, script: str, *arguments: Any) -> bool:
        """A real click on the element that the script finds; False when there is none."""

    @abstractmethod
    def _write(self, text: str, script: str, *arguments: Any) -> bool:
        """Real keys into the field that the script finds; False when there is none."""

    def wait(self, script: str, *arguments: Any) -> Any:
        """Until the script returns something; that."""
        return eventually(lambda: self.run(script, *arguments), f"{script} {arguments}\n{self.text()}", LIMIT_S)

    def text(self) -> str:
        """What the page says."""
        return str(self.run("return document.body.innerText"))

    def see(self, words: str) -> None:
        """These words are on the page; French spaces count as spaces."""
        self.wait("return document.body.innerText.replace(/\\s+/g, ' ').includes(arguments[0])", words)

    def click(self, name: str, *, exact: bool = False) -> None:
        """Press the button or link of that name, once it is there."""
        eventually(lambda: self._press(BUTTON, name, exact), f"a button « {name} »", LIMIT_S)

    def fill(self, label: str, text: str) -> None:
        """Type into the field of that label, once it is there."""
        eventually(lambda: self._write(text, FIELD, label), f"a field « {label} »", LIMIT_S)


class Chromium(Window):
    """The window that the other journeys use."""

    def __init__(self, page: Page) -> None:
        self._page = page

    def open(self, address: str) -> None:
        self._page.goto("about:blank")
        self._page.goto(address)

    def run(self, script: str, *arguments: Any) -> Any:
        return self._page.evaluate(f"(all) => (function () {{ {script} }})(...all)", list(arguments))

    def close(self) -> None:
        self._page.context.close()

    def _press(self, script: str, *arguments: Any) -> bool:
        found = self._find(script, *arguments)
        if found:
            found.click()
        return bool(found)

    def _write(self, text: str, script: str, *arguments: Any) -> bool:
        found = self._find(script, *arguments)
        if found:
            found.fill(text)
        return bool(found)

    def _find(self, script: str, *arguments: Any) -> Any:
        return self._page.evaluate_handle(
            f"(all) => (function () {{ {script} }})(...all)", list(arguments)
        ).as_element()


class Remote(Window):
    """A window behind WebDriver's commands; the other side's transport is `_send`."""

    @abstractmethod
    def _send(self, command: str, **parameters: Any) -> Any: ...

    def open(self, address: str) -> None:
        self._send("Navigate", url="about:blank")
        self._send("Navigate", url=address)

    def run(self, script: str, *arguments: Any) -> Any:
        return self._send("ExecuteScript", script=script, args=list(arguments))

    def _press(self, script: str, *arguments: Any) -> bool:
        found = self.run(script, *arguments)
        if not found:
            return False
        try:
            self._send("ElementClick", id=found[ELEMENT])
        except Refused:
            return False  # asked again
        return True

    def _write(self, text: str, script: str, *arguments: Any) -> bool:
        found = self.run(script, *arguments)
        if found:
            self._send("ElementSendKeys", id=found[ELEMENT], text=text)
        return bool(found)


class Firefox(Remote):
    """Firefox ESR, headless, in a profile of its own."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        port = free_port()
        (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
        command = os.environ.get("ESTRAN_FIREFOX") or shutil.which("firefox-esr") or shutil.which("firefox")
        assert command, "no Firefox found: run the tests with `make test-all`"
        self._process = subprocess.Popen(
            [command, "--headless", "--marionette", "--no-remote", "--profile", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._socket = eventually(lambda: _connected(port), "Firefox answers", LIMIT_S)
        self._lines = self._socket.makefile("rb")
        self._receive()  # its greeting
        self._send("NewSession", capabilities={})

    def _send(self, command: str, **parameters: Any) -> Any:
        message = json.dumps([0, 1, f"WebDriver:{command}", parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(message), message))
        _, _, fault, result = self._receive()
        if fault is not None:
            raise Refused(fault)
        return result.get("value") if isinstance(result, dict) else result

    def _receive(self) -> Any:
        digits = b""
        while (byte := self._lines.read(1)) != b":":
            assert byte, "Firefox has gone"
            digits += byte
        return json.loads(self._lines.read(int(digits)))

    def close(self) -> None:
        self._lines.close()
        self._socket.close()
        _end(self._process)


class WebKit(Remote):
    """WebKitGTK's MiniBrowser on a screen of its own: the engine family of every browser on an iPhone."""

    PATHS: ClassVar = {
        "NewSession": "",
        "Navigate": "/url",
        "ExecuteScript": "/execute/sync",
        "ElementClick": "/element/{id}/click",
        "ElementSendKeys": "/element/{id}/value",
    }

    def __init__(self) -> None:
        browser = next(iter(sorted(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))), None)
        assert browser, "no WebKitGTK found: run the tests with `make test-all`"
        reading, writing = os.pipe()
        self._screen = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading, encoding="ascii") as told:
            display = told.readline().strip()
        port = free_port()
        self._driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={port}"],
            env=os.environ | {"DISPLAY": f":{display}"},
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: _connected(port, keep=False), "WebKitWebDriver answers", LIMIT_S)
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}/session", timeout=LIMIT_S)
        options = {"webkitgtk:browserOptions": {"binary": str(browser), "args": ["--automation"]}}
        self._session = ""
        self._session = "/" + self._send("NewSession", capabilities={"alwaysMatch": options})["sessionId"]

    def _send(self, command: str, **parameters: Any) -> Any:
        path = self.PATHS[command].format(**parameters)
        answer = self._http.post(f"{self._session}{path}", json=parameters)
        value = answer.json()["value"]
        if answer.status_code != 200:
            raise Refused(value)
        return value

    def close(self) -> None:
        with contextlib.suppress(httpx.HTTPError):
            self._http.delete(self._session)
        self._http.close()
        _end(self._driver)
        _end(self._screen)


def _connected(port: int, *, keep: bool = True) -> Any:
    try:
        made = socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
    except OSError:
        return None
    if not keep:
        made.close()
    return made


def _end(process: subprocess.Popen[Any]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(10)
