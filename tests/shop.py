"""A service as a deployment gives it to a service manager."""

from __future__ import annotations

from pathlib import Path

from hop3_nix.deploy.services.base import Service

WEB = Service(
    app="shop",
    name="hop3-shop-r3-web-1",
    description="shop: web.1 of release 3 (100%)",
    argv=("/bin/sh", "-c", "echo $PORT"),
    env={"PATH": "/bin", "PORT": "20000", "RATE": "5%"},
    directory="/srv",
    state=Path("/var/lib/hop3/state/shop"),
    secrets=Path("/var/lib/hop3/apps/shop/releases/3/environment"),
    port=20000,
    stop_timeout=7.5,
)

LIMIT_VALUES = {
    "CPUQuota": ["5%", "250%"],
    "CPUWeight": ["1", "10000"],
    "MemoryMax": ["512M", "2G", "50%", "100%", "infinity"],
    "TasksMax": ["1", "200", "10%", "infinity"],
    "LimitNOFILE": ["0", "1024", "1024:4096", "1024:infinity"],
    "LimitCPU": ["30"],
    "LimitAS": ["2G", "1K:2K", "infinity"],
    "Nice": ["-20", "0", "19"],
    "OOMScoreAdjust": ["-1000", "0", "1000"],
}
"""Values that systemd takes, of each kind of limit."""
