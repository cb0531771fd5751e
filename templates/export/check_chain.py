"""Check that no entry of the trail was altered, and that what it names lies here unaltered.

python3 -I check_chain.py [SEQ:SHA256 ...]     heads that you got from outside, such as X-Case-Head
"""

import hashlib
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent
heads, previous, named = {}, "0" * 64, {}
for number, line in enumerate(here.joinpath("audit.jsonl").read_bytes().splitlines(True), start=1):
    entry = json.loads(line)
    if (entry["seq"], entry["previous"]) != (number, previous):
        sys.exit(f"NOT WHOLE: entry {number} doesn't follow the one before it.")
    previous = heads[number] = hashlib.sha256(line).hexdigest()
    if "object" in entry["detail"]:
        named[entry["detail"]["object"]] = entry["detail"]["sha256"]
for key, sha256 in named.items():
    file = here / "archive" / key
    if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != sha256:
        sys.exit(f"NOT AS RECORDED: archive/{key}")
for told in sys.argv[1:]:
    number, _, sha256 = told.partition(":")
    if heads.get(int(number)) != sha256.lower():
        sys.exit(f"ANOTHER TRAIL: its entry {number} is not the one that {told} names.")
print(
    f"{len(heads)} entries, each bound to the one before; {len(named)} objects as they were named."
)
print(f"head {len(heads)}:{previous}")
