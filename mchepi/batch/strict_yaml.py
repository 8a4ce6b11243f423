"""YAML without its surprises: what a reader sees is what is read, anything else is refused with its line.

Read from the node tree, since the constructed values no longer know how they were written: a district code
052223 would already be the octal number 21651.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from pathlib import Path

import yaml

from .refusal import Refused, clipped

Value = str | int | float | bool | list["Value"] | dict[str, "Value"] | None

LARGEST_FILE = 1_000_000
DEEPEST = 10
STARTS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
ENDS = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]{0,17})")
UNWRITABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters, and halves of characters, which no file and no terminal can hold."""
DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9]*)\.[0-9]+([eE][-+]?[0-9]+)?")


def read_yaml(path: Path, name: str) -> tuple[dict[str, Value], list[str]]:
    """Read the mapping in the file `path`, and what is wrong in it; a faulty value is given as it is written.

    Parameters
    ----------
    path
        The file.
    name
        What messages call it.

    Raises
    ------
    Refused
        Where there is no mapping to speak of.
    """
    node = _compose(path, name)
    if not isinstance(node, yaml.MappingNode):
        raise Refused([f"{name} must hold `key: value` lines; see the example in `mchepi run --help`."])
    faults: list[str] = []

    def fault(where: yaml.Node, what: str) -> None:
        faults.append(f"{name}, line {where.start_mark.line + 1}: {what}")

    return _mapping(node, fault), faults


def _compose(path: Path, name: str) -> yaml.Node | None:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise Refused([f"{name} is larger than {LARGEST_FILE:,} bytes: not a params file."])
        text = path.read_bytes().decode("utf-8-sig")
        _refuse_bombs(text, name)
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except FileNotFoundError:
        raise Refused([f"{name} does not exist."]) from None
    except OSError as error:
        raise Refused([f"{name} cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise Refused([f"{name}, line {line}: not UTF-8; save the file as UTF-8."]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark else ""
        raise Refused([f"{name}{where}: not YAML: {error.problem or error.context}."]) from None
    except yaml.YAMLError as error:
        raise Refused([f"{name} is not YAML: {str(error).splitlines()[0]}."]) from None


def _refuse_bombs(text: str, name: str) -> None:
    """Refuse what could grow without bounds: values that are copied, levels without end."""
    depth = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        depth += isinstance(token, STARTS) - isinstance(token, ENDS)
        line = token.start_mark.line + 1
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken)):
            raise Refused(
                [f"{name}, line {line}: anchors (&) and aliases (*) are refused; write the value out."]
            )
        if depth > DEEPEST:
            raise Refused([f"{name}, line {line}: nested too deeply: not a params file."])


def _mapping(node: yaml.MappingNode, fault: Callable[[yaml.Node, str], None]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key_node, value_node in node.value:
        key = key_node.value
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag != "tag:yaml.org,2002:str":
            fault(key_node, "a key must be a plain word.")
        elif key in found:
            fault(key_node, f"`{key}` is given twice; keep one.")
        else:
            found[key] = _value(value_node, fault)
    return found


def _value(node: yaml.Node, fault: Callable[[yaml.Node, str], None]) -> Value:
    if isinstance(node, yaml.MappingNode) and node.tag.endswith(":map"):
        return _mapping(node, fault)
    if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
        return [_value(item, fault) for item in node.value]
    if not isinstance(node, yaml.ScalarNode):
        fault(node, f"the tag {node.tag} is refused; write plain values.")
        return None
    return _scalar(node, fault)


def _scalar(node: yaml.ScalarNode, fault: Callable[[yaml.Node, str], None]) -> Value:
    written = str(node.value)
    told = clipped(written)
    match node.tag.removeprefix("tag:yaml.org,2002:"):
        case "str" if UNWRITABLE.search(written):
            fault(node, f"{clipped(ascii(written))} holds a control character or half of one; take it out.")
        case "str":
            return written
        case "null":
            return None
        case "bool" if written.lower() in ("true", "false"):
            return bool(written.lower() == "true")
        case "int" if WHOLE.fullmatch(written):
            return int(written)
        case "float" if DECIMAL.fullmatch(written) and math.isfinite(float(written)):
            return float(written)
        case "timestamp":
            fault(node, f'{told} is a date without quotes; write "{told}".')
        case "bool":
            fault(node, f'{told} means true or false in YAML; write true, false or "{told}".')
        case "int" | "float":
            fault(
                node,
                f'{told} is not a plain number; write "{told}" if it is a code, else a plain number.',
            )
        case tag:
            fault(node, f"the tag {tag} is refused; write plain values.")
    return written
