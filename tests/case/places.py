"""Places where a store can be opened, by as many processes as a test wants."""

import json
import uuid
from pathlib import Path
from typing import NamedTuple

from tasks.case.folder import FolderStore
from tasks.case.s3 import S3Store, make_client
from tasks.case.settings import Archive


class Place(NamedTuple):
    """An empty place of one kind; `Place.read(place.told())` is the same in another process."""

    kind: str
    root: str
    archive: Archive | None = None
    credentials: dict[str, str] | None = None

    def open(self):
        """Open the store that lies here."""
        if self.archive is None:
            return FolderStore(Path(self.root) / "archive")
        told = self.archive
        if told.endpoint not in _clients:
            _clients[told.endpoint] = make_client(
                told, root=Path(self.root), credentials=self.credentials
            )
        return S3Store(_clients[told.endpoint], told.bucket, told.prefix, endpoint=told.endpoint)

    def told(self):
        """Write it for another process."""
        archive = None if self.archive is None else self.archive.model_dump()
        return json.dumps([self.kind, self.root, archive, self.credentials])

    @classmethod
    def read(cls, told):
        """Read what `told` wrote."""
        kind, root, archive, credentials = json.loads(told)
        return cls(kind, root, archive and Archive(**archive), credentials)


def a_place(kind, root, request):
    """An empty place: a folder, or a prefix of its own in a bucket of the server named `kind`."""
    if kind == "folder":
        return Place(kind, str(root))
    server = request.getfixturevalue(kind)
    archive = server.archive(bucket_of(server), prefix=f"tests/{uuid.uuid4().hex}")
    return Place(kind, str(root), archive, server.credentials)


_buckets = {}
_clients = {}


def bucket_of(server):
    """The bucket that tests share which need no bucket of their own."""
    if server.endpoint not in _buckets:
        _buckets[server.endpoint] = server.bucket()
    return _buckets[server.endpoint]
