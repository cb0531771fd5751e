"""A stranger checks an exported sign-off with the program that the docs print, and nothing else."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from letters.canonical import sha256_hex
from letters.signoff import Decision, Statement, base64url, from_base64url
from tasks.signoff.export import exported
from tests.signoff.authenticator import PRESENT, VERIFIED, Authenticator
from tests.signoff.signing_room import SIGNATORY, SigningRoom, enrolled

PAGE = (Path(__file__).parents[2] / "docs" / "check-a-sign-off.md").read_text("utf-8")
COMMENTS = "Page 2: “timely” is not what I wrote. 🖊"

PARTS = {
    "client_data_json": "clientDataJSON",
    "authenticator_data": "authenticatorData",
    "signature": "signature",
}


def printed(language):
    """The one program in that language that the page prints."""
    (program,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return program


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    return SigningRoom(tmp_path_factory.mktemp("office"))


@pytest.fixture(scope="module")
def returned(room):
    """An exported return with comments."""
    return exported(room.sign(Decision.RETURN, COMMENTS))


@pytest.fixture
def check(tmp_path):
    """Run the printed program on a file, isolated from everything of this product."""
    program = tmp_path / "check_sign_off.py"
    program.write_text(printed("python"), encoding="utf-8")

    def run(told):
        file = tmp_path / "sign-off.json"
        file.write_text(json.dumps(told, indent=2, ensure_ascii=False), encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-I", program, file],
            cwd=tmp_path,
            env={"PYTHONIOENCODING": "utf-8"},
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )

    return run


def test_the_program_is_about_twenty_lines_and_needs_cryptography_alone():
    lines = [line for line in printed("python").splitlines() if line.strip()]
    imported = re.findall(r"^(?:from|import) ([^\n]*?)(?: import .*)?$", printed("python"), re.M)
    packages = {name.strip().split(".")[0] for line in imported for name in line.split(",")}

    assert len(lines) <= 28
    assert packages - set(sys.stdlib_module_names) == {"cryptography"}


def test_a_good_export_checks_out_and_says_who_decided_what(check, returned, room):
    done = check(returned)

    said = returned["statement"]
    assert (done.returncode, done.stderr) == (0, "")
    decided, pack, key = done.stdout.splitlines()
    assert decided == (f"{SIGNATORY} decided “return” on {said['reference']} r1 at {said['at']}")
    assert pack == f"pack {room.case.pack(1).sha256}"
    assert re.fullmatch(r"key  [0-9a-f]{64}", key)


def test_the_pack_it_names_is_the_file_in_the_case(room, returned):
    data = room.case.get("r1/pack.json")

    assert returned["statement"]["pack"] == sha256_hex(data.removesuffix(b"\n"))


@pytest.mark.parametrize(
    "private_key",
    [
        pytest.param(rsa.generate_private_key(65537, 2048), id="RS256"),
        pytest.param(ed25519.Ed25519PrivateKey.generate(), id="EdDSA"),
        pytest.param(ec.generate_private_key(ec.SECP256R1()), id="ES256"),
    ],
)
def test_it_checks_keys_of_every_kind_that_can_be_enrolled(check, tmp_path, private_key):
    room = SigningRoom(tmp_path / "office")
    key = Authenticator(private_key, origin=room.office.settings.signing.origin)
    enrolled(room.office, SIGNATORY, key)
    told = exported(room.sign(key=key))

    assert check(told).returncode == 0
    assert check(flipped(told, "signature", -1)).returncode == 1


def flipped(told, part, at):
    """Flip one bit of a part that is written in base64url."""
    data = bytearray(from_base64url(told[part]))
    data[at] ^= 1
    return {**told, part: base64url(bytes(data))}


def stating(**changes):
    return lambda told, _: {**told, "statement": told["statement"] | changes}


def saying(**changes):
    return lambda told, _: {**told, **changes}


def another_key(told, room):
    _, enrolment = enrolled(room.office, SIGNATORY)
    return {**told, "public_key_pem": enrolment.public_key_pem}


def answered_anew(**misbehaviour):
    """The inspector's own key signs once more, and something is amiss with its answer."""

    def make(told, room):
        statement = Statement.model_validate(told["statement"])
        answer = room.key.answer_to(statement, **misbehaviour)["response"]
        return {**told, **{part: answer[name] for part, name in PARTS.items()}}

    return make


TAMPERED = [
    pytest.param(stating(reference="CRA-WESTMERE-2010-03-09"), "this statement", id="the letter"),
    pytest.param(stating(revision=2), "this statement", id="the revision"),
    pytest.param(stating(pack="0" * 64), "this statement", id="the pack"),
    pytest.param(stating(decision="approve"), "this statement", id="the decision"),
    pytest.param(stating(comments_sha256="0" * 64), "this statement", id="the comments' hash"),
    pytest.param(stating(inspector="treyne"), "this statement", id="the inspector"),
    pytest.param(stating(nonce="A" * 43), "this statement", id="the nonce"),
    pytest.param(stating(at="2011-03-14T09:00:00.000Z"), "this statement", id="the moment"),
    pytest.param(stating(layout=2), "the layout", id="the statement's layout"),
    pytest.param(stating(added="x"), "this statement", id="something added to the statement"),
    pytest.param(saying(layout=2), "the layout", id="the file's layout"),
    pytest.param(saying(comments="All is well."), "the comments", id="the comments"),
    pytest.param(saying(comments=""), "the comments", id="no comments"),
    pytest.param(saying(rp_id="example.org"), "the office's name", id="the office's name"),
    pytest.param(saying(origin="https://example.org"), "the office's own", id="the page"),
    pytest.param(another_key, "InvalidSignature", id="the public key"),
    pytest.param(lambda t, _: flipped(t, "signature", 10), "InvalidSignature", id="signature"),
    pytest.param(lambda t, _: flipped(t, "authenticator_data", 0), "office's name", id="rpId hash"),
    pytest.param(lambda t, _: flipped(t, "authenticator_data", 32), "was there", id="UP"),
    pytest.param(
        lambda t, _: flipped(t, "authenticator_data", -1), "InvalidSignature", id="the counter"
    ),
    pytest.param(lambda t, _: flipped(t, "client_data_json", 0), "JSON", id="the client data"),
    pytest.param(
        lambda t, _: flipped(t, "client_data_json", -3), "", id="the end of the client data"
    ),
    pytest.param(answered_anew(flags=PRESENT), "(UV)", id="user verification off, and signed"),
    pytest.param(answered_anew(flags=VERIFIED), "(UP)", id="nobody present, and signed"),
    pytest.param(answered_anew(origin="https://a.example"), "office's own", id="another page"),
    pytest.param(answered_anew(rp_id="a.example"), "office's name", id="another office's name"),
    pytest.param(answered_anew(type="webauthn.create"), "for a signature", id="an enrolment"),
    pytest.param(answered_anew(challenge="A" * 43), "this statement", id="another challenge"),
]


@pytest.mark.parametrize(("tamper", "said"), TAMPERED)
def test_a_tampered_export_does_not_check_out(check, returned, room, tamper, said):
    tampered = tamper(returned, room)
    assert tampered != returned

    done = check(tampered)

    assert done.returncode == 1
    assert done.stdout == ""
    assert said in done.stderr


@pytest.mark.parametrize("field", ["statement", "comments", *PARTS, "public_key_pem", "origin"])
def test_an_export_that_lacks_something_does_not_check_out(check, returned, field):
    done = check({name: value for name, value in returned.items() if name != field})

    assert (done.returncode, done.stdout) == (1, "")


def test_the_table_tampers_with_every_field(returned, room):
    changed = set()
    for param in TAMPERED:
        tampered = param.values[0](returned, room)
        changed |= {name for name in returned if tampered[name] != returned[name]}
        changed |= {
            f"statement.{name}"
            for name, value in returned["statement"].items()
            if tampered["statement"][name] != value
        }

    assert changed == {*returned, *(f"statement.{name}" for name in returned["statement"])}


@pytest.mark.skipif(
    not (shutil.which("jq") and shutil.which("openssl")), reason="jq or openssl is missing"
)
@pytest.mark.parametrize("kind", ["ES256", "RS256"])
def test_openssl_checks_the_same_signature(tmp_path, kind):
    room = SigningRoom(tmp_path / "office")
    if kind == "RS256":
        origin = room.office.settings.signing.origin
        room.key = Authenticator(rsa.generate_private_key(65537, 2048), origin=origin)
        enrolled(room.office, SIGNATORY, room.key)
    told = exported(room.sign())

    def run(told):
        (tmp_path / "sign-off.json").write_text(json.dumps(told, indent=2), encoding="utf-8")
        done = subprocess.run(
            ["sh", "-c", printed("sh")], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.strip()

    assert run(told) == (0, "Verified OK")
    assert run(flipped(told, "authenticator_data", -1)) == (1, "Verification failure")
