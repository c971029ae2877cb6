"""What a run used, what that costs, where it breaks and is throttled, and what CloudWatch would show of it: estimates
from simulated and recorded runs, with the prices and quotas of `rates`."""
