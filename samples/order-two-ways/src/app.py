"""What is done for an order. Both ways call the same four functions; only who calls them when is different."""

STOCK = {"LAMP-OAK": 5, "BULB-E27": 40}


class CardExpired(Exception):
    pass


class GoodsMissing(Exception):
    pass


def take_payment(order, context):
    if order["card"] == "tok_expired":
        raise CardExpired(f"the card of order {order['orderId']} has expired")
    return {"receipt": f"R-{order['orderId']}", "amount": order["total"]}


def reserve_goods(order, context):
    for item in order["items"]:
        if STOCK.get(item["sku"], 0) < item["quantity"]:
            raise GoodsMissing(f"{item['sku']} is sold out")
    return {"parcel": f"P-{order['orderId']}"}


def ship(parcel, context):
    return {"tracking": f"NO-{parcel['parcel'].removeprefix('P-')}"}


def give_back(payment, context):
    return {"returned": payment["receipt"]}
