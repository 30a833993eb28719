"""A report as a parser of others reads it: strictly, so that the first mistake is an error.

Wants the package `html5lib`. Usage: report.py FILE
"""

import sys

import html5lib

page = open(sys.argv[1], encoding="utf-8").read()
tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
tags = [element.tag for element in tree.iter() if isinstance(element.tag, str)]
for tag in ("script", "link", "img", "iframe", "object", "form", "a"):
    assert tag not in tags, tag
assert tree.get("lang") in ("en", "id")
charts = [element for element in tree.iter() if str(element.tag).endswith("svg")]
assert charts and all(chart.get("role") == "img" for chart in charts)
for table in tree.iter("table"):
    assert table.find("caption").text and all(th.get("scope") for th in table.iter("th"))
print(f"sound: {len(tags)} elements, {len(charts)} charts")
