#!/usr/bin/env python3
"""Checks a case file with programs that are not ours: `bagit` the bag, `jwcrypto` the signature.

    .venv/case/bin/python tests/case/check.py FILE.zip [KEYS.json]

Exits with 1 and says why when one of them finds something. KEYS.json is what the deployment serves
at `/.well-known/jwks.json`.
"""

import json
import sys
import tempfile
import zipfile
from pathlib import Path

import bagit
from jwcrypto import jwk, jws
from jwcrypto.common import base64url_encode


def main(file, keys=None):
    with tempfile.TemporaryDirectory(prefix="sightline-case-") as folder, zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None, "an entry is damaged"
        archive.extractall(folder)
        (root,) = Path(folder).iterdir()
        bag = bagit.Bag(str(root))
        bag.validate()
        assert bag.version == "1.0" and set(bag.algorithms) == {"sha256", "sha512"}, (bag.version, bag.algorithms)
        assert bag.info["External-Identifier"] == root.name.removeprefix("case-"), bag.info
        header, payload, signature = (root / "signature.jws").read_text().split(".")
        assert payload == "", "the payload part is left empty"
        payload = base64url_encode((root / "tagmanifest-sha256.txt").read_bytes())
        token = jws.JWS()
        token.deserialize(f"{header}.{payload}.{signature}")
        key = jwk.JWK(**token.jose_header["jwk"])
        assert token.jose_header["alg"] == "ES256" and token.jose_header["kid"] == key.thumbprint()
        token.verify(key)
        if keys is not None:
            known = [jwk.JWK(**one).thumbprint() for one in json.loads(Path(keys).read_text())["keys"]]
            assert key.thumbprint() in known, f"{key.thumbprint()} is not among {known}"
        print(f"{len(bag.payload_entries())} files, signed by {bag.info['Deployment']} at {bag.info['Made-At']}")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (AssertionError, ValueError, bagit.BagError, jws.InvalidJWSSignature, zipfile.BadZipFile) as error:
        sys.exit(f"check: {error!r}")
