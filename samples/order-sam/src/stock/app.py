"""Says which articles a warehouse does not have."""

import json
import os
from pathlib import Path

STOCK = json.loads((Path(__file__).parent / "stock.json").read_text(encoding="utf-8"))


def handler(event, context):
    """Look up the articles of an order."""
    warehouse = os.environ.get("WAREHOUSE", "OSL-2")
    missing = [sku for sku in event["skus"] if STOCK[warehouse].get(sku, 0) == 0]
    return {"missing": missing, "warehouse": warehouse}
