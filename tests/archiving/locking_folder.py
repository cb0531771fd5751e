"""A folder that bears locks and holds as a bucket does, for tests in which no server matters."""

from tasks.case.folder import FolderStore
from tasks.case.store import object_missing
from tests.offices import some_settings
from tests.radosgw import an_archive


class LockingFolder(FolderStore):
    """Locks and holds are remembered, and bind nobody; counts the questions about locks."""

    def __init__(self, root):
        super().__init__(root)
        self.locks, self.held, self.asked = {}, set(), []

    def version(self, key):
        self.get(key)
        return "1"

    def lock(self, key, lock):
        present = self.locked(key)
        if present is None or not present.covers(lock):
            self.locks[key] = lock

    def locked(self, key):
        self.asked.append(key)
        if not self.exists(key):
            raise object_missing(key)
        return self.locks.get(key)

    def hold(self, key, is_held):
        (self.held.add if is_held else self.held.discard)(key)

    def is_held(self, key):
        return key in self.held


def settings_that_lock(root, lock):
    """Settings of an office whose archive is a bucket that locks."""
    return some_settings(root, archive=an_archive(lock=lock).model_dump())
