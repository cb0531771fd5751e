"""The register's files: what is read, and what is refused with its place and the fix."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from letters.letter import Authority
from letters.register import Contact, Inspector, Register, RegisterError
from tasks.drafting.register_files import load_register

AUTHORITIES = "code,name,short_name\nwestmere,Westmere Borough Council,Westmere\n"
CONTACTS = "authority,role,name,email\nwestmere,director,Ms Siân Prydderch,d@w.example\n"
INSPECTORS = '[[inspector]]\nid = "he"\nname = "Harriet Elmsley"\nemail = "h@i.example"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "authorities.csv").write_text(AUTHORITIES, encoding="utf-8")
    (tmp_path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    (tmp_path / "inspectors.toml").write_text(INSPECTORS, encoding="utf-8")
    return tmp_path


WESTMERE = Authority(code="westmere", name="Westmere Borough Council", short_name="Westmere")
PRYDDERCH = Contact(
    authority="westmere", role="director", name="Ms Siân Prydderch", email="d@w.example"
)
ELMSLEY = Inspector(id="he", name="Harriet Elmsley", email="h@i.example")


def test_a_register_is_read(folder):
    assert load_register(folder) == Register(
        authorities=(WESTMERE,), contacts=(PRYDDERCH,), inspectors=(ELMSLEY,)
    )


def test_the_sample_office_s_register_is_read():
    register = load_register(Path(str(files("config") / "sample_office")))

    assert [authority.code for authority in register.authorities] == ["westmere"]
    assert [contact.role for contact in register.contacts] == [
        *("director", "chief-executive", "safeguarding-board-chair", "lead-member", "department"),
    ]
    assert all(inspector.sample for inspector in register.inspectors)
    addresses = [entry.email for entry in (*register.contacts, *register.inspectors)]
    assert [address for address in addresses if not (address or "").endswith(".example")] == []


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(b"\xef\xbb\xbf" + CONTACTS.encode(), (PRYDDERCH,), id="a byte order mark"),
        pytest.param(
            CONTACTS.replace("\n", "\r\n").encode(), (PRYDDERCH,), id="line ends of Windows"
        ),
        pytest.param(
            b"name, email ,authority,role\n Ms Si\xc3\xa2n Prydderch,d@w.example,westmere,director",
            (PRYDDERCH,),
            id="another order of columns, blanks, no line end",
        ),
        pytest.param(CONTACTS.encode() + b"\n,,,\n  \n", (PRYDDERCH,), id="empty rows"),
        pytest.param(
            CONTACTS.replace("d@w.example", "").encode(),
            (PRYDDERCH.model_copy(update={"email": None}),),
            id="no address",
        ),
        pytest.param(
            CONTACTS.encode() + b'westmere,director,"Ash, Jo",a@b.example\n',
            (
                PRYDDERCH,
                Contact(authority="westmere", role="director", name="Ash, Jo", email="a@b.example"),
            ),
            id="a second holder of a post, with a comma in the name",
        ),
        pytest.param(
            b"authority,role,name,email\n*,department,Jo Ash,a@b.example\n",
            (Contact(authority="*", role="department", name="Jo Ash", email="a@b.example"),),
            id="a post for every authority",
        ),
    ],
)
def test_forms_of_a_table(folder, written, expected):
    (folder / "contacts.csv").write_bytes(written)
    assert load_register(folder).contacts == expected


def test_an_inspector_is_a_sample_only_when_it_is_said(folder):
    (folder / "inspectors.toml").write_text(INSPECTORS + "sample = true\n")
    assert load_register(folder).inspectors == (ELMSLEY.model_copy(update={"sample": True}),)


def test_a_register_may_be_empty(folder):
    (folder / "authorities.csv").write_text("code,name,short_name\n")
    (folder / "contacts.csv").write_text("authority,role,name,email\n")
    (folder / "inspectors.toml").write_text("# none yet\n")
    assert load_register(folder) == Register(authorities=(), contacts=(), inspectors=())


C = "contacts.csv"
A = "authorities.csv"
I = "inspectors.toml"  # noqa: E741 the three files, short for the table


@pytest.mark.parametrize(
    ("name", "written", "message", "where", "remedy"),
    [
        pytest.param(
            C,
            "",
            "The column “authority” is missing.",
            "line 1",
            "The first line is: authority,role,name,email",
            id="an empty file",
        ),
        pytest.param(
            C,
            "authority,role,name\n",
            "The column “email” is missing.",
            "line 1",
            "The first line is: authority,role,name,email",
            id="a missing column",
        ),
        pytest.param(
            C,
            "authority,role,name,email,email\n",
            "The column “email” is twice.",
            "line 1",
            "The first line is: authority,role,name,email",
            id="a column twice",
        ),
        pytest.param(
            C,
            "authority,role,nmae,email\n",
            "There is no column “nmae”.",
            "line 1",
            "Did you mean “name”?",
            id="a misspelt column",
        ),
        pytest.param(
            C,
            "authority,role,name,email,phone\n",
            "There is no column “phone”.",
            "line 1",
            "Known: authority, email, name, role.",
            id="an unknown column",
        ),
        pytest.param(
            C,
            "authority;role;name;email\n",
            "The columns are not separated by commas.",
            "line 1",
            "Save the table again as comma-separated values.",
            id="semicolons",
        ),
        pytest.param(
            C,
            "authority\trole\tname\temail\n",
            "The columns are not separated by commas.",
            "line 1",
            "Save the table again as comma-separated values.",
            id="tabs",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,chair,Ash, Jo,a@b.example\n",
            "The row has 5 cells, but there are 4 columns.",
            "line 3",
            'Put a text that holds a comma into quotes: "Smith, Jane".',
            id="a comma outside quotes",
        ),
        pytest.param(
            C,
            CONTACTS + 'westmere,chair,"Ash,a@b.example\n',
            "contacts.csv can't be read as a table: unexpected end of data.",
            "line 3",
            "See that every quotation mark in that line is closed, and doubled inside.",
            id="an open quotation mark",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,chair,Jo Ash,jo at b.example\n",
            "“jo at b.example” is no valid email.",
            "line 3, column email",
            "Write one address, such as director@council.example.",
            id="a bad address",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,chair,Jo Ash,a@b.example b@b.example\n",
            "“a@b.example b@b.example” is no valid email.",
            "line 3, column email",
            "Write one address, such as director@council.example.",
            id="two addresses",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,Board Chair,Jo Ash,a@b.example\n",
            "“Board Chair” is no valid role.",
            "line 3, column role",
            "Write lower-case letters and hyphens, such as chief-executive.",
            id="a role in words",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,chair,,a@b.example\n",
            "The name is missing.",
            "line 3, column name",
            "Write the name as letters print it, on one line.",
            id="no name",
        ),
        pytest.param(
            C,
            CONTACTS + "wetsmere,chair,Jo Ash,a@b.example\n",
            "authorities.csv has no authority with the code “wetsmere”.",
            "line 3, column authority",
            "Did you mean “westmere”? Write the authority's code from authorities.csv, or * for "
            "every authority.",
            id="an authority that isn't there",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,director,Ms Siân Prydderch,other@w.example\n",
            "Ms Siân Prydderch holds the post “director” in line 2 already.",
            "line 3, column name",
            "Delete one of the two rows: nothing says which address is right.",
            id="one holder with two addresses",
        ),
        pytest.param(
            C,
            CONTACTS + 'westmere,chair,"Jo\nAsh",a@b.example\n',
            "The text holds a line break or control character (U+000A).",
            "line 4, column name",
            "Write it on one line, without tabs.",
            id="a line break in a name",
        ),
        pytest.param(
            C,
            CONTACTS + "westmere,chair,Jo\u202eAsh,a@b.example\n",
            "contacts.csv holds the control character U+202E.",
            "line 3",
            "Delete the character; type that line anew if it can't be seen.",
            id="a character that turns the writing round",
        ),
        pytest.param(
            C,
            CONTACTS.encode() + b"westmere,chair,Jo \xe9,a@b.example\n",
            "contacts.csv is not UTF-8 text.",
            "line 3",
            "Save it again with the encoding UTF-8 (a spreadsheet calls it “CSV UTF-8”).",
            id="another encoding",
        ),
        pytest.param(
            A,
            AUTHORITIES + "westmere,Other,Another\n",
            "“westmere” stands for two authorities: it is in line 2 already.",
            "line 3, column code",
            "Delete one of the two rows, or name one of them otherwise.",
            id="a code twice",
        ),
        pytest.param(
            A,
            AUTHORITIES + "eastmere,Eastmere,WESTMERE\n",
            "“WESTMERE” stands for two authorities: it is in line 2 already.",
            "line 3, column short_name",
            "Delete one of the two rows, or name one of them otherwise.",
            id="one authority's short name is another's code",
        ),
        pytest.param(
            A,
            AUTHORITIES + "East Mere,Eastmere,East\n",
            "“East Mere” is no valid code.",
            "line 3, column code",
            "Write lower-case letters, digits and hyphens, such as north-shire.",
            id="a code in words",
        ),
        pytest.param(
            I,
            INSPECTORS.replace("email", "e-mail"),
            "There is no key “e-mail”.",
            "inspector 1",
            "Did you mean “email”?",
            id="a misspelt key",
        ),
        pytest.param(
            I,
            INSPECTORS.replace("[[inspector]]", "[[inspectors]]"),
            "There is no key “inspectors”.",
            "",
            "Did you mean “inspector”?",
            id="a misspelt table",
        ),
        pytest.param(
            I,
            INSPECTORS.replace("[[inspector]]", "[inspector]"),
            "Inspectors are a list of tables.",
            "key inspector",
            "Begin each inspector with a line [[inspector]], in double brackets.",
            id="single brackets",
        ),
        pytest.param(
            I,
            INSPECTORS + 'sample = "yes"\n',
            "“yes” is no valid sample.",
            "inspector 1, key sample",
            "Write true or false, without quotes.",
            id="a word for true",
        ),
        pytest.param(
            I,
            INSPECTORS.replace('email = "h@i.example"\n', ""),
            "The email is missing.",
            "inspector 1, key email",
            "Write one address, such as director@council.example.",
            id="an inspector without address",
        ),
        pytest.param(
            I,
            INSPECTORS + INSPECTORS.replace("Harriet", "H"),
            "There are two inspectors with the id “he”.",
            "inspector 2, key id",
            "Delete one of the two, or tell them apart.",
            id="an id twice",
        ),
        pytest.param(
            I,
            INSPECTORS + INSPECTORS.replace('"he"', '"he2"'),
            "There are two inspectors with the name “Harriet Elmsley”.",
            "inspector 2, key name",
            "Delete one of the two, or tell them apart.",
            id="a name twice",
        ),
        pytest.param(
            I,
            INSPECTORS.replace("Harriet Elmsley", "Harriet\\nElmsley"),
            "The text holds a line break or control character (U+000A).",
            "inspector 1, key name",
            "Write it on one line, without tabs.",
            id="a line break spelt in TOML",
        ),
        pytest.param(
            I,
            "[[inspector]]\nid = he\n",
            "inspectors.toml is not valid TOML: Invalid value (at line 2, column 6).",
            "",
            'Correct that place; text stands in quotes: key = "value".',
            id="text without quotes",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_the_fix(
    folder, name, written, message, where, remedy
):
    data = written if isinstance(written, bytes) else written.encode()
    (folder / name).write_bytes(data)

    with pytest.raises(RegisterError) as caught:
        load_register(folder)

    place = f"{folder / name}, {where}" if where else str(folder / name)
    assert (caught.value.message, caught.value.where, caught.value.remedy) == (
        message,
        place,
        remedy,
    )
    assert caught.value.code == "register-invalid"


@pytest.mark.parametrize("name", [A, C, I])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(RegisterError) as caught:
        load_register(folder)
    assert (caught.value.message, caught.value.where) == (f"{name} is missing.", str(folder / name))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(RegisterError) as caught:
        load_register(tmp_path / "nowhere")
    assert (caught.value.message, caught.value.where) == (
        "There is no folder with a register.",
        str(tmp_path / "nowhere"),
    )


def test_a_folder_in_a_file_s_place_is_no_file(folder):
    (folder / C).unlink()
    (folder / C).mkdir()
    with pytest.raises(RegisterError, match=r"^contacts.csv is missing\."):
        load_register(folder)


def test_a_file_too_large_is_refused(folder):
    (folder / C).write_bytes(b"x" * 5_000_001)
    with pytest.raises(RegisterError, match=r"^contacts.csv is larger than 5 MB\."):
        load_register(folder)


def test_too_many_rows_are_refused(folder):
    (folder / C).write_text("authority,role,name,email\n" + "\n" * 100_001)
    with pytest.raises(RegisterError, match=r"^contacts.csv has more than 100,000 rows\."):
        load_register(folder)
