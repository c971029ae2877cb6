"""Charges a card at the bank, which is played here: the card's token says how it answers."""

import hashlib


class CardDeclined(Exception):
    """The bank says no."""


class BankBusy(Exception):
    """The bank asks to come back later."""


def handler(event, context):
    """Charge `amount` to `card`, once for an `idempotencyKey`."""
    if event["card"].startswith("tok_declined"):
        raise CardDeclined("insufficient funds")
    if event["card"].startswith("tok_busy"):
        raise BankBusy("try again later")
    digest = hashlib.sha256(event["idempotencyKey"].encode()).hexdigest()
    print(f"charged {event['amount']} {event['currency']}")
    return {"chargeId": f"ch_{digest[:8]}", "captured": event["amount"]}
