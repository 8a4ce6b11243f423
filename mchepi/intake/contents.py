"""The content of any rows of a table as bytes, quickly for thousands of districts."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd


class Contents:
    """A table whose rows can be told apart by their bytes: numbers bit by bit, everything else as text."""

    def __init__(self, frame: pd.DataFrame) -> None:
        numbers = [name for name in frame if pd.api.types.is_numeric_dtype(frame[name].dtype)]
        texts = [name for name in frame if name not in numbers]
        header = [[str(name), str(frame[name].dtype)] for name in (*numbers, *texts)]
        self._header = json.dumps(header).encode()
        shape = len(frame), len(numbers)
        self._missing = np.empty(shape, dtype=bool)
        self._numbers = np.empty(shape, dtype=np.int64)
        for position, name in enumerate(numbers):
            column = frame[name]
            self._missing[:, position] = column.isna()
            if pd.api.types.is_bool_dtype(column.dtype):
                column = column.astype("Int8")
            kind = "float64" if pd.api.types.is_float_dtype(column.dtype) else "int64"
            self._numbers[:, position] = column.fillna(0).to_numpy(kind).view(np.int64)
        self._texts = [
            frame[name].astype(object).where(frame[name].notna(), None).to_numpy() for name in texts
        ]

    def of(self, rows: Sequence[int] | None) -> bytes:
        """Give the content of the rows at these positions; None: of all rows."""
        at = slice(None) if rows is None else np.asarray(rows, dtype=np.int64)
        texts = [[None if text is None else str(text) for text in column[at]] for column in self._texts]
        return b"\n".join(
            [
                self._header,
                json.dumps(texts).encode(),
                self._missing[at].tobytes(),
                self._numbers[at].tobytes(),
            ]
        )
