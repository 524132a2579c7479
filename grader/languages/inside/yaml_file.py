"""YAML without bombs: aliases count as what they stand for, and no key stands twice. Runs in a box."""

from __future__ import annotations

from typing import Any

from .reading import MAX_DEPTH, MAX_NODES, Fault


def _expanded(node: Any, open_nodes: set[int], seen: dict[int, int]) -> int:
    """Nodes of a document when every alias is written out."""
    import yaml

    if id(node) in seen:
        return seen[id(node)]
    if id(node) in open_nodes:
        raise Fault("An anchor holds itself.", node.start_mark.line + 1, node.start_mark.column + 1)
    if len(open_nodes) > MAX_DEPTH:
        raise Fault(f"The document is nested deeper than {MAX_DEPTH} levels.", node.start_mark.line + 1)
    open_nodes.add(id(node))
    count = 1
    if isinstance(node, yaml.MappingNode):
        names = set()
        for key, item in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if key.value in names:
                    place = key.start_mark
                    raise Fault(f"The key “{key.value[:80]}” stands twice.", place.line + 1, place.column + 1)
                names.add(key.value)
            count += _expanded(key, open_nodes, seen) + _expanded(item, open_nodes, seen)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            count += _expanded(item, open_nodes, seen)
    open_nodes.discard(id(node))
    if count > MAX_NODES:
        raise Fault(f"The document has more than {MAX_NODES} values once its aliases are written out.")
    seen[id(node)] = count
    return count


def yaml_nodes(text: str) -> tuple[list[Any], list[Any]]:
    """Documents of a YAML file, and the nodes they were made from."""
    import yaml

    loader = yaml.SafeLoader(text)
    documents, nodes = [], []
    try:
        while loader.check_node():
            node = loader.get_node()
            _expanded(node, set(), {})
            nodes.append(node)
            documents.append(loader.construct_document(node))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        raise Fault(str(error.problem or error.context or "not valid YAML"), *place) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Fault(str(error).split("\n")[0]) from error
    except (AttributeError, KeyError, TypeError) as error:
        # A constructor given what it was not made for, such as `!!timestamp x`.
        last = nodes[-1] if nodes else None
        line = last.start_mark.line + 1 if last is not None else 0
        raise Fault("A value does not fit the type that it is tagged with.", line) from error
    finally:
        loader.dispose()
    return documents, nodes


def parse_yaml(text: str) -> Any:
    """A list of documents."""
    return yaml_nodes(text)[0]
