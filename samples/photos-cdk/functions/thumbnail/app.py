"""Says where the small picture of a large one is; a real one would be made with Pillow."""

import os


def handler(event, context):
    """Name the thumbnail of `key`."""
    name, _, ending = event["key"].rpartition(".")
    return {"thumbnail": f"{name}-{os.environ.get('WIDTH', '320')}.{ending}"}
