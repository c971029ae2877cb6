"""Says where the preview of a photo goes. Making it takes a library for pictures, which a sample does without."""

from pathlib import PurePosixPath


def make_preview(photo, context):
    name = PurePosixPath(photo["key"])
    return {"preview": f"s3://{photo['bucket']}/previews/{name.stem}.webp"}
