"""What the documents promise to list, they list: settings, house rules, error codes, words, decisions. Both ways."""

import ast
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, fields
from enum import StrEnum
from pathlib import Path

import click
import pytest

import estran
from estran import errors
from estran.access.rules import Realm
from estran.actor import Role
from estran.cli import main
from estran.club.rules import Eligibility
from estran.club.tables import House
from estran.doctor import CHECKS
from estran.events.rules import Reply, Stage, Told, Topic, Who
from estran.passes.rules import Answer, Reason
from estran.settings import PREFIX, Settings
from estran.visits.rules import Flag, SlotDoubt, State
from estran.web.faults import CODES

SERVER = Path(estran.__file__).parent
ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("**/*.md"), *ROOT.glob("*.md")])


def text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def rows(name: str, *, under: str = "") -> dict[str, list[str]]:
    """The cells of every table row of a document by its first cell, when that is `code`; below heading `under` if given."""
    part = text(name).partition(under)[2] if under else text(name)
    part = part.partition("\n## ")[0] if under else part
    found: dict[str, list[str]] = {}
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        code = re.fullmatch(r"`([^`]+)`", cells[0])
        if line.startswith("|") and code:
            assert code.group(1) not in found, f"{name} lists {code.group(1)} twice"
            found[code.group(1)] = cells[1:]
    return found


def source() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(SERVER.rglob("*.py")):
        if "piccolo_migrations" not in path.parts:
            yield path, ast.parse(path.read_text(encoding="utf-8"))


# --- settings ---------------------------------------------------------------------------------------------------------


def test_every_deployment_setting_is_documented_and_no_other() -> None:
    listed = rows("settings.md", under="## From the environment")
    assert set(listed) == {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}


def test_the_documented_defaults_are_the_real_ones() -> None:
    listed = rows("settings.md", under="## From the environment")
    for field in fields(Settings):
        said = listed[f"{PREFIX}{field.name.upper()}"][0]
        if field.name == "database":
            assert said == "`sqlite:///<ESTRAN_DATA>/estran.sqlite`"
        elif field.default is MISSING:
            assert said == "*needed*", field.name
        elif isinstance(field.default, bool):
            assert said == ("on" if field.default else "off"), field.name
        else:
            assert said == f"`{field.default}`", field.name


def test_every_house_rule_is_documented_and_no_other() -> None:
    listed = rows("settings.md", under="## At the desk")
    assert set(listed) == {column._meta.name for column in House._meta.columns} - {"id"}


def test_the_documented_house_defaults_are_the_real_ones() -> None:
    listed = rows("settings.md", under="## At the desk")
    made = (SERVER / "club" / "service.py").read_text(encoding="utf-8")
    for name in ("name", "office_name"):
        assert f'{name}="{listed[name][0].strip("`")}"' in made
    assert f'DEFAULT_ZONE = "{listed["zone"][0].strip("`")}"' in made
    assert listed["contact_email"][0] == "*empty*"
    assert House.contact_email._meta.params["default"] == ""
    assert listed["snapshot_limit_days"][0] == f"`{House.snapshot_limit_days._meta.params['default']}`"
    assert listed["silent_days"][0] == f"`{House.silent_days._meta.params['default']}`"


# --- error codes ------------------------------------------------------------------------------------------------------

PROBLEMS = {
    name: kind.status
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.Problem)
}


def raised() -> tuple[dict[str, set[int]], list[str]]:
    """Every code that the source gives a Problem, with its statuses; and the patterns of codes that are put together."""
    codes: dict[str, set[int]] = defaultdict(set)
    patterns: list[str] = []
    for path, tree in source():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in PROBLEMS:
                continue
            given, status = node.args[0] if node.args else None, PROBLEMS[node.func.id]
            match given:
                case ast.Constant(value=str() as value):
                    codes[value].add(status)
                case ast.Attribute(value=ast.Name(id="Reason"), attr=attr):
                    codes[Reason[attr].value].add(status)
                case ast.JoinedStr(values=parts):
                    patterns.append(
                        "".join(str(part.value) if isinstance(part, ast.Constant) else "[a-z_]+" for part in parts)
                    )
                case _:
                    raise AssertionError(f"{path}:{node.lineno}: a Problem whose code this test cannot read")
    for status, (code, _) in CODES.items():
        codes[code].add(status)
    codes["internal"].add(500)
    codes["invalid"].add(422)
    return codes, patterns


def test_every_error_code_is_documented_with_its_status() -> None:
    listed = rows("errors.md")
    codes, patterns = raised()
    for code, statuses in codes.items():
        assert code in listed, f"docs/errors.md does not list {code}"
        said = {int(status) for status in listed[code][0].split(",")}
        assert statuses <= said, code
    for pattern in patterns:
        assert any(re.fullmatch(pattern, code) for code in listed), pattern


def test_no_documented_error_code_is_invented() -> None:
    codes, patterns = raised()
    for code, cells in rows("errors.md").items():
        is_retired = "*retired*" in " ".join(cells)
        is_raised = code in codes or any(re.fullmatch(pattern, code) for pattern in patterns)
        assert is_raised != is_retired, code


# --- the doctor's checks ----------------------------------------------------------------------------------------------


def test_every_check_of_the_doctor_is_explained_and_no_other() -> None:
    assert list(rows("administrator.md", under="## Doctor")) == list(CHECKS)


def test_every_event_of_the_log_is_explained_and_no_other() -> None:
    explained = set(re.findall(r"`(\w+)`", text("administrator.md").partition("| event |")[2].partition("\n## ")[0]))
    logged = {
        node.args[0].value
        for _, tree in source()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in {"Event", "broke"}
        and node.args  # an event of the club's is made of keywords
        and isinstance(node.args[0], ast.Constant)
    }
    assert explained == logged | {"foreign"}


# --- words ------------------------------------------------------------------------------------------------------------


def inbox_kinds() -> set[str]:
    """The kinds that rooms drop by name; those of visits are Flags."""
    return {
        node.args[0].value
        for _, tree in source()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).endswith("inbox.drop")
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def all_inbox_kinds() -> list[str]:
    """Every kind that may stand in the officer's inbox."""
    return sorted({*Flag, *inbox_kinds(), *rows("glossary.md", under="## The inbox")} - {"item"})


STORED = [Role, Realm, Eligibility, Answer, State, Flag, SlotDoubt, Who, Reply, Stage, Topic, Told]


@pytest.mark.parametrize("words", STORED, ids=lambda words: words.__name__)
def test_every_stored_word_is_in_the_glossary(words: type[StrEnum]) -> None:
    assert {word.value for word in words} - set(rows("glossary.md")) == set()


def test_every_kind_of_inbox_item_is_in_the_glossary() -> None:
    assert inbox_kinds() - set(rows("glossary.md", under="## The inbox")) == set()


def test_the_glossary_says_every_word_in_both_languages() -> None:
    for word, cells in rows("glossary.md").items():
        assert len(cells) >= 2, word
        assert all(cells[:2]), word


def test_every_table_is_in_the_glossary() -> None:
    listed = set(rows("glossary.md"))
    for path in sorted(SERVER.glob("*/tables.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                words = re.sub(r"(?<!^)([A-Z])", r" \1", node.name).lower()
                assert words in listed, f"{path.parent.name}: {words}"


def test_every_reason_has_its_row_in_the_pass_format() -> None:
    listed = list(rows("pass-format.md", under="## 5. Verdict"))
    # the table is in the order of the check, the codes are in that of their birth
    assert sorted(listed) == sorted(Reason)


# --- dependencies and decisions ---------------------------------------------------------------------------------------


def named_packages() -> set[str]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = pyproject["project"]["dependencies"] + pyproject["dependency-groups"]["dev"]
    found = {re.split(r"[\[<>=~! ]", package)[0] for package in wanted}
    for path in (ROOT / "package.json", *ROOT.glob("*/package.json"), *ROOT.glob("tools/*/package.json")):
        package = json.loads(path.read_text(encoding="utf-8"))
        for kind in ("dependencies", "devDependencies", "overrides"):
            found |= set(package.get(kind, {}))
    return {name for name in found if not name.startswith("@estran/")}


def test_every_dependency_has_its_reason_and_no_reason_is_left_over() -> None:
    assert set(rows("decisions/0005-dependencies.md")) == named_packages()


def test_decisions_are_numbered_without_gap_and_have_the_three_parts() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^## (\w+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert headings[:1] == ["Context"], page.name
        assert {"Choice", "Price"} <= set(headings), page.name


# --- links ------------------------------------------------------------------------------------------------------------


PICTURES = DOCS / "pictures"
NAMED_FILE = re.compile(r"`((?:bench|docs|kit|partners|pwa|server|tests|tools)/[\w./-]+\.\w+)`")


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        found = (path.parent / name) if name else path
        assert found.exists(), f"{path.name}: {target}"
        assert not anchor or anchor in anchors(found), f"{path.name}: {target}"


def test_documents_named_in_the_source_exist() -> None:
    for path, _ in source():
        for name in re.findall(r"docs/[\w./-]+\.md", path.read_text(encoding="utf-8")):
            assert (ROOT / name).is_file(), f"{path}: {name}"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_files_named_in_the_documents_exist(path: Path) -> None:
    for name in NAMED_FILE.findall(path.read_text(encoding="utf-8")):
        assert (ROOT / name).is_file(), f"{path.name}: {name}"


def test_every_picture_is_shown_and_small() -> None:
    """Links hold the other way: what is shown is there."""
    shown = {
        (page.parent / target).resolve()
        for page in PAGES
        for target in re.findall(r"!\[[^\]]+\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    }
    assert set(PICTURES.iterdir()) <= shown
    for picture in PICTURES.iterdir():
        assert picture.suffix == ".png", picture.name
        assert picture.stat().st_size <= 60_000, picture.name


# --- rooms, commands, makefile ----------------------------------------------------------------------------------------

ROOMS = {path.parent.name for path in SERVER.glob("*/__init__.py")}


def test_every_room_has_its_floor_and_its_line_in_the_architecture() -> None:
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert set(rows("../ARCHITECTURE.md", under="## Rooms")) == ROOMS
    drawn = set(re.findall(r"\w+", page.partition("## Floors")[2].split("```")[1]))
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [floors] = [one for one in pyproject["tool"]["importlinter"]["contracts"] if one["id"] == "floors"]
    named = {name for layer in floors["layers"] for name in re.findall(r"\w+", layer)} - {"piccolo_conf"}
    assert named >= ROOMS
    assert drawn >= named


def commands(group: click.Group, prefix: str = "estran") -> Iterator[str]:
    """Every command that can be typed."""
    for name, command in sorted(group.commands.items()):
        if isinstance(command, click.Group):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}"


@pytest.mark.parametrize("command", list(commands(main)))
def test_every_command_is_told_somewhere(command: str) -> None:
    pages = " ".join(" ".join(page.read_text(encoding="utf-8") for page in PAGES).split())
    assert command in pages, f"no document speaks of {command}"


def test_no_command_is_invented() -> None:
    """What documents tell to type can be typed: a command, or a group and one of its own."""
    known = set(commands(main))
    groups = {name for name, command in main.commands.items() if isinstance(command, click.Group)}
    past = {ROOT / "CHANGELOG.md", *(DOCS / "decisions").iterdir()}  # they remember commands that are gone
    for page in set(PAGES) - past:
        for first, second in re.findall(r"`(?:\S*/)?estran ([a-z]+)(?: ([a-z]+))?", page.read_text(encoding="utf-8")):
            name = f"estran {first} {second}" if first in groups and second else f"estran {first}"
            assert name in known or (first in groups and not second), f"{page.name}: {name}"


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"(?:^|`)make ([a-z-]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE):
            assert target in targets, f"{page.name}: make {target}"


# --- the guide speaks the screens' words ------------------------------------------------------------------------------


def screen_words() -> set[str]:
    """Every French text of every room and of both apps, with plain spaces."""
    found = set[str]()
    for path in SERVER.glob("*/texts/fr.json"):
        found |= set(json.loads(path.read_text(encoding="utf-8")).values())
    for path in [*ROOT.glob("p*/src/text/*fr.ts"), *ROOT.glob("kit/src/text/*fr*.ts")]:
        found |= set(re.findall(r"'[\w.]+':\s*'([^']*)'", path.read_text(encoding="utf-8")))
    return {re.sub(r"[\u00a0\u202f]", " ", words) for words in found}


HOLE = re.compile(r"\{\w+\}")


def filled(words: str) -> re.Pattern[str]:
    """A text with whatever may stand in its holes: numbers where it counts."""
    parts = re.split(r"(\{\w+\})", words)
    return re.compile("".join(r"\d+" if one == "{n}" else ".+" if HOLE.match(one) else re.escape(one) for one in parts))


def test_what_guides_print_in_bold_is_what_screens_say() -> None:
    """With a capital a whole text, such as a button's; without one, some words of a sentence."""
    known = screen_words()
    patterns = [filled(words) for words in known if HOLE.search(words) and re.search(r"\w{4}", HOLE.sub("", words))]
    for page in sorted(DOCS.glob("guide-*.md")):
        for bold in re.findall(r"\*\*([^*]+)\*\*", page.read_text(encoding="utf-8")):
            words = " ".join(bold.split())
            if words[0].islower():
                part = re.compile(rf"\b{re.escape(words)}\b", re.IGNORECASE)
                assert any(part.search(text) for text in known), f"{page.name}: {words}"
            else:
                assert words in known or any(one.fullmatch(words) for one in patterns), f"{page.name}: {words}"


# --- threats ----------------------------------------------------------------------------------------------------------


def test_every_threat_names_the_tests_that_hold_it() -> None:
    table = (ROOT / "SECURITY.md").read_text(encoding="utf-8").partition("## Who could cheat")[2].partition("\n## ")[0]
    threats = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| **")]
    assert len(threats) >= 12
    for who, *cells in threats:
        assert len(cells) == 4, who
        assert all(cells), who
        assert "by design" in cells[-1] or NAMED_FILE.search(cells[-1]), who
