"""The dossiers of the annual review: the same words as PDF and HTML, for everyone to read."""

import csv
import io
import re
import subprocess
import sys

import outloud
import pikepdf
import pypdfium2
import pytest
from lxml import html
from reviews import (
    AS_OF,
    ORGANISATION,
    TEXTS,
    WESTMERE,
    a_crowded_review,
    a_review,
    a_reviewed_letter,
    a_year,
    an_area,
    an_empty_review,
)

from letters.review import YearReview
from letters.year import AsOf, DamagedRow
from tasks.archiving.review.dossier import CSV, HTML, PDF, authority_files, whole_files
from tasks.archiving.review.dossier_tables import AREA_COLUMNS, AUTHORITY_COLUMNS
from tasks.archiving.review.dossier_whole import MOST_LISTED

DAMAGED = DamagedRow(
    reference="CRA-WESTMERE-2011-12-01", code="chain-broken", message="There is a gap."
)

DISPOSED_ROW = DamagedRow(
    reference="CRA-WESTMERE-2011-11-01", code="disposed", message="Its time was up."
)


def an_authority_s(review):
    return authority_files(review, organisation=ORGANISATION)


def of_all(review):
    return whole_files(review, organisation=ORGANISATION)


@pytest.fixture(scope="module")
def one():
    return an_authority_s(a_review())


@pytest.fixture(scope="module")
def whole():
    return of_all(a_year())


EVERY_SORT = [
    pytest.param(lambda: an_authority_s(a_review()), id="an authority over three years"),
    pytest.param(lambda: an_authority_s(an_empty_review()), id="an authority without anything"),
    pytest.param(lambda: an_authority_s(a_crowded_review()), id="long names and sixty areas"),
    pytest.param(lambda: of_all(a_year()), id="152 authorities"),
    pytest.param(lambda: of_all(YearReview(year=2011, as_of=AsOf())), id="a year of nothing"),
]


def page_of(files):
    return html.fromstring(files[HTML].decode())


def said_in_html(files):
    return " ".join(page_of(files).xpath("string(//body)").split())


def said_in_pdf(files):
    pdf = pypdfium2.PdfDocument(files[PDF])
    return " ".join(page.get_textpage().get_text_bounded() for page in pdf)


def run_together(text):
    """The words without spaces, and hyphens, which pdfium drops at a line’s end; no footers."""
    return re.sub(r"Page \d+ of \d+|[\s\x02-]", "", text)


def rows_of(files):
    return list(csv.DictReader(io.StringIO(files[CSV].decode("utf-8-sig"), newline="")))


# Its form.


@pytest.mark.parametrize("make", EVERY_SORT)
def test_the_pdf_is_accessible_and_archivable(make, tmp_path):
    path = tmp_path / PDF
    path.write_bytes(make()[PDF])

    result = outloud.check(str(path))

    # Rows that look alike at the ends of pages are taken for running heads.
    found = [str(each) for each in result.findings if each.rule != "PAG-001"]
    assert (result.error, found) == (None, [])
    with pikepdf.open(path) as pdf:
        metadata = pdf.Root.Metadata.read_bytes().decode()
        assert pdf.Root.Lang == "en-GB"
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata
    assert "<pdfaid:part>2</pdfaid:part>" in metadata


def test_of_an_ordinary_dossier_nothing_at_all_is_found(one, tmp_path):
    path = tmp_path / PDF
    path.write_bytes(one[PDF])

    assert outloud.check(str(path)).findings == []


def structure_of(pdf):
    """Every element of the structure tree, in order, with its tag."""
    waiting = [pdf.Root.StructTreeRoot]
    while waiting:
        element = waiting.pop(0)
        if isinstance(element, pikepdf.Array):
            waiting[:0] = list(element)
        elif isinstance(element, pikepdf.Dictionary):
            if "/S" in element:
                yield str(element.S), element
            if "/K" in element:
                waiting.insert(0, element.K)


def test_the_pdf_names_itself_and_each_chart(one):
    with pikepdf.open(io.BytesIO(one[PDF])) as pdf:
        figures = [str(element.Alt) for tag, element in structure_of(pdf) if tag == "/Figure"]
        headings = [tag for tag, _ in structure_of(pdf) if re.fullmatch(r"/H\d", tag)]

        assert pdf.docinfo["/Title"] == "Annual review of 2011: Westmere Borough Council"
        assert pdf.docinfo["/Author"] == ORGANISATION
    assert figures == [
        f"Chart: {title}. The text below it says all that it shows."
        for title in (
            "Working days from the inspection to the last copy",
            "Areas for development, by year",
        )
    ]
    assert headings == [f"/H{n}" for n in (1, 2, 2, 2, 2, 3, 3, 3, 2, 2, 2)]


@pytest.mark.parametrize("make", EVERY_SORT)
def test_the_pdf_says_what_the_html_says(make):
    files = make()
    page = page_of(files)
    for chart in page.iter("{*}svg"):
        chart.clear(keep_tail=True)

    told = [
        " ".join(element.text_content().split())
        for element in page.body.iter("h1", "h2", "h3", "p", "th", "td", "b", "figcaption")
    ]

    in_pdf = run_together(said_in_pdf(files))
    assert [text for text in told if run_together(text) not in in_pdf] == []


def test_the_html_loads_and_runs_nothing(one):
    page = page_of(one)

    policy = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]
    assert page.xpath("//script | //link | //img | //iframe | //@onload | //@src") == []
    assert set(page.xpath("//@href | //@*[local-name()='href']")) == {
        target for target in page.xpath("//@*[local-name()='href']") if target.startswith("#")
    }


def test_the_html_names_its_language_its_charts_and_its_tables(one):
    page = page_of(one)
    ids = page.xpath("//@id")

    assert page.xpath("/html/@lang") == ["en-GB"]
    assert page.xpath("//title")[0].text == "Annual review of 2011: Westmere Borough Council"
    pictures = page.xpath("//figure/*[@role='img']/@aria-labelledby")
    assert pictures == ["days-title", "areas-title"]
    assert [page.xpath(f"//*[@id='{name}']")[0].text for name in pictures] == [
        "Working days from the inspection to the last copy",
        "Areas for development, by year",
    ]
    described = page.xpath("//figure/*[@role='img']/*[local-name()='desc']/text()")
    assert [each.text for each in page.xpath("//figure/figcaption")] == described
    assert len(described) == 2
    assert len(ids) == len(set(ids))
    assert all(page.xpath("//table/thead//th/@scope"))
    assert {len(row.xpath("th[@scope='row']")) for row in page.xpath("//tbody/tr")} == {1}


def test_words_are_no_markup():
    told = "<script>alert(1)</script> #emph[x] $a$ *b* \\ & “c”"

    files = an_authority_s(a_review(raised=(an_area(told),), still_open=(an_area(told),)))

    assert page_of(files).xpath("//script") == []
    assert told in said_in_html(files)
    assert run_together(told) in run_together(said_in_pdf(files))


def test_the_files_are_those_of_the_layout(one, whole):
    assert set(one) == {PDF, HTML, CSV, "charts/areas.svg", "charts/days.svg"}
    assert set(whole) == {*one, "charts/states.svg"}
    assert set(an_authority_s(an_empty_review())) == {PDF, HTML, CSV}


def test_the_same_review_gives_the_same_bytes(one, whole):
    assert an_authority_s(a_review()) == one
    assert of_all(a_year()) == whole


# What an authority's dossier says.


def test_it_tells_the_year_beside_the_year_before(one):
    (table,) = page_of(one).xpath("//h2[.='2011 in figures']/following-sibling::div[1]/table")

    assert [[cell.text_content() for cell in row] for row in table.iter("tr")] == [
        ["Figure", "2010", "2011"],
        ["Letters after an inspection", "2", "2"],
        ["All letters that hold", "3", "3"],
        ["Findings", "31", "28"],
        ["Areas raised", "4", "4"],
        ["Areas answered or waived", "3", "3"],
        ["Areas left open", "3", "4"],
        ["Letters in time", "2", "1"],
        ["Letters late or overdue", "1", "1"],
        ["Deliveries in doubt", "0", "1"],
    ]


def test_it_tells_each_area_and_what_became_of_it(one):
    rows = {
        row[1].text_content(): (row[0].text_content(), row[2].text_content())
        for row in page_of(one).xpath("//h3/following-sibling::div/table/tbody/tr")
    }

    assert rows[TEXTS[1]] == (
        "4 April 2011, CRA-WESTMERE-2011-03-08, areas-for-development/2",
        "Answered: 24 October 2011, CRA-WESTMERE-2011-09-13, strengths/2",
    )
    assert rows["The team in Wellgate is short of two workers."] == (
        "1 March 2010, CRA-WESTMERE-2010-02-02, areas-for-development/5",
        "Waived: 4 April 2011, CRA-WESTMERE-2011-03-08. The service closed in May 2010.",
    )
    assert rows[TEXTS[5]] == (
        "14 July 2009, CRA-WESTMERE-2009-06-16, areas-for-development/4",
        "Open since 14 July 2009",
    )


@pytest.mark.parametrize(
    ("review", "first", "others"),
    [
        pytest.param(
            a_review(),
            "Inspected in 2011: 2 letters issued after an inspection.",
            ["4 areas for development were left open, the oldest of 14 July 2009."],
            id="inspected",
        ),
        pytest.param(
            an_empty_review(),
            "Not inspected in 2011: no letter of the year tells of an inspection.",
            ["No area for development was left open."],
            id="not inspected",
        ),
        pytest.param(
            a_review(damaged=(DAMAGED,), still_open=(an_area("One."),)),
            "Not all of the year can be told: 1 letter can’t be read, and no figure here holds"
            " what they say.",
            [
                "Inspected in 2011: 2 letters issued after an inspection.",
                "1 area for development was left open, the oldest of 4 April 2011.",
            ],
            id="damaged",
        ),
        pytest.param(
            an_empty_review(damaged=(DAMAGED,)),
            "Not all of the year can be told: 1 letter can’t be read, and no figure here holds"
            " what they say.",
            [
                "Whether it was inspected in 2011 can’t be told: of a letter after an inspection"
                " only the reference is known, CRA-WESTMERE-2011-12-01.",
                "No area for development was left open.",
            ],
            id="not known to be inspected",
        ),
        pytest.param(
            an_empty_review(damaged=(DISPOSED_ROW,)),
            "Whether it was inspected in 2011 can’t be told: of a letter after an inspection only"
            " the reference is known, CRA-WESTMERE-2011-11-01.",
            ["No area for development was left open."],
            id="disposed of before it was reviewed",
        ),
        pytest.param(
            an_empty_review(
                damaged=(
                    DISPOSED_ROW,
                    DISPOSED_ROW.model_copy(update={"reference": "CRA-WESTMERE-2011-02-01"}),
                )
            ),
            "Whether it was inspected in 2011 can’t be told: of letters after inspections only the"
            " references are known, CRA-WESTMERE-2011-11-01 and CRA-WESTMERE-2011-02-01.",
            ["No area for development was left open."],
            id="two that were disposed of",
        ),
        pytest.param(
            an_empty_review(
                damaged=(DAMAGED.model_copy(update={"reference": "ANR-WESTMERE-2011"}),)
            ),
            "Not all of the year can be told: 1 letter can’t be read, and no figure here holds"
            " what they say.",
            [
                "Not inspected in 2011: no letter of the year that can be read tells of an"
                " inspection.",
                "No area for development was left open.",
            ],
            id="a damaged letter that is a letter a year",
        ),
        pytest.param(
            a_review(letters=(a_reviewed_letter(is_sample=True),), still_open=()),
            "Inspected in 2011: 1 letter issued after an inspection.",
            [
                "SAMPLE: 1 letter signed by sample inspectors, counted like any other.",
                "No area for development was left open.",
            ],
            id="samples",
        ),
        pytest.param(
            a_review(
                letters=(
                    a_reviewed_letter(),
                    a_reviewed_letter("CRA-WESTMERE-2011-05-03", None, is_sample=True).model_copy(
                        update={"left_out": "sample"}
                    ),
                ),
                still_open=(),
            ),
            "Inspected in 2011: 1 letter issued after an inspection.",
            [
                "SAMPLE: 1 letter signed by sample inspectors, in no figure here.",
                "No area for development was left open.",
            ],
            id="a sample among real ones",
        ),
    ],
)
def test_what_stands_out(review, first, others):
    page = page_of(an_authority_s(review))

    told = page.xpath("//*[contains(@class, 'verdict')]/p")
    assert [each.text_content() for each in told] == [first, *others]
    assert page.xpath("//*[contains(@class, 'verdict')]//strong")[0].text == first
    is_good = review.is_whole and review.is_inspected
    assert bool(page.xpath("//*[contains(@class, 'good')]")) is is_good


def test_it_says_as_of_which_entry_it_speaks_and_what_it_goes_on_from(one):
    said = said_in_html(one)

    assert (
        f"It speaks as of 2012-01-09 07:30 UTC, when the ledger ended with entry {AS_OF.seq}, of"
        f" this hash: {AS_OF.head}" in said
    )
    assert f"has this hash: {'ab' * 32}" in said


def test_it_tells_deliveries_and_damaged_letters():
    said = said_in_html(an_authority_s(a_review(damaged=(DAMAGED,))))

    assert "CRA-WESTMERE-2011-09-13102A copy in doubt" in said.replace(" ", "").replace(
        "Acopyindoubt", "A copy in doubt"
    )
    assert f"{DAMAGED.reference}{DAMAGED.code}{DAMAGED.message}" in said
    assert "None is in doubt" not in said


def test_of_a_letter_in_force_it_says_that_it_is_issued_and_what_became_of_its_change():
    said = said_in_html(an_authority_s(a_review(letters=(a_reviewed_letter(state="returned"),))))

    assert "issued, its change returned" in said


@pytest.mark.parametrize(
    ("damaged", "told"),
    [
        pytest.param(
            (),
            (
                "There is no letter of 2011.",
                "No letter of the year holds any.",
                "No letter of 2011 raised any.",
            ),
            id="there is none",
        ),
        pytest.param(
            (DISPOSED_ROW,),
            (
                "No letter of 2011 can be told of.",
                "No letter of the year that can be read holds any.",
                "No letter of 2011 that can be read raised any.",
            ),
            id="none can be told of",
        ),
    ],
)
def test_without_a_letter_to_tell_of_it_says_whether_there_was_one(damaged, told):
    said = said_in_html(an_authority_s(an_empty_review(damaged=damaged)))

    assert [each for each in told if each not in said] == []


def test_without_years_before_it_says_only_that_the_year_before_does_not_tell_of_it():
    said = said_in_html(an_authority_s(an_empty_review()))

    assert (
        "No review of the year before tells of this authority: areas that were raised before 2011"
        " are not told of." in said
    )
    assert "was reviewed:" not in said


def test_of_an_area_that_was_carried_over_it_says_in_which_letters():
    area = an_area("One.", carried=("ANR-WESTMERE-2011",))
    said = said_in_html(an_authority_s(a_review(raised=(area,), still_open=(area,))))

    assert "Open since 4 April 2011; said again in ANR-WESTMERE-2011" in said


def test_its_table_holds_each_area_once(one):
    rows = rows_of(one)

    assert tuple(rows[0]) == AREA_COLUMNS
    assert [(row["raised_on"], row["state"], row["ended_by"]) for row in rows] == [
        ("2009-07-14", "open", ""),
        ("2010-03-01", "answered", "CRA-WESTMERE-2011-03-08"),
        ("2010-03-01", "waived", "CRA-WESTMERE-2011-03-08"),
        ("2011-04-04", "open", ""),
        ("2011-04-04", "open", ""),
        ("2011-04-04", "answered", "CRA-WESTMERE-2011-09-13"),
        ("2011-10-24", "open", ""),
    ]
    assert rows[2]["why_waived"] == "The service closed in May 2010."


# What the dossier of the whole year says.


def test_the_whole_year_names_who_was_not_inspected_and_who_not_reviewed(whole):
    said = said_in_html(whole)

    assert "152 of 154 authorities could be reviewed." in said
    assert "8 authorities not inspected in 2011." in said
    assert "No letter of 2011 tells of an inspection of: North Mere 7 Council; Mere 26" in said
    assert "Eastmere Councilchain-brokenThe chain of the last review can’t be read." in said


EVERYONE = "Every authority that was reviewed was inspected in 2011."
UNKNOWN = an_empty_review(damaged=(DISPOSED_ROW,))


@pytest.mark.parametrize(
    ("authorities", "told"),
    [
        pytest.param((), ["None was reviewed."], id="nobody was reviewed"),
        pytest.param((a_review(),), [EVERYONE], id="everyone was inspected"),
        pytest.param(
            (an_empty_review(),),
            ["No letter of 2011 tells of an inspection of: Westmere Borough Council."],
            id="one was not",
        ),
        pytest.param(
            (a_review(), UNKNOWN),
            [
                "Whether these were inspected can’t be told, as letters to them are damaged or"
                " were disposed of: Westmere Borough Council."
            ],
            id="of one it can't be told",
        ),
    ],
)
def test_it_says_that_all_were_inspected_only_where_they_were(authorities, told):
    files = of_all(YearReview(year=2011, as_of=AS_OF, authorities=authorities))

    said = page_of(files).xpath(
        "//h2[.='Authorities with no inspection']/following-sibling::p"
        "[preceding-sibling::h2[1][.='Authorities with no inspection']]"
    )
    assert [each.text_content() for each in said] == told


def test_of_an_authority_whose_inspection_is_unknown_neither_table_nor_verdict_says_more():
    files = of_all(YearReview(year=2011, as_of=AS_OF, authorities=(UNKNOWN,)))

    (row,) = rows_of(files)
    assert (row["reviewed"], row["inspected"]) == ("yes", "")
    said = said_in_html(files)
    assert "1 authority of which it can’t be told whether it was inspected in 2011." in said
    assert "not inspected in 2011." not in said


def test_open_areas_are_listed_the_oldest_first_and_the_rest_counted(whole):
    page = page_of(whole)
    (table,) = page.xpath("//h2[starts-with(., 'Open areas')]/following-sibling::div[1]/table")
    days = [row[0].text_content() for row in table.find("tbody")]

    assert days == ["14 July 2009"] * MOST_LISTED
    total = sum(len(each.still_open) for each in a_year().authorities)
    assert f"Not listed: {total - MOST_LISTED} areas, told of in the dossiers" in said_in_html(
        whole
    )


def test_late_letters_are_listed():
    late = a_reviewed_letter("CRA-WESTMERE-2011-09-13", days=28)
    waits = a_reviewed_letter("CRA-WESTMERE-2011-05-03", None, days=None)
    year = a_year(0, authorities=(a_review(letters=(a_reviewed_letter(), waits, late)),))

    (table,) = page_of(of_all(year)).xpath("//h3[.='Late letters']/following-sibling::div[1]/table")

    assert [[cell.text_content() for cell in row] for row in table.find("tbody")] == [
        [waits.row.reference, WESTMERE.name, "20 allowed, overdue: not with everyone yet"],
        [late.row.reference, WESTMERE.name, "28 of 20, late"],
    ]


def test_the_table_of_the_whole_year_has_a_row_an_authority(whole):
    rows = rows_of(whole)
    known = {row["code"]: row for row in rows}

    assert tuple(rows[0]) == AUTHORITY_COLUMNS
    assert len(rows) == len(known) == 154
    assert known["eastmere"]["reviewed"] == "no"
    assert known["eastmere"]["problem"].startswith("chain-broken: ")
    assert (known["mere-007"]["inspected"], known["mere-008"]["inspected"]) == ("no", "yes")
    assert (known["mere-008"]["still_open"], known["mere-008"]["open_since"]) == (
        "4",
        "2009-07-14",
    )


def test_who_makes_no_dossier_does_not_load_the_plotting_library():
    told = "import sys, tasks.archiving.review.dossier; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", told]).returncode == 0
