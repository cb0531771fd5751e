"""What it costs to keep an object, on a folder and on S3, and to seal a letter.

Each beside the bare call of the same library or system in the same run: what is left is
the price of “once only, whole, and the oldest counts”.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import subprocess
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from benchmarks.measures import Cost, Spread, cost_of, in_turn
from benchmarks.processes import ROOT, environment
from benchmarks.render import sample_letter
from benchmarks.sample import SAMPLE
from benchmarks.tables import Table, at_most, shown_spread
from config.settings import load_settings
from flows.office import open_office
from tasks.case.folder import FolderStore
from tasks.case.office import Office
from tasks.case.s3 import S3Store, make_client
from tasks.rendering.pdf import render_pdf

ROUNDS = 60
SEALS = 20
OBJECT_BYTES = 60_000
"""A letter of three pages."""
SEAL_MS = 150

COLUMNS = ("contender", "n", "min ms", "median ms", "p95 ms", "CPU ms", "× bare", "target", "met?")
NO_TARGET = ("", "")


def measure() -> list[Table]:
    """Measure puts and seals, each in turn with the bare call."""
    return [_folder_puts(), *_s3_puts(), _seals()]


def _folder_puts() -> Table:
    with tempfile.TemporaryDirectory() as folder:
        store = FolderStore(Path(folder) / "archive")
        bare = Path(folder) / "bare"
        bare.mkdir()
        costs = in_turn(
            {
                "bare: a file written and synced": lambda n: cost_of(
                    lambda: _write_synced(bare / f"{n}", secrets.token_bytes(OBJECT_BYTES))
                ),
                "the folder store's put": lambda n: cost_of(
                    lambda: store.put(f"cases/a/{n}.pdf", secrets.token_bytes(OBJECT_BYTES))
                ),
                "put again: it is there": lambda _: cost_of(
                    lambda: store.put("cases/a/0.pdf", b"others")
                ),
            },
            ROUNDS,
        )
    return _table(
        "Keeping an object of 60 KB in a folder",
        costs,
        notes=(
            "The store's put is a temporary file, synced, linked to its name, and its folder"
            " synced.",
        ),
    )


def _s3_puts() -> Iterator[Table]:
    with _s3_server() as told:
        if told is None:
            return
        client, bucket = told
        store = S3Store(client, bucket)
        costs = in_turn(
            {
                "bare: boto3's put_object": lambda n: cost_of(
                    lambda: _put(client, bucket, f"bare/{n}", secrets.token_bytes(OBJECT_BYTES))
                ),
                "the S3 store's put": lambda n: cost_of(
                    lambda: store.put(f"cases/a/{n}.pdf", secrets.token_bytes(OBJECT_BYTES))
                ),
                "bare: boto3's get_object": lambda n: cost_of(
                    lambda: client.get_object(Bucket=bucket, Key=f"bare/{n}")["Body"].read()
                ),
                "the S3 store's get": lambda n: cost_of(lambda: store.get(f"cases/a/{n}.pdf")),
            },
            ROUNDS,
        )
    yield _table(
        "Keeping an object of 60 KB on S3 (Ceph's radosgw, on this machine)",
        costs,
        bare_of={"the S3 store's get": "bare: boto3's get_object"},
        notes=(
            "A put looks for the key's versions before and after it writes, since this server"
            " ignores conditional writes; a get looks for the oldest version, and reads that.",
        ),
    )


def _seals() -> Table:
    from tasks.rendering.seal import seal
    from tasks.rendering.seal_keys import sealing_key

    pdf = render_pdf(sample_letter())
    with tempfile.TemporaryDirectory() as folder:
        office = _office(Path(folder))
        key = sealing_key(office)
        bare_seal = _bare_pyhanko(office.keys_folder)

        def sealed(_: int) -> Cost:
            return cost_of(
                lambda: seal(
                    pdf,
                    key,
                    profile="B-B",
                    tsa_url="",
                    trust=b"",
                    reason="Sealed",
                    at=office.clock(),
                )
            )

        sealed(0)
        costs = in_turn(
            {
                "bare: pyHanko's sign_pdf": lambda _: cost_of(lambda: bare_seal(pdf)),
                "the letter's seal (PAdES B-B)": sealed,
            },
            SEALS,
        )
    ours = Spread.of(cost.wall_seconds for cost in costs["the letter's seal (PAdES B-B)"])
    return _table(
        "Sealing the sample letter, warm",
        costs,
        targets={"the letter's seal (PAdES B-B)": at_most(ours.median * 1000, SEAL_MS, "ms")},
        notes=(
            "Bare: an invisible PAdES signature by pyHanko's own signer with a key of its own"
            " (RSA 2048), not certified, and without what keeps the file accessible.",
        ),
    )


def _bare_pyhanko(folder: Path) -> Callable[[bytes], object]:
    """Make what seals with pyHanko's own objects and a certificate made by openssl."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata, SimpleSigner, sign_pdf

    folder.mkdir(exist_ok=True)
    key, certificate = str(folder / "bare.key"), str(folder / "bare.pem")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
         "-subj", "/CN=bare", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    signer = SimpleSigner.load(key, certificate)
    metadata = PdfSignatureMetadata(field_name="Seal", subfilter=SigSeedSubFilter.PADES)
    return lambda pdf: sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), metadata, signer=signer)


@contextmanager
def _s3_server() -> Iterator[tuple[Any, str] | None]:
    """Start the project's own S3 server and make a bucket; None where it can't be had."""
    script = str(ROOT / "deploy" / "radosgw")
    with tempfile.TemporaryDirectory() as folder:
        port = str(20_000 + secrets.randbelow(10_000))
        told = {**os.environ, "PORT": port}
        if subprocess.run([script, "start", folder], env=told, capture_output=True).returncode:
            yield None
            return
        try:
            credentials = ConfigParser()
            credentials.read(Path(folder) / "credentials")
            archive = load_settings(Path(folder), {}).archive.model_copy(
                update={
                    "store": "s3",
                    "bucket": "bench",
                    "endpoint": f"http://127.0.0.1:{port}",
                    "path_style": True,
                }
            )
            client = make_client(
                archive, root=Path(folder), credentials=dict(credentials["default"])
            )
            client.create_bucket(Bucket="bench")
            enabled = {"Status": "Enabled"}
            client.put_bucket_versioning(Bucket="bench", VersioningConfiguration=enabled)
            yield client, "bench"
        finally:
            subprocess.run([script, "stop", folder], env=told, capture_output=True)


def _office(root: Path) -> Office:
    return open_office(environment(LETTERS_OFFICE=str(root), LETTERS_REGISTER=str(SAMPLE)))


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _put(client: Any, bucket: str, key: str, data: bytes) -> None:
    checksum = b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
    client.put_object(Bucket=bucket, Key=key, Body=data, ContentMD5=checksum)


def _table(
    title: str,
    costs: dict[str, list[Cost]],
    *,
    targets: dict[str, tuple[str, str]] | None = None,
    bare_of: dict[str, str] | None = None,
    notes: tuple[str, ...] = (),
) -> Table:
    wall = {name: Spread.of(cost.wall_seconds for cost in costs[name]) for name in costs}
    cpu = {name: Spread.of(cost.cpu_seconds for cost in costs[name]) for name in costs}
    first = next(iter(costs))
    return Table(
        title,
        COLUMNS,
        tuple(
            (
                name,
                *shown_spread(wall[name], scale=1000, digits=1),
                f"{cpu[name].median * 1000:.1f}",
                f"{wall[name].median / wall[(bare_of or {}).get(name, first)].median:.1f}",
                *(targets or {}).get(name, NO_TARGET),
            )
            for name in costs
        ),
        notes,
    )
