"""Reading the files of Terraform, and the templates that `templatefile` fills in, with places.

Source: HCL native syntax specification: structure, expressions, and templates with their escapes and `~` marks.
"""
