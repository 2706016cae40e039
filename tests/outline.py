"""What a page of the server is made of, and what holds for every one of them."""

from html.parser import HTMLParser


class Outline(HTMLParser):
    """Landmarks, headings, ids, labels, links."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def links(self) -> list[str]:
        """Where the page leads."""
        return [link["href"] or "" for link in self.all("a") if "href" in link]

    @property
    def metas(self) -> dict[str, str]:
        """What the head says, by name or property."""
        return {
            (meta.get("name") or meta.get("property") or ""): meta.get("content") or "" for meta in self.all("meta")
        }


def check_page(source: str, lang: str, path: str) -> Outline:
    """One main heading, one main part, unique ids, a label for each field, names that exist, no style of its own."""
    outline = Outline(source)
    assert outline.all("html") == [{"lang": lang}], path
    assert len(outline.all("h1")) == 1, path
    assert len(outline.all("main")) == 1, path
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids)), path
    labelled = {label.get("for") for label in outline.all("label")}
    fields = [
        field for tag in ("input", "select", "textarea") for field in outline.all(tag) if field.get("type") != "hidden"
    ]
    assert {field["id"] for field in fields} <= labelled, path
    for _, attributes in outline.tags:
        named = (attributes.get("aria-describedby") or "") + " " + (attributes.get("aria-labelledby") or "")
        assert set(named.split()) <= set(ids), path
    assert "style" not in {name for _, attributes in outline.tags for name in attributes}, path
    inside = {link.removeprefix("#") for link in outline.links if link.startswith("#")}
    assert inside <= {str(one) for one in ids}, path
    return outline


def title_of(source: str) -> str:
    """The page's title."""
    return source.partition("<title>")[2].partition("</title>")[0]
