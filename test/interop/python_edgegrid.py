"""Sends each request that comes as a line of JSON with Debian's python3-edgegrid, as a customer's script does, and writes its answer as one."""

import json
import sys

import requests
from akamai.edgegrid import EdgeGridAuth, EdgeRc

edgerc_path, section, roots = sys.argv[1:4]
edgerc = EdgeRc(edgerc_path)
session = requests.Session()
session.trust_env = False
session.verify = roots
session.auth = EdgeGridAuth.from_edgerc(edgerc, section)
base = "https://%s" % edgerc.get(section, "host")

for line in sys.stdin:
    asked = json.loads(line)
    # As cli-cps sends them: the body is text of its own making.
    body = asked.get("body")
    answer = session.request(
        asked["method"],
        base + asked["path"],
        headers=asked.get("headers", {}),
        data=None if body is None else json.dumps(body),
        params=asked.get("params"),
    )
    text = answer.text
    print(json.dumps({"status": answer.status_code, "body": answer.json() if text else None}), flush=True)
