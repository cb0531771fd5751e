"""Settings: sources in order, and misspellings told."""

from __future__ import annotations

import pytest

from config.settings import SettingsInvalid, load_settings


def test_defaults_hold_where_the_office_says_nothing(tmp_path):
    settings = load_settings(tmp_path, {})

    assert (settings.mail.provider, settings.signing.rp_id) == ("outbox", "localhost")


def test_a_variable_wins_over_a_secret_file_which_wins_over_the_office(tmp_path):
    (tmp_path / "office.toml").write_text(
        '[mail]\nfrom_name = "Office"\nreply_to = "office@a.example"\nclaim_seconds = 5\n'
    )
    (tmp_path / "name").write_text("File\n")
    environment = {
        "LETTERS_MAIL__FROM_NAME": "Variable",
        "LETTERS_MAIL__FROM_NAME_FILE": str(tmp_path / "name"),
        "LETTERS_MAIL__REPLY_TO_FILE": str(tmp_path / "reply"),
    }
    (tmp_path / "reply").write_text("file@a.example\n")

    mail = load_settings(tmp_path, environment).mail

    assert (mail.from_name, mail.reply_to, mail.claim_seconds) == ("Variable", "file@a.example", 5)


def test_no_place_variable_is_taken_for_a_setting(tmp_path):
    environment = {"LETTERS_OFFICE": "/a", "LETTERS_REGISTER": "/b"}

    assert load_settings(tmp_path, environment) == load_settings(tmp_path, {})


@pytest.mark.parametrize(
    ("file", "environment", "code", "said"),
    [
        pytest.param(
            '[mail]\nfrom_nam = "A"\n', {}, "setting-unknown", "mail.from_nam", id="misspelt key"
        ),
        pytest.param("[male]\n", {}, "setting-unknown", "male", id="misspelt table"),
        pytest.param(
            "", {"LETTERS_OFICE": "x"}, "setting-unknown", "LETTERS_OFFICE?", id="misspelt place"
        ),
        pytest.param(
            "",
            {"LETTERS_MAIL__FROM_NAM": "x"},
            "setting-unknown",
            "Did you mean LETTERS_MAIL__FROM_NAME?",
            id="misspelt variable",
        ),
        pytest.param(
            '[mail]\nfrom_address = "nobody"\n',
            {},
            "setting-invalid",
            "mail.from_address",
            id="a value that doesn't fit",
        ),
        pytest.param("[mail", {}, "setting-invalid", "can't be read", id="no TOML"),
        pytest.param(
            "",
            {"LETTERS_CONFIG": "/nowhere/office.toml"},
            "setting-invalid",
            "LETTERS_CONFIG",
            id="a named file that is missing",
        ),
        pytest.param(
            "",
            {"LETTERS_MAIL__FROM_NAME_FILE": "/nowhere/name"},
            "setting-invalid",
            "LETTERS_MAIL__FROM_NAME_FILE",
            id="a named secret file that is missing",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path, file, environment, code, said):
    (tmp_path / "office.toml").write_text(file)

    with pytest.raises(SettingsInvalid) as raised:
        load_settings(tmp_path, environment)

    assert raised.value.code == code
    assert said in str(raised.value)


@pytest.mark.parametrize(
    "name",
    [
        "LETTERS_SEAL__PKCS12_FILE",
        "LETTERS_SEAL__TRUST_FILE",
        "LETTERS_ARCHIVE__CA_FILE",
        "LETTERS_MAIL__SMTP_CA_FILE",
        "LETTERS_ANCHORS__TSA_TRUST_FILE",
    ],
)
def test_a_setting_that_names_a_file_can_be_set_by_variable(tmp_path, name):
    table, _, key = name.removeprefix("LETTERS_").lower().partition("__")

    settings = load_settings(tmp_path, {name: "keys/some.pem"})

    assert getattr(getattr(settings, table), key) == "keys/some.pem"


SECRETS = (
    ("mail", "sendgrid_key"),
    ("mail", "smtp_password"),
    ("seal", "passphrase"),
)


@pytest.mark.parametrize(("table", "key"), SECRETS)
def test_a_secret_comes_from_a_file_that_the_settings_name(tmp_path, table, key):
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "secret").write_text("s3cret of its own\n")
    (tmp_path / "office.toml").write_text(f'[{table}]\n{key}_file = "keys/secret"\n')

    settings = load_settings(tmp_path, {})

    value = getattr(getattr(settings, table), key)
    assert value.get_secret_value() == "s3cret of its own"
    assert "s3cret" not in f"{settings!r} {settings} {settings.model_dump_json()}"


@pytest.mark.parametrize(("table", "key"), SECRETS)
def test_a_secret_in_the_settings_file_is_refused_and_not_repeated(tmp_path, table, key):
    (tmp_path / "office.toml").write_text(f'[{table}]\n{key} = "s3cret of its own"\n')

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(tmp_path, {})

    assert refused.value.code == "secret-in-settings"
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ('[mail]\nprovider = "smtp"\nrequest_seconds = 30', "less than half of claim_seconds"),
        ('[archive]\nstore = "s3"', "needs the name of its bucket"),
        ('[archive]\nlock = "compliance"', "a folder can't lock objects"),
        ('[seal]\nprofile = "B-T"', "needs tsa_url"),
        ('[mail]\nsendgrid_key_file = "nowhere"', "can't be read: No such file"),
        ('[seal]\ntsa_url = "https://me:secret@tsa.example/"', "tsa_url doesn't fit"),
    ],
    ids=[
        "a request that outlives its claim",
        "S3 without a bucket",
        "a lock on a folder",
        "a time stamp from nobody",
        "a secret's file that isn't there",
        "a password in an address",
    ],
)
def test_settings_that_contradict_each_other_are_refused(tmp_path, told, said):
    (tmp_path / "office.toml").write_text(f"{told}\n")

    with pytest.raises(SettingsInvalid, match=said):
        load_settings(tmp_path, {})
