"""Who changed a value, and who reads it: values followed back and on, through stages and states, along one fork."""
