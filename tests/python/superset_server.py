"""Apache Superset on this machine, run by the Python of its own environment: `python superset_server.py PORT PASSWORD`.

Prepares an empty Superset in the folder SUPERSET_HOME and serves it; `superset_config.py` there says how.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import superset
from flask_migrate import upgrade
from superset.app import create_app
from werkzeug.serving import run_simple


def main(port: int, password: str) -> None:
    app = create_app()
    with app.app_context():
        from superset import security_manager

        upgrade(directory=os.fspath(Path(superset.__file__).parent / "migrations"))
        app.appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        admin = security_manager.find_role("Admin")
        security_manager.add_user("admin", "Ad", "Min", "admin@sales.example", admin, password=password)
    run_simple("127.0.0.1", port, app, threaded=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
