"""Lists that are longer than a page, as a server tells where they go on."""

from __future__ import annotations

from typing import Any

from tasks.case.s3_versions import list_folders


class Pages:
    """A server that hands out pages, and remembers with which markers it was asked."""

    def __init__(self, *pages: dict[str, Any]) -> None:
        self._pages = iter(pages)
        self.asked: list[tuple[str | None, str | None]] = []

    def list_object_versions(self, **told: Any) -> dict[str, Any]:
        self.asked.append((told.get("KeyMarker"), told.get("VersionIdMarker")))
        return next(self._pages)


def test_a_page_of_folders_that_ends_with_a_folder_is_gone_on_from_without_a_version():
    server = Pages(
        {
            "IsTruncated": True,
            "NextKeyMarker": "p/x",
            "NextVersionIdMarker": "v1",
            "CommonPrefixes": [{"Prefix": "p/a/"}],
        },
        {
            "IsTruncated": True,
            "NextKeyMarker": "p/y/",
            "CommonPrefixes": [{"Prefix": "p/y/"}],
        },
        {"IsTruncated": False, "CommonPrefixes": [{"Prefix": "p/z/"}]},
    )

    assert list(list_folders(server, "bucket", "p/")) == ["a", "y", "z"]
    assert server.asked == [(None, None), ("p/x", "v1"), ("p/y/", None)]
