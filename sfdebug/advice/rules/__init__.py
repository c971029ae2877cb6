"""The rules, by what they are about; each module has them in `RULES`, beside what looks for them."""
