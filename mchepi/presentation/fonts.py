"""The one font of all figures, found in an installed package and made known to matplotlib once.

Noto Sans SC (SIL Open Font License 1.1) comes with the package zhplot. Only the regular weight is there,
so no figure may ask for bold: matplotlib would look for a bold face, find another family and draw boxes.
"""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path

FONT_FAMILY = "Noto Sans SC"
_PACKAGE = "zhplot"
_FILE = "fonts/NotoSansSC-Regular.ttf"


@cache
def font_path() -> Path:
    """Path of the font file that sets Chinese and Latin text in every figure.

    The file is looked up without importing the package that carries it.

    Returns
    -------
    pathlib.Path
        The file of Noto Sans SC, regular weight.

    Raises
    ------
    FileNotFoundError
        If the package is not installed, or no longer holds the file.

    Examples
    --------
    >>> font_path().name
    'NotoSansSC-Regular.ttf'
    """
    spec = find_spec(_PACKAGE)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / _FILE
        if path.is_file():
            return path
    raise FileNotFoundError(
        f"The font of the figures must be installed with the package `{_PACKAGE}`; got "
        f"{'no file ' + _FILE + ' in it' if folders else 'no such package'}. "
        f"Install it: pip install '{_PACKAGE}>=1.0'."
    )


@cache
def register_font() -> str:
    """Make the font known to matplotlib, once a process, and give its family name.

    Returns
    -------
    str
        The family name to ask matplotlib for.

    Examples
    --------
    >>> register_font()
    'Noto Sans SC'
    """
    from matplotlib.font_manager import fontManager

    fontManager.addfont(str(font_path()))
    return FONT_FAMILY
