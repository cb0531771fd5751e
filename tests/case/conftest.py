"""S3 servers for all tests of the case's store."""

from tests.radosgw import moto as moto
from tests.radosgw import radosgw as radosgw
