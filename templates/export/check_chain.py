"""Check that no entry of the trail was altered, and that what it names lies here unaltered:
the letter's objects, and each e-mail as it was claimed before it was sent.

python3 -I check_chain.py [SEQ:SHA256 ...]     heads that you got from outside, such as X-Case-Head
"""

import hashlib
import json
import pathlib
import re
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
claims = [key for key in named if re.search(r"/claim-[0-9]+[.]json$", key)]
claimed = {json.loads((here / "archive" / key).read_bytes())["message_sha256"] for key in claims}
emails = sorted(here.joinpath("emails").glob("*.eml"))
for email in emails:
    if hashlib.sha256(email.read_bytes()).hexdigest() not in claimed:
        sys.exit(f"NOT AS CLAIMED: emails/{email.name}")
for told in sys.argv[1:]:
    head = re.fullmatch(r"(?:X-Case-Head: *)?([0-9]{1,8}):([0-9A-Fa-f]{64})", told.strip())
    if head is None:
        sys.exit(f"NO HEAD: {told} is not SEQ:SHA256, a number, a colon and 64 digits.")
    if heads.get(int(head[1])) != head[2].lower():
        sys.exit(f"ANOTHER TRAIL: its entry {head[1]} is not the one that {told} names.")
    print(f"the head {head[1]} holds: all entries up to it are those that it was made of.")
print(f"{len(emails)} e-mails as they were claimed.")
print(
    f"{len(heads)} entries, each bound to the one before; {len(named)} objects as they were named."
)
print(f"head {len(heads)}:{previous}")
