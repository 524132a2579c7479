"""Finding a finished toolchain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from grader.toolchain import manifest as manifests
from grader.toolchain import recipe as recipes
from grader.toolchain.errors import ManifestError
from grader.toolchain.manifest import Manifest
from grader.toolchain.recipe import Recipe
from grader.toolchain.store import Place, Store, default_store


@dataclass(frozen=True)
class Toolchain:
    """A complete, verified toolchain.

    Attributes:
        root: folder with include/, lib/, bin/ and python/; works wherever it is mounted.
        python: interpreter of the runtime environment, which has numpy, gguf and llama_cpp; it lies
            below `root` and is a link into `python_prefix`.
        python_prefix: the installation that interpreter belongs to; a sandbox must mount it at the same path.
        site_packages: where the runtime's packages lie, below `root`.
        source: the pinned llama.cpp tree.
        id: names everything that went into it.
        manifest: what was built, from what, with what.
        models_dir: folder of the fixture models; they come and go with the content, so it may lack some.
    """

    root: Path
    python: Path
    python_prefix: Path
    site_packages: Path
    source: Path
    id: str
    manifest: Manifest
    models_dir: Path

    def tool(self, name: str) -> Path:
        """Path of a program such as "llama-cli"."""
        return self.root / "bin" / name


def current(store: Store | None = None, recipe: Recipe | None = None) -> Toolchain | None:
    """The toolchain in use, or None when there is no complete one for the project's recipe. Never builds."""
    try:
        return examine(store, recipe)
    except ManifestError:
        return None


def examine(store: Store | None = None, recipe: Recipe | None = None) -> Toolchain:
    """The toolchain in use, or the reason why there is none.

    Raises:
        ManifestError: none was built, or what was built is damaged or was made by another recipe.
    """
    store = store or default_store()
    recipe = recipe or recipes.pinned()
    try:
        toolchain_id = store.pointer.read_text().strip()
    except OSError as error:
        raise ManifestError("There is no complete toolchain.") from error
    return load(store.place(toolchain_id), recipe)


def load(place: Place, recipe: Recipe) -> Toolchain:
    """The toolchain in a folder.

    Raises:
        ManifestError: it is incomplete, damaged, made by another recipe, or its interpreter is gone.
    """
    manifest = manifests.read(place.manifest)
    expected = recipe.identity(compiler=manifest.compiler, python=manifest.python_version, machine=manifest.machine)
    if manifest.id != expected or manifest.id != place.path.name:
        raise ManifestError(f"The toolchain {manifest.id} was made by another recipe.")
    if manifest.machine != recipes.machine():
        raise ManifestError(f"The toolchain {manifest.id} was made for {manifest.machine}.")
    if not place.python.exists():
        raise ManifestError(f"The interpreter of the toolchain is gone: {place.python}.")
    manifests.verify(manifest, place.engine)
    return Toolchain(
        root=place.engine,
        python=place.python,
        python_prefix=manifest.python_prefix,
        site_packages=place.python_environment / "lib" / f"python{manifest.python_version}" / "site-packages",
        source=place.llama_cpp,
        id=manifest.id,
        manifest=manifest,
        models_dir=place.models,
    )
