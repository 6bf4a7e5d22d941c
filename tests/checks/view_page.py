#!/usr/bin/env python3
"""Usage: view_page.py BUILD
Makes a page of hostile ids with rec-view and reads it as a browser's parser does: elements nest, ids of elements are
there once, each label has what it names, nothing comes from elsewhere, and no text of the data is markup. Ends with a
control: a page with an element of the data in it is noticed. A page of 1,000 users has at most 5 MB."""
import html.parser
import json
import pathlib
import subprocess
import sys
import tempfile

HOSTILE = ["<script>hostile=1</script>", "</script><img src=x onerror=hostile=1>", "a\"b'c&d", "]]>", "<!--", "&lt;",
           "\u202eabc\u2066", "x" * 5000, "`${hostile=1}`", "\u2028", "__proto__", "constructor"]
KIND = "<script>\"'&"  # of features: what stands before the first =
VOID = {"meta", "input", "img", "br", "link"}
KNOWN = {"html", "head", "meta", "title", "style", "body", "header", "h1", "h2", "p", "main", "section", "div", "nav",
         "label", "input", "select", "button", "span", "ol", "ul", "li", "table", "thead", "tbody", "tr", "th", "td",
         "noscript", "bdi", "i", "script"}


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.references, self.problems, self.text = [], [], [], [], {}

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag not in KNOWN:
            self.problems.append(f"an element {tag}")
        if tag == "script":
            self.text.setdefault("script", []).append("")
        for name, value in attrs:
            if name in ("src", "href", "srcset", "action") or name.startswith("on"):
                self.problems.append(f"{tag} has {name}={value}")
        self.ids += [values["id"]] if "id" in values else []
        self.references += [values["aria-labelledby"]] if "aria-labelledby" in values else []
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> ends nothing")

    def handle_data(self, data):
        if self.open and self.open[-1] == "script":
            self.text["script"][-1] += data

    def handle_comment(self, data):
        self.problems.append("a comment")


def problems_of(text):
    page = Page()
    page.feed(text)
    page.close()
    found = page.problems + [f"<{tag}> is open" for tag in page.open]
    found += [f"two elements are {one}" for one in set(page.ids) if page.ids.count(one) > 1]
    found += [f"nothing is {one}" for one in page.references if one not in page.ids]
    found += [] if len(page.text.get("script", [])) == 2 else ["not two scripts"]
    found += ["raw mark of direction"] if any(mark in text for mark in "\u202a\u202b\u202d\u202e\u2066\u2067") else []
    return found, page


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        table = lambda name, rows: (folder / name).write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))
        users = HOSTILE
        table("ranking.tsv", [(u, i, 1 - n / 100) for u in users for n, i in enumerate(HOSTILE)])
        table("log.tsv", [(u, i, 1, n) for u in users for n, i in enumerate(HOSTILE[::-1])])
        table("why.tsv", [(u, i, HOSTILE[0], 1) for u in users for i in HOSTILE])
        table("titles.tsv", [(i, i) for i in HOSTILE])
        table("images.tsv", [(i, "javascript:" + i) for i in HOSTILE])
        table("metrics.tsv", [("metric", "value")] + [(i, 0.5) for i in HOSTILE])
        table("groups.tsv", [(i, f"{KIND}={i}") for i in HOSTILE[:-1]] + [(HOSTILE[0], f"{KIND}=b")])
        side = [word for name in ("titles", "images", "metrics") for word in (f"--{name}", f"{name}.tsv")]
        command = [f"{build}/rec-view", "-q", "--history", "log.tsv", "--attention", "why.tsv", "--compare",
                   "ranking.tsv", "--heading", HOSTILE[0], "--features", "groups.tsv", "--exposure", KIND, *side, "ranking.tsv"]
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode()
        found, page = problems_of(text)
        if found:
            sys.exit(f"view_page.py: {found}")
        if text.count('<i class="beside"') != len(HOSTILE) + 1:
            sys.exit("view_page.py: not a row of exposure for each group")
        data = json.loads(page.text["script"][0])
        shown = [HOSTILE[n] for n in (0, 1, 2, 3, 4, 5, 8, 9, 10, 11)] + ["\\u202eabc\\u2066", "x" * 500 + "..."]
        if {user["id"] for user in data["users"]} != set(shown) or {item[0] for item in data["items"]} != set(shown):
            sys.exit("view_page.py: the data has other ids")
        if any(len(item) > 2 for item in data["items"]):
            sys.exit("view_page.py: an image of another scheme came through")
        if not problems_of(text.replace("</main>", HOSTILE[1] + "</main>"))[0]:
            sys.exit("view_page.py: the control was not noticed")

        table("many.tsv", [(f"user{u}", f"item{(u * 7 + n * 13) % 3000}", 1 - n / 100) for u in range(1100) for n in range(10)])
        table("many_log.tsv", [(f"user{u}", f"item{(u * 11 + n * 17) % 3000}", 5, n) for u in range(1100) for n in range(60)])
        table("many_why.tsv", [(f"user{u}", f"item{(u * 7 + n * 13) % 3000}", f"item{(u * 11 + h * 17) % 3000}", 1 / 60)
                               for u in range(1100) for n in range(10) for h in range(60)])
        table("many_titles.tsv", [(f"item{i}", f"A title of some forty bytes, number {i}") for i in range(3000)])
        command = [f"{build}/rec-view", "-q", "--titles", "many_titles.tsv", "--history", "many_log.tsv", "--attention",
                   "many_why.tsv", "many.tsv"]
        text = subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout.decode()
        _, page = problems_of(text)
        size = len(text.encode())
        if len(json.loads(page.text["script"][0])["users"]) != 1000 or size > 5_000_000:
            sys.exit(f"view_page.py: 1,000 users take {size} bytes")
        print(f"view_page.py: ok; 1,000 users take {size} bytes")


main()
