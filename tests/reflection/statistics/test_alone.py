"""The package can be copied into a notebook: nothing but numpy and scipy is behind it."""

import subprocess
import sys

PROGRAM = """
import importlib, pkgutil, sys

ALLOWED = {*sys.stdlib_module_names, "numpy", "scipy", "reflection"}

class OnlyThese:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in ALLOWED and not name.startswith("_"):
            raise ImportError(f"{name} is neither numpy nor scipy")

sys.meta_path.insert(0, OnlyThese())
import reflection.statistics as package
names = [module.name for module in pkgutil.iter_modules(package.__path__)]
for name in names:
    importlib.import_module(f"reflection.statistics.{name}")
loaded = {name.partition(".")[0] for name in sys.modules}
assert "scipy" in loaded and not loaded & {"django", "torch", "pandas"}, loaded
assert not any(name.startswith(("registry", "training", "memory")) for name in loaded)
print(len(names))
"""


def test_it_imports_with_only_numpy_and_scipy() -> None:
    shown = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr
    assert int(shown.stdout) > 10
