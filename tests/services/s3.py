"""S3-compatible object storage in a process of its own (moto's server)."""

import http.client
import os
import sys
from pathlib import Path
from typing import Any

import boto3

from tests.services.daemons import Daemon
from tests.services.ports import free_port

REGION = "us-east-1"
# The server takes any credentials, the client insists on some.
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test-secret"}


class S3:
    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        argv = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._daemon = Daemon(argv, log=directory / "s3.log", ready=self._answers, env={**os.environ, **CREDENTIALS})

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def storage_url(self, bucket: str) -> str:
        """The value for STORAGE_URL; set `CREDENTIALS` in the environment beside it."""
        return f"s3://{bucket}?endpoint={self.endpoint}&region={REGION}"

    def client(self) -> Any:
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=REGION,
            aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        )  # fmt: skip

    def make_bucket(self, name: str) -> str:
        """Create the bucket and return the STORAGE_URL for it."""
        self.client().create_bucket(Bucket=name)
        return self.storage_url(name)

    def start(self) -> "S3":
        self._daemon.start()
        return self

    def stop(self) -> None:
        self._daemon.stop(grace_seconds=3)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/moto-api/")
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()
