"""Drafts whose YAML or Markdown nests, repeats or refers more than letters do."""

from __future__ import annotations

from collections.abc import Iterator

from tests.drafting.hostile.drafts import HEAD, Hostile, front_matter, markdown, with_value


def yaml() -> Iterator[Hostile]:
    """Yield front matters that ask a YAML reader for more than words."""
    doubling = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
        f"{b}: &{b} [{','.join(f'*{a}' for _ in range(9))}]\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    made = {
        "a billion laughs by aliases": doubling,
        "an alias of itself": "a: &a [*a]",
        "an anchor alone": "leftovers: &a [x]",
        "an alias alone": "leftovers: *a",
        "a merge key": "<<: {kind: other}",
        "a merge key with an alias": "a: &a {kind: x}\n<<: *a",
        "an object of Python": "leftovers: !!python/object:os.system [id]",
        "a call of Python": 'leftovers: !!python/object/apply:os.system ["touch {OUTSIDE}/pwned"]',
        "a new object of Python": "leftovers: !!python/object/new:subprocess.Popen [[id]]",
        "a name of Python": "leftovers: !!python/name:os.system",
        "a module of Python": "leftovers: !!python/module:os",
        "an object of Ruby": "leftovers: !ruby/object:Gem::Installer {i: x}",
        "an object of Java": 'leftovers: !!javax.script.ScriptEngineManager ["http://127.0.0.1:{PORT}/"]',
        "a tag of its own": "leftovers: !include {SECRET}",
        "a tag of binary data": "leftovers: [!!binary aGVsbG8=]",
        "a tag of a set": "leftovers: !!set {a, b}",
        "a directive": "%YAML 1.2",
        "a directive of tags": "%TAG ! tag:yaml.org,2002:python/",
        "a second document": "--- {a: b}",
        "an end of the document": "...",
        "a key that is a list": "? [a, b]\n: c",
        "a key that is a mapping": "? {a: b}\n: c",
        "a key without a value": "?",
        "a key given twice": "kind: unannounced-inspection",
        "a key of 40,000 letters": "k" * 40_000 + ": x",
        "an unknown key": "__class__: x",
        "flow sequences nested 20,000 deep": "leftovers: " + "[" * 20_000,
        "flow sequences nested 20,000 deep and closed": "leftovers: " + "[" * 20_000 + "]" * 20_000,
        "flow mappings nested 10,000 deep": "leftovers: " + "{a: " * 10_000,
        "blocks nested 500 deep": "".join(f"{'  ' * n}a:\n" for n in range(400)),
        "dashes nested 1,000 deep": "leftovers:\n  " + "- " * 1_000 + "x",
        "a quotation that doesn't end": 'leftovers: ["' + "x" * 10_000,
        "a text that folds 20,000 times": "leftovers: [>\n" + " a\n" * 15_000 + "]",
        "a block that claims an indent": "leftovers: |9\n x",
        "commas without end": "leftovers: [" + "," * 40_000 + "]",
        "colons without end": "a" + ": a" * 14_000,
        "question marks without end": "? " * 20_000 + "a",
        "spaces without end": "leftovers: [a" + " " * 45_000 + "]",
        "hashes without end": "leftovers: [a]" + " #" * 20_000,
        "quotation marks without end": "leftovers: [" + "''," * 14_000 + "]",
        "percent signs without end": "leftovers: [" + "%," * 20_000 + "]",
        "a million keys": "".join(f"k{n}: v\n" for n in range(18_000)),
        "words lost to a comment": "leftovers: [a # b]",
        "a tab for an indent": "leftovers:\n\t- x",
        "a backslash at the end of a quotation": 'leftovers: ["x\\"]',
    }
    for says, more in made.items():
        yield Hostile("YAML", says, lambda more=more: front_matter(more))
    values = {
        "a list where words belong": ("valediction", "[Yours, sincerely]"),
        "a mapping where words belong": ("valediction", "{Yours: sincerely}"),
        "a number that YAML might count": ("date", "20110404"),
        "a date that YAML might take for one": ("date", "2011-04-04"),
        "a yes that YAML might take for true": ("valediction", "yes"),
        "a null": ("salutation", "~"),
        "a number in the authority's place": ("authority", "0x10"),
        "a text of many lines": ("salutation", "|\n  Dear\n  Bcc: victim"),
    }
    for says, (key, value) in values.items():
        yield Hostile("YAML", says, lambda key=key, value=value: with_value(key, value))
    wholes = {
        "no front matter": markdown().partition("---\n")[2].partition("---\n")[2],
        "a front matter that doesn't end": "---\n" + HEAD,
        "nothing but fences": "---\n---\n",
        "nothing but a fence": "---",
        "19,000 fences": "---\n" * 19_000,
        "a front matter that is a list": "---\n- a\n- b\n---\n\n# A\n\nB\n",
        "a front matter that is a word": "---\nword\n---\n\n# A\n\nB\n",
        "a front matter that is a tag": "---\n!!python/object:os.system []\n---\n\n# A\n\nB\n",
        "a front matter that is an alias": "---\n*a\n---\n\n# A\n\nB\n",
        "a front matter of 1.9 MB": f"---\n{HEAD}leftovers:\n{'  - x' * 1}\n{'#' * 40_000}\n"
        + ("# words\n" * 18_000)
        + "---\n\n# A\n\nB\n",
    }
    for says, whole in wholes.items():
        yield Hostile("YAML", says, lambda whole=whole: whole)


def markdown_nesting() -> Iterator[Hostile]:
    """Yield bodies that are costly for Markdown readers, or could be read in two ways."""
    wide = 45_000
    made = {
        "lists nested 1,000 deep by indent": "".join(f"{'  ' * n}- a\n" for n in range(600)),
        "lists nested 20,000 deep on one line": "- " * 20_000 + "a",
        "numbered lists nested 10,000 deep": "1. " * 10_000 + "a",
        "lists of three kinds in turn": "- * + " * 6_000 + "a",
        "quotations nested 40,000 deep": ">" * 40_000 + "a",
        "headings of 40,000 hashes": "#" * 40_000 + " a",
        "headings below headings": "#### a\n\n##### b\n\n###### c",
        "a second subject": "# Another subject",
        "an empty heading": "##",
        "an empty item": "-",
        "brackets nested 20,000 deep": "[" * 20_000 + "a" + "]" * 20_000,
        "links opened 15,000 times": "[a](" * 11_000,
        "images opened 15,000 times": "![a](" * 9_000,
        "stars 45,000 times": "*" * wide,
        "stars and letters in turn": "*a " * 15_000,
        "underscores and stars in turn": "*_" * 20_000 + "a",
        "strong words that don't end": "**a " * 11_000,
        "emphasis nested 5,000 deep": "*a **b " * 5_000 + "** *" * 5_000,
        "emphasis that overlaps": "*a **b* c** " * 3_000,
        "emphasis around nothing": "** ** __ __ *** ***",
        "backticks of every length": " ".join("`" * n for n in range(1, 290)),
        "backslashes 45,000 times": "\\" * wide,
        "ampersands 10,000 times": "&amp;" * 9_000,
        "angle brackets 45,000 times": "<" * wide,
        "comments of HTML opened 10,000 times": "<!--" * 10_000,
        "declarations of HTML opened 5,000 times": "<![CDATA[" * 5_000,
        "tables of 2,000 columns": "|a" * 2_000 + "|\n" + "|-" * 2_000 + "|",
        "references defined 10,000 times": "[a]: b\n" * 10_000,
        "rules of every kind": "***\n\n___\n\n- - -\n\n* * *",
        "a second break": "---\n\nA.\n\n---",
        "a heading underlined": "A\n=\n\nB\n-",
        "a fence of code": "```\n## Strengths\n```",
        "code by indent": "    ## Strengths",
        "a dash at the beginning of a wrapped line": "one two\n- three",
        "a hash at the beginning of a wrapped line": "one two\n# three",
        "tabs before dashes": "\t- a\n\t\t- b",
        "spaces 45,000 times": "a" + " " * wide + "b",
        "trailing spaces and backslashes": ("a  \nb\\\nc" + "\n\n") * 5_000,
    }
    for says, body in made.items():
        yield Hostile("Markdown", says, lambda body=body: markdown(body=body))
        if "\n" not in body:
            yield Hostile(
                "Markdown", f"{says}, in the opening", lambda body=body: markdown(opening=body)
            )
