"""What the build leaves out: said when the framework's settings look different, and nothing of a page's policy needs more than it allows."""

from __future__ import annotations

import pytest
from reflex.utils.frontend_skeleton import _compile_vite_config
from reflex_base.config import get_config

from components.lean import with_plugin


def test_the_bundler_gets_our_plugin_once() -> None:
    config = _compile_vite_config(get_config())
    changed = with_plugin(config)
    assert changed.count("photobankLean()") == 1
    assert changed.index("photobankLean()") < changed.index("reactRouter()")
    assert with_plugin(changed) == changed


def test_settings_that_look_different_stop_the_build() -> None:
    with pytest.raises(RuntimeError, match=r"vite\.config\.js"):
        with_plugin("export default {}")
