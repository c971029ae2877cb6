"""Books seats, and gives them back."""


class NoSeat(Exception):
    """There is no flight to this place."""


def book(event, context):
    """Book a seat for a passenger."""
    if event["to"] == "Nowhere":
        raise NoSeat("nobody flies there")
    return {"id": f"FL-{len(event['passenger'])}{len(event['to'])}", "seat": "14C"}


def cancel(event, context):
    """Give a seat back."""
    return {"cancelled": event["booking"]}
