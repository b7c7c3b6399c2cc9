"""Follow merges: from tickets to what they lead to, and back to all that led to one."""

from collections.abc import Iterable

from ..models import Ticket


def with_survivors(ids: Iterable[int]) -> list[Ticket]:
    """The tickets and, step by step, everything that they have been merged into."""
    tickets: dict[int, Ticket] = {}
    frontier = set(ids)
    while frontier:
        found = Ticket.objects.in_bulk(frontier)
        tickets.update(found)
        ahead = {each.merged_into_id for each in found.values() if each.merged_into_id is not None}
        frontier = ahead - tickets.keys()
    return list(tickets.values())


def merged_tree(root: int) -> set[int]:
    """The keys of a ticket and of every ticket that was merged into it, directly or not."""
    tree, frontier = {root}, {root}
    while frontier:
        children = Ticket.objects.filter(merged_into__in=frontier).values_list("pk", flat=True)
        frontier = set(children) - tree
        tree |= frontier
    return tree
