"""CloudFormation's intrinsic functions, evaluated as far as a template alone says.

Source: AWS docs, "Intrinsic function reference" and "Conditions". What is only known at deployment becomes a
`${Placeholder}` and is noted as assumed. Nothing here raises but for a template whose functions come to too much.
"""
