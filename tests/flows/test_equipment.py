"""What an office is equipped with, and where its secrets come from."""

from __future__ import annotations

import pytest
from prefect.blocks.system import Secret

from flows.equipment import BlockUnavailable, archive_of, post_of, require_post
from letters.errors import UsageError
from tasks.case.folder import FolderStore
from tasks.mailing.outbox import Outbox
from tests.offices import an_office, some_settings

KEY = "SG.0123456789abcdefghijkl.0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"


def sendgrid(root, **mail):
    return some_settings(root, mail={"provider": "sendgrid", **mail})


def an_office_of(root, settings):
    return an_office(root, settings=settings, provider=post_of(root, settings))


def test_an_office_that_says_nothing_has_a_folder_and_an_outbox(tmp_path):
    settings = some_settings(tmp_path)

    assert archive_of(tmp_path, settings.archive) == FolderStore(tmp_path / "archive")
    assert isinstance(post_of(tmp_path, settings), Outbox)


def test_who_only_looks_back_needs_no_key(tmp_path):
    provider = post_of(tmp_path, sendgrid(tmp_path))

    assert (provider.name, provider.find("0" * 32)) == ("sendgrid", "unknown")


def test_a_letter_is_not_begun_without_the_key_that_it_will_need(tmp_path):
    office = an_office_of(tmp_path, sendgrid(tmp_path))

    with pytest.raises(UsageError) as refused:
        require_post(office)

    assert (refused.value.code, "sendgrid_key_file" in refused.value.remedy) == (
        "key-missing",
        True,
    )


def test_without_a_key_nothing_is_sent_and_the_delivery_stays_pending(tmp_path):
    provider = post_of(tmp_path, sendgrid(tmp_path))

    assert provider.send(b"not even read", send_id="0" * 32).result == "refused"


def test_a_block_is_not_looked_for_where_no_server_is_known(tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    office = an_office_of(tmp_path, sendgrid(tmp_path, sendgrid_key_block="post"))

    with pytest.raises(BlockUnavailable, match="of which no server is known"):
        require_post(office)


@pytest.mark.usefixtures("engine")
def test_the_key_comes_from_a_secret_block(tmp_path):
    Secret(value=KEY).save("post-key", overwrite=True)

    require_post(an_office_of(tmp_path, sendgrid(tmp_path, sendgrid_key_block="post-key")))


@pytest.mark.usefixtures("engine")
def test_a_block_that_is_not_there_is_named(tmp_path):
    office = an_office_of(tmp_path, sendgrid(tmp_path, sendgrid_key_block="nowhere"))

    with pytest.raises(BlockUnavailable, match="“nowhere” can't be loaded"):
        require_post(office)


@pytest.mark.usefixtures("engine")
def test_credentials_of_s3_come_from_a_block(tmp_path):
    credentials = pytest.importorskip("prefect_aws.credentials")
    credentials.AwsCredentials(
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="s3cret of its own",  # noqa: S106
    ).save("archive", overwrite=True)
    settings = some_settings(
        tmp_path, archive={"store": "s3", "bucket": "letters", "credentials_block": "archive"}
    )

    store = archive_of(tmp_path, settings.archive)

    told = store.client._request_signer._credentials.get_frozen_credentials()
    assert (told.access_key, told.secret_key) == ("AKIAEXAMPLE", "s3cret of its own")
    assert "s3cret" not in repr(store)
