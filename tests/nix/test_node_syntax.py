"""What Node cannot parse is found when it is built, by both builders."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hop3_nix.building.pipeline import build_app
from hop3_nix.building.unchanged import BuildOptions
from hop3_nix.errors import Hop3NixError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Literal


@pytest.mark.parametrize("builder", ["nix", "local"])
def test_a_syntax_error_in_a_module_of_a_worker_fails_the_build(
    tmp_path: Path, state: Path, builder: Literal["nix", "local"]
) -> None:
    del state
    files = {
        "package.json": '{"name": "a", "scripts": {"start": "node server.js"}}',
        "server.js": "require('./lib');\n",
        "lib.js": "const a = 1;\nconst = 2;\n",
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Hop3NixError) as error:
        build_app(tmp_path, BuildOptions(builder, "debian" if builder == "nix" else None))
    said = f"{error.value} {error.value.tip}"
    assert "lib.js:2" in said
    assert "SyntaxError" in said
