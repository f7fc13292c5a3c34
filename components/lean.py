"""Build plugin that leaves out of every page what the framework puts there and ours do not use (lean.vite.js says what)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from reflex_base.constants import ReactRouter
from reflex_base.plugins import Plugin

_HERE: Final = Path(__file__).parent
_PLUGINS: Final = "alwaysUseReactDomServerNode(),"
_CONFIG: Final = "export default defineConfig"


class Lean(Plugin):
    """Build plugin (rxconfig): one more plugin for the bundler, and what it puts in the place of a library."""

    def get_static_assets(self, **context: Any) -> Sequence[tuple[Path, str | bytes]]:
        """The bundler's plugin, and the stand-in that it names."""
        return [
            (Path("vite-plugin-photobank.js"), (_HERE / "lean.vite.js").read_text(encoding="utf-8")),
            (Path("utils", "photobank_jsx.js"), (_HERE / "lean.jsx.js").read_text(encoding="utf-8")),
        ]

    def pre_compile(self, **context: Any) -> None:
        """Adds the plugin to the bundler's settings."""
        context["add_modify_task"](ReactRouter.VITE_CONFIG_FILE, with_plugin)


def with_plugin(config: str) -> str:
    """The bundler's settings with our plugin in front of the others."""
    if "photobankLean" in config:
        return config
    if config.count(_PLUGINS) != 1 or config.count(_CONFIG) != 1:
        msg = "The framework's vite.config.js looks different now; see components/lean.py."
        raise RuntimeError(msg)
    named = config.replace(_CONFIG, f'import photobankLean from "./vite-plugin-photobank.js";\n\n{_CONFIG}')
    return named.replace(_PLUGINS, f"photobankLean(),\n    {_PLUGINS}")
