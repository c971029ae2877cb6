"""AWS's Step Functions API on this machine: the wire, requests as AWS checks them, what its operations answer."""
