"""`python -m ops_platform.embedded.fake_redis PORT`: the last rung of the ladder in `redis.py`, in its own process."""

from __future__ import annotations

import sys

from fakeredis import TcpFakeServer


def main() -> None:
    """Serve on the loopback until the process ends."""
    server = TcpFakeServer(("127.0.0.1", int(sys.argv[1])), server_type="redis")
    server.daemon_threads = True
    server.serve_forever()


if __name__ == "__main__":
    main()
