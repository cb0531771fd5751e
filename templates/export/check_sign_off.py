import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

told = json.load(open(sys.argv[1], encoding="utf-8"))
said, sha256 = told["statement"], hashlib.sha256
parts = ("client_data_json", "authenticator_data", "signature")
client, data, signature = (base64.urlsafe_b64decode(told[part] + "==") for part in parts)
asked = json.loads(client)
canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
key = load_pem_public_key(told["public_key_pem"].encode())
checks = {
    "this program knows the layout": told["layout"] == said["layout"] == 1,
    "the browser was asked for a signature": asked["type"] == "webauthn.get",
    "this statement was signed": base64.urlsafe_b64decode(asked["challenge"] + "==") == sha256(canonical).digest(),
    "the page was the office's own": asked["origin"] == told["origin"],
    "the key answered to the office's name": data[:32] == sha256(told["rp_id"].encode()).digest(),
    "the key's owner was there (UP) and verified (UV)": data[32] & 0b101 == 0b101,
    "these are the comments": sha256(told["comments"].encode()).hexdigest() == said["comments_sha256"],
}
if False in checks.values():
    sys.exit("NOT VALID. It does not hold that " + ", that ".join(c for c in checks if not checks[c]) + ".")
how = [ec.ECDSA(SHA256())] if isinstance(key, ec.EllipticCurvePublicKey) else [padding.PKCS1v15(), SHA256()]
key.verify(signature, data + sha256(client).digest(), *([] if isinstance(key, ed25519.Ed25519PublicKey) else how))
pem = base64.b64decode("".join(told["public_key_pem"].split("\n")[1:-2]))
part = f" for signatory {said['signatory']}" if "signatory" in said else ""
print(f"{said['inspector']} decided “{said['decision']}”{part} on {said['reference']} r{said['revision']} at {said['at']}")
print(f"pack {said['pack']}\nkey  {sha256(pem).hexdigest()}")
