// Gives back what was charged.
exports.handler = async (event) => {
  if (!event.chargeId) {
    throw new Error("there is no charge to give back");
  }
  return { refundId: `re_${event.chargeId.slice(3)}`, amount: event.amount };
};
