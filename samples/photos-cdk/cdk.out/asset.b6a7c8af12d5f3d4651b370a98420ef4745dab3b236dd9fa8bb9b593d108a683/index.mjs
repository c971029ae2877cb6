// Says what kind of picture was uploaded, and refuses what is none.
const KINDS = { jpg: "JPEG", jpeg: "JPEG", png: "PNG" };

export const handler = async (event) => {
  const kind = KINDS[event.key.split(".").pop().toLowerCase()];
  if (kind === undefined) {
    const error = new Error(`${event.key} is no picture`);
    error.name = "NotAPicture";
    throw error;
  }
  return { kind, tooLarge: event.size > Number(process.env.MOST_BYTES) };
};
