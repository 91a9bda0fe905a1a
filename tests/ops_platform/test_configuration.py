from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READS = re.compile(r"""(?:env\.\w+|environ(?:ment)?\.get)\(\s*"([A-Z][A-Z_]+)\"""")
# Read by the code, and no setting of ours.
NOT_OURS = {"XDG_RUNTIME_DIR", "PYTEST_XDIST_WORKER", "SAMPLE_PASSWORD", "SAMPLE_ACCOUNTS_FILE"}
INTERNAL = {"OPS_TESTING", "OPS_SHARED_DATA"}


def test_every_variable_that_the_code_reads_stands_in_the_table_and_no_other():
    table = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "configuration.md").read_text(), flags=re.MULTILINE))
    sources = [
        path for app in ("ops_platform", "organization", "metrics", "automation") for path in (ROOT / app).rglob("*.py")
    ]

    read = {name for path in sources for name in READS.findall(path.read_text())}

    assert read - NOT_OURS - INTERNAL - table == set()
    assert table - read == {"OPS_CHROMIUM"}  # by a constant


def test_files_go_to_a_private_bucket_where_one_is_named():
    code = (
        "import django; django.setup()\n"
        "from django.core.files.storage import default_storage as files\n"
        "print(files.bucket_name, files.default_acl, files.querystring_auth, files.file_overwrite, files.endpoint_url)\n"
    )
    environment = {
        **os.environ,
        "S3_BUCKET": "ops",
        "S3_ENDPOINT": "http://127.0.0.1:9",
        "DJANGO_SETTINGS_MODULE": "ops_platform.settings",
    }

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "ops None True False http://127.0.0.1:9"
